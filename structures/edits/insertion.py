"""Insertion: ions in the open places of a host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import ClassVar

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii
from pydantic import Field

from ...errors import StructureError
from ..symmetry import crystal_operations
from .arrangements import Array, Places, arrangements
from .draft import GROUP, Draft, Keeping
from .keys import Count, Edit, in_turn
from .places import described_places

MOST = 8
"""Open places that are looked at in a structure with a vacuum, where most anions are at bonding distance."""


class Insertion(Edit):
    """Ions in the open places of a host: elements with how many of each."""

    KEY: ClassVar[str] = "insert"
    EXAMPLE: ClassVar[str] = "insert: {K: 1}"
    NAMED: ClassVar[str] = "element"
    __pydantic_extra__: dict[str, Count] = Field(init=False)

    at: str | None = Field(
        None,
        description="label of the sites, such as O6, as `azibflow build` lists them; none: any",
        exclude_if=lambda at: at is None,
    )

    def alternatives(self, draft: Draft) -> Iterator[Draft]:
        """Put the ions in, in every distinct way, one element after the other."""
        yield from in_turn(draft, [partial(self._of, symbol, count) for symbol, count in self.amounts.items()])

    def _of(self, symbol: str, count: int, draft: Draft) -> Iterator[Draft]:
        labels, fractional, order = _open_places(draft, symbol)
        if not labels:
            raise StructureError(f"{draft.name}: {self.written}: it has no interstitial site with room for {symbol}")
        wanted = np.array([self.at in (None, label) for label in labels])
        if not wanted.any():
            raise StructureError(
                f"{draft.name}: {self.written}: it has no site {self.at} for {symbol}, only "
                f"{', '.join(dict.fromkeys(labels))}"
            )
        named = [label for label, here in zip(labels, wanted, strict=True) if here]
        places = _apart(draft, symbol, fractional[wanted], order[wanted])
        found = arrangements(places, count) if count <= len(named) else []
        if not found:
            raise StructureError(
                f"{draft.name}: {self.written}: {count} {symbol} have no room beside each other on its {len(named)} "
                "interstitial sites"
            )
        for arrangement in found:
            members = list(arrangement.members)
            on = " and ".join(dict.fromkeys(named[member] for member in members))
            told = f"{symbol} between {on} {described_places(places, arrangement)}"
            yield draft.extended(
                _ions(symbol, places.fractional[members], draft.built),
                _ions(symbol, places.fractional[members], draft.actual),
                Keeping(places, arrangement),
                told,
            )


def _open_places(draft: Draft, symbol: str) -> tuple[list[str], Array, Array]:
    """Find all open places: labels, fractional coordinates, and numbers of the sites in the order to be taken."""
    from ..insertion_sites import insertion_sites
    from ..interstitials import equivalent_places, interstitial_sites, site_at

    host = draft.built.copy()
    del host.arrays[GROUP]
    symmetry = crystal_operations(host)
    found = insertion_sites(host, symbol, MOST) if draft.is_open else ()
    sites = [site_at(host, symbol, np.linalg.solve(host.cell.array.T, place), symmetry) for place in found]
    sites = sites or interstitial_sites(host, symbol)
    orbits = [equivalent_places(np.array(site.fractional), host, symmetry) for site in sites]
    labels = [site.label for site, orbit in zip(sites, orbits, strict=True) for _ in orbit]
    numbers = [number for number, orbit in enumerate(orbits) for _ in orbit]
    return labels, np.concatenate([*orbits, np.empty((0, 3))]), np.array(numbers)


def _apart(draft: Draft, symbol: str, fractional: Array, order: Array) -> Places:
    """Keep two ions as far from each other as from every other atom."""
    from ..interstitials import CLEARANCE

    places = Places.of(fractional, draft.built.cell.array, draft.symmetry, order)
    least = 2 * CLEARANCE * covalent_radii[atomic_numbers[symbol]]
    return replace(places, excluded=places.beside(least))


def _ions(symbol: str, fractional: Array, host: Atoms) -> Atoms:
    return Atoms([symbol] * len(fractional), positions=fractional @ host.cell.array)
