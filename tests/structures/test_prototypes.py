"""Every prototype against its paper: space group, formula, bond lengths, coordination."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import spglib
from ase import Atoms, units
from ase.data import covalent_radii
from ase.neighborlist import neighbor_list
from expected_prototypes import EXPECTED

from azibflow.errors import StructureError
from azibflow.structures.prototypes import PROTOTYPES, find, prototype

TOLERANCE = 0.02  # angstrom; the papers print 0.01 or better


every_prototype = pytest.mark.parametrize("name", sorted(PROTOTYPES))


@cache
def built(name: str) -> Atoms:
    """Return a prototype, built once for all tests that leave it as it is."""
    return prototype(name)


def test_every_prototype_has_an_expectation():
    assert set(EXPECTED) == set(PROTOTYPES)


@every_prototype
def test_space_group_is_the_published_one(name):
    atoms = built(name)
    dataset = spglib.get_symmetry_dataset((atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers), symprec=1e-3)
    assert dataset.number == PROTOTYPES[name].space_group


@every_prototype
def test_formula_and_cell(name):
    atoms, expected = built(name), EXPECTED[name]
    assert atoms.symbols.formula.count() == Atoms(expected.formula).symbols.formula.count()
    assert atoms.cell.lengths() == pytest.approx(expected.cell, abs=1e-3)


@pytest.mark.parametrize("name", sorted(name for name, expected in EXPECTED.items() if expected.density))
def test_density_is_that_of_the_handbook(name):
    atoms = built(name)
    density = atoms.get_masses().sum() / units.mol * 1e24 / atoms.get_volume()
    assert density == pytest.approx(EXPECTED[name].density, rel=0.05)


@pytest.mark.parametrize(
    ("name", "element", "oxidation"),
    [
        ("rutile-TiO2", "Ti", 4),
        ("alpha-quartz", "Si", 4),
        ("monoclinic-ZrO2", "Zr", 4),
        ("SnS2", "Sn", 4),
        ("CuI", "Cu", 1),
        ("InF3-stand-in", "In", 3),
        ("ZnCo2O4", "Co", 3),
        ("ZnMn2O4", "Mn", 3),
        ("V2O3", "V", 3),
        ("V6O13", "V", 13 / 3),
        ("delta-V2O5", "V", 5),
        ("delta-ZnV2O5", "V", 4),
        ("bilayer-V2O5", "V", 5),
        ("V2O5.nH2O-stand-in", "V", 5),
        ("VPO4F", "V", 4),
        ("gamma-MnOOH", "Mn", 3),
        ("alpha-MnOOH", "Mn", 3),
        ("ZnMn3O7.3H2O", "Mn", 4),
        ("delta-MnO2.0.5H2O-stand-in", "Mn", 4),
        ("K0.25MnO2.0.75H2O-stand-in", "Mn", 3.75),
        ("Zn(OH)2", "Zn", 2),
        ("Zn5(OH)8Cl2.H2O", "Zn", 2),
        ("Zn4SO4(OH)6.4H2O", "Zn", 2),
    ],
)
def test_charges_balance(name, element, oxidation):
    charges = {"H": 1, "O": -2, "F": -1, "Cl": -1, "I": -1, "K": 1, "P": 5, "Zn": 2}
    charges["S"] = 6 if name == "Zn4SO4(OH)6.4H2O" else -2
    atoms = built(name)
    others = sum(charges[symbol] for symbol in atoms.symbols if symbol != element)
    assert -others / (atoms.symbols == element).sum() == pytest.approx(oxidation)


@every_prototype
def test_neighbours_are_those_of_the_paper(name):
    atoms = built(name)
    for shell in EXPECTED[name].shells:
        first, second, distances = neighbor_list("ijd", atoms, shell.cutoff)
        seen = set()
        for i in np.flatnonzero(atoms.symbols == shell.centre):
            found = np.sort(distances[(first == i) & (atoms.symbols[second] == shell.neighbour)])
            fits = [
                wanted
                for wanted in shell.environments
                if len(wanted) == len(found) and np.allclose(found, wanted, atol=TOLERANCE)
            ]
            assert fits, f"{shell.centre} {i}: {shell.neighbour} at {found.round(3)}"
            seen.add(fits[0])
        assert seen == set(shell.environments)


@every_prototype
def test_no_atoms_overlap(name):
    atoms = built(name)
    first, second, distances = neighbor_list("ijd", atoms, 3.0)
    radii = covalent_radii[atoms.numbers]
    assert np.all(distances > 0.7 * (radii[first] + radii[second]))


@every_prototype
def test_same_atoms_every_time_and_no_shared_state(name):
    first, second = prototype(name), prototype(name)
    assert first.info == {"charge": 0, "label": name}
    assert first.pbc.all()
    np.testing.assert_array_equal(first.positions, second.positions)
    np.testing.assert_array_equal(first.numbers, second.numbers)
    first.rattle(0.1)
    first.info["charge"] = 2
    np.testing.assert_array_equal(prototype(name).positions, second.positions)
    assert prototype(name).info["charge"] == 0


def connects(atoms: Atoms, bonds: dict[tuple[str, str], float], axis: int) -> bool:
    """Say whether bonds lead from an atom to its own image along a cell axis."""
    first, second, shifts = neighbor_list("ijS", atoms, bonds)
    image: dict[int, int] = {}
    for start in range(len(atoms)):
        if start in image:
            continue
        image[start] = 0
        queue = [start]
        while queue:
            i = queue.pop()
            for j, shift in zip(second[first == i], shifts[first == i], strict=True):
                there = image[i] + shift[axis]
                if j not in image:
                    image[j] = there
                    queue.append(j)
                elif image[j] != there:
                    return True
    return False


@pytest.mark.parametrize("name", sorted(n for n, p in PROTOTYPES.items() if p.layer_axis is not None))
def test_intact_bonds_hold_layers_that_the_layer_axis_stacks(name):
    entry, atoms = PROTOTYPES[name], built(name)
    assert entry.intact_bonds
    assert [connects(atoms, dict(entry.intact_bonds), axis) for axis in range(3)] == [
        axis != entry.layer_axis for axis in range(3)
    ]


def test_the_page_names_every_prototype():
    page = (Path(__file__).parents[2] / "docs" / "prototypes.md").read_text(encoding="utf-8")
    table = page[page.index("| family |") : page.index("## What is not as published")]
    listed = re.sub(r" \((?=[a-z])[^)]*\)", "", table)  # names of minerals behind names of prototypes
    names = {
        name.strip() for line in listed.splitlines()[2:] for name in line.split("|")[2:3] for name in name.split(", ")
    }
    assert names - {""} == set(PROTOTYPES)


@pytest.mark.parametrize("name", sorted(n for n in PROTOTYPES if n.endswith("-stand-in")))
def test_a_stand_in_says_so_first(name):
    assert (PROTOTYPES[name].build.__doc__ or "").startswith("Stand-in for ")
    assert all(alias.endswith("-stand-in") for alias in PROTOTYPES[name].aliases)


@pytest.mark.parametrize(
    ("name", "bare", "bound"),
    [
        ("Zn4SO4(OH)6.4H2O", 8, {1: 12, 2: 8}),  # sulfate, hydroxide, water
        ("Zn5(OH)8Cl2.H2O", 0, {1: 24, 2: 3}),
        ("K0.25MnO2.0.75H2O-stand-in", 16, {2: 6}),
        ("delta-MnO2.0.5H2O-stand-in", 16, {2: 4}),
        ("V2O5.nH2O-stand-in", 20, {2: 2}),
    ],
)
def test_constructed_hydrogen_is_on_water_and_hydroxide_and_keeps_away_from_the_rest(name, bare, bound):
    atoms = built(name)
    first, second, distances = neighbor_list("ijd", atoms, 2.0)
    symbols = np.array(atoms.symbols)
    on_oxygen = np.bincount(first[(symbols[second] == "H") & (distances < 1.1)], minlength=len(atoms))
    counts = {n: int((on_oxygen[symbols == "O"] == n).sum()) for n in range(3)}
    assert counts == {0: bare, 1: 0, 2: 0} | bound
    hydrogen = symbols[first] == "H"
    assert distances[hydrogen & (symbols[second] == "H")].min() > 1.5
    assert not (hydrogen & np.isin(symbols[second], ["Zn", "Mn", "V", "K", "S"])).any()


def test_water_of_h2v3o8_sits_on_an_octahedron_and_bonds_its_layer_to_the_next():
    atoms, vo = prototype("H2V3O8"), {("V", "O"): 2.45}
    first, second = neighbor_list("ij", atoms, vo | {("O", "H"): 1.2})
    hydrogens = np.bincount(first[atoms.symbols[second] == "H"], minlength=len(atoms))
    coordination = np.bincount(first[atoms.symbols[second] == "O"], minlength=len(atoms))
    hosts = first[(atoms.symbols[first] == "V") & (hydrogens[second] == 2)]
    assert sorted(hydrogens[atoms.symbols == "O"]) == [0] * 28 + [2] * 4
    assert list(coordination[hosts]) == [6] * 4
    assert not connects(atoms, vo | {("O", "H"): 1.2}, 0)
    assert connects(atoms, vo | {("O", "H"): 1.9}, 0)


@pytest.mark.parametrize("name", sorted(n for n, p in PROTOTYPES.items() if p.sheet))
def test_sheets_lie_in_the_middle_of_fifteen_angstrom_of_vacuum(name):
    atoms = built(name)
    heights = atoms.positions[:, 2]
    assert atoms.cell.lengths()[2] - np.ptp(heights) == pytest.approx(15.0, abs=1e-6)
    assert (heights.max() + heights.min()) / 2 == pytest.approx(atoms.cell.lengths()[2] / 2, abs=1e-6)


def test_pyrrolic_nitrogen_sits_in_a_pentagon_and_nothing_dangles():
    atoms = prototype("graphene-pyrrolic-N")
    first, second = neighbor_list("ij", atoms, 1.95)
    bonds = {i: set(second[first == i].tolist()) for i in range(len(atoms))}
    assert all(len(partners) == 3 for partners in bonds.values())
    (n,) = np.flatnonzero(atoms.symbols == "N")
    smallest = min(ring_size(bonds, int(n), a, b) for a in bonds[int(n)] for b in bonds[int(n)] if a < b)
    assert smallest == 5


def ring_size(bonds: dict[int, set[int]], corner: int, a: int, b: int) -> int:
    """Count the atoms of the smallest ring through a-corner-b."""
    reached, front, size = {corner, a}, {a}, 2
    while b not in reached:
        front = {k for i in front for k in bonds[i]} - reached
        reached |= front
        size += 1
    return size


@pytest.mark.parametrize(
    ("written", "name"),
    [("v2o5", "alpha-V2O5"), ("MoS2", "2H-MoS2"), (" TIO2 ", "anatase-TiO2"), ("vo2(b)", "VO2(B)"), ("hcp-Zn", "Zn")],
)
def test_names_are_found_in_any_case_and_by_alias(written, name):
    assert find(written).name == name
    assert prototype(written).info["label"] == name


def test_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(StructureError, match=r"'alpha-V2O6'.*alpha-V2O5"):
        prototype("alpha-V2O6")


def test_nothing_near_is_answered_with_every_name():
    with pytest.raises(StructureError) as caught:
        prototype("0")
    assert all(name in str(caught.value) for name in PROTOTYPES)
