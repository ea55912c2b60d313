"""Migration barriers."""

from typing import Any

from ...earlier_names import moved_name

_MODULES = ("workflows.migration.flow", "workflows.migration.hops", "workflows.migration.results")


def __getattr__(name: str) -> Any:
    """Offer what the modules of this folder hold; it was in one module of this name."""
    return moved_name(_MODULES, __name__, name)
