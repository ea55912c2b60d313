"""Ions between the layers of an interface, until its bonds no longer come back."""

from typing import Any

from ...earlier_names import moved_name

_MODULES = (
    "workflows.breathing.flow",
    "workflows.breathing.study",
    "workflows.breathing.tasks",
    "workflows.breathing.hosts",
)


def __getattr__(name: str) -> Any:
    """Offer what the modules of this folder hold; it was in one module of this name."""
    return moved_name(_MODULES, __name__, name)
