"""Interstitial sites against positions known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk

from azibflow.errors import StructureError
from azibflow.structures.interstitials import interstitial_sites, site_at
from azibflow.structures.prototypes import prototype
from azibflow.structures.symmetry import same_point, symmetry_operations

A = 3.61


def is_equivalent(host, site, place):
    images = symmetry_operations(host).images(np.array(site.fractional))
    return bool(same_point(images, np.array(place), host.cell.array, 1e-3).any())


def test_fcc_has_octahedral_and_tetrahedral_sites():
    copper = bulk("Cu", cubic=True, a=A)
    octahedral, tetrahedral = interstitial_sites(copper, "H")
    assert (octahedral.label, octahedral.multiplicity, octahedral.coordination) == ("Cu6", 4, 6)
    assert (tetrahedral.label, tetrahedral.multiplicity, tetrahedral.coordination) == ("Cu4", 8, 4)
    assert is_equivalent(copper, octahedral, (0.5, 0.5, 0.5))
    assert is_equivalent(copper, tetrahedral, (0.25, 0.25, 0.25))
    assert octahedral.distance == pytest.approx(A / 2)
    assert tetrahedral.distance == pytest.approx(A * np.sqrt(3) / 4)
    assert octahedral.clearance == pytest.approx(A / 2 / (1.32 + 0.31))


def test_zinc_is_too_large_for_copper():
    assert interstitial_sites(bulk("Cu", cubic=True, a=A), "Zn") == []


def test_primitive_and_conventional_cell_agree():
    small, large = (interstitial_sites(bulk("Cu", cubic=cubic, a=A), "H") for cubic in (False, True))
    assert [(s.label, 4 * s.multiplicity) for s in small] == [(s.label, s.multiplicity) for s in large]


def test_gallery_of_molybdenum_disulfide():
    host = prototype("2H-MoS2")
    octahedral, tetrahedral = interstitial_sites(host, "Zn")
    assert (octahedral.label, octahedral.multiplicity) == ("S6", 2)
    assert (tetrahedral.label, tetrahedral.multiplicity) == ("S4", 4)
    assert octahedral.fractional == pytest.approx((0, 0, 0), abs=1e-6)
    # the tetrahedral site is below one sulfur and as far from three others
    sulfur = host.positions[host.numbers == 16]
    height = octahedral.distance**2 - 3.16**2 / 3
    gap = 2 * np.sqrt(height)
    edge = 3.16 / np.sqrt(3)
    assert tetrahedral.distance == pytest.approx((edge**2 + gap**2) / (2 * gap), abs=1e-3)
    assert len(sulfur) == 4


def test_zinc_between_the_sheets_of_vanadium_pentoxide():
    host = prototype("alpha-V2O5")
    best, *_ = interstitial_sites(host, "Zn")
    x, y, z = best.fractional
    assert best.label == "O8"
    assert best.multiplicity == 2
    # on both mirror planes of Pmmn, Wyckoff position 2b of origin choice 2, between the sheets
    assert (x, y) == pytest.approx((0.25, 0.75), abs=1e-4)
    assert 0.35 < z < 0.65
    assert 2.4 < best.distance < 2.6


def test_twin_maxima_become_one_site_at_their_centre():
    host = prototype("VO2(B)")
    best, *_ = interstitial_sites(host, "Zn")
    assert best.fractional == pytest.approx((0, 0, 0), abs=1e-6)


def test_sites_do_not_depend_on_origin_and_order():
    host = prototype("alpha-V2O5")
    moved = host[::-1]
    moved.set_scaled_positions((moved.get_scaled_positions() + np.array([0.37, 0.11, 0.23])) % 1)
    one, other = (interstitial_sites(atoms, "Zn") for atoms in (host, moved))
    assert [(s.label, s.multiplicity) for s in one] == [(s.label, s.multiplicity) for s in other]
    assert [s.distance for s in one] == pytest.approx([s.distance for s in other], abs=1e-4)


def test_a_given_place_is_described_the_same_way():
    host = prototype("2H-MoS2")
    found = interstitial_sites(host, "Zn")[1]
    again = site_at(host, "Zn", found.fractional)
    assert again == found


def test_vacuum_is_no_site():
    assert interstitial_sites(prototype("graphene"), "Zn") == []


def test_a_wrong_ion_is_named():
    with pytest.raises(StructureError, match="'Zm' is no chemical element"):
        interstitial_sites(bulk("Cu"), "Zm")
