"""Hops worked out by hand, and endpoints mapped by symmetry judged by a real potential."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.geometry import find_mic
from ase.optimize import BFGS

from azibflow.errors import StructureError
from azibflow.structures.hops import distinct_hops, hop_endpoints, hop_supercell, map_endpoint
from azibflow.structures.hydroxyls import LENGTH
from azibflow.structures.prototypes import prototype
from azibflow.structures.rounding import all_rounded, rounded

A = 3.61
CU = bulk("Cu", cubic=True, a=A)


def test_hops_of_hydrogen_in_copper():
    hops = distinct_hops(CU, "H", max_distance=2.6)
    assert [(hop.label, round(hop.distance, 6)) for hop in hops] == [
        ("Cu6 to Cu4, 1.56 A", round(A * np.sqrt(3) / 4, 6)),
        ("Cu4 to Cu4 along a, 1.81 A", round(A / 2, 6)),
        ("Cu6 to Cu6, 2.55 A", round(A / np.sqrt(2), 6)),
        ("Cu4 to Cu4, 2.55 A", round(A / np.sqrt(2), 6)),
    ]
    assert [hop.operation is None for hop in hops] == [True, False, False, False]


def test_octahedral_sites_alone():
    hops = distinct_hops(CU, "H", sites=[(0.5, 0.5, 0.5), (0.5, 0, 0)], max_distance=4.5)
    # first and third neighbours on an fcc lattice; a copper atom stands between second neighbours
    assert [round(hop.distance / A, 4) for hop in hops] == [0.7071, 1.2247]


def test_ends_and_vector_agree():
    for hop in distinct_hops(prototype("2H-MoS2"), "Zn"):
        cell = prototype("2H-MoS2").cell.array
        assert (np.array(hop.final) - hop.initial) @ cell == pytest.approx(hop.vector)
        assert np.linalg.norm(hop.vector) == pytest.approx(hop.distance)
        if hop.operation is not None:
            image = np.array(hop.operation.rotation) @ hop.initial + hop.operation.translation
            assert image == pytest.approx(hop.final, abs=1e-6)


def test_hydrogen_hops_from_oxygen_to_oxygen_where_there_is_any():
    host = prototype("delta-MnO2")
    hops = distinct_hops(host, "H", max_distance=3.0)
    assert all(hop.label.startswith("OH") for hop in hops)
    oxygen = host.positions[host.numbers == 8]
    for hop in hops:
        for end in (hop.initial, hop.final):
            away = find_mic(oxygen - np.array(end) @ host.cell.array, host.cell, host.pbc)[1]
            assert away.min() == pytest.approx(LENGTH, abs=1e-3)
    on_sulphur = distinct_hops(prototype("1T-TiS2"), "H", max_distance=2.2)[0]
    assert on_sulphur.label.startswith("S4")


def test_zinc_along_the_channel_of_vanadium_pentoxide():
    host = prototype("alpha-V2O5")
    hop = distinct_hops(host, "Zn", direction="b")[0]
    assert hop.vector == pytest.approx((0, host.cell[1, 1], 0), abs=1e-6)
    assert hop.operation.rotation == ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    assert hop.label == "O8 to O8 along b, 3.56 A"
    assert hop_supercell(host, hop) == (1, 3, 2)
    assert hop_supercell(host, hop, min_length=14) == (2, 4, 4)


def test_octahedral_to_tetrahedral_in_molybdenum_disulfide():
    hop = distinct_hops(prototype("2H-MoS2"), "Zn")[0]
    assert hop.label.startswith("S6 to S4")
    assert np.hypot(*hop.vector[:2]) == pytest.approx(3.16 / np.sqrt(3), abs=1e-3)
    assert hop.operation is None


def test_direction_finds_equivalent_axes_too():
    for axis, direction in enumerate("abc"):
        hop = distinct_hops(CU, "H", direction=direction)[0]
        assert abs(hop.vector[axis]) == pytest.approx(A / 2)


def test_a_way_through_another_site_or_an_atom_is_no_hop():
    lengths = {round(hop.distance / A, 3) for hop in distinct_hops(CU, "H", max_distance=2.1 * A)}
    assert round(2 / np.sqrt(2), 3) not in lengths  # two octahedral hops in a row
    assert 1.0 not in lengths  # from one octahedral site through a copper atom to the next


def test_impossible_requests_are_explained():
    with pytest.raises(StructureError, match="no interstitial site with room for Zn"):
        distinct_hops(CU, "Zn")
    with pytest.raises(StructureError, match="no hop along c of at most 2"):
        distinct_hops(prototype("alpha-V2O5"), "Zn", direction="c", max_distance=2.0)
    hop = distinct_hops(prototype("alpha-V2O5"), "Zn", direction="b")[0]
    with pytest.raises(StructureError, match="too small along b"):
        hop_endpoints(prototype("alpha-V2O5"), "Zn", hop, (1, 2, 2))


def test_endpoints_differ_by_the_ion_alone():
    host = prototype("2H-MoS2")
    host.info["charge"] = 0
    hop = distinct_hops(host, "Zn")[0]
    initial, final = hop_endpoints(host, "Zn", hop, (3, 3, 1))
    assert len(initial) == 55
    assert (initial.numbers == final.numbers).all()
    assert initial.symbols[-1] == "Zn"
    assert final.positions[:-1] == pytest.approx(initial.positions[:-1])
    assert final.positions[-1] - initial.positions[-1] == pytest.approx(hop.vector)
    assert initial.info["charge"] == 0


def relaxed(atoms, fmax=1e-4):
    atoms = atoms.copy()
    atoms.calc = EMT()
    BFGS(atoms, logfile=None).run(fmax=fmax, steps=300)
    return atoms


@pytest.mark.parametrize("index", [1, 2, 3])
def test_a_mapped_endpoint_has_the_energy_and_forces_of_the_first(index):
    hop = distinct_hops(CU, "H", max_distance=2.6)[index]
    supercell = (3, 3, 3)
    initial, final = hop_endpoints(CU, "H", hop, supercell)
    # half-relaxed and off every symmetry element, so that forces are large and of no symmetry
    first = relaxed(initial, fmax=0.2)
    first.positions += np.random.default_rng(7).normal(0, 0.03, first.positions.shape)
    last = map_endpoint(first, final, hop, supercell)
    last.calc = EMT()
    assert last.get_potential_energy() == pytest.approx(first.get_potential_energy(), abs=1e-6)
    assert np.linalg.norm(first.get_forces(), axis=1).max() > 0.1
    rotation = CU.cell.array.T @ np.array(hop.operation.rotation) @ np.linalg.inv(CU.cell.array.T)
    turned = first.get_forces() @ rotation.T
    assert last.get_forces()[-1] == pytest.approx(turned[-1], abs=1e-6)
    assert sorted(map(tuple, last.get_forces().round(5) + 0.0)) == sorted(map(tuple, turned.round(5) + 0.0))
    assert np.linalg.norm(last.positions - final.positions, axis=1).max() < 1.0
    assert (last.numbers == final.numbers).all()


def test_the_relaxed_final_endpoint_is_the_mapped_one():
    hop = distinct_hops(CU, "H", max_distance=2.6)[1]
    initial, final = hop_endpoints(CU, "H", hop, (3, 3, 3))
    mapped = map_endpoint(relaxed(initial), final, hop, (3, 3, 3))
    own = relaxed(final)
    assert np.abs(mapped.positions - own.positions).max() < 2e-3


def test_vacancy_hop_moves_the_vacancy_back():
    hop = distinct_hops(CU, "Cu", max_distance=2.6)[0]
    assert hop.distance == pytest.approx(A / np.sqrt(2))
    initial, final = hop_endpoints(CU, "Cu", hop, (3, 3, 3))
    assert len(initial) == 4 * 27 - 1
    first = relaxed(initial, fmax=0.05)
    last = map_endpoint(first, final, hop, (3, 3, 3))
    last.calc = EMT()
    assert last.get_potential_energy() == pytest.approx(first.get_potential_energy(), abs=1e-6)
    assert np.linalg.norm(last.positions[-1] - first.positions[-1]) == pytest.approx(A / np.sqrt(2), abs=0.1)
    assert np.linalg.norm(last.positions[:-1] - first.positions[:-1], axis=1).max() < 0.3


def test_no_mapping_without_symmetry_of_host_or_supercell():
    host = prototype("2H-MoS2")
    asymmetric = distinct_hops(host, "Zn")[0]
    initial, final = hop_endpoints(host, "Zn", asymmetric, (3, 3, 1))
    assert map_endpoint(initial, final, asymmetric, (3, 3, 1)) is None
    turning = next(hop for hop in distinct_hops(host, "Zn") if hop.label.startswith("S4 to S4, 2.14"))
    initial, final = hop_endpoints(host, "Zn", turning, (3, 3, 1))
    assert map_endpoint(initial, final, turning, (3, 3, 1)) is not None
    initial, final = hop_endpoints(host, "Zn", turning, (3, 4, 1))
    assert map_endpoint(initial, final, turning, (3, 4, 1)) is None


def test_rounding_errors_decide_neither_order_nor_name() -> None:
    """Half of the last digit is common among published lengths: hcp zinc has hops of 2.665 angstrom."""
    for error in (-1e-9, 0.0, 1e-9):
        assert rounded(2.665 + error, 2) == 2.67
        assert all_rounded(np.array([2.665, -2.665]) + error, 2).tolist() == [2.67, -2.66]
