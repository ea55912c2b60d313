"""Moves that find what a search ion by ion misses, on toys whose lowest states are known by hand."""

from __future__ import annotations

import pytest
from test_breathing_maker import TIGHT, computed, energies, maker, recipe, tagged_host
from toy import ToyInterface, default_wells, toy_record

from azibflow.analysis.breathing.limit import breathing_limit
from azibflow.analysis.breathing.report import sentences
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.breathing.ladder import settled_host
from azibflow.workflows.breathing.moves import hand_back, moved
from azibflow.workflows.breathing.results import HostState
from azibflow.workflows.breathing.search import Candidate, State
from azibflow.workflows.breathing.study import breathing_study
from azibflow.workflows.breathing.tasks import BreathingTask, ExploreSettings, Ladder
from azibflow.workflows.common.results import StudyLabel

WELLS = [{**well, "energy": -2.2 if number == 0 else -2.0} for number, well in enumerate(default_wells(4))]
TRAP = {"wells": WELLS, "conflicts": [(0, 0, 1.5), *((0, other, 1.0) for other in range(1, 8))]}
"""The deepest well for one zinc costs 1 eV with any other beside it: two zinc are best in two of the other wells.

By hand, with mu = -1.3 and 0.2 or 0.7 eV for the columns: E_b(1) = -2.2 + 1.3 + 0.2, E_b(2) = -4.0 + 0.12 + 2.6 + 0.7;
ion by ion the second zinc comes beside the first, -4.2 + 1.0 + 0.12 + 2.6 + 0.7.
"""
LOWEST, GREEDY = [-0.70, -0.58], [-0.70, 0.22]
EXPLORE = ExploreSettings(rounds=4, steps=5, temperature=50)


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def task(options=None, **settings) -> BreathingTask:
    made = maker(options, **settings)
    return BreathingTask(
        label=StudyLabel(study="toy"),
        host_name="toy",
        ion="Zn",
        calculator=made.calculator,
        relax=TIGHT,
        settings=made.settings,
    )


def test_what_a_greedy_search_misses_is_found():
    assert energies(computed(maker(TRAP, ions=2).make(recipe()))) == pytest.approx(GREEDY, abs=1e-5)
    made = maker(TRAP, ions=2, explore=EXPLORE)
    plain = breathing_study(recipe(), calculator=made.calculator, settings=TIGHT, breathing=made.settings)
    assert energies(plain) == pytest.approx(LOWEST, abs=1e-5)


def test_the_flow_makes_the_moves_of_the_plain_function():
    made = maker(TRAP, ions=2, explore=EXPLORE.model_copy(update={"rounds": 1, "sites": 4}))
    result = computed(made.make(recipe()))
    plain = breathing_study(recipe(), calculator=made.calculator, settings=TIGHT, breathing=made.settings)
    assert [(one.n, one.energy, one.force_calls) for one in plain.records] == [
        (one.n, one.energy, one.force_calls) for one in result.records
    ]


def test_an_ion_goes_elsewhere_and_the_host_stays():
    settings = task(TRAP, explore=EXPLORE)
    full = toy_record(ToyInterface(**TRAP), [0, 1])
    state = State(structure=full.structure, energy=full.energy, fmax=0.0, converged=True)
    least_bound, other = (moved(state, 12, number, 3, settings, None) for number in (1, 3))
    assert least_bound.energy == pytest.approx(full.energy, abs=1e-4), "beside the deepest well there is no good place"
    assert other.energy == pytest.approx(full.energy - 0.8, abs=1e-4)
    assert list(other.structure.symbols[12:]) == ["Zn", "Zn"]
    assert other.force_calls > 10


def test_more_ions_hand_a_lower_state_back():
    options = {"wells": [{**well, "energy": -2.0 - 0.1 * (number == 5)} for number, well in enumerate(WELLS)]}
    calculator, settings = ToyInterface(**options), task(options)
    shallow, both = toy_record(calculator, [1]), toy_record(calculator, [1, 5])
    back = hand_back(both, shallow.energy - 0.01, 12, settings, None)
    assert back is not None
    assert (back.n, back.energy) == (1, pytest.approx(shallow.energy - 0.1, abs=1e-4))
    assert back.emptied is not None
    assert back.emptied.energy == pytest.approx(-4.0, abs=1e-4)
    assert hand_back(both, shallow.energy - 0.2, 12, settings, None) is None


def test_a_lower_host_is_taken_only_when_it_is_whole():
    host = HostState(origin="built", structure=StructureDocument.from_atoms(tagged_host()), energy=-4.0, converged=True)
    ladder, settings = Ladder(seed=2, hosts=[host]), task()
    torn = tagged_host()
    torn.positions[4, 2] += 2.0
    states = {"torn": (torn, -9.0), "lower": (tagged_host(), -4.5), "higher": (tagged_host(), -3.0)}
    reached = {
        name: Candidate(
            parent=0,
            state=State(structure=StructureDocument.from_atoms(atoms), energy=energy, fmax=0.0, converged=True),
        )
        for name, (atoms, energy) in states.items()
    }
    (kept,) = settled_host(ladder, [reached["torn"], None, reached["higher"]], settings).hosts
    assert (kept.energy, kept.origin, kept.seed) == (-4.0, "built", 2)
    (kept,) = settled_host(ladder, list(reached.values()), settings).hosts
    assert (kept.energy, kept.origin) == (-4.5, "explored with seed 2")


def test_seeds_that_disagree_are_no_converged_search():
    result = computed(maker(ions=1).make(recipe()))
    (record,) = result.records
    for higher, flagged in ((0.05, False), (0.3, True)):
        other = record.model_copy(update={"seed": 1, "energy": record.energy + higher})
        two = result.model_copy(update={"records": [record, other]})
        limit = breathing_limit(two)
        assert ("search not converged" in limit.rows[1].flags) is flagged
        assert any("not converged at n = 1" in text for text in sentences(two, limit)) is flagged
    assert any("One search alone" in text for text in sentences(result, breathing_limit(result)))
