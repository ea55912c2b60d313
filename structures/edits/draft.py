"""A structure on its way through the edits of its recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from ase import Atoms

from ...errors import StructureError
from ..symmetry import SymmetryOperations, symmetry_operations
from ..vacuum import LEAST_VACUUM, widest_gap
from .arrangements import Arrangement, Places, images_of

Array = np.ndarray

GROUP = "edits_group"
"""Array of the atoms: number of the adsorbed atom or molecule that each belongs to, from 1; 0 of all others."""
SITE = "edits_site"
"""Array of the atoms: symmetry of the site of each in the crystal as it was."""


@dataclass(frozen=True)
class Draft:
    """A structure in which some of the edits are made.

    It is kept twice, with the same atoms in the same order: as it is built from published coordinates, where sites and
    their symmetry are found, and as it really is, after a relaxation say. Which edits there are and how they are
    numbered then depends on no digit that a relaxation leaves behind.

    Attributes:
        name: of the structure, for messages.
        built: as it is built.
        actual: as it is.
        symmetry: operations of the cell that keep what was edited so far.
        told: what was done, in words.
    """

    name: str
    built: Atoms
    actual: Atoms
    symmetry: SymmetryOperations
    told: tuple[str, ...] = ()

    @classmethod
    def begun(cls, name: str, built: Atoms, actual: Atoms) -> Draft:
        """Begin with a structure that nothing is changed in.

        Args:
            name: of the structure, for messages.
            built: as it is built.
            actual: the same structure, perhaps relaxed, perhaps with its atoms in another order.

        Raises:
            StructureError: not periodic, or the two are not the same structure.
        """
        if not built.pbc.any() or built.cell.rank < 3:
            raise StructureError(f"{name}: edits are of crystals, slabs and sheets; this has no cell")
        if built.get_chemical_formula() != actual.get_chemical_formula():
            raise StructureError(
                f"{name}: relaxed it is {actual.get_chemical_formula()}, as it is built "
                f"{built.get_chemical_formula()}; the edits of the one cannot be those of the other"
            )
        model, actual = _in_the_order_of(built, actual), actual.copy()
        symmetry = symmetry_operations(model)
        for atoms in (model, actual):
            atoms.set_array(GROUP, np.zeros(len(atoms), dtype=int))
            atoms.set_array(SITE, np.array(symmetry.site_symmetries))
        return cls(name, model, actual, symmetry)

    @property
    def is_open(self) -> bool:
        """Whether there is a vacuum along c."""
        return widest_gap(self.built, 2)[0] >= LEAST_VACUUM

    def without(self, indices: Sequence[int], keeping: Keeping, told: str) -> Draft:
        """Take atoms out."""
        kept = np.delete(np.arange(len(self.built)), list(indices))
        return self._with(self.built[kept], self.actual[kept], keeping, told)

    def replaced(self, indices: Sequence[int], symbol: str, keeping: Keeping, told: str) -> Draft:
        """Put atoms of another element in the places of some; their moments are those of no element any more."""
        both = (self.built.copy(), self.actual.copy())
        for atoms in both:
            atoms.symbols[list(indices)] = symbol
            if atoms.has("initial_magmoms"):
                atoms.arrays["initial_magmoms"][list(indices)] = 0.0
        return self._with(*both, keeping, told)

    def extended(self, built: Atoms, actual: Atoms, keeping: Keeping, told: str) -> Draft:
        """Add atoms, given where they are in the structure as built and as it is."""
        both = (self.built.copy(), self.actual.copy())
        for atoms, more in zip(both, (built, actual), strict=True):
            atoms.extend(more)
        return self._with(*both, keeping, told)

    def _with(self, built: Atoms, actual: Atoms, keeping: Keeping, told: str) -> Draft:
        for atoms in (built, actual):
            atoms.info = dict(self.actual.info)
        return Draft(self.name, built, actual, keeping.symmetry(self), (*self.told, told))


@dataclass(frozen=True)
class Keeping:
    """What of the symmetry is left where some places are no longer what the others are."""

    places: Places
    arrangement: Arrangement

    def symmetry(self, draft: Draft) -> SymmetryOperations:
        """Return the operations of a draft that keep the places taken among themselves."""
        images, kept = images_of(self.places.fractional, draft.built.cell.array, draft.symmetry)
        taken = sorted(self.arrangement.members)
        same = kept[(np.sort(images[:, taken], axis=1) == taken).all(axis=1)]
        return replace(
            draft.symmetry, rotations=draft.symmetry.rotations[same], translations=draft.symmetry.translations[same]
        )


def _in_the_order_of(built: Atoms, actual: Atoms) -> Atoms:
    """Return a structure with its atoms in the order of another one: each beside the one it became."""
    from scipy.optimize import linear_sum_assignment

    apart = actual.get_scaled_positions()[:, None] - built.get_scaled_positions()
    apart -= np.rint(apart)
    costs = np.linalg.norm(apart @ built.cell.array, axis=-1) ** 2
    costs[actual.numbers[:, None] != built.numbers] = 1e6
    return built[linear_sum_assignment(costs)[1]]
