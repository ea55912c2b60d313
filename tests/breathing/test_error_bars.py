"""E_b by a surrogate: the spread of the whole difference; against states that it does not know there is no result."""

from __future__ import annotations

import numpy as np
import pytest

from azibflow.analysis.breathing.rows import breathing_rows
from azibflow.calculators.surrogates.trust import Trust
from azibflow.workflows.breathing.results import BreathingResult, lowest_host, rereferenced
from azibflow.workflows.common.results import Outcome

LEADER_AND_TWO = np.array([0.0, 0.02, -0.03])
"""Members of the committee against the first one, whose energies the toy's are, eV per atom that differs."""


def says(energy: float, factor: float, *, force_deviation: float = 0.1) -> Trust:
    return Trust(
        member_energies=tuple(energy + factor * LEADER_AND_TWO),
        energy_scale=2.0,
        force_deviation=force_deviation,
        largest_known=0.3,
        distance=1.0,
        farthest_known=5.0,
    )


def by_a_surrogate(
    result: BreathingResult, *, host_deviation: float = 0.1, metal_deviation: float = 0.1
) -> BreathingResult:
    """Return the toy's result as a committee would give it that is of one mind about all but the ions."""
    settled = rereferenced(result)
    host = lowest_host(settled)
    hosts = [host.model_copy(update={"trust": says(host.energy, 5.0, force_deviation=host_deviation)})]
    records = [
        record.model_copy(update={"trust": says(record.energy, 5.0 + 4.0 * record.n)}) for record in settled.records
    ]
    reference = settled.reference.model_copy(
        update={"trust": says(settled.reference.energy, 1.0, force_deviation=metal_deviation)}
    )
    return settled.model_copy(update={"hosts": hosts, "records": records, "reference": reference})


def test_the_error_bar_is_that_of_the_difference(toy_result: BreathingResult) -> None:
    result = by_a_surrogate(toy_result)
    rows = breathing_rows(result, result.hosts[0])[1:]
    assert [row.n for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    for row in rows:
        assert row.trust is not None
        # 5 + 4 n of the loaded host, less 5 of the host, less n of the metal: 3 n are left
        assert row.trust.member_energies == pytest.approx(row.binding + 3.0 * row.n * LEADER_AND_TWO, abs=1e-9)
        assert row.trust.standard_error == pytest.approx(2.0 * 3.0 * row.n * np.std(LEADER_AND_TWO, ddof=1))
        assert row.outcome is Outcome.OK


@pytest.mark.parametrize("which", ["host", "metal"])
def test_against_what_is_outside_the_domain_no_row_is_a_result(toy_result: BreathingResult, which: str) -> None:
    result = by_a_surrogate(toy_result, **{f"{which}_deviation": 0.4})
    rows = breathing_rows(result, result.hosts[0])
    assert {row.outcome for row in rows} == {Outcome.OUTSIDE}
    assert "0.40 eV/angstrom" in rows[3].reason


def test_a_number_that_is_partly_of_another_calculator_has_no_error_bar(toy_result: BreathingResult) -> None:
    result = by_a_surrogate(toy_result)
    bare = result.reference.model_copy(update={"trust": None})
    rows = breathing_rows(result.model_copy(update={"reference": bare}), result.hosts[0])
    assert all(row.trust is None for row in rows)
