"""Binding energies: by hand, against the free and the aqueous ion, with the cycle stated."""

import pytest

from azibflow.analysis.tables.binding import binding_table
from azibflow.calculators.specs import CalculatorRecord, PyscfSpec
from azibflow.workflows.common.results import Outcome


def test_energies_are_those_taken_by_hand(zinc_water):
    (row,) = binding_table([zinc_water]).rows
    assert row.cells["energy"] == pytest.approx(-85.5 + 70.0 + 10.0)
    assert row.cells["counterpoise"] == pytest.approx(-5.3), "a superposition error of -0.2 eV bound it too strongly"
    assert row.cells["energy_parts"] == "Zn2+ -70.000000; H2O -10.000000"
    assert row.cells["complex_energy"] == -85.5


def test_aqueous_reference_is_marcus_through_a_stated_cycle(zinc_water):
    table = binding_table([zinc_water])
    assert table.rows[0].cells["energy_vs_aqueous_ion"] == pytest.approx(-5.5 + 1955 / 96.485, abs=0.003)
    (cycle,) = [note for note in table.notes if note.startswith("E_bind vs Zn2+(aq)")]
    assert "10.1039/FT9918702995" in cycle and "Zn2+(aq) -> Zn2+(g)" in cycle and "-20.264 eV" in cycle


def test_continuum_has_no_second_hydration(zinc_water):
    spec = PyscfSpec.model_validate({"preset": "standard", "energy": {"solvent": "water"}})
    wet = zinc_water.model_copy(update={"calculator": CalculatorRecord(spec=spec, versions={})})
    table = binding_table([wet])
    assert table.rows[0].cells["energy_vs_aqueous_ion"] is None
    assert table.rows[0].cells["medium"] == "IEF-PCM water"
    assert any(note.startswith("No energy vs Zn2+(aq) for Zn2+ + H2O") for note in table.notes)
    assert not any("10.1039/FT9918702995" in note for note in table.notes)


def test_failed_complex_stays_in_the_table(zinc_water):
    failed = zinc_water.model_copy(
        update={"outcome": Outcome.FAILED, "reason": "its job failed", "complex": None, "energy": None}
    )
    table = binding_table([zinc_water, failed])
    assert [row.outcome for row in table.problems()] == [Outcome.FAILED]
    assert table.rows[1].cells["charge"] is None


def test_published_adsorption_energies_can_stand_beside(zinc_water):
    asked = zinc_water.model_copy(update={"literature": ("carbon-Zn2+",)})
    (row,) = binding_table([asked], literature=True).rows
    assert row.cells["published_key"] == "carbon-Zn2+"


def test_empty_table_is_a_table():
    assert binding_table([]).notes == []
