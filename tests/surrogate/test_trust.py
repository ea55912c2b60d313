"""Trust: the arithmetic of committees, by hand."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from ase.build import molecule
from hypothesis import given, settings
from hypothesis import strategies as st

from azibflow.calculators.specs import XtbSpec
from azibflow.calculators.surrogates.committee import Opinions
from azibflow.calculators.surrogates.trust import Trust, assess, combined

FEATURES = np.zeros((1, 2))


def trust(
    *energies: float, deviation: float = 0.1, scale: float = 2.0, known: float = 0.5, distance: float = 1.0
) -> Trust:
    return Trust(
        member_energies=energies,
        energy_scale=scale,
        force_deviation=deviation,
        largest_known=known,
        distance=distance,
        farthest_known=5.0,
    )


def test_one_sigma_is_the_scaled_sample_standard_deviation() -> None:
    assert trust(-1.0, -1.1, -1.3).standard_error == pytest.approx(2.0 * math.sqrt(0.07 / 3))
    assert trust(4.0, 4.0, 4.0).standard_error == 0.0


def test_a_sum_is_formed_member_by_member() -> None:
    found = combined([(1.0, trust(1.0, 2.0, 4.0)), (-2.0, trust(0.5, 1.5, 1.0)), (0.5, trust(2.0, 2.0, 0.0))])
    assert found is not None
    assert found.member_energies == pytest.approx((1.0, 0.0, 2.0))
    assert found.standard_error == pytest.approx(2.0 * 1.0)


energies = st.lists(st.floats(-100, 100), min_size=3, max_size=3)


@settings(deadline=None)
@given(energies, energies)
def test_what_each_member_gets_wrong_everywhere_drops_out_of_a_difference(
    saddle: list[float], wrong: list[float]
) -> None:
    first, last = trust(*(e + w for e, w in zip(saddle, wrong, strict=True))), trust(*wrong)
    found = combined([(1.0, first), (-1.0, last)])
    assert found is not None
    assert found.standard_error == pytest.approx(trust(*saddle).standard_error, abs=1e-9)
    nothing = combined([(1.0, first), (-1.0, first)])
    assert nothing is not None
    assert nothing.standard_error == pytest.approx(0.0, abs=1e-12)


def test_a_term_without_a_committee_leaves_no_error_bar() -> None:
    assert combined([(1.0, trust(1.0, 2.0)), (-1.0, None)]) is None
    assert combined([(1.0, None)]) is None
    assert combined([]) is None


def test_of_several_structures_the_farthest_outside_counts() -> None:
    near, far = trust(1.0, 2.0, deviation=0.4, known=0.5), trust(1.0, 2.0, deviation=0.3, known=0.2)
    for terms in permutations([near, far, near]):
        found = combined([(1.0, one) for one in terms])
        assert found is not None
        assert (found.force_deviation, found.largest_known) == (0.3, 0.2)
        assert found.flagged
    # A structure may count for the domain without being part of the sum.
    found = combined([(1.0, near), (0.0, far)])
    assert found is not None
    assert found.member_energies == near.member_energies
    assert found.flagged


def test_a_structure_is_outside_beyond_the_largest_known_deviation() -> None:
    assert not trust(0.0, 1.0, deviation=0.5).flagged
    assert trust(0.0, 1.0, deviation=0.5).problem == ""
    outside = trust(0.0, 1.0, deviation=0.501)
    assert outside.flagged
    assert outside.problem == (
        "outside the surrogate's domain: its members' forces differ by 0.50 eV/angstrom, beyond 0.50"
    )


def test_a_structure_is_outside_whose_surroundings_nobody_learned_though_all_members_agree() -> None:
    assert not trust(0.0, 1.0, distance=5.0).flagged
    outside = trust(0.0, 1.0, deviation=0.0, distance=5.1)
    assert outside.flagged
    assert outside.problem == (
        "outside the surrogate's domain: the surroundings of an atom are 5.1 standard deviations from all it learned, "
        "beyond 5.0"
    )
    both = trust(0.0, 1.0, deviation=0.6, distance=7.0).problem
    assert "0.60 eV/angstrom" in both
    assert "7.0 standard deviations" in both
    assert trust(0.0, 1.0, distance=math.nan).flagged


def test_of_several_structures_one_far_from_training_counts_as_one_on_which_members_differ() -> None:
    inside, differing, far = trust(0.0, 1.0), trust(0.0, 1.0, deviation=1.5), trust(0.0, 1.0, distance=20.0)
    for terms in permutations([inside, differing, far]):
        found = combined([(1.0, one) for one in terms])
        assert found is not None
        assert (found.force_deviation, found.distance) == (0.1, 20.0)


def test_forces_that_are_no_numbers_are_outside_wherever_they_come() -> None:
    broken = trust(0.0, 1.0, deviation=math.nan)
    assert broken.flagged
    assert "nan" in broken.problem
    for terms in permutations([broken, trust(0.0, 1.0), trust(0.0, 1.0, deviation=9.0)]):
        found = combined([(1.0, one) for one in terms])
        assert found is not None
        assert math.isnan(found.force_deviation)
        assert found.flagged


def test_the_force_deviation_by_hand() -> None:
    # Two members, two atoms; on the second they differ by (0, 3, 4), each 2.5 away from the mean.
    forces = np.array([[[1.0, 0, 0], [0, 0, 0]], [[1.0, 0, 0], [0, 3.0, 4.0]]])
    assert Opinions(np.zeros(2), forces, FEATURES).force_deviation == pytest.approx(2.5)
    three = np.array([[[3.0, 0, 0]], [[0, 0, 0]], [[0, 0, 0]]])
    assert Opinions(np.zeros(3), three, FEATURES).force_deviation == pytest.approx(math.sqrt((4 + 1 + 1) / 3))
    one = np.ones((1, 4, 3))
    assert Opinions(np.zeros(1), one, FEATURES).force_deviation == 0.0
    three[0, 0, 0] = np.nan
    assert math.isnan(Opinions(np.zeros(3), three, FEATURES).force_deviation)


def test_other_calculators_have_nobody_to_ask() -> None:
    assert assess(XtbSpec(), molecule("H2O")) is None


def test_trust_survives_json() -> None:
    one = trust(-1.25, 3.5)
    assert Trust.model_validate_json(one.model_dump_json()) == one
