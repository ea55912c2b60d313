"""Where adsorbates start: on every distinct site of a surface, in every distinct orientation."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from ...structures.carried_sites import chosen_sites
from ...structures.documents import StructureDocument
from ...structures.molecules import adsorbate, orientations
from ...structures.sites import place
from ..common.caps import left_out_in_words

if TYPE_CHECKING:
    from ase import Atoms


MOST_STARTS = 30
"""Starts of one adsorbate on one surface that are computed unless more are asked for."""


class Placement(BaseModel):
    """Where an adsorbate starts."""

    site: str = Field(description="label of the site")
    orientation: str = Field(description="label of the orientation")
    multiplicity: int = Field(description="symmetry-equivalent sites per surface cell")
    structure: StructureDocument = Field(description="surface with the adsorbate, not yet relaxed")

    @property
    def name(self) -> str:
        """Site and orientation."""
        return f"{self.site} {self.orientation}".strip()


def placements(
    surface: Atoms, name: str | StructureDocument, sites: list[str] | None = None, built: Atoms | None = None
) -> list[Placement]:
    """Put an adsorbate on every distinct site in every distinct orientation.

    Args:
        surface: relaxed bare surface.
        name: adsorbate, as for ``reference_energy``.
        sites: labels of the sites wanted; all when none.
        built: the surface as it was planned, whose sites are meant; none: those of ``surface``.

    Returns:
        Starting structures, surface atoms first.

    Raises:
        StructureError: the surface has no site of a wanted label, or nobody knows the adsorbate.
    """
    return [
        Placement(
            site=site.label,
            orientation=orientation.label,
            multiplicity=site.multiplicity,
            structure=StructureDocument.from_atoms(place(surface, orientation.atoms, site)),
        )
        for site in chosen_sites(surface, sites, built)
        for orientation in orientations(adsorbate(name))
    ]


def capped_placements(
    surface: Atoms,
    name: str | StructureDocument,
    sites: list[str] | None,
    most: int | None,
    built: Atoms | None = None,
) -> tuple[list[Placement], str]:
    """Put an adsorbate on the sites of a surface, so many starts at most.

    Args:
        surface: relaxed bare surface.
        name: adsorbate, as for ``reference_energy``.
        sites: labels of the sites wanted; all when none.
        most: how many starts; all when none.
        built: as for [`placements`][].

    Returns:
        The starts, and what the cap left out, in words.

    Raises:
        StructureError: as for [`placements`][].
    """
    every = placements(surface, name, sites, built)
    chosen = capped(every, most)
    return chosen, left_out_in_words(len(chosen), len(every), "sites and orientations", "max_starts", most)


def capped(starts: list[Placement], most: int | None) -> list[Placement]:
    """Keep so many starts: of every site the first orientation before the second of any, and sites of every kind.

    Args:
        starts: those of one adsorbate on one surface.
        most: how many; none for all.

    Returns:
        Starts in the order given.
    """
    if most is None or len(starts) <= most:
        return starts
    seen: dict[str, int] = {}
    kinds: dict[str, list[tuple[int, int]]] = {}
    for number, start in enumerate(starts):
        turn = seen[start.site] = seen.get(start.site, -1) + 1
        kinds.setdefault(start.site.partition("-")[0], []).append((turn, number))
    in_turn = [pair for of_each in zip_longest(*map(sorted, kinds.values())) for pair in of_each if pair is not None]
    kept = {number for _, number in sorted(in_turn, key=lambda pair: pair[0])[:most]}
    return [start for number, start in enumerate(starts) if number in kept]
