"""Formulas, their masses, and the formal states they fix."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azibflow.analysis.ledgers.formulas import composition, molar_mass, same_substance
from azibflow.analysis.ledgers.oxidation import Supply, metal_budget, oxidation_state
from azibflow.errors import AzibflowError

ELEMENTS = ("H", "C", "N", "O", "S", "V", "Mn", "Zn")


@pytest.mark.parametrize(
    ("formula", "atoms"),
    [
        ("V8O16", {"V": 8, "O": 16}),
        ("Zn4(OH)6SO4*5H2O", {"Zn": 4, "O": 15, "H": 16, "S": 1}),
        ("Zn4SO4(OH)6·5H2O", {"Zn": 4, "O": 15, "H": 16, "S": 1}),
        ("Zn0.25V2O5·1.6H2O", {"Zn": 0.25, "V": 2, "O": 6.6, "H": 3.2}),
        ("V2O5.H2O", {"V": 2, "O": 6, "H": 2}),
        ("[Zn(H2O)6]", {"Zn": 1, "H": 12, "O": 6}),
        ("Co N C", {"Co": 1, "N": 1, "C": 1}),
        ("CoO", {"Co": 1, "O": 1}),
        ("0.65RuO2", {"Ru": 0.65, "O": 1.3}),
    ],
)
def test_atoms_are_counted(formula: str, atoms: dict[str, float]) -> None:
    assert composition(formula) == pytest.approx(atoms)


@pytest.mark.parametrize(
    ("formula", "mass"), [("V8O16", 663.516), ("V2O5", 181.878), ("Zn4(OH)6SO4*5H2O", 549.693), ("H2O", 18.015)]
)
def test_masses_by_hand(formula: str, mass: float) -> None:
    assert molar_mass(formula) == pytest.approx(mass, abs=1e-6)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("", "no atoms"),
        ("V0O0", "no atoms"),
        ("Vv8O16", "unknown element 'Vv'"),
        ("X2", "unknown element 'X'"),
        ("v8o16", "cannot be read"),
        ("V(OH", "does not close"),
        ("VO)2", "does not open"),
        ("Zn2+", "carries a charge"),
        ("V5O12.6H2O", r"two ways; write V5O12\*6H2O"),
        ("V2O5.1.6H2O", r"write V2O5\*1.6H2O"),
        ("V2O5-graphene", "cannot be read from"),
    ],
)
def test_what_is_no_formula_is_named(formula: str, words: str) -> None:
    with pytest.raises(AzibflowError, match=words):
        composition(formula)


@given(st.dictionaries(st.sampled_from(ELEMENTS), st.integers(1, 30), min_size=1), st.integers(1, 9))
def test_brackets_multiply_and_order_does_not_matter(atoms: dict[str, int], factor: int) -> None:
    text = "".join(f"{element}{number}" for element, number in atoms.items())
    turned = "".join(f"{element}{number * factor}" for element, number in reversed(atoms.items()))
    assert molar_mass(f"({text}){factor}") == pytest.approx(factor * molar_mass(text))
    assert same_substance(f"({text}){factor}", turned)


@pytest.mark.parametrize(
    ("formula", "metal", "state"),
    [
        ("V8O16", "V", 4),
        ("V2O5", "V", 5),
        ("H2V3O8", "V", 14 / 3),
        ("NH4V4O10", "V", 4.75),
        ("VPO4F", "V", 4),
        ("VN", "V", 3),
        ("Zn0.25V2O5*1.6H2O", "V", 4.75),
        ("TiS2", "Ti", 4),
        ("ZnMn2O4", "Mn", 3),
    ],
)
def test_states_by_hand(formula: str, metal: str, state: float) -> None:
    assert oxidation_state(formula, metal) == pytest.approx(state)


@pytest.mark.parametrize("formula", ["Ti3C2O2", "VOSO4", "C6"])
def test_states_that_a_composition_leaves_open(formula: str) -> None:
    assert metal_budget(formula, 1.0) is None


@pytest.mark.parametrize(
    ("electrons", "supply"),
    [
        (0, Supply.USUAL),
        (8, Supply.USUAL),
        (8.1, Supply.LOW),
        (14, Supply.LOW),
        (16, Supply.LOW),
        (16.1, Supply.IMPOSSIBLE),
    ],
)
def test_what_vanadium_of_v8o16_can_take(electrons: float, supply: Supply) -> None:
    """V(IV): one electron to V(III), two to V(II), none beyond."""
    budget = metal_budget("V8O16", electrons)
    assert budget is not None
    assert budget.supply is supply
    assert budget.end == pytest.approx(4 - electrons / 8)


def test_a_metal_without_limits_is_said_to_have_none() -> None:
    budget = metal_budget("MoS2", 1.0)
    assert budget is not None
    assert budget.supply is Supply.UNKNOWN
    assert "no limit of Mo is known" in budget.statement


def test_sums_of_fractions_do_not_cross_a_limit() -> None:
    budget = metal_budget("V10O25", 10 * (0.1 + 0.2 + 1.7))
    assert budget is not None
    assert budget.supply is Supply.USUAL
