"""Adsorption energies on surfaces."""

from typing import Any

from ...earlier_names import moved_name

_MODULES = (
    "workflows.adsorption.flow",
    "workflows.adsorption.adsorbing",
    "workflows.adsorption.results",
    "workflows.adsorption.placement",
)


def __getattr__(name: str) -> Any:
    """Offer what the modules of this folder hold; it was in one module of this name."""
    return moved_name(_MODULES, __name__, name)
