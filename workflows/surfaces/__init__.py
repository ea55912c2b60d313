"""Surface energies."""

from typing import Any

from ...earlier_names import moved_name

_MODULES = ("workflows.surfaces.flow", "workflows.surfaces.results", "workflows.surfaces.slabs")


def __getattr__(name: str) -> Any:
    """Offer what the modules of this folder hold; it was in one module of this name."""
    return moved_name(_MODULES, __name__, name)
