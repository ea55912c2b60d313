"""Hops of adatoms and exchanges by geometry alone, against the distances of ideal surfaces."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import add_adsorbate, fcc100, fcc111

from azibflow.errors import StructureError
from azibflow.structures.adatoms import (
    AdatomSite,
    distinct_sites,
    ends_of,
    exchanges,
    neighbour_hops,
    resting_place,
)
from azibflow.structures.prototypes import prototype
from azibflow.structures.sites import adsorption_sites, face_operations

A = 3.6
"""Lattice constant of the ideal fcc surfaces, angstrom."""


def slab(face, size=(3, 3, 3)):
    atoms = face("Cu", size, a=A, vacuum=5.0, periodic=True)
    atoms.set_tags(0)
    return atoms


def sites(surface, labels, height=1.8):
    """Return ideal places of an adatom above adsorption sites, all of one energy."""
    found = {site.label: np.add(site.position, (0, 0, height)) for site in adsorption_sites(surface)}
    symmetry = face_operations(surface)
    return [AdatomSite(label, resting_place(surface, found[label], symmetry), 0.0) for label in labels]


def test_on_fcc111_hops_go_from_fcc_to_hcp_hollows_alone():
    """The hop between two fcc hollows goes by way of the hcp hollow beside it, so that it is two."""
    surface = slab(fcc111)
    (hop,) = neighbour_hops(surface, sites(surface, ["hollow-fcc", "hollow-hcp"]), face_operations(surface), 5.0)

    assert hop.hop.distance == pytest.approx(A / np.sqrt(6), abs=0.01)
    assert {hop.first.label, hop.last.label} == {"hollow-fcc", "hollow-hcp"}


def test_on_fcc100_and_on_graphene_hops_go_to_the_nearest_hollow():
    copper = slab(fcc100)
    (hop,) = neighbour_hops(copper, sites(copper, ["hollow-Cu4"]), face_operations(copper), 5.0)
    assert hop.hop.distance == pytest.approx(A / np.sqrt(2), abs=0.01)
    assert hop.hop.operation is not None

    graphene = prototype("graphene").repeat((3, 3, 1))
    (hop,) = neighbour_hops(graphene, sites(graphene, ["hollow-C6"]), face_operations(graphene), 5.0)
    assert hop.hop.distance == pytest.approx(graphene.cell[0, 0] / 3, abs=0.01)


def test_places_that_are_equivalent_or_near_are_one():
    surface = slab(fcc111)
    fcc, hcp = sites(surface, ["hollow-fcc", "hollow-hcp"])
    symmetry = face_operations(surface)
    image = tuple((symmetry.rotations[3] @ fcc.fractional + symmetry.translations[3]).tolist())
    lower = AdatomSite("rolled down", image, -0.2, moved=0.8)
    kept, merged = distinct_sites(surface, [fcc, hcp, lower], symmetry)

    assert [site.label for site in kept] == ["rolled down", "hollow-hcp"]
    assert merged == {"hollow-fcc": "rolled down"}
    kept, _ = distinct_sites(surface, [AdatomSite("from top", image, 0.001, moved=0.8), fcc], symmetry)
    assert [site.label for site in kept] == ["hollow-fcc"]


def test_an_exchange_lets_the_atom_out_on_its_other_side():
    """On fcc(100) adatom, surface atom and the place it comes out at lie on a line: along a cubic axis."""
    surface = slab(fcc100)
    places = sites(surface, ["hollow-Cu4"])
    state = surface.copy()
    add_adsorbate(state, "Cu", 0.0)
    state.positions[-1] = np.array(places[0].fractional) @ surface.cell.array
    symmetry = face_operations(surface)
    (exchange,) = exchanges(surface, {"hollow-Cu4": state}, places, symmetry)
    initial, final = ends_of(surface, {"hollow-Cu4": state}, exchange, symmetry)

    assert exchange.hop.distance == pytest.approx(A, abs=0.01)
    assert np.allclose(final.positions[-1], surface.positions[exchange.atom], atol=0.01)
    out = final.positions[exchange.atom] - initial.positions[-1]
    assert np.linalg.norm(out) == pytest.approx(A, abs=0.01)
    between = surface.positions[exchange.atom] - initial.positions[-1]
    assert np.allclose(between[:2], out[:2] / 2, atol=0.01)
    still = [atom for atom in range(len(surface)) if atom != exchange.atom]
    assert np.allclose(final.positions[still], surface.positions[still], atol=0.01)


def test_exchange_is_refused_where_the_surface_is_no_metal():
    surface = slab(fcc100)
    surface.symbols[0] = "O"
    with pytest.raises(StructureError, match="exchange is for surfaces of metals, and this one holds O"):
        exchanges(surface, {}, [], face_operations(surface))
