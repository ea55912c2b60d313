"""Limits of the toy against those known by hand, and what may not change them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy import ToyInterface, toy_record, toy_study

from azibflow.analysis.breathing.limit import BreathingLimit, breathing_limit
from azibflow.analysis.breathing.report import sentences
from azibflow.analysis.breathing.rows import BreathingFlag
from azibflow.structures.bond_criteria import BondCriteria, BondLimits
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.breathing.results import (
    BreathingCriteria,
    BreathingRecord,
    BreathingResult,
    LadderEnd,
    lowest_host,
    rereferenced,
)
from azibflow.workflows.common.results import Outcome

FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="session")
def limit(toy_result) -> BreathingLimit:
    return breathing_limit(toy_result)


def with_records(result: BreathingResult, change: Callable[[BreathingRecord], BreathingRecord | None], **others):
    """Change every record; none drops it."""
    records = [changed for record in result.records if (changed := change(record)) is not None]
    return result.model_copy(update={"records": records, **others})


def at(n: int, **fields):
    """Change the fields of the records of one n."""
    return lambda record: record.model_copy(update=fields) if record.n == n else record


def essence(found: BreathingLimit) -> dict:
    """What other candidates may not change: everything but their number, and whether the search has converged."""
    single = {name: {"single"} for name in ("thermodynamic", "reversible", "maximum")}
    left = found.model_dump(exclude={"rows": True} | single)
    searched = {"seeds", "seeds_reversible", "spread", "sites_tried"}
    rows = [row.model_dump(exclude=searched) for row in found.rows]
    for row in rows:
        row["flags"] = [flag for flag in row["flags"] if flag != BreathingFlag.SEARCH]
    return left | {"rows": rows}


def column(found: BreathingLimit, key: str) -> list:
    return [getattr(row, key) for row in found.rows]


def test_capacities_are_of_the_film_and_of_film_and_support(limit):
    film, support = 4 * (15.999 + 50.9415), 4 * 12.011
    per_film = [2 * n * 96485.332 / 3.6 / film for n in range(8)]
    assert column(limit, "capacity") == pytest.approx(per_film, rel=1e-4)
    assert column(limit, "composite_capacity") == pytest.approx(
        [q * film / (film + support) for q in per_film], rel=1e-4
    )
    assert column(limit, "electrons_per_metal") == [n / 2 for n in range(8)], "z n over four V"


def test_energies_are_those_by_hand(limit):
    assert column(limit, "binding") == pytest.approx([0, -0.50, -0.58, -0.64, -0.88, -0.85, -0.90, -0.83], abs=1e-6)
    steps = [-0.50, -0.08, -0.06, -0.24, 0.03, -0.05, 0.07]
    assert column(limit, "increment")[1:] == pytest.approx(steps, abs=1e-6)
    assert limit.rows[4].per_ion == pytest.approx(-0.22, abs=1e-6)


def test_bonds_are_those_by_hand(limit):
    assert limit.bonds == 4
    assert column(limit, "intact") == [4, 4, 3, 2, 2, 1, 1, 1]
    assert column(limit, "broken") == [0, 0, 1, 2, 2, 3, 3, 3]
    assert column(limit, "reformed") == [0, 0, 1, 2, 2, 2, 2, 2]
    assert column(limit, "returned") == [4, 4, 4, 4, 4, 3, 3, 3]
    assert column(limit, "emptied") == pytest.approx([0] * 5 + [0.4] * 3, abs=1e-6)
    assert limit.rows[5].lost == "C0-O4 C1-O5 C2-O6"


def test_hull_and_voltages_are_those_by_hand(limit):
    assert limit.hull == [0, 1, 4, 6]
    assert column(limit, "on_hull") == [n in (0, 1, 4, 6) for n in range(8)]
    voltages = [None, 0.25, *[0.38 / 6] * 3, 0.005, 0.005, None]
    assert [v if v is None else round(v, 5) for v in column(limit, "voltage")] == [
        v if v is None else round(v, 5) for v in voltages
    ]


def test_limits_are_those_by_hand(limit):
    found = {
        name: (one.n, one.exact)
        for name, one in limit
        if name in ("thermodynamic", "reversible", "unbroken", "sound", "maximum")
    }
    assert found == {
        "thermodynamic": (6, True),
        "reversible": (4, True),
        "unbroken": (1, True),
        "sound": (7, False),
        "maximum": (4, True),
    }


def test_flags_say_what_did_not_come_back(limit):
    gone = [BreathingFlag.BONDS, BreathingFlag.ENERGY]
    assert column(limit, "flags") == [[]] * 5 + [gone] * 3
    assert column(limit, "reversible") == [True] * 5 + [False] * 3


def test_the_report_says_that_definitions_disagree(toy_result, limit):
    said = " ".join(sentences(toy_result, limit))
    assert "n_max = 4 Zn per cell" in said and "lower bound" not in said
    assert "disagree: 6 by energy, 4 by bonds that come back, 1 by bonds that never break" in said


@pytest.mark.parametrize("end", list(LadderEnd))
def test_a_limit_at_the_end_of_the_ladder_is_a_lower_bound(toy_result, end):
    short = with_records(toy_result, lambda record: record if record.n <= 4 else None, end=end, asked=9)
    found = breathing_limit(short)
    said = " ".join(sentences(short, found))
    assert (found.maximum.n, found.maximum.exact) == (4, False)
    assert "n_max is a lower bound: n = 5 was not computed" in said
    assert ("ended at n = 4 of 9: no site was left" in said) == (end is LadderEnd.NO_SITE)


def test_what_never_breaks_and_always_binds_agrees_and_is_a_bound():
    study = toy_study(2, columns=[{"breaks_at": 99, "returns": True}] * 2, weakening=0.0, repulsion=0.0)
    found = breathing_limit(study)
    assert [row.binding for row in found.rows] == pytest.approx([0, -0.7, -1.4], abs=1e-6)
    assert (found.maximum.n, found.maximum.exact, found.unbroken.n) == (2, False, 2)
    assert not any("disagree" in text for text in sentences(study, found))


def test_a_gap_ends_what_is_shown(toy_result):
    found = breathing_limit(with_records(toy_result, lambda record: None if record.n == 3 else record))
    assert found.rows[3].outcome is Outcome.FAILED and found.rows[3].binding is None
    assert found.rows[4].increment is None
    assert (found.reversible.n, found.reversible.exact) == (2, False)
    assert found.hull == [0, 1, 4, 6]


def test_unconverged_energies_are_shown_but_make_no_hull(toy_result):
    found = breathing_limit(with_records(toy_result, at(6, outcome=Outcome.UNCONVERGED, reason="fmax 0.2")))
    assert found.rows[6].binding == pytest.approx(-0.90, abs=1e-6)
    assert (found.rows[6].on_hull, found.rows[6].increment, found.rows[7].increment) == (None, None, None)
    assert BreathingFlag.UNCONVERGED in found.rows[6].flags
    assert found.hull == [0, 1, 4] and (found.thermodynamic.n, found.thermodynamic.exact) == (4, True)


def test_an_emptied_host_that_did_not_converge_tells_nothing(toy_result):
    def change(record):
        emptied = record.emptied.model_copy(update={"outcome": Outcome.UNCONVERGED})
        return record.model_copy(update={"emptied": emptied}) if record.n == 3 else record

    found = breathing_limit(with_records(toy_result, change))
    assert (found.reversible.n, found.reversible.exact) == (2, False)
    assert found.rows[3].reversible is None and BreathingFlag.UNCONVERGED in found.rows[3].flags
    assert (found.maximum.n, found.maximum.exact) == (2, False)


@pytest.mark.parametrize("part", ["hosts", "reference"])
def test_without_a_converged_reference_nothing_is_a_result(toy_result, part):
    changed = (
        {"hosts": [toy_result.hosts[0].model_copy(update={"converged": False})]}
        if part == "hosts"
        else {"reference": toy_result.reference.model_copy(update={"outcome": Outcome.UNCONVERGED})}
    )
    found = breathing_limit(toy_result.model_copy(update=changed))
    assert all(row.outcome is Outcome.UNCONVERGED for row in found.rows)
    assert found.hull == [0] and not found.maximum.exact


def test_energy_alone_can_keep_a_host_from_being_the_same(toy_result):
    strict = toy_result.model_copy(update={"criteria": BreathingCriteria(energy_tolerance=0.01)})

    def lift(record):
        emptied = record.emptied.model_copy(update={"energy": record.emptied.energy + 0.05})
        return record.model_copy(update={"emptied": emptied}) if record.n == 2 else record

    found = breathing_limit(with_records(strict, lift))
    assert found.rows[2].flags == [BreathingFlag.ENERGY] and (found.reversible.n, found.reversible.exact) == (1, True)
    assert breathing_limit(with_records(toy_result, lift)).reversible.n == 4


def test_other_criteria_count_other_bonds(toy_result):
    # an oxygen 2.10 above its carbon is not broken for who says so
    lax = BreathingCriteria(bonds=BondCriteria(pairs={"C-O": BondLimits(formed=1.7, broken=2.2)}))
    found = breathing_limit(toy_result.model_copy(update={"criteria": lax}))
    assert column(found, "broken") == [0] * 8
    assert found.reversible.n == 4 and found.rows[5].flags == [BreathingFlag.ENERGY]


def test_a_host_without_interface_bonds_is_told_so(toy_result):
    blind = BreathingCriteria(bonds=BondCriteria(pairs={"C-O": BondLimits(formed=1.0, broken=1.1)}))
    study = toy_result.model_copy(update={"criteria": blind})
    found = breathing_limit(study)
    assert (found.of_interface, found.bonds) == (False, 4), "its own: four O-V"
    assert sentences(study, found)[0].startswith("The host is not bound to its support")


def lower_intact(record: BreathingRecord, by: float) -> BreathingRecord:
    return record.model_copy(
        update={"emptied": record.emptied.model_copy(update={"energy": record.emptied.energy - by})}
    )


def test_a_lower_intact_host_becomes_the_reference(toy_result):
    changed = with_records(toy_result, lambda record: lower_intact(record, 0.3) if record.n == 3 else record)
    found = breathing_limit(changed)
    assert found.host.origin == "emptied after n = 3, seed 0"
    assert column(found, "binding")[1:] == pytest.approx([-0.20, -0.28, -0.34, -0.58, -0.55, -0.60, -0.53], abs=1e-6)
    # those that were the host again lie 0.3 above it now
    assert (found.reversible.n, found.reversible.exact) == (0, True)
    assert "0.300 eV below the one that the search set out from" in " ".join(sentences(changed, found))
    assert rereferenced(rereferenced(changed)) == rereferenced(changed)


def test_a_lower_host_without_its_bonds_is_reported_and_no_reference(toy_result):
    changed = with_records(toy_result, lambda record: lower_intact(record, 0.6) if record.n == 5 else record)
    found = breathing_limit(changed)
    assert found.host.origin == "annealed" and found.lower_broken == pytest.approx(-0.2, abs=1e-6)
    assert "not the most stable state of these atoms" in " ".join(sentences(changed, found))
    assert found.rows[5].flags == [BreathingFlag.BONDS]


def test_plating_and_disintegration_are_flagged_and_spoil_the_limit():
    near = [{"x": x, "y": 0.0, "energy": -2.0} for x in (0.0, 4.0, 6.6)]
    study = toy_study(3, wells=near)
    found = breathing_limit(study)
    assert [BreathingFlag.PLATING in row.flags for row in found.rows] == [False, False, False, True]
    assert (found.sound.n, found.sound.exact) == (2, True)
    assert "At n = 3 Zn stands in metallic contact" in " ".join(sentences(study, found))


def test_disintegration_is_of_the_film():
    study = toy_study(1)

    def tear(record):
        atoms = record.structure.to_atoms()
        atoms.positions[8, 2] += 3.0
        return record.model_copy(update={"structure": StructureDocument.from_atoms(atoms)})

    found = breathing_limit(with_records(study, tear))
    assert found.rows[1].losses == "V8: CN 1 to 0"
    assert BreathingFlag.DISINTEGRATION in found.rows[1].flags and found.rows[1].broken == 0


def test_a_film_torn_for_good_is_no_host_however_low(toy_result):
    def tear(record):
        if record.n != 2:
            return record
        atoms = record.emptied.structure.to_atoms()
        atoms.positions[8, 2] += 3.0
        torn = {"structure": StructureDocument.from_atoms(atoms), "energy": record.emptied.energy - 1.0}
        return record.model_copy(update={"emptied": record.emptied.model_copy(update=torn)})

    found = breathing_limit(with_records(toy_result, tear))
    assert found.host.origin == "annealed" and found.lower_broken == pytest.approx(-1.0, abs=1e-6)
    assert (found.reversible.n, found.reversible.exact) == (1, True)
    assert found.rows[2].flags == [BreathingFlag.DISINTEGRATION] and found.rows[2].returned == 4


def test_of_three_seeds_the_lowest_counts_and_the_spread_is_told(toy_result):
    wells = [{"x": 0.0, "y": 0.0, "energy": energy} for energy in (-1.8, -1.95)]
    others = [toy_record(ToyInterface(wells=[well]), [0], seed) for seed, well in enumerate(wells, start=1)]
    seeded = toy_result.model_copy(update={"records": [*others, *toy_result.records]})
    found = breathing_limit(seeded)
    assert (found.rows[1].seeds, found.rows[1].seeds_reversible) == (3, 3)
    assert found.rows[1].spread == pytest.approx(0.2, abs=1e-6) and found.rows[2].spread is None
    assert essence(found) == essence(breathing_limit(toy_result))
    assert "3 seeds: their lowest E_b differ by up to 0.200 eV (n = 1)" in " ".join(sentences(seeded, found))


def test_an_unconverged_state_below_is_told(toy_result):
    lower = toy_result.records[1].model_copy(
        update={"seed": 1, "outcome": Outcome.UNCONVERGED, "energy": toy_result.records[1].energy - 0.1}
    )
    more = toy_result.model_copy(update={"records": [*toy_result.records, lower]})
    found = breathing_limit(more)
    assert essence(found) == essence(breathing_limit(toy_result))
    assert "n = 2: a state that did not converge lies 0.100 eV below" in " ".join(sentences(more, found))


@FEW
@given(random=st.randoms(use_true_random=False))
def test_order_of_records_is_no_matter(toy_result, limit, random):
    records = list(toy_result.records)
    records += [record.model_copy(update={"seed": 1}) for record in records[:3]]
    straight = breathing_limit(toy_result.model_copy(update={"records": list(records)}))
    random.shuffle(records)
    assert breathing_limit(toy_result.model_copy(update={"records": records})) == straight
    assert essence(straight) == essence(limit)


@FEW
@given(
    n=st.integers(1, 7),
    above=st.floats(1e-6, 5),
    seed=st.integers(0, 3),
    outcome=st.sampled_from(Outcome),
    lacking=st.booleans(),
)
def test_a_candidate_of_higher_energy_changes_nothing(toy_result, limit, n, above, seed, outcome, lacking):
    record = toy_result.records[n - 1]
    higher = record.model_copy(
        update={"energy": record.energy + above, "seed": seed, "outcome": outcome}
        | ({"emptied": None} if lacking else {})
    )
    more = toy_result.model_copy(update={"records": [higher, *toy_result.records]})
    assert essence(breathing_limit(more)) == essence(limit)


@FEW
@given(n=st.integers(1, 7), below=st.floats(1e-3, 0.5))
def test_a_candidate_of_lower_energy_never_raises_anything(toy_result, limit, n, below):
    record = toy_result.records[n - 1]
    lower = record.model_copy(update={"energy": record.energy - below, "seed": 5})
    found = breathing_limit(toy_result.model_copy(update={"records": [*toy_result.records, lower]}))
    assert all(new.binding <= old.binding for new, old in zip(found.rows, limit.rows, strict=True))
    assert (found.reversible.n, found.reversible.exact) == (limit.reversible.n, limit.reversible.exact)


def test_results_survive_the_store(toy_result, limit):
    copied = BreathingResult.model_validate_json(rereferenced(toy_result).model_dump_json())
    assert essence(breathing_limit(copied)) == essence(limit)
    assert lowest_host(copied) == lowest_host(toy_result)
