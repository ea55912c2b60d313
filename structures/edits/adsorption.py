"""Adsorption: atoms, groups and molecules that are part of a surface."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from ...errors import StructureError
from .arrangements import Array, Places, arrangements, distances
from .draft import GROUP, Draft, Keeping
from .groups import bonded, check_name, oriented
from .keys import Edit
from .places import described_places, upright_heights

if TYPE_CHECKING:
    from ..sites import AdsorptionSite

Face = Literal["upper", "lower"]
Side = Literal["upper", "lower", "both"]

BOUND = "edits_bound"
"""Array of the atoms: whether a group is bonded to each on a top or a bridge."""
BONDED, CONTACT = 1.0, 1.2
"""An adsorbate starts with its first atom at this multiple of the sum of covalent radii from a surface atom: atoms and
radicals make a bond, molecules a contact as in adsorption studies."""
CROWDED = 0.9
"""Two adsorbates do not come closer than this multiple of the sum of covalent radii of their lowest atoms."""


class Adsorption(Edit):
    """Atoms, groups or molecules on a surface: one of them with how many."""

    KEY: ClassVar[str] = "adsorb"
    EXAMPLE: ClassVar[str] = "adsorb: {OH: 2}"
    NAMED: ClassVar[str] = "atom or molecule"
    __pydantic_extra__: dict[str, Annotated[PositiveInt, Field(description="how many of that atom or molecule")]] = (
        Field(init=False)
    )

    at: str | None = Field(
        None,
        description="kind of the sites (top, bridge, hollow), with elements or without: top-C, bridge-C-C; none: any",
        exclude_if=lambda at: at is None,
    )
    side: Side = Field(
        "upper",
        description="which face of a slab or sheet; both: half of them on each",
        exclude_if=lambda side: side == "upper",
    )
    apart: PositiveFloat | None = Field(
        None,
        description="least distance between two of them, angstrom; none: they may stand close but not overlap",
        exclude_if=lambda apart: apart is None,
    )
    facing: str | None = Field(
        None,
        description="which way a molecule is turned, such as O-down, as adsorption studies call it; none: the first",
        exclude_if=lambda facing: facing is None,
    )

    @classmethod
    def knows(cls, name: str) -> None:
        """Check that something is an atom, a group or a molecule.

        Raises:
            ValueError: it is none, or a file.
        """
        check_name(name)

    @model_validator(mode="after")
    def _one_molecule(self) -> Self:
        if len(self.amounts) != 1:
            raise ValueError(
                "puts one sort of atom or molecule on a surface, such as adsorb: {OH: 2}; write a list of several"
            )
        if self.side == "both" and next(iter(self.amounts.values())) % 2:
            raise ValueError("side: both puts half of them on each face; make it an even number")
        return self

    def alternatives(self, draft: Draft) -> Iterator[Draft]:
        """Put the adsorbates on sites in every distinct way."""
        ((name, count),) = self.amounts.items()
        molecule = oriented(name, self.facing, f"{draft.name}: {self.written}")
        if charge := molecule.info.get("charge", 0):
            raise StructureError(f"{draft.name}: {self.written}: {name} has charge {charge:+d}; name a neutral one")
        upright_heights(draft, self.written)
        sites = self._sites(draft)
        places = self._places(draft, sites, molecule)
        found = arrangements(places, count) if count <= len(sites) else []
        if not found:
            apart = "" if self.apart is None else f", {self.apart:g} angstrom apart"
            raise StructureError(
                f"{draft.name}: {self.written}: {count} {name} have no room on its {len(sites)} free site(s){apart}"
            )
        for arrangement in found:
            chosen = [sites[member] for member in arrangement.members]
            on = " and ".join(dict.fromkeys(site.site.label for site in chosen))
            faces = " and ".join(dict.fromkeys(site.face for site in chosen))
            what = f"{count} {name}" if count > 1 else name
            told = f"{what} on {on}, {faces} face, {described_places(places, arrangement)}"
            yield self._put(draft, molecule, chosen, Keeping(places, arrangement), told)

    def _sites(self, draft: Draft) -> list[_Site]:
        """Find the free sites of the faces asked for."""
        faces: tuple[Face, ...] = ("upper", "lower") if self.side == "both" else (self.side,)
        found = [site for face in faces for site in _sites_of(draft, face)]
        labels = list(dict.fromkeys(site.site.label for site in found))
        wanted = [site for site in found if self.at is None or f"{site.site.label}-".startswith(f"{self.at}-")]
        if not wanted:
            raise StructureError(
                f"{draft.name}: {self.written}: it has no site {self.at}; its sites are {', '.join(labels) or 'none'}"
            )
        taken = draft.built.arrays[BOUND] if draft.built.has(BOUND) else np.zeros(len(draft.built), dtype=bool)
        return [site for site in wanted if not (site.binds and taken[list(site.neighbours)].any())]

    def _places(self, draft: Draft, sites: list[_Site], molecule: Atoms) -> Places:
        cell = draft.built.cell.array
        fractional = np.array([site.fractional(cell) for site in sites]).reshape(-1, 3)
        order = np.array([site.number for site in sites])
        faces = np.array([site.face == "lower" for site in sites], dtype=int)
        lowest = int(molecule.positions[:, 2].argmin())
        least = self.apart or 2 * CROWDED * covalent_radii[molecule.numbers[lowest]]
        shared = np.array([[one.shares(other) for other in sites] for one in sites]).reshape(len(sites), -1)
        places = Places.of(fractional, cell, draft.symmetry, order, shares=faces)
        places = replace(places, distances=distances(np.array([site.position for site in sites]), cell))
        return replace(places, excluded=places.beside(least) | shared)

    def _put(self, draft: Draft, molecule: Atoms, chosen: list[_Site], keeping: Keeping, told: str) -> Draft:
        """Put the molecule on the sites; the atoms that it is bonded to are taken."""
        first = int(draft.built.arrays[GROUP].max()) + 1
        added = [
            _placed(atoms, draft.built.cell.array, molecule, chosen, first) for atoms in (draft.built, draft.actual)
        ]
        edited = draft.extended(added[0], added[1], keeping, told)
        taken = draft.built.arrays[BOUND].copy() if draft.built.has(BOUND) else np.zeros(len(draft.built), dtype=bool)
        for site in chosen:
            taken[list(site.neighbours)] |= site.binds
        for atoms in (edited.built, edited.actual):
            atoms.set_array(BOUND, np.append(taken, np.zeros(len(added[0]), dtype=bool)))
        return edited


@dataclass(frozen=True)
class _Site:
    """A site of one face, and the atoms of the draft around it."""

    site: AdsorptionSite
    face: Face
    number: int
    neighbours: tuple[int, ...]

    @property
    def binds(self) -> bool:
        """Whether what stands there uses up a bond of an atom below: on a top or a bridge."""
        return not self.site.label.startswith("hollow")

    @property
    def position(self) -> Array:
        """Where it is, angstrom."""
        x, y, z = self.site.position
        return np.array([x, y, z if self.face == "upper" else -z])

    def shares(self, other: _Site) -> bool:
        """Whether one atom would have to make both bonds."""
        return self is not other and self.binds and other.binds and bool({*self.neighbours} & {*other.neighbours})

    def fractional(self, cell: Array) -> Array:
        """Return a point above it, by which the two faces of a flat sheet differ, in fractional coordinates."""
        above = 1.0 if self.face == "upper" else -1.0
        return np.asarray(np.linalg.solve(cell.T, self.position + np.array([0.0, 0.0, above])))


def _sites_of(draft: Draft, face: Face) -> list[_Site]:
    """Find all sites of a face, those of adsorbates left out; on the lower face they are seen in a mirror."""
    from ..sites import equivalent_sites

    host = np.flatnonzero(draft.built.arrays[GROUP] == 0)
    bare = seen_from(draft.built[host], face)
    return [
        _Site(site, face, number, tuple(int(host[i]) for i in site.neighbours))
        for number, orbit in enumerate(equivalent_sites(bare))
        for site in orbit
    ]


def seen_from(atoms: Atoms, face: Face) -> Atoms:
    """Return a slab with the face asked for up: the lower one as a mirror in the plane z = 0 shows it."""
    turned = atoms.copy()
    if face == "lower":
        turned.positions[:, 2] *= -1
    return turned


def _placed(atoms: Atoms, cell: Array, molecule: Atoms, chosen: list[_Site], first: int) -> Atoms:
    """Return the adsorbates alone, where they stand on a structure."""
    from ..sites import place

    whole = atoms.copy()
    for number, one in enumerate(chosen, start=first):
        surface, guest = seen_from(whole, one.face), molecule.copy()
        if one.face == "lower":
            guest.positions[:, 0] *= -1  # a mirror image, of which the mirror makes the molecule again
        x, y, z = one.site.position
        lateral = np.linalg.solve(cell.T, np.array([x, y, 0.0])) @ atoms.cell.array
        site = replace(one.site, position=(float(lateral[0]), float(lateral[1]), z))
        contact = BONDED if bonded(molecule) else CONTACT
        guest.set_array(GROUP, np.full(len(guest), number))
        whole = seen_from(place(surface, guest, site, contact=contact), one.face)
    added = whole[len(atoms) :]
    added.set_constraint(None)
    return added
