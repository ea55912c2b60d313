"""The cycle from a ladder to an enthalpy of hydration: its terms by hand, and when it is not closed."""

from pathlib import Path

import pytest

from azibflow.analysis.hydration import hydration_cycle, hydration_cycles
from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.desolvation import desolvation_table
from azibflow.calculators.specs import CalculatorRecord, PyscfSpec
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.molecular.desolvation_results import DesolvationResult

KEPT = Path(__file__).parents[3] / "examples" / "results" / "desolvation"
WET = CalculatorRecord(
    spec=PyscfSpec.model_validate({"preset": "standard", "energy": {"solvent": "water"}}), versions={}
)


@pytest.fixture
def wet(ladder):
    """The same ladder in a solvent that lowers the dihydrate by 8 eV."""
    dry = ladder().members[0].molecule
    return ladder({2: dry.model_copy(update={"energy": dry.energy - 8.0, "calculator": WET})}, study="wet", record=WET)


def test_its_terms_are_those_by_hand(ladder, wet):
    cycle = hydration_cycle(ladder(), wet)
    heat = (4.5 + 0.8 + 0.6 - 1.5) + (5.5 + 0.1 + 0.6 - 0.8)  # dH of both steps
    assert (cycle.waters, cycle.vaporisation) == (2, pytest.approx(88.008))
    assert cycle.binding == pytest.approx(-heat * 96.485332)
    assert cycle.solvation == pytest.approx(-8.0 * 96.485332)
    assert cycle.hydration == pytest.approx(88.008 - (heat + 8.0) * 96.485332)


def test_it_is_not_closed_over_ladders_that_do_not_belong_together(ladder, wet):
    moved = ladder().members[0].molecule
    structure = moved.geometry.structure.model_copy(update={"charge": 1})
    elsewhere = moved.model_copy(update={"geometry": moved.geometry.model_copy(update={"structure": structure})})
    broken = ladder().steps[0].model_copy(update={"outcome": Outcome.SADDLE})
    for gas, other in (
        (ladder(frequencies=False), wet),
        (ladder(support="flake"), wet),
        (ladder(steps=[broken, ladder().steps[1]]), wet),
        (ladder(), ladder()),
        (wet, wet),
        (ladder({2: elsewhere}), wet),
        (ladder(ion="Mg"), wet),
    ):
        assert hydration_cycle(gas, other) is None
    assert len(hydration_cycles([ladder(), wet])) == 1


def test_the_kept_ladders_of_zinc_come_within_five_percent_of_the_published_enthalpy():
    results = load_results([KEPT], DesolvationResult)
    (cycle,) = hydration_cycles(results)
    assert cycle.hydration == pytest.approx(-2046, rel=0.05)
    (note,) = [text for text in desolvation_table(results).notes if "enthalpy of hydration by the cycle" in text]
    assert "6 waters evaporated +264, bound to the ion -1428, the complex into the solvent" in note
    assert "together -1963 kJ/mol" in note


def test_water_on_zinc_has_longer_and_softer_bonds_than_free_water():
    gas = load_results([KEPT], DesolvationResult)[0]
    rows = [row.cells for row in desolvation_table([gas]).rows]
    lengths, shifts = ([row[key] for row in rows] for key in ("oh_change", "oh_shift"))
    assert lengths == sorted(lengths) and 0.004 < lengths[0] < 0.006 < 0.022 < lengths[-1] < 0.025
    assert shifts == sorted(shifts, reverse=True) and shifts[0] == pytest.approx(-50, abs=1)
    first = gas.members[0].molecule.geometry
    atoms = first.structure.to_atoms()
    by_hand = [atoms.get_distance(o, h) for o in range(1, 19, 3) for h in (o + 1, o + 2)]
    assert rows[0]["oh_length"] == pytest.approx(sum(by_hand) / 12)
    assert rows[0]["oh_wavenumber"] == pytest.approx(sum(sorted(first.thermochemistry.frequencies)[-12:]) / 12)
