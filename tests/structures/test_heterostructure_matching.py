"""Common cells and interface bonds against numbers worked out by hand, and against pymatgen."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from hypothesis import given
from hypothesis import strategies as st

from azibflow.errors import StructureError
from azibflow.structures.heterostructures import count_patterns, film_and_support, interface_bonds, require_bonds
from azibflow.structures.heterostructures.matching import find_matches, strain_between

HEXAGONAL = np.array([[1.0, 0.0], [-0.5, np.sqrt(0.75)]])


def test_a_known_coincidence_cell() -> None:
    # sqrt(3) x sqrt(3) of 2.464 is 4.268; a hexagonal lattice of 4.30 fits on it turned by 30 degrees, at -0.75 %.
    film, support = 4.30 * HEXAGONAL, 2.464 * HEXAGONAL
    best = find_matches(film, support, max_strain=0.02, max_area=20)[0]
    expected = np.sqrt(3) * 2.464 / 4.30 - 1
    assert (best.film_cells, best.support_cells) == (1, 3)
    assert best.strain.largest == pytest.approx(expected)
    assert best.mismatch == pytest.approx((expected, expected))
    assert best.angle_mismatch == pytest.approx(0, abs=1e-6)
    assert best.area("film") == pytest.approx(3 * 2.464**2 * np.sqrt(0.75))
    assert best.area("substrate") == pytest.approx(4.30**2 * np.sqrt(0.75))


def test_von_mises_strain_is_that_of_pymatgen() -> None:
    from pymatgen.analysis.elasticity.strain import Deformation

    before, after = np.array([[3.0, 0.0], [0.4, 4.0]]), np.array([[3.1, 0.1], [0.35, 3.9]])
    deformation = np.eye(3)
    deformation[:2, :2] = np.linalg.solve(before, after).T
    expected = Deformation(deformation).green_lagrange_strain.von_mises_strain
    assert strain_between(before, after).von_mises == pytest.approx(float(expected))
    assert strain_between(before, 1.001 * before).von_mises == pytest.approx(2 / 3 * 0.001, rel=1e-3)


@given(st.floats(0, 360), st.floats(-0.03, 0.03), st.floats(-0.03, 0.03))
def test_a_strained_and_turned_lattice_is_recognised(turn: float, along: float, across: float) -> None:
    lattice = np.array([[3.0, 0.0], [0.7, 4.1]])
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    matches = find_matches(lattice @ rotation, lattice * (1 + along, 1 + across), max_strain=0.05, max_area=15)
    assert (matches[0].film_cells, matches[0].support_cells) == (1, 1)
    most = max(abs(along), abs(across))
    largest = [strain for strain in (along, across) if abs(strain) > most - 1e-6]  # of two equal ones either
    assert any(matches[0].strain.largest == pytest.approx(strain, abs=1e-6) for strain in largest)


def test_matches_stay_within_their_limits() -> None:
    film, support = np.diag([11.512, 3.564]), 3.072 * HEXAGONAL
    found = find_matches(film, support, max_strain=0.06, max_area=200)
    assert found
    for match in found:
        assert match.area("film") <= 200
        assert abs(match.strain.largest) <= 0.06
        for place in ("film", "substrate", "both"):
            cell = match.cell(place)
            assert cell[0, 1] == 0
            assert np.linalg.det(cell) > 0
            assert max(abs(strain.largest) for strain in match.strains(place)) < 0.07
        assert np.array(match.support_repeats) @ support == pytest.approx(np.array(match.support_vectors))
        unstrained = np.array(match.film_repeats) @ film
        assert strain_between(unstrained, np.array(match.film_vectors)).largest == pytest.approx(0, abs=1e-9)


def bridge() -> Atoms:
    """V-O-C: O on C at 1.42, V on O at 1.8 angstrom; a second C too far away."""
    atoms = Atoms("CCOV", positions=[(0, 0, 0), (2.46, 0, 0), (0, 0, 1.42), (0.9, 0, 2.98)], tags=[1, 1, 2, 2])
    atoms.set_cell([4.92, 4.92, 20])
    atoms.pbc = True
    return atoms


def test_a_bridge_is_named_by_what_it_joins() -> None:
    (bond,) = interface_bonds(bridge(), *film_and_support(bridge()))
    assert (bond.film, bond.support, bond.symbols, bond.pattern) == (2, 0, ("O", "C"), "V-O-C")
    assert bond.length == pytest.approx(1.42)
    assert bond.image == (0, 0, 0)
    upside_down = Atoms("TiOV", positions=[(0, 0, 0), (0, 0, 2.0), (0, 0, 3.9)])
    (bond,) = interface_bonds(upside_down, [2], [0, 1])
    assert (bond.pattern, bond.symbols) == ("V-O-Ti", ("V", "O"))


def test_metals_are_not_bonded_to_metals_and_images_count() -> None:
    metals = Atoms("TiV", positions=[(0, 0, 0), (0, 0, 2.8)])
    assert interface_bonds(metals, [1], [0]) == []
    across = Atoms("TiO", positions=[(0.2, 0, 0), (3.0, 0, 1.8)], cell=[3.2, 8, 20], pbc=True)
    (bond,) = interface_bonds(across, [1], [0])
    assert bond.image == (1, 0, 0)
    assert bond.length == pytest.approx(np.hypot(0.4, 1.8))
    small = Atoms("TiO", positions=[(0, 0, 0), (1.3, 0, 1.6)], cell=[2.6, 8, 20], pbc=True)
    assert [bond.image for bond in interface_bonds(small, [1], [0])] == [(0, 0, 0), (1, 0, 0)]


def test_the_stretch_decides_what_is_a_bond() -> None:
    atoms = bridge()
    atoms.positions[2:, 2] += 0.32  # O-C 1.74, 1.225 times the covalent radii
    film, support = film_and_support(atoms)
    assert interface_bonds(atoms, film, support) == []
    assert count_patterns(interface_bonds(atoms, film, support, stretch=1.3)) == {"V-O-C": 1}
    with pytest.raises(StructureError, match=r"nearest pair, O2 and C0, is 1\.74 angstrom .* bonded below 1\.70"):
        require_bonds(atoms, film, support)


def test_atoms_without_tags_are_refused() -> None:
    atoms = bridge()
    atoms.set_tags(0)
    with pytest.raises(StructureError, match="tag the support 1 and the film 2"):
        film_and_support(atoms)
