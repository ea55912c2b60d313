"""Modules under the names they had in earlier versions, which stores and flows of kept runs name.

Jobflow writes the module of every function and model into its documents. A run that an earlier version began goes on
because the old names still lead to what they named.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MOVED: dict[str, tuple[str, ...]] = {
    "workflows.annealing": ("workflows.breathing.annealing",),
    "workflows.adsorption.correction": ("workflows.adsorption.results", "workflows.common.corrections"),
    "workflows.adsorption_corrections": ("workflows.adsorption.results", "workflows.common.corrections"),
    "workflows.barrier_corrections": ("workflows.migration.results", "workflows.common.corrections"),
    "workflows.barriers": ("workflows.migration.barriers", "workflows.migration.results", "workflows.migration.hops"),
    "workflows.binding": ("workflows.molecular.binding",),
    "workflows.breathing_results": ("workflows.breathing.results",),
    "workflows.corrections": ("workflows.common.corrections", "workflows.common.single_points"),
    "workflows.counterpoise": ("workflows.molecular.counterpoise",),
    "workflows.desolvation": ("workflows.molecular.desolvation", "workflows.molecular.desolvation_results"),
    "workflows.desolvation_corrections": ("workflows.molecular.desolvation_results", "workflows.common.corrections"),
    "workflows.energies": ("workflows.molecular.energies",),
    "workflows.esp": ("workflows.molecular.esp",),
    "workflows.failed_hops": ("workflows.migration.failed_hops",),
    "workflows.geometries": ("workflows.molecular.geometries",),
    "workflows.insertion_search": ("workflows.breathing.search",),
    "workflows.kinds": ("workflows.common.work",),
    "workflows.migration.correction": ("workflows.migration.results", "workflows.common.corrections"),
    "workflows.molecular.desolvation_correction": (
        "workflows.molecular.desolvation_results",
        "workflows.common.corrections",
    ),
    "workflows.molecules": ("workflows.molecular.molecules",),
    "workflows.orbitals": ("workflows.molecular.orbitals",),
    "workflows.references": ("workflows.common.references",),
    "workflows.relaxation": ("workflows.common.relaxation_jobs",),
    "workflows.results": ("workflows.common.results", "workflows.common.maker"),
    "workflows.shared": ("workflows.common.shared_jobs",),
    "workflows.screening.insertion": ("workflows.insertion.voltage", "workflows.insertion.results"),
    "workflows.uses": ("workflows.common.uses",),
    "structures.heterostructures.registry": ("structures.heterostructures.pairs",),
    "structures.prototypes.registry": ("structures.prototypes.catalogue",),
    "structures.clusters.registry": ("structures.clusters.catalogue",),
}
"""Where the names of a module are now, by the name that it had; both below the package."""

RENAMED = {
    "correct_adsorption": "correct",
    "correct_barrier": "correct",
    "correct_ladder": "correct",
    "correct_adsorption_job": "correct_job",
    "correct_barrier_job": "correct_job",
    "correct_ladder_job": "correct_job",
    "merge_adsorption_job": "merge_job",
    "merge_barrier_job": "merge_job",
    "merge_ladder_job": "merge_job",
    "InsertionMaker": "VoltageMaker",
    "insertion_study": "voltage_study",
}
"""Names that what moved modules held has now, by the names it had."""

PACKAGE = __name__.rpartition(".")[0]


def moved_name(modules: Sequence[str], earlier: str, name: str) -> Any:
    """Find what an earlier module held.

    Args:
        modules: in which to look, below the package, in order.
        earlier: the module in which it was.
        name: of the function, class or constant.

    Raises:
        AttributeError: none of the modules holds it.
    """
    if not name.startswith("__"):
        for module in modules:
            loaded = import_module(f"{PACKAGE}.{module}")
            for known in (name, RENAMED.get(name)):
                if known is not None and hasattr(loaded, known):
                    return getattr(loaded, known)
    raise AttributeError(f"module {earlier!r} has no attribute {name!r}")


@cache
def name_now(module: str, function: str) -> tuple[str, str]:
    """Return the module and the name that a function has now.

    Args:
        module: in which it was when it was written down; only one of this package is imported.
        function: its name then.
    """
    if module.partition(".")[0] != PACKAGE:
        return module, function
    try:
        found = getattr(import_module(module), function)
        return found.__module__, found.__qualname__
    except (ImportError, AttributeError):
        return module, function


class _Earlier(MetaPathFinder, Loader):
    """Stands in for modules that have moved; asked last, when no file of that name was found."""

    def find_spec(self, fullname: str, _path: object = None, _target: ModuleType | None = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname.removeprefix(f"{PACKAGE}.") in MOVED else None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        modules = MOVED[name.removeprefix(f"{PACKAGE}.")]
        module.__getattr__ = lambda wanted: moved_name(modules, name, wanted)  # type: ignore[method-assign]


def keep_earlier_names() -> None:
    """Let imports of moved modules succeed in this process."""
    if not any(isinstance(finder, _Earlier) for finder in sys.meta_path):
        sys.meta_path.append(_Earlier())
