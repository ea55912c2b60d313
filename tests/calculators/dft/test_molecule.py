import pytest
from ase import Atoms
from ase.build import molecule
from ase.data import chemical_symbols
from hypothesis import given
from hypothesis import strategies as st

from azibflow.calculators.dft.levels import Level
from azibflow.calculators.dft.molecule import (
    basis_of_elements,
    build_molecule,
    check_multiplicity,
    deviations,
    electrons,
    multiplicity,
)
from azibflow.calculators.specs import pyscf_preset
from azibflow.errors import CapabilityError

YANG = pyscf_preset("yang2025")
SVP = Level(functional="pbe", basis="def2-svp")


def atom(symbol, **info):
    return Atoms([symbol], info=info)


def test_pople_bases_fall_back_for_metals_and_the_result_says_so():
    symbols = ["O", "Zn", "H", "V", "O"]
    assert basis_of_elements(YANG.geometry, symbols) == {
        "H": "6-31+g(d,p)",
        "O": "6-31+g(d,p)",
        "V": "def2-svpd",
        "Zn": "def2-svpd",
    }
    assert deviations(YANG.energy, symbols) == [
        "V: def2-tzvpd in place of 6-311+g(d,p), which PySCF does not have for it",
        "Zn: def2-tzvpd in place of 6-311+g(d,p), which PySCF does not have for it",
    ]


def test_a_basis_named_for_an_element_is_no_deviation():
    level = YANG.energy.model_copy(update={"basis": {"default": "6-311+g(d,p)", "Zn": "def2-tzvp"}})
    assert basis_of_elements(level, ["Zn", "O"])["Zn"] == "def2-tzvp"
    assert deviations(level, ["Zn", "O"]) == []


def test_a_missing_basis_names_the_element_and_a_way_out():
    level = Level(functional="pbe", basis="6-31+g(d,p)")
    with pytest.raises(CapabilityError, match=r"no basis '6-31\+g\(d,p\)' for Zn.*\{default: 6-31\+g\(d,p\), Zn: def2"):
        build_molecule(atom("Zn"), level)
    # A fallback stands in for the default only, never for what a user asked of one element.
    named = Level(functional="pbe", basis={"default": "def2-svp", "V": "6-31+g(d,p)"}, fallback_basis="def2-svp")
    with pytest.raises(CapabilityError, match="for V"):
        build_molecule(atom("V", spin=4), named)
    with pytest.raises(CapabilityError, match="no basis 'nonsense' for H"):
        build_molecule(molecule("H2O"), Level(functional="pbe", basis="nonsense"))


@pytest.mark.parametrize(
    ("symbol", "basis", "core"),
    [
        ("Zn", "def2-svp", 0),
        ("V", "def2-tzvpd", 0),
        ("Mo", "def2-svp", 28),
        ("In", "Def2-SVP", 28),
        ("Bi", "def2-svp", 60),
        ("Zn", "cc-pvdz-pp", 10),
        ("V", "lanl2dz", 10),
        ("Mo", "sto-3g", 0),
    ],
)
def test_core_electrons_go_where_the_basis_has_none(symbol, basis, core):
    atoms = atom(symbol)
    built = build_molecule(atoms, Level(functional="pbe", basis=basis))
    assert electrons(atoms) - built.nelectron == core
    assert built.spin == multiplicity(atoms) - 1


def test_charge_multiplicity_and_cartesian_functions_arrive():
    atoms = Atoms("VO", positions=[[0, 0, 0], [0, 0, 1.6]], info={"charge": 2, "spin": 2})
    built = build_molecule(atoms, YANG.geometry, memory=123)
    assert (built.charge, built.spin, built.nelectron) == (2, 1, 23 + 8 - 2)
    assert built.cart
    assert built.max_memory == 123
    assert build_molecule(atoms, SVP).nao < build_molecule(atoms, SVP.model_copy(update={"cartesian": True})).nao


@pytest.mark.parametrize(
    ("symbol", "info", "message"),
    [
        ("O", {"spin": 2}, r"8 electrons \(charge \+0\) cannot have multiplicity 2; it must be one of 1, 3, 5"),
        ("O", {"charge": -1, "spin": 1}, r"9 electrons \(charge -1\).*2, 4, 6"),
        ("H", {"spin": 4}, r"1 electrons .* multiplicity 4"),
        ("H", {"charge": 2}, r"-1 electrons \(charge \+2\)"),
        ("O", {"spin": 0}, "multiplicity 0"),
        ("O", {"spin": -1}, "multiplicity -1"),
    ],
)
def test_impossible_multiplicities(symbol, info, message):
    with pytest.raises(CapabilityError, match=message):
        check_multiplicity(atom(symbol, **info))


def test_the_label_is_in_the_message():
    with pytest.raises(CapabilityError, match="vanadyl: "):
        check_multiplicity(Atoms("VO", info={"charge": 2, "spin": 1, "label": "vanadyl"}))


@pytest.mark.parametrize("info", [{"charge": 0.5}, {"charge": 1, "spin": 1.5}])
def test_fractions_are_refused_and_not_cut_off(info):
    with pytest.raises(CapabilityError, match="whole number"):
        check_multiplicity(atom("O", **info))


@given(
    symbols=st.lists(st.sampled_from(chemical_symbols[1:87]), min_size=1, max_size=6),
    charge=st.integers(-3, 3),
    spin=st.none() | st.integers(-1, 9),
)
def test_what_passes_can_be_filled_and_what_fails_cannot(symbols, charge, spin):
    atoms = Atoms(symbols, info={"charge": charge, "spin": spin})
    alpha = (electrons(atoms) + multiplicity(atoms) - 1) / 2
    beta = alpha - (multiplicity(atoms) - 1)
    possible = alpha.is_integer() and 0 <= beta <= alpha
    if possible:
        check_multiplicity(atoms)
    else:
        with pytest.raises(CapabilityError):
            check_multiplicity(atoms)
    if spin is None and electrons(atoms) >= 1:
        assert possible
