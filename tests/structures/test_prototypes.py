"""Every prototype against its paper: space group, formula, bond lengths, coordination."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import spglib
from ase import Atoms
from ase.data import covalent_radii
from ase.neighborlist import neighbor_list

from azibflow.errors import StructureError
from azibflow.structures.prototypes import PROTOTYPES, find, prototype

TOLERANCE = 0.02  # angstrom; the papers print 0.01 or better


@dataclass(frozen=True)
class Shell:
    """Neighbours of one element around another: every atom must show one of the environments, and each must occur."""

    centre: str
    neighbour: str
    cutoff: float
    environments: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Expectation:
    formula: str
    cell: tuple[float, float, float]
    shells: tuple[Shell, ...]


def n_carbon(formula: str, length: float, *nitrogen: tuple[float, ...]) -> Expectation:
    return Expectation(formula, (length, length, 15.0), (Shell("N", "C", 1.7, nitrogen),))


EXPECTED = {
    "Zn": Expectation("Zn2", (2.665, 2.665, 4.947), (Shell("Zn", "Zn", 3.5, ((2.665,) * 6 + (2.913,) * 6,)),)),
    "Cu": Expectation("Cu4", (3.615, 3.615, 3.615), (Shell("Cu", "Cu", 3.0, ((2.556,) * 12,)),)),
    "Li": Expectation("Li2", (3.509,) * 3, (Shell("Li", "Li", 3.33, ((3.039,) * 8,)),)),
    "Na": Expectation("Na2", (4.291,) * 3, (Shell("Na", "Na", 4.08, ((3.716,) * 8,)),)),
    "K": Expectation("K2", (5.328,) * 3, (Shell("K", "K", 5.06, ((4.614,) * 8,)),)),
    "Ca": Expectation("Ca4", (5.576,) * 3, (Shell("Ca", "Ca", 4.74, ((3.943,) * 12,)),)),
    "Al": Expectation("Al4", (4.050,) * 3, (Shell("Al", "Al", 3.44, ((2.863,) * 12,)),)),
    "Mg": Expectation("Mg2", (3.210, 3.210, 5.211), (Shell("Mg", "Mg", 3.6, ((3.197,) * 6 + (3.210,) * 6,)),)),
    "beta-Sn": Expectation("Sn4", (5.832, 5.832, 3.182), (Shell("Sn", "Sn", 3.4, ((3.022,) * 4 + (3.182,) * 2,)),)),
    "alpha-V2O5": Expectation(
        "V4O10",
        (11.512, 3.564, 4.368),
        (
            Shell("V", "O", 2.1, ((1.58, 1.78, 1.88, 1.88, 2.02),)),
            Shell("V", "O", 3.0, ((1.58, 1.78, 1.88, 1.88, 2.02, 2.79),)),
            Shell("O", "V", 2.1, ((1.58,), (1.78, 1.78), (1.88, 1.88, 2.02))),
        ),
    ),
    "VO2(B)": Expectation(
        "V8O16",
        (12.093, 3.702, 6.433),
        (
            Shell("V", "O", 2.5, ((1.73, 1.91, 1.92, 1.92, 2.13, 2.33), (1.85, 1.87, 1.87, 1.94, 2.06, 2.07))),
            Shell(
                "O",
                "V",
                2.5,
                ((1.73, 1.94), (1.92, 1.92, 2.07, 2.33), (1.85, 1.91, 2.06), (1.87, 1.87, 2.13)),
            ),
        ),
    ),
    "VO2(R)": Expectation(
        "V2O4",
        (4.555, 4.555, 2.851),
        (Shell("V", "O", 2.4, ((1.921,) * 4 + (1.933,) * 2,)), Shell("V", "V", 3.0, ((2.851,) * 2,))),
    ),
    "H2V3O8": Expectation(  # lengths of the structure search, not of a paper
        "H8V12O32",
        (16.9298, 9.3589, 3.6443),
        (
            Shell(
                "V",
                "O",
                2.5,
                (
                    (1.60, 1.85, 1.91, 1.91, 2.01),
                    (1.62, 1.89, 1.89, 1.94, 1.98, 2.33),
                    (1.66, 1.94, 1.94, 2.04, 2.08, 2.39),
                ),
            ),
            Shell("O", "H", 1.2, ((), (0.99, 0.99))),
            Shell("H", "O", 2.0, ((0.99, 1.73),)),
        ),
    ),
    "2H-MoS2": Expectation(
        "Mo2S4",
        (3.160, 3.160, 12.294),
        (Shell("Mo", "S", 3.0, ((2.417,) * 6,)), Shell("S", "Mo", 3.0, ((2.417,) * 3,))),
    ),
    "H-MoS2": Expectation(
        "H2Mo8S16",
        (6.320, 6.320, 12.294),
        (Shell("Mo", "S", 3.0, ((2.417,) * 6,)), Shell("H", "S", 2.6, ((1.336, 2.45, 2.45, 2.45),))),
    ),
    "1T-TiS2": Expectation(
        "TiS2",
        (3.407, 3.407, 5.695),
        (Shell("Ti", "S", 3.0, ((2.428,) * 6,)), Shell("S", "Ti", 3.0, ((2.428,) * 3,))),
    ),
    "graphene": Expectation("C2", (2.464, 2.464, 15.0), (Shell("C", "C", 1.6, ((1.423,) * 3,)),)),
    "graphene-graphitic-N": n_carbon("C49N", 12.32, (1.423,) * 3),
    "graphene-pyridinic-N": n_carbon("C46N3", 12.32, (1.423,) * 2),
    "graphene-pyrrolic-N": Expectation("C47N", (12.32, 12.32, 15.0), (Shell("N", "C", 2.0, ((1.47, 1.70, 1.76),)),)),
    "Ti3C2": Expectation(
        "Ti3C2",
        (3.072, 3.072, 19.832),
        (Shell("Ti", "C", 2.5, ((2.207,) * 6, (2.089,) * 3)), Shell("C", "Ti", 2.5, ((2.089,) * 3 + (2.207,) * 3,))),
    ),
    "Ti3C2O2": Expectation(
        "Ti3C2O2",
        (3.072, 3.072, 21.592),
        (
            Shell("Ti", "C", 2.5, ((2.207,) * 6, (2.089,) * 3)),
            Shell("O", "Ti", 2.5, ((1.98,) * 3,)),
            Shell("Ti", "O", 2.5, ((), (1.98,) * 3)),
        ),
    ),
    "Ti3C2(OH)2": Expectation(
        "Ti3C2O2H2",
        (3.072, 3.072, 23.532),
        (
            Shell("Ti", "C", 2.5, ((2.207,) * 6, (2.089,) * 3)),
            Shell("O", "Ti", 2.5, ((1.98,) * 3,)),
            Shell("O", "H", 1.2, ((0.97,),)),
        ),
    ),
    "V2C": Expectation(
        "V2C",
        (2.911, 2.911, 17.253),
        (Shell("V", "C", 2.5, ((2.023,) * 3,)), Shell("C", "V", 2.5, ((2.023,) * 6,))),
    ),
    "anatase-TiO2": Expectation(
        "Ti4O8",
        (3.784, 3.784, 9.515),
        (Shell("Ti", "O", 2.4, ((1.934,) * 4 + (1.980,) * 2,)), Shell("O", "Ti", 2.4, ((1.934, 1.934, 1.980),))),
    ),
    "RuO2": Expectation(
        "Ru2O4",
        (4.492, 4.492, 3.107),
        (Shell("Ru", "O", 2.4, ((1.942,) * 2 + (1.984,) * 4,)), Shell("O", "Ru", 2.4, ((1.942, 1.984, 1.984),))),
    ),
    "ZnO": Expectation(
        "Zn2O2",
        (3.250, 3.250, 5.207),
        (Shell("Zn", "O", 2.4, ((1.973,) * 3 + (1.992,),)), Shell("O", "Zn", 2.4, ((1.973,) * 3 + (1.992,),))),
    ),
    "ZnF2": Expectation(
        "Zn2F4",
        (4.703, 4.703, 3.134),
        (Shell("Zn", "F", 2.4, ((2.015,) * 2 + (2.042,) * 4,)), Shell("F", "Zn", 2.4, ((2.015, 2.042, 2.042),))),
    ),
    "VN": Expectation(
        "V4N4", (4.129, 4.129, 4.129), (Shell("V", "N", 2.4, ((2.065,) * 6,)), Shell("N", "V", 2.4, ((2.065,) * 6,)))
    ),
    "alpha-MnO2": Expectation(
        "Mn8O16",
        (9.815, 9.815, 2.847),
        (
            Shell("Mn", "O", 2.4, ((1.88, 1.88, 1.89, 1.90, 1.90, 1.90),)),
            Shell("O", "Mn", 2.4, ((1.88, 1.88, 1.90), (1.89, 1.90, 1.90))),
        ),
    ),
    "delta-MnO2": Expectation(
        "Mn2O4",
        (5.137, 2.848, 7.213),
        (Shell("Mn", "O", 2.4, ((1.909,) * 4 + (1.975,) * 2,)), Shell("O", "Mn", 2.4, ((1.909, 1.909, 1.975),))),
    ),
}

every_prototype = pytest.mark.parametrize("name", sorted(PROTOTYPES))


def test_every_prototype_has_an_expectation():
    assert set(EXPECTED) == set(PROTOTYPES)


@every_prototype
def test_space_group_is_the_published_one(name):
    atoms = prototype(name)
    dataset = spglib.get_symmetry_dataset((atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers), symprec=1e-3)
    assert dataset.number == PROTOTYPES[name].space_group


@every_prototype
def test_formula_and_cell(name):
    atoms, expected = prototype(name), EXPECTED[name]
    assert atoms.symbols.formula.count() == Atoms(expected.formula).symbols.formula.count()
    assert atoms.cell.lengths() == pytest.approx(expected.cell, abs=1e-3)


@every_prototype
def test_neighbours_are_those_of_the_paper(name):
    atoms = prototype(name)
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
    atoms = prototype(name)
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
    entry, atoms = PROTOTYPES[name], prototype(name)
    assert entry.intact_bonds
    assert [connects(atoms, dict(entry.intact_bonds), axis) for axis in range(3)] == [
        axis != entry.layer_axis for axis in range(3)
    ]


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
    atoms = prototype(name)
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
