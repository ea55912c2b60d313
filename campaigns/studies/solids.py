"""What dry runs of several studies of solids show: a bulk, and the cell that its Miller indices refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...structures.axes import describe_axes
from ...structures.building import build, build_bulk, build_from_bulk
from ...workflows.common.relaxation_jobs import cell_policy, check_layers, is_bulk, layer_axis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ase import Atoms

    from ...structures.axes import Axes
    from ...structures.recipes import StructureRecipe
    from ...workflows.common.relaxation_jobs import CellPolicy
    from .base import Task

RELAX_BULK = "relax bulk"
"""Task of a bulk, which systems made of it share."""

CELL = "cell policy"
"""Where a bulk that is planned says which of its cell parameters will be relaxed; one that says nothing relaxes all."""

LEFT_OUT = "left out"
"""Where the last of several planned structures says which others a cap leaves out."""


def bulk_task(name: str, recipe: StructureRecipe, cell: CellPolicy | None) -> tuple[str, Atoms]:
    """Build a bulk; its task names a cell policy that is not the usual one, as such a bulk is one of its own.

    Args:
        name: of the system.
        recipe: of the system.
        cell: policy of the study; none for the usual one.

    Raises:
        StructureError: the bulk cannot be built, or has no layers to keep.
    """
    bulk, axis = build_bulk(recipe.bulk), layer_axis(recipe)
    bulk.info["label"] = name
    bulk.info[CELL] = cell or cell_policy(recipe)
    if bulk.info[CELL] == "layers-fixed":
        check_layers(bulk, 2 if axis is None else axis)
    return f"{name}: {RELAX_BULK}{unusual(recipe, cell)}", bulk


def whole_tasks(name: str, recipe: StructureRecipe, cell: CellPolicy | None) -> Iterator[tuple[str, Atoms]]:
    """Build a bulk, and then the slab or supercell that a recipe makes of it, if any.

    Args:
        name: of the system.
        recipe: of the system.
        cell: policy of the study; none for the usual one.

    Raises:
        StructureError: something cannot be built.
    """
    task, bulk = bulk_task(name, recipe, cell)
    yield task, bulk
    if not is_bulk(recipe):
        made = build_from_bulk(recipe, bulk)
        made.info["label"] = name
        yield f"{name}: relax {'supercell' if recipe.slab is None else 'surface'}{unusual(recipe, cell)}", made


def unusual(recipe: StructureRecipe, cell: CellPolicy | None) -> str:
    """Name a cell policy that is not the usual one of a bulk; empty for the usual one."""
    return "" if cell in (None, cell_policy(recipe)) else f", cell {cell}"


def host_tasks(name: str, recipe: StructureRecipe, cell: CellPolicy | None) -> Iterator[Task]:
    """Build what a study of a bulk relaxes first: the bulk, and what is made of it where it is edited.

    Args:
        name: of the system.
        recipe: of the system.
        cell: policy of the study; none for the usual one.

    Raises:
        StructureError: the bulk cannot be built or edited, or has no layers to keep.
    """
    yield bulk_task(name, recipe, cell)
    if recipe.is_edited_bulk:
        yield f"{name}: relax edited bulk", build(recipe)


def indexed(bulk: Atoms, axes: Axes) -> str:
    """Say which cell Miller indices refer to, where it is not the one that was given."""
    cell = describe_axes(bulk, axes)
    return f", indices of the {cell}" if cell else ""
