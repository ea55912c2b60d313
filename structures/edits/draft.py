"""A structure on its way through the edits of its recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from ase import Atoms

from ...errors import StructureError
from ..rounding import rounded
from ..symmetry import SymmetryOperations, symmetry_operations
from ..vacuum import LEAST_VACUUM, widest_gap
from .arrangements import SAME, Arrangement, Places, images_of

Array = np.ndarray

GROUP = "edits_group"
"""Array of the atoms: number of the adsorbed atom or molecule that each belongs to, from 1; 0 of all others."""
SITE = "edits_site"
"""Array of the atoms: symmetry of the site of each in the crystal as it was."""
PLANE = 0.3
"""Atoms of one element whose heights differ by more lie in different planes, angstrom."""
_SHELL = 1.25
_REACH = 2.0


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

    def without(self, indices: Sequence[int], arrangement: Keeping, told: str) -> Draft:
        """Take atoms out."""
        kept = np.delete(np.arange(len(self.built)), list(indices))
        return self._with(self.built[kept], self.actual[kept], arrangement, told)

    def replaced(self, indices: Sequence[int], symbol: str, arrangement: Keeping, told: str) -> Draft:
        """Put atoms of another element in the places of some; their moments are those of no element any more."""
        both = (self.built.copy(), self.actual.copy())
        for atoms in both:
            atoms.symbols[list(indices)] = symbol
            if atoms.has("initial_magmoms"):
                atoms.arrays["initial_magmoms"][list(indices)] = 0.0
        return self._with(*both, arrangement, told)

    def extended(self, built: Atoms, actual: Atoms, arrangement: Keeping, told: str) -> Draft:
        """Add atoms, given where they are in the structure as built and as it is."""
        both = (self.built.copy(), self.actual.copy())
        for atoms, more in zip(both, (built, actual), strict=True):
            atoms.extend(more)
        return self._with(*both, arrangement, told)

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


def atoms_of(draft: Draft, symbol: str, at: str | int | None, key: str) -> list[int]:
    """Return the atoms of an element, all of them or those of one plane.

    Args:
        draft: where they are.
        symbol: chemical symbol.
        at: ``surface`` for the uppermost plane of that element, ``subsurface`` for the next, or its number from 1.
        key: of the recipe, with its value, for messages.

    Raises:
        StructureError: there are none, or no such plane.
    """
    found = [i for i, own in enumerate(draft.built.symbols) if own == symbol and not draft.built.arrays[GROUP][i]]
    if not found:
        there = ", ".join(dict.fromkeys(draft.built.get_chemical_symbols()))
        raise StructureError(f"{draft.name}: {key}: there is no {symbol} in it, only {there}")
    if at is None:
        return found
    planes = _planes(upright_heights(draft, f"{key}: at: {at}"), found)
    number = {"surface": 1, "subsurface": 2}.get(str(at), at)
    if not 1 <= int(number) <= len(planes):
        raise StructureError(
            f"{draft.name}: {key}: at: {at}: {symbol} lies in {len(planes)} plane(s), counted from 1 at the surface"
        )
    return planes[int(number) - 1]


def upright_heights(draft: Draft, key: str) -> Array:
    """Return the heights of the atoms along c, one piece above the vacuum, angstrom.

    Raises:
        StructureError: there is no vacuum along c.
    """
    if not draft.is_open:
        raise StructureError(
            f"{draft.name}: {key}: only slabs and sheets have a surface, and this has no vacuum along c; cut a slab"
        )
    return _heights(draft.built)


def places_of_atoms(draft: Draft, indices: Sequence[int]) -> Places:
    """Take atoms as places: the higher first, then those of which there are more, then the more crowded."""
    fractional = draft.built.get_scaled_positions()[list(indices)]
    images, _ = images_of(fractional, draft.built.cell.array, draft.symmetry)
    heights = _heights(draft.built)[list(indices)] if draft.is_open else np.zeros(len(indices))
    crowds = _crowds(draft.built, indices)
    keys = []
    for place in range(len(indices)):
        equal = np.unique(images[:, place])
        keys.append((-rounded(heights[equal].max(), 2), -len(equal), -rounded(crowds[equal].mean(), 2)))
    order = np.array([sorted(set(keys)).index(key) for key in keys])
    return Places.of(fractional, draft.built.cell.array, draft.symmetry, order)


def described_atoms(draft: Draft, indices: Sequence[int], arrangement: Arrangement, places: Places) -> str:
    """Say where atoms are: coordinates, site symmetry, how many such choices there are, nearest distances."""
    where = described_places(draft, places, arrangement)
    if len(indices) == 1:
        site = draft.built.arrays[SITE][indices[0]].replace(".", "")
        where += f", site {site}" if site else ""
        where += f", {_nearest(draft.built, indices[0])}"
    return where


def described_places(draft: Draft, places: Places, arrangement: Arrangement) -> str:
    """Say where places are, how many such choices there are, and how far apart they lie."""
    del draft
    at = " ".join("({:.3f} {:.3f} {:.3f})".format(*(all_positive(places.fractional[i]))) for i in arrangement.members)
    apart = "" if arrangement.shortest is None else f", {arrangement.shortest:.2f} angstrom apart"
    return f"at {at}, {arrangement.multiplicity} such{apart}"


def all_positive(fractional: Array) -> list[float]:
    """Wrap fractional coordinates into the cell as people write them: 0 and not 1.000."""
    return [float(value) for value in np.round(fractional, 4) % 1.0]


def _heights(atoms: Atoms) -> Array:
    """Return the heights of the atoms over the vacuum along c, angstrom."""
    _, bottom = widest_gap(atoms, 2)
    fractions = (atoms.get_scaled_positions(wrap=False)[:, 2] - bottom) % 1.0
    return np.asarray(fractions / np.linalg.norm(atoms.cell.reciprocal()[2]))


def _planes(heights: Array, indices: Sequence[int]) -> list[list[int]]:
    """Sort atoms into planes, the uppermost first."""
    downwards = sorted(indices, key=lambda i: -heights[i])
    planes = [[downwards[0]]]
    for above, atom in pairwise(downwards):
        if heights[above] - heights[atom] > PLANE:
            planes.append([])
        planes[-1].append(atom)
    return [sorted(plane) for plane in planes]


def _crowds(atoms: Atoms, indices: Sequence[int]) -> Array:
    """Count the protons around each atom, the less the farther."""
    weights = np.exp(-((_lengths(atoms, indices, 3 * _REACH) / _REACH) ** 2))
    return np.asarray((weights * atoms.numbers[:, None]).sum(axis=(1, 2)))


def _lengths(atoms: Atoms, indices: Sequence[int], reach: float) -> Array:
    """Return the distances from atoms to all atoms and their images up to a reach, shape (indices, atoms, images)."""
    heights = 1 / np.linalg.norm(atoms.cell.reciprocal().array, axis=1)
    images = [np.arange(-n, n + 1) for n in np.ceil(reach / heights).astype(int)]
    shifts = np.stack(np.meshgrid(*images, indexing="ij"), axis=-1).reshape(-1, 3) @ atoms.cell.array
    positions = atoms.get_positions(wrap=True)
    ways = positions[None, :, None] + shifts - positions[list(indices), None, None]
    return np.asarray(np.linalg.norm(ways, axis=-1))


def _nearest(atoms: Atoms, index: int) -> str:
    """Name the nearest atoms with their distances."""
    (lengths,) = _lengths(atoms, [index], 3 * _REACH)
    own = sorted(
        (rounded(lengths[other, image], 2), str(atoms.symbols[other]))
        for other, image in np.argwhere((lengths > SAME) & (lengths < 3 * _REACH))
    )
    if not own:
        return "nothing within 6 angstrom"
    near = [(length, symbol) for length, symbol in own if length < _SHELL * own[0][0]]
    counted = {pair: near.count(pair) for pair in near}
    return "nearest " + ", ".join(
        f"{f'{times} ' if times > 1 else ''}{symbol} {length:.2f}" for (length, symbol), times in counted.items()
    )


def _in_the_order_of(built: Atoms, actual: Atoms) -> Atoms:
    """Return a structure with its atoms in the order of another one: each beside the one it became."""
    from scipy.optimize import linear_sum_assignment

    apart = actual.get_scaled_positions()[:, None] - built.get_scaled_positions()
    apart -= np.rint(apart)
    costs = np.linalg.norm(apart @ built.cell.array, axis=-1) ** 2
    costs[actual.numbers[:, None] != built.numbers] = 1e6
    return built[linear_sum_assignment(costs)[1]]
