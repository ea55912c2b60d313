"""Interface energetics."""

from typing import Any

from ...earlier_names import moved_name

_MODULES = ("workflows.interfaces.flow", "workflows.interfaces.results", "workflows.interfaces.sides")


def __getattr__(name: str) -> Any:
    """Offer what the modules of this folder hold; it was in one module of this name."""
    return moved_name(_MODULES, __name__, name)
