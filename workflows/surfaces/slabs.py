"""The slabs of a surface study as they are cut: every termination of every facet at every thickness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from ...structures.axes import Axes
from ...structures.documents import StructureDocument
from ...structures.recipes import three_indices
from ...structures.slabs import build_slabs
from .results import Miller

if TYPE_CHECKING:
    from ase import Atoms


class SlabStart(BaseModel):
    """A slab before its relaxation."""

    miller: Miller = Field(description="Miller indices of the facet, reduced")
    termination: int = Field(description="number of the termination, from 0")
    layers: int = Field(description="thickness in repeat layers of the bulk")
    symmetric: bool = Field(description="whether both faces are equivalent; if not, gamma is their mean")
    structure: StructureDocument = Field(description="the slab as cut")

    @property
    def name(self) -> str:
        """Facet, termination and thickness."""
        return "({}{}{})".format(*self.miller) + f" t{self.termination} {self.layers} layers"


def slab_starts(
    bulk: Atoms,
    millers: Sequence[Sequence[int]],
    layers: list[int],
    vacuum: float,
    bonds: dict[tuple[str, str], float] | None,
    axes: Axes | None = None,
) -> list[SlabStart]:
    """Cut every termination of every facet at every thickness.

    Args:
        bulk: the crystal, relaxed or not.
        millers: Miller indices, three or for hexagonal crystals four.
        layers: thicknesses in repeat layers.
        vacuum: empty space, angstrom.
        bonds: that no cut may break, see [`build_slabs`][].
        axes: the cell that the indices refer to, likewise.

    Raises:
        StructureError: a facet cannot be cut.
    """
    starts = []
    for miller in millers:
        for thickness in layers:
            slabs = build_slabs(bulk, miller, layers=thickness, vacuum=vacuum, intact_bonds=bonds, axes=axes)
            for number, slab in enumerate(slabs):
                starts.append(
                    SlabStart(
                        miller=three_indices(miller),
                        termination=number,
                        layers=thickness,
                        symmetric=bool(slab.info["symmetric"]),
                        structure=StructureDocument.from_atoms(slab),
                    )
                )
    return starts
