"""Ladders as tables: D_n by hand, what is marked, and what the footnotes admit."""

import pytest

from azibflow.analysis.tables.desolvation import desolvation_table
from azibflow.analysis.tables.formats import FORMATS, printed_rows, render
from azibflow.calculators.specs import CalculatorRecord, PyscfSpec, XtbSpec
from azibflow.workflows.common.results import Outcome

WET = CalculatorRecord(
    spec=PyscfSpec.model_validate({"preset": "standard", "energy": {"solvent": "water"}}), versions={}
)


def cells(table, key):
    return [row.cells[key] for row in table.rows]


def printed(table, key):
    place = [column.key for column in table.printed_columns()].index(key)
    return [row[place] for row in printed_rows(table)]


def keys(table):
    return {column.key for column in table.printed_columns()}


def note(table, beginning):
    (found,) = [text for text in table.notes if text.startswith(beginning)]
    return found


def test_energies_are_those_taken_by_hand(ladder):
    table = desolvation_table([ladder()])
    assert cells(table, "energy") == pytest.approx([4.5, 5.5])
    assert cells(table, "cumulative") == pytest.approx([4.5, 10.0])
    assert cells(table, "enthalpy") == pytest.approx([4.5 + 0.8 + 0.6 - 1.5, 5.5 + 0.1 + 0.6 - 0.8])
    assert cells(table, "gibbs_energy") == pytest.approx([4.5 + 0.3 + 0.05 - 0.6, 5.5 + 0.05 - 0.3])
    assert printed(table, "counterpoise") == ["4.300", ""]
    assert printed(table, "ion_charge") == ["1.50", "1.25"]


def test_every_step_can_be_checked_against_the_energies_beside_it(ladder):
    for row in desolvation_table([ladder()]).rows:
        by_hand = row.cells["after_energy"] + row.cells["water_energy"] - row.cells["before_energy"]
        assert row.cells["energy"] == pytest.approx(by_hand)


def test_steps_are_named_by_their_species(ladder):
    steps = ["[Zn(H2O)2]2+ -> [Zn(H2O)]2+", "[Zn(H2O)]2+ -> Zn2+"]
    assert cells(desolvation_table([ladder()]), "step") == steps
    carried = desolvation_table([ladder(support="flake")])
    assert cells(carried, "step") == ["2 -> 1 H2O on flake", "1 -> 0 H2O on flake"]
    assert "Zn2+ on flake, in the gas phase" in note(carried, "Zn2+, gas phase:")


def test_only_results_compete_for_the_costliest_step(ladder, molecule):
    assert cells(desolvation_table([ladder()]), "costliest") == [None, True]
    saddle = molecule("Zn2+", -70.0, 2, (["Zn"], [(0, 0, 0)]), outcome=Outcome.SADDLE, reason="1 imaginary mode")
    table = desolvation_table([ladder({0: saddle})])
    assert cells(table, "costliest") == [None, None]
    assert printed(table, "energy") == ["4.500", "5.500*"]
    assert [row.name for row in table.problems()] == ["Zn2+, gas phase, [Zn(H2O)]2+ -> Zn2+"]


def test_step_whose_species_failed_stays_with_its_reason(ladder):
    table = desolvation_table([ladder({0: None})])
    assert printed(table, "energy") == ["4.500", ""]
    assert printed(table, "outcome") == ["ok", "failed"]
    assert cells(table, "after_energy") == [-85.5, None]
    assert any("Zn2+: failed; n = 0: its job failed" in text for text in table.notes)
    assert len(table.problems()) == 1


def test_columns_without_values_are_not_printed(ladder):
    table = desolvation_table([ladder(frequencies=False)])
    assert not keys(table) & {"enthalpy", "gibbs_energy", "medium", "support"}
    assert "No frequencies were computed for any geometry: that these are minima is not proven." in table.notes


def test_medium_is_printed_where_one_is_not_the_gas_phase(ladder):
    table = desolvation_table([ladder(), ladder(study="wet", record=WET)])
    assert printed(table, "medium") == ["gas phase"] * 2 + ["IEF-PCM water"] * 2
    assert "in IEF-PCM water, the free water too" in note(table, "wet:")


def test_details_say_how_sound_each_species_is(ladder):
    row = desolvation_table([ladder()]).rows[0].cells
    assert (row["before_fmax"], row["after_force_calls"], row["water_imaginary"]) == (0.004, 12, 0)
    assert (row["before_lowest_frequency"], row["before_spin_squared"]) == (1600.0, 0.0)
    assert (row["water_seconds_geometry"], row["water_seconds_energy"]) == (100.0, 20.0)


def test_footnotes_state_reference_thermochemistry_and_spin(ladder):
    table = desolvation_table([ladder()])
    assert "4.4" not in note(table, "D_n = E(n-1) + E(H2O) - E(n)")
    assert "9.80 eV (946 kJ/mol)" in note(
        table, "Zn2+, gas phase: Zn2+ free, in the gas phase; PBE0-D3BJ/def2-tzvpd //"
    )
    assert "298.15 K and 101325 Pa" in note(table, "dH and dG")
    assert "All species are closed-shell singlets." in table.notes
    assert "Frequencies: no geometry has an imaginary mode, all are minima." in table.notes


def test_wall_time_counts_what_ladders_share_once(ladder):
    """Three members and water, 120 s each; a ladder with other names for the same calculations adds nothing."""
    one, two = ladder(), ladder(study="again")
    for results in ([one], [one, two]):
        assert "8 min of wall time" in note(desolvation_table(results), "All calculations behind")


def test_deviations_open_shells_and_instability_are_admitted(ladder, molecule):
    odd = molecule(
        "Zn2+",
        -70.0,
        2,
        (["Zn"], [(0, 0, 0)]),
        spin=3,
        spin_squared=2.01,
        stable=False,
        deviations=["Zn: def2-svpd for 6-31+g(d,p)"],
        scf=["DIIS: -1", "following an instability: -2"],
    )
    table = desolvation_table([ladder({0: odd})])
    assert "Open shells: Zn2+, charge +2 (2S+1 = 3, <S^2> 2.010)." in table.notes
    assert "NOT stable: the self-consistent field of Zn2+, charge +2." in table.notes
    stable = "The self-consistent fields of [Zn(H2O)2]2+, [Zn(H2O)1]2+, H2O are stable"
    assert note(table, stable)
    assert "Instabilities were followed to lower solutions for Zn2+." in table.notes
    assert "Departs from its preset: Zn: def2-svpd for 6-31+g(d,p)." in table.notes


def test_stability_that_was_not_analysed_is_no_proof(ladder, molecule):
    every = "The self-consistent fields are stable: no orbital rotation lowers their energy."
    assert every in desolvation_table([ladder()]).notes
    granted = molecule("Zn2+", -70.0, 2, (["Zn"], [(0, 0, 0)]), stable=None)
    notes = desolvation_table([ladder({0: granted})]).notes
    assert "Stability taken for granted, the levels of a closed shell leaving no doubt: Zn2+." in notes
    assert every not in notes


def test_published_values_stand_beside_the_hydrate_they_are_about(ladder):
    asked = ("TiS2-desolvation", "Zn2+-hydration", "MoS2")
    before = ladder().members[0].model_copy(update={"waters": 5})
    five = ladder(literature=asked, members=[before], steps=[ladder().steps[0].model_copy(update={"waters": 5})])
    table = desolvation_table([five, ladder(literature=asked)], literature=True)
    assert cells(table, "published") == [3.42, None, None]
    assert cells(table, "published_reference") == ["unknown", None, None]
    assert "2046 kJ/mol" in note(table, "Published Zn2+-hydration: hydration enthalpy")
    assert note(table, "Published value MoS2") == "Published value MoS2 gives another quantity (migration barrier)."


def test_xtb_energies_are_not_to_be_quoted(ladder):
    record = CalculatorRecord(spec=XtbSpec(solvent="water"), versions={})
    table = desolvation_table([ladder(record=record)])
    assert printed(table, "medium") == ["ALPB water"] * 2
    assert any("not to be quoted" in text for text in table.notes)


@pytest.mark.parametrize("style", list(FORMATS))
def test_every_format_repeats_byte_for_byte(ladder, style):
    results = [ladder(), ladder({0: None}, study="other")]
    assert render(desolvation_table(results), style) == render(desolvation_table(results), style)
    assert "5.5" in render(desolvation_table(results), style)


def test_empty_table_is_a_table(ladder):
    table = desolvation_table([], literature=True)
    assert (table.rows, table.notes) == ([], [])
