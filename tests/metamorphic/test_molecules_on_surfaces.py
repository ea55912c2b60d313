"""A molecule starts over a surface in the same ways, and ends with the same energies, however both are written down."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from campaign_runs import MORSE, the_result, written
from pair_potential import PairMorse
from variants import SLAB, Variant, as_it_is, one_by_one, rewritten_slab

from azibflow.structures.slabs import build_slabs
from azibflow.workflows.adsorption.placement import placements
from azibflow.workflows.adsorption.results import AdsorptionResult

NOISE = 5e-4
"""eV: equal starts give equal steps up to rounding."""


def zinc(facet: str) -> Atoms:
    """Two layers, the lower of copper: no mirror turns it upside down, and some sites of (100) are mirror images."""
    slab = build_slabs(bulk("Zn", "hcp", a=2.60, c=4.60), facet, layers=2, vacuum=14.0, supercell=(2, 2))[0]
    slab.symbols[slab.positions[:, 2] < slab.positions[:, 2].mean()] = "Cu"
    return slab


def in_a_file(atoms: Atoms, folder: Path, *, mirror: bool = False, seed: int | None = None) -> str:
    """Write a molecule as it is, or turned, moved and in another order."""
    other = atoms.copy()
    if seed is not None:
        generator = np.random.default_rng(seed)
        other = other[generator.permutation(len(other))]
        other.rotate(generator.uniform(0, 360), generator.normal(size=3))
        other.positions += generator.normal(size=3)
    if mirror:
        other.positions *= (1, -1, 1)
    folder.mkdir()
    other.write(folder / "additive.extxyz")
    return str(folder / "additive.extxyz")


def energies_of_starts(surface: Atoms, name: str) -> dict[str, float]:
    """Energy of each start by its name, nothing relaxed, eV."""
    found = {}
    for placement in placements(surface, name):
        atoms = placement.structure.to_atoms()
        atoms.calc = PairMorse()
        found[placement.name] = float(atoms.get_potential_energy())
    return found


@pytest.mark.parametrize("name", ["NH3", "CH3OH"])
def test_starts_are_those_of_the_molecule(name: str, tmp_path: Path) -> None:
    expected = energies_of_starts(zinc("100"), in_a_file(molecule(name), tmp_path / "one"))
    assert len(expected) > 12
    for seed in (1, 2):
        file = in_a_file(molecule(name), tmp_path / f"other {seed}", mirror=seed == 2, seed=seed)
        assert energies_of_starts(zinc("100"), file) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("facet", ["002", "100"])
@pytest.mark.parametrize("way", one_by_one(SLAB))
def test_starts_are_those_of_the_surface(way: Variant, facet: str) -> None:
    expected = energies_of_starts(zinc(facet), "CH3OH")
    assert energies_of_starts(way(zinc(facet)), "CH3OH") == pytest.approx(expected, abs=1e-4)


def test_rows_have_the_same_energies(tmp_path: Path) -> None:
    """Carbon monoxide on copper over nickel: each orientation ends where it ended."""
    slab = build_slabs(bulk("Cu", "fcc", a=3.60, cubic=True), "111", layers=4, vacuum=12.0, fixed_layers=1)[0]
    slab.symbols[slab.get_tags() > 2] = "Ni"
    found = []
    for number, way in enumerate((as_it_is, rewritten_slab)):
        folder = tmp_path / str(number)
        file = in_a_file(molecule("CO"), folder, seed=number or None)
        study = {"kind": "adsorption", "system": "surface", "adsorbate": file, "cell": "fixed", "sites": ["top-Cu"]}
        path = written(folder, {"surface": way(slab)}, [study], calculator=MORSE, relax={"fmax": 0.02})
        result = the_result(path, AdsorptionResult)
        found.append({row.name: (row.outcome, row.e_ads_vs_molecule) for row in result.rows})
    expected, other = found
    assert len(expected) == 3
    for name, (outcome, energy) in expected.items():
        assert other[name] == (outcome, pytest.approx(energy, abs=NOISE)), name
