"""Atoms packed at random, and what radial distribution functions say of crystals whose shells are known."""

from __future__ import annotations

import numpy as np
import pytest
from ase.neighborlist import neighbor_list

from azibflow.errors import StructureError
from azibflow.structures.packing import SHARE, at_density, density_of, packed, shortest_distances
from azibflow.structures.prototypes.catalogue import prototype
from azibflow.structures.radial import first_shell, radial_distribution, reach_of, repeated


def test_atoms_are_packed_at_the_density_without_close_contacts_and_by_seed() -> None:
    quartz = prototype("alpha-quartz") * (2, 2, 1)
    loose = packed(quartz, 2.2, 1)
    assert density_of(loose) == pytest.approx(2.2) and density_of(quartz) == pytest.approx(2.65, abs=0.01)
    assert sorted(loose.symbols) == sorted(quartz.symbols)
    assert loose.cell.cellpar() == pytest.approx([loose.cell.lengths()[0]] * 3 + [90] * 3)
    usual = shortest_distances(quartz)
    assert usual == pytest.approx({("O", "Si"): 1.606, ("O", "O"): 2.612, ("Si", "Si"): 3.057}, abs=0.01)
    for (one, other), length in usual.items():
        assert neighbor_list("d", loose, {(one, other): SHARE * length - 1e-6}).size == 0, (one, other)
    assert np.array_equal(packed(quartz, 2.2, 1).positions, loose.positions)
    assert not np.allclose(packed(quartz, 2.2, 2).positions, loose.positions)


@pytest.mark.parametrize("density", [60.0, 11.5])
def test_what_does_not_fit_is_said(density: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("azibflow.structures.packing.ROUNDS", 30)
    with pytest.raises(StructureError, match=r"Cu16 cannot be packed at [\d.]+ g/cm3: .*; lower the density$"):
        packed(prototype("Cu") * (2, 2, 1), density, 0)


def test_a_crystal_at_another_density_keeps_its_shape() -> None:
    quartz = prototype("alpha-quartz")
    wide = at_density(quartz, 2.2)
    assert density_of(wide) == pytest.approx(2.2)
    assert wide.cell.scaled_positions(wide.positions) == pytest.approx(quartz.cell.scaled_positions(quartz.positions))
    assert wide.cell.angles() == pytest.approx(quartz.cell.angles())


@pytest.mark.parametrize(
    ("name", "repeats", "pair", "peak", "neighbours", "reverse"),
    [
        ("alpha-quartz", (2, 2, 1), ("O", "Si"), 1.61, 2, 4),
        ("alpha-quartz", (2, 2, 1), ("Si", "Si"), 3.06, 4, 4),
        ("rutile-TiO2", (2, 2, 2), ("O", "Ti"), 1.96, 3, 6),
        ("Cu", (2, 2, 2), ("Cu", "Cu"), 2.556, 12, 12),
    ],
)
def test_first_shells_of_crystals(name, repeats, pair, peak, neighbours, reverse) -> None:
    shell = first_shell([prototype(name) * repeats], pair)
    assert shell is not None
    assert shell.peak == pytest.approx(peak, abs=0.011)
    assert (shell.neighbours, shell.reverse) == (neighbours, reverse)


def test_g_of_r_counts_neighbours_and_is_one_among_atoms_that_know_nothing_of_each_other() -> None:
    copper = prototype("Cu") * (2, 2, 2)
    distances, density = radial_distribution([copper], ("Cu", "Cu"))
    shell = distances < 3.1
    around = 4 * np.pi * distances**2 * density * len(copper) / copper.get_volume()
    assert around[shell].sum() * (distances[1] - distances[0]) == pytest.approx(12, abs=0.05)
    gas = copper * (2, 2, 1)
    gas.set_scaled_positions(np.random.default_rng(0).random((len(gas), 3)))
    distances, density = radial_distribution([gas], ("Cu", "Cu"), 0.15)
    assert density[distances > 3].mean() == pytest.approx(1.0, abs=0.03)


def test_distances_end_before_atoms_meet_their_own_images() -> None:
    quartz = prototype("alpha-quartz")
    assert reach_of(quartz) == pytest.approx(4.914 * np.sqrt(3) / 2)
    distances, density = radial_distribution([prototype("Cu")], ("Cu", "Cu"))
    assert density[-1] < 0.01 and 3.3 < distances[-1] < 3.615, "the second shell is at 3.615, where the images are"
    assert reach_of(repeated(quartz)) == 8.0
