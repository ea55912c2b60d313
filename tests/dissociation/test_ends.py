"""Where water may fall apart, by geometry alone."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc111, molecule
from ase.geometry import find_mic

from azibflow.errors import StructureError
from azibflow.structures.dissociation import Water, beside, splits
from azibflow.structures.sites import adsorption_sites, equivalent_sites


@pytest.fixture(scope="module")
def bare() -> Atoms:
    return fcc111("Cu", (3, 3, 2), a=3.61, vacuum=8.0, periodic=True)


@pytest.fixture(scope="module")
def wet(bare: Atoms) -> Atoms:
    """Water flat above an atom at the edge of the cell: its neighbours are across the boundary."""
    water = molecule("H2O")
    water.rotate(90, "y")
    water.positions += bare.positions[9] + (0, 0, 2.3) - water.positions[0]
    return bare + water


def test_every_site_is_there_and_has_the_label_of_its_like(bare: Atoms) -> None:
    distinct, orbits = adsorption_sites(bare), equivalent_sites(bare)
    every = list(chain.from_iterable(orbits))
    labels = [site.label for site in every]
    assert {site.label: site.multiplicity for site in distinct} == {label: labels.count(label) for label in labels}
    assert len(every) == 9 + 27 + 9 + 9
    tops = np.array([site.position for site in every if site.label == "top-Cu"])
    for atom in bare.positions[9:]:
        apart = find_mic((tops - atom) * (1, 1, 0), bare.cell, (True, True, False))[1]
        assert apart.min() < 1e-3, "a top above every atom of the upper layer"


def test_ends_are_distinct_and_keep_the_order_of_atoms(bare: Atoms, wet: Atoms) -> None:
    found = splits(wet, bare, {"top-Cu": -1.0}, {"hollow-fcc": -0.3, "hollow-hcp": -0.2}, reach=3.5)
    water = Water.of(wet, len(bare))
    assert len({split.label for split in found}) == len(found) >= 3
    for split in found:
        assert (split.atoms.numbers == wet.numbers).all()
        assert split.atoms.positions[: len(bare)] == pytest.approx(wet.positions[: len(bare)])
        kept = next(i for i in water.hydrogens if i != split.leaving)
        assert split.atoms.get_distance(water.oxygen, kept) == pytest.approx(wet.get_distance(water.oxygen, kept))
        assert split.atoms.get_distance(water.oxygen, split.leaving, mic=True) > 1.5
        # the image that is nearest, not one across the cell
        assert np.linalg.norm(split.atoms.positions[split.leaving] - wet.positions[split.leaving]) < 4.5
    assert found[0].label.startswith("OH top-Cu, H hollow-fcc"), "the sites that bind most come first"


def test_ends_within_reach_only(bare: Atoms, wet: Atoms) -> None:
    assert splits(wet, bare, {"top-Cu": -1.0}, {"hollow-fcc": -0.3}, reach=0.5) == []
    near = splits(wet, bare, {"top-Cu": -1.0}, {"hollow-fcc": -0.3}, reach=2.0)
    assert [split.label for split in near] == ["OH top-Cu, H hollow-fcc, 1.5 A apart"]


def test_hydroxyl_without_a_near_site_stays_where_the_water_is(bare: Atoms, wet: Atoms) -> None:
    (first, *_) = splits(wet, bare, {}, {"hollow-fcc": -0.3}, reach=2.0)
    water = Water.of(wet, len(bare))
    assert first.label.startswith("OH in place")
    assert first.atoms.positions[water.oxygen] == pytest.approx(wet.positions[water.oxygen])


@pytest.mark.parametrize("distance", [2.6, 4.4])
def test_an_atom_stands_beside_at_about_the_distance(bare: Atoms, wet: Atoms, distance: float) -> None:
    found = beside(wet, bare, "Zn", distance)
    label, atoms = found[0]
    between = atoms.positions[-1] - atoms.positions[len(bare)]
    along = find_mic([between * (1, 1, 0)], atoms.cell, (True, True, False))[1][0]
    assert along == pytest.approx(distance, abs=0.3), label
    assert atoms.symbols[-1] == "Zn"
    assert len({name for name, _ in found}) == len(found)


def test_nothing_but_water_is_taken_apart(bare: Atoms) -> None:
    ammonia = bare + Atoms("NH", positions=[(0, 0, 14), (0, 0, 15)])
    with pytest.raises(StructureError, match="dissociation is that of H2O"):
        Water.of(ammonia, len(bare))
