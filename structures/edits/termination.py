"""Terminations of MXenes: what stands on the metal of each face."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii
from ase.geometry import find_mic
from pydantic import Field, PositiveInt

from ...errors import StructureError
from ..bond_criteria import NON_METALS
from ..connectivity import is_metal
from ..symmetry import symmetry_operations
from .adsorption import Face, Side, seen_from
from .arrangements import Array, Places, arrangements
from .draft import GROUP, SITE, Draft, Keeping
from .keys import Edit
from .places import all_positive, upright_heights

TERMINATIONS = ("O", "OH", "F", "Cl", "Br", "I", "S", "Se", "Te")
"""What a face can be terminated by."""
O_H = 0.97
"""Length of an upright hydroxyl, that of gaseous OH, angstrom."""
BOND = 0.88
"""A termination on bare metal starts at this multiple of the sum of covalent radii: Ti-O 1.99 angstrom."""
_LAYER = 0.5


class Termination(Edit):
    """What each face of a MXene ends in: O, OH, F, ... with how many sites of a face each takes."""

    KEY: ClassVar[str] = "terminate"
    EXAMPLE: ClassVar[str] = "terminate: {O: 2, OH: 2}"
    NAMED: ClassVar[str] = "termination"
    __pydantic_extra__: dict[str, Annotated[PositiveInt, Field(description="sites of a face that it takes")]] = Field(
        init=False
    )

    side: Side = Field(
        "both",
        description="which face; both: the lower one is what a symmetry operation of the sheet makes of the upper",
        exclude_if=lambda side: side == "both",
    )

    @classmethod
    def knows(cls, name: str) -> None:
        """Check that something is a termination.

        Raises:
            ValueError: it is none.
        """
        if name not in TERMINATIONS:
            raise ValueError(f"{name!r} is no termination; they are {', '.join(TERMINATIONS)}")

    def alternatives(self, draft: Draft) -> Iterator[Draft]:
        """Terminate the faces in every distinct way."""
        upright_heights(draft, self.written)
        faces: tuple[Face, ...] = ("upper", "lower") if self.side == "both" else (self.side,)
        found = [_face(draft, face, self.written) for face in faces]
        sites, wanted = len(found[0].fractional), sum(self.amounts.values())
        if wanted != sites:
            raise StructureError(
                f"{draft.name}: {self.written}: a face of this cell has {sites} site(s), and these are {wanted}"
            )
        if all(set(face.species) == set(self.amounts) == {face.species[0]} for face in found):
            raise StructureError(f"{draft.name}: {self.written}: it ends in that already; remove {self.KEY}")
        bare = _without(draft, [atom for face in found for atom in face.atoms])
        partners = [np.arange(sites), *(_partners(bare, found[0], lower, self.written) for lower in found[1:])]
        rare_first = sorted(self.amounts.items(), key=lambda pair: pair[1])
        for chosen, multiplicity in _shared_out(bare, found[0], rare_first):
            yield self._finished(bare, found, partners, chosen, multiplicity)

    def _finished(
        self, bare: Draft, faces: list[_Face], partners: list[Array], chosen: dict[str, list[int]], multiplicity: int
    ) -> Draft:
        both = (bare.built.copy(), bare.actual.copy())
        for face, partner in zip(faces, partners, strict=True):
            for name, members in chosen.items():
                for member in partner[members].tolist():
                    for atoms, positions in zip(both, (face.built, face.actual), strict=True):
                        atoms.extend(_group(name, positions[member], 1 if face.face == "upper" else -1))
        laterals = ["({:.3f} {:.3f})".format(*all_positive(site)[:2]) for site in faces[0].fractional]
        where = "; ".join(f"{name} at " + " ".join(laterals[i] for i in own) for name, own in chosen.items())
        told = f"terminated, {faces[0].face if len(faces) == 1 else 'each'} face: {where}, {multiplicity} such"
        symmetry = symmetry_operations(both[0])
        for atoms in both:
            atoms.info = dict(bare.actual.info)
            atoms.arrays[SITE] = np.array(symmetry.site_symmetries)
        return replace(bare, built=both[0], actual=both[1], symmetry=symmetry, told=(*bare.told, told))


@dataclass(frozen=True)
class _Face:
    """The sites of a face.

    Attributes:
        face: upper or lower.
        species: what is on each; "" for bare metal.
        atoms: indices of all that stands there.
        built: position of each site, where an O would be, angstrom.
        actual: likewise in the structure as it is.
        fractional: of those as built.
    """

    face: Face
    species: list[str]
    atoms: list[int]
    built: Array
    actual: Array
    fractional: Array


def _face(draft: Draft, face: Face, written: str) -> _Face:
    """Find the sites of a face: the outermost layer of O, F, ... or, on bare metal, the hollows over metal."""
    heights = upright_heights(draft, written) * (1 if face == "upper" else -1)
    hydrogen = [i for i, symbol in enumerate(draft.built.symbols) if symbol == "H"]
    rest = [i for i in range(len(draft.built)) if i not in hydrogen]
    top = max(heights[rest])
    outermost = [i for i in rest if heights[i] > top - _LAYER]
    kinds = {str(draft.built.symbols[i]) for i in outermost}
    if kinds <= set(TERMINATIONS):
        distances = draft.built.get_all_distances(mic=True)
        crowned = {i: [h for h in hydrogen if distances[i, h] < 1.3 * O_H] for i in outermost}
        species = [f"{draft.built.symbols[i]}{'H' if crowned[i] else ''}" for i in outermost]
        atoms = [*outermost, *(h for own in crowned.values() for h in own)]
        built, actual = draft.built.positions[outermost], draft.actual.positions[outermost]
    elif all(is_metal(draft.built, i) for i in outermost):
        built, actual = _hollows(draft, face, written)
        species, atoms = [""] * len(built), []
    else:
        raise StructureError(
            f"{draft.name}: {written}: its {face} face ends in {' and '.join(sorted(kinds))}; a MXene ends in metal or "
            f"in {', '.join(TERMINATIONS)}"
        )
    return _Face(face, species, atoms, built, actual, np.linalg.solve(draft.built.cell.array.T, built.T).T)


def _hollows(draft: Draft, face: Face, written: str) -> tuple[Array, Array]:
    """Return where O stands on bare metal: over the hollows that have metal, and no carbon, beneath."""
    from ..sites import equivalent_sites

    seen = seen_from(draft.built, face)
    for orbit in equivalent_sites(seen):
        label, below = orbit[0].label, orbit[0].neighbours[0]
        if not label.startswith("hollow") or label.rpartition("-over-")[2] in NON_METALS:
            continue
        places = np.array([site.position for site in orbit])
        across = find_mic((places[0] - draft.built.positions[below]) * (1, 1, 0), draft.built.cell)[1]
        bond = BOND * (covalent_radii[draft.built.numbers[below]] + covalent_radii[atomic_numbers["O"]])
        rise = np.sqrt(max(bond**2 - across**2, _LAYER**2))
        places[:, 2] = draft.built.positions[below, 2] + (rise if face == "upper" else -rise)
        fractional = np.linalg.solve(draft.built.cell.array.T, places.T).T
        return places, fractional @ draft.actual.cell.array
    raise StructureError(f"{draft.name}: {written}: its {face} face has no hollow over metal that O could stand on")


def _without(draft: Draft, indices: Sequence[int]) -> Draft:
    kept = np.delete(np.arange(len(draft.built)), list(indices))
    built, actual = draft.built[kept], draft.actual[kept]
    for atoms in (built, actual):
        atoms.info = dict(draft.actual.info)
    return replace(draft, built=built, actual=actual, symmetry=symmetry_operations(built))


def _partners(bare: Draft, upper: _Face, lower: _Face, written: str) -> Array:
    """Return which lower site each upper site goes with, by an operation that turns the faces over.

    Of several the inversion is taken first, then that of least translation.
    """
    from .arrangements import SAME

    operations = bare.symmetry
    cell = bare.built.cell.array

    def simplest(number: int) -> tuple[bool, list[float], list[float]]:
        rotation, shift = operations.rotations[number], operations.translations[number]
        return (
            not np.array_equal(rotation, -np.eye(3)),
            np.round(rotation, 3).ravel().tolist(),
            (np.round(shift, 3) % 1.0).tolist(),
        )

    for number in sorted(range(len(operations.rotations)), key=simplest):
        moved = upper.fractional @ operations.rotations[number].T + operations.translations[number]
        away = moved[:, None] - lower.fractional
        away -= np.rint(away)
        near = np.linalg.norm(away @ cell, axis=-1)
        if len(lower.fractional) == len(moved) and (near.min(axis=1) < SAME).all():
            return np.asarray(near.argmin(axis=1))
    raise StructureError(
        f"{bare.name}: {written}: no symmetry makes its lower face of the upper one; terminate them one by one, with "
        "side: upper and side: lower"
    )


def _shared_out(
    draft: Draft, face: _Face, amounts: Sequence[tuple[str, int]], taken: frozenset[int] = frozenset()
) -> Iterator[tuple[dict[str, list[int]], int]]:
    """Share the sites of a face out, the rarest species first; the last takes what is left."""
    free = [i for i in range(len(face.fractional)) if i not in taken]
    (name, count), *rest = amounts
    if not rest:
        yield {name: free}, 1
        return
    places = Places.of(face.fractional[free], draft.built.cell.array, draft.symmetry, np.zeros(len(free), dtype=int))
    for arrangement in arrangements(places, count):
        members = [free[i] for i in arrangement.members]
        less = replace(draft, symmetry=Keeping(places, arrangement).symmetry(draft))
        for others, multiplicity in _shared_out(less, face, rest, taken | set(members)):
            yield {name: members, **others}, multiplicity * arrangement.multiplicity


def _group(name: str, position: Array, outwards: int) -> Atoms:
    if name != "OH":
        atoms = Atoms(name, positions=[position])
    else:
        atoms = Atoms("OH", positions=[position, position + np.array([0.0, 0.0, outwards * O_H])])
    atoms.set_array(GROUP, np.zeros(len(atoms), dtype=int))
    return atoms
