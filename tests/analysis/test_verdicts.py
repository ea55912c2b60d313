"""The arithmetic of verdicts: differences, their error bars, and what becomes of an order."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from azibflow.analysis.benchmarks.host_errors import BarrierErrors, Spread
from azibflow.analysis.tables.verdicts import Difference, Holds, Known, Side, difference, verdict_on

energies = st.floats(-20, 20)
errors = st.floats(0.05, 5)


def measured(spread, of_class=None):
    """Return what was measured over 20 barriers, of which 7 are of a class."""
    own = None if of_class is None else Spread(of_class, "7 of a class")
    return BarrierErrors(Spread(spread, "20 barriers"), own)


OTHER = {Side.BELOW: Side.ABOVE, Side.ABOVE: Side.BELOW, Side.UNDECIDED: Side.UNDECIDED}


@st.composite
def numbers(draw):
    """Two numbers of one calculator, of whose errors anything may be known."""
    members = [f"member {place}" for place in range(draw(st.integers(0, 4)))]
    error = draw(st.booleans())
    known = measured(draw(errors)) if draw(st.booleans()) else None
    committee = draw(st.integers(0, 3))
    return [
        Known(
            draw(energies),
            members={member: draw(energies) for member in members},
            committee=[draw(energies) for _ in range(committee)],
            scale=2.0,
            error=draw(errors) if error else None,
            measured=known,
            left_open=draw(st.floats(0, 0.1)),
        )
        for _ in range(2)
    ]


@given(numbers())
def test_turning_a_difference_round_turns_the_verdict_and_keeps_the_error(pair):
    one, other = difference(*pair), difference(*reversed(pair))
    assert one.value == -other.value
    assert one.error == pytest.approx(other.error, rel=1e-12)
    assert (one.side, one.basis) == (OTHER[other.side], other.basis)
    assert one.error > 0


@given(numbers(), st.floats(1.5, 10))
def test_numbers_and_errors_so_many_times_as_large_give_the_same_verdict(pair, factor):
    assume(difference(*pair).error > 0.2)  # above what convergence leaves open, which is not scaled
    scaled = [
        Known(
            factor * one.value,
            members={member: factor * said for member, said in one.members.items()},
            committee=[factor * said for said in one.committee],
            scale=one.scale,
            error=None if one.error is None else factor * one.error,
            measured=None if one.measured is None else measured(factor * one.measured.overall.value),
            left_open=factor * one.left_open,
        )
        for one in pair
    ]
    plain, large = difference(*pair), difference(*scaled)
    assert large.error == pytest.approx(factor * plain.error)
    assume(abs(abs(plain.value) - plain.error) > 1e-6)
    assert large.side is plain.side


def test_what_members_of_an_ensemble_have_in_common_cancels():
    one = Known(1.0, members={"": 1.0, "a": 1.5, "b": 0.6})
    other = Known(0.8, members={"": 0.8, "a": 1.3, "b": 0.4})
    apart = difference(one, other)
    assert (apart.value, apart.side) == (pytest.approx(0.2), Side.BELOW if apart.value < 0 else Side.ABOVE)
    assert apart.error == pytest.approx(0.01), "all members see the same difference"
    uneven = difference(one, Known(0.8, members={"": 0.8, "a": 1.5, "b": 0.2}))
    assert uneven.error == pytest.approx(0.2), "0.2, 0.0, 0.4 scatter by 0.2"
    assert uneven.side is Side.UNDECIDED, "exactly one sigma decides nothing"


def test_what_members_of_a_committee_have_in_common_cancels_too():
    """Each member is 1 eV off either way, and they scatter by 0.1 over the difference, scaled by 3."""
    one, other = ([2.0, 0.0, 1.0], [1.6, -0.5, 0.4])
    apart = difference(
        Known(1.0, committee=one, scale=3.0, error=3.0), Known(0.5, committee=other, scale=3.0, error=3.0)
    )
    assert apart.error == pytest.approx(3 * 0.1)
    assert "3 members of the committee" in apart.basis


def test_error_bars_and_an_ensemble_are_combined_in_quadrature():
    one = Known(1.0, members={"": 1.0, "a": 1.5, "b": 0.6}, error=0.3, measured=measured(9.0))
    other = Known(0.8, members={"": 0.8, "a": 1.5, "b": 0.2}, error=0.4, measured=measured(9.0))
    apart = difference(one, other)
    assert apart.error == pytest.approx(math.sqrt(0.2**2 + 0.3**2 + 0.4**2))
    assert "3 members" in apart.basis
    assert "quadrature" in apart.basis
    without = difference(Known(1.0, error=0.3), Known(0.8, error=0.4))
    assert without.error == pytest.approx(0.5)


def test_without_error_bars_the_measured_error_decides_and_without_that_convergence():
    apart = difference(*(Known(value, measured=measured(0.3)) for value in (0.9, 0.5)))
    assert apart.error == pytest.approx(0.3 * math.sqrt(2))
    assert "20 barriers" in apart.basis
    assert apart.side is Side.UNDECIDED
    unknown = difference(Known(0.9), Known(0.5, measured=measured(0.3)))
    assert (unknown.error, unknown.side) == (0.01, Side.ABOVE)
    assert "error of this calculator is not known" in unknown.basis
    assert difference(Known(0.9, left_open=0.3), Known(0.5, left_open=0.4)).side is Side.UNDECIDED
    assert difference(Known(26.0, "kcal/mol"), Known(26.05, "kcal/mol")).side is Side.UNDECIDED


def test_within_a_class_its_spread_decides_and_from_class_to_class_that_of_all():
    """0.2 eV apart: beyond sqrt(2) 0.1 eV of a class; from one class to another the mean error need not cancel."""
    one, other = (Known(value, measured=measured(0.3, of_class=0.1)) for value in (0.9, 0.7))
    assert (difference(one, other).error, difference(one, other).side) == (pytest.approx(0.1 * 2**0.5), Side.ABOVE)
    assert "7 of a class" in difference(one, other).basis
    elsewhere = Known(0.7, measured=measured(0.3, of_class=0.2))
    for another in (elsewhere, Known(0.7, measured=measured(0.3))):
        apart = difference(one, another)
        assert (apart.error, apart.side) == (pytest.approx(0.3 * 2**0.5), Side.UNDECIDED)
        assert "20 barriers" in apart.basis


def test_nothing_decides_between_numbers_of_a_potential_of_which_no_error_is_known():
    apart = difference(*(Known(value, potential="toy", quantity="adsorption energies of H") for value in (9.0, 0.5)))
    assert (apart.error, apart.side) == (None, Side.UNDECIDED)
    assert apart.basis == "no error of toy is known for adsorption energies of H, so that nothing decides"
    assert apart.in_words("eV") == "+8.500 eV"


def test_the_largest_error_of_a_potential_stands_for_one_that_is_not_known():
    def far(value, unit):
        return Known(value, unit, potential="toy", quantity="energies", largest=Spread(0.4, "7 barriers"))

    for value, side in ((1.0, Side.UNDECIDED), (1.1, Side.ABOVE)):
        apart = difference(far(value, "eV"), far(0.5, "eV"))
        assert (apart.error, apart.side) == (pytest.approx(0.4 * 2**0.5), side)
        assert "root mean square, mean included, over 7 barriers" in apart.basis
    assert difference(far(2.0, "J/m^2"), far(0.5, "J/m^2")).error is None, "an error of energies is none of areas"


def test_equal_numbers_have_no_order():
    assert difference(Known(0.5), Known(0.5)).side is Side.UNDECIDED


def apart(value, error=0.1):
    return Difference(value=value, error=error, basis="by hand")


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ([], Holds.NOT_COMPARED),
        ([-1.0, -0.2], Holds.YES),
        ([-1.0, -0.1], Holds.UNDECIDED),
        ([-1.0, 0.1], Holds.UNDECIDED),
        ([0.05, 0.2], Holds.NO),
        ([-1.0, 1.0], Holds.NO),
    ],
)
def test_an_order_holds_when_every_pair_of_it_does(values, holds):
    assert verdict_on(apart(value) for value in values) is holds
