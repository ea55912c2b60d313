"""Equations of reactions: what is written is read, whatever the numbers, and what does not balance is told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azibflow.errors import StructureError
from azibflow.structures.reactions import ION, Equation, Term, parse_equation, unbalanced

NAMES = st.sampled_from(["Zn", "CuI", "ZnI2", "e-", "Zn2+", "H+", "OH-", "2H-MoS2", "alpha-MnO2", "VO2(B)", "my host"])
NUMBERS = st.one_of(st.integers(1, 99).map(float), st.sampled_from([0.5, 0.25, 1.5, 0.125]))
TERMS = st.lists(st.builds(Term, coefficient=NUMBERS, name=NAMES), min_size=1, max_size=4).map(tuple)
EQUATIONS = st.builds(Equation, left=TERMS, right=TERMS)
FEW = settings(max_examples=40, deadline=None)
ATOMS = st.dictionaries(st.sampled_from(["Zn", "O", "H", "charge"]), st.integers(1, 6).map(float), min_size=1)


@FEW
@given(EQUATIONS)
def test_an_equation_that_is_written_is_read_back(equation: Equation) -> None:
    assert parse_equation(str(equation)) == equation


@FEW
@given(EQUATIONS, st.sampled_from(["->", "→", "=", "-->", "<->", "⇌"]), st.sampled_from(["", " ", "  "]))
def test_arrows_and_spaces_do_not_matter(equation: Equation, arrow: str, space: str) -> None:
    left, right = str(equation).split(" -> ")
    assert parse_equation(f" {left}{space or ' '}{arrow}{space or ' '}{right} ") == equation


@FEW
@given(EQUATIONS)
def test_what_is_used_up_is_negative(equation: Equation) -> None:
    back = Equation(left=equation.right, right=equation.left)
    assert back.coefficients == pytest.approx({name: -number for name, number in equation.coefficients.items()})


@FEW
@given(EQUATIONS, st.data())
def test_an_equation_balances_itself_and_no_other(equation: Equation, data: st.DataObject) -> None:
    """The same on both sides balances, twice as much on one side never does."""
    content = {name: data.draw(ATOMS) for name in equation.coefficients}
    same = Equation(left=equation.left, right=equation.left)
    doubled = tuple(term.model_copy(update={"coefficient": 2 * term.coefficient}) for term in equation.left)
    assert unbalanced(content, same) == ""
    assert " on the left and " in unbalanced(content, Equation(left=equation.left, right=doubled))


@FEW
@given(st.text(max_size=30))
def test_any_text_is_an_equation_or_refused(text: str) -> None:
    try:
        equation = parse_equation(text)
    except StructureError:
        return
    assert parse_equation(str(equation)).coefficients == pytest.approx(equation.coefficients)


def test_numbers_before_names() -> None:
    equation = parse_equation("1/2 O2 + 2CuI + 2H-MoS2 → .5 H2 + 2 2H-MoS2 + 2e-")
    assert [(term.coefficient, term.name) for term in equation.left] == [(0.5, "O2"), (2, "CuI"), (1, "2H-MoS2")]
    assert [(term.coefficient, term.name) for term in equation.right] == [(0.5, "H2"), (2, "2H-MoS2"), (2, "e-")]


def test_the_digit_of_an_ion_is_its_charge() -> None:
    assert [ION.fullmatch(name)["charge"] for name in ("Zn2+", "Zn^2+", "H+")] == ["2", "2", ""]
    assert ION.fullmatch("ZnO") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Zn + 2 CuI", "is no equation; write it as: Zn "),
        ("Zn -> Cu -> Zn", "is no equation"),
        ("-> Cu", "is no equation"),
        ("Zn+2CuI -> ZnI2 + 2 Cu", "put spaces around the plus signs"),
        ("Zn + -> Cu", "a plus sign with nothing on one side"),
        ("0 Zn -> Cu", ": 0 is no number of formula units"),
        ("1/0 Zn -> Cu", ": 1/0 is no number of formula units"),
    ],
)
def test_what_is_no_equation_is_told(text: str, message: str) -> None:
    with pytest.raises(StructureError) as error:
        parse_equation(text)
    assert message in str(error.value)
