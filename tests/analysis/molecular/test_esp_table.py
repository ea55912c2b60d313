"""Potentials as a table: the statistics of a sphere are known, and the footnotes say what compares with what."""

import numpy as np
import pytest

from azibflow.analysis.tables.esp import esp_table
from azibflow.analysis.tables.formats import printed_rows
from azibflow.calculators.specs import CalculatorRecord, PyscfSpec
from azibflow.workflows.common.results import Outcome


def printed(table, key):
    place = [column.key for column in table.printed_columns()].index(key)
    return [row[place] for row in printed_rows(table)]


def test_dipole_on_a_sphere_has_its_known_statistics(esp):
    """Of V = d cos(theta): averages +-d/2, Pi = d/2, sigma+^2 = d^2/12, nu = 1/4, spread = d/sqrt(3)."""
    row = esp_table([esp(dipole=30.0)]).rows[0].cells
    known = {
        "maximum": (30.0, 0.01),
        "minimum": (-30.0, 0.01),
        "average": (0.0, 0.1),
        "average_positive": (15.0, 0.02),
        "average_negative": (-15.0, 0.02),
        "charge_separation": (15.0, 0.02),
        "variance_positive": (75.0, 0.04),
        "variance": (150.0, 0.04),
        "balance": (0.25, 0.01),
        "spread": (30 / np.sqrt(3), 0.02),
        "area": (4 * np.pi * 4, 0.02),
    }
    for key, (value, tolerance) in known.items():
        assert row[key] == pytest.approx(value, rel=tolerance, abs=0.1), key


def test_extrema_name_the_nearest_atom_and_the_place(esp):
    row = esp_table([esp()]).rows[0].cells
    assert (row["maximum_atom"], row["minimum_atom"]) == ("O0", "H1")
    x, y, z = (float(part) for part in row["maximum_position"].split(", "))
    assert (x**2 + y**2 + z**2) ** 0.5 == pytest.approx(2.0, abs=0.01) and z > 1.99
    assert row["local_maxima"].endswith(" at O0")


def test_cation_without_negative_potential_has_no_negative_statistics(esp):
    table = esp_table([esp(), esp("NH4+", 160.0, 12.0)])
    assert printed(table, "average_negative")[1] == ""
    assert printed(table, "balance")[1] == ""
    assert printed(table, "charge") == ["0", "2"]
    assert any("compare extrema and averages within one charge" in note for note in table.notes)


def test_error_of_the_fit_stands_beside_and_exact_has_none(esp):
    statistics = esp().statistics.model_copy(update={"fit_error": None})
    table = esp_table([esp(), esp("exact", statistics=statistics)])
    assert printed(table, "fit_rms") == ["0.040", ""]
    assert printed(table, "fit_largest") == ["0.170", ""]
    assert any("exact integrals" in note and "exact." in note for note in table.notes)


def test_surface_and_time_are_stated(esp):
    table = esp_table([esp(), esp("other")])
    assert "electron density 0.001 electrons/bohr^3" in table.notes[0]
    assert "Maps took 2.5 s together, from converged densities on." in table.notes
    unrecorded = "In no time here, since it was not recorded: converging the densities of H2O, other a second time."
    assert unrecorded in table.notes
    assert printed(table, "seconds") == ["1.2", "1.2"]
    assert printed(esp_table([esp(), esp(isovalue=0.002)]), "isovalue") == ["0.001", "0.002"]


def test_densities_that_were_converged_again_are_in_the_total_time(esp):
    """A geometry of 100 s for both, two energies of 20 s, two maps of 1.25 s, one density of 300 s: 442.5 s."""
    notes = esp_table([esp(seconds_scf=300.0), esp("other", seconds_scf=0.0)]).notes
    assert any("took 7 min of wall time" in note for note in notes)
    again = "Converging 1 of the densities again, whose orbitals had not been kept, took 5 min."
    assert again in notes
    assert not any("not recorded" in note for note in notes)


def test_failed_map_is_a_row_without_numbers(esp):
    failed = esp("PC", outcome=Outcome.FAILED, reason="its job failed", statistics=None, molecule=None, files=[])
    table = esp_table([esp(), failed])
    assert printed(table, "molecule_name") == ["H2O", "PC"]
    assert printed(table, "maximum")[1] == ""
    assert [row.name for row in table.problems()] == ["ESP, PC"]
    assert esp_table([failed]).rows[0].cells["medium"] == "gas phase"


def test_unsound_geometry_is_marked(esp):
    table = esp_table([esp(outcome=Outcome.SADDLE, reason="1 imaginary mode")])
    assert printed(table, "maximum")[0].endswith("*")
    assert len(table.problems()) == 1


def test_published_values_of_other_quantities_are_named(esp):
    table = esp_table([esp(literature=("MoS2",))], literature=True)
    assert "Published value MoS2 gives another quantity (migration barrier)." in table.notes


def test_medium_and_method_are_stated(esp):
    spec = PyscfSpec.model_validate({"preset": "yang2025", "energy": {"solvent": "water"}})
    table = esp_table([esp(calculator=CalculatorRecord(spec=spec, versions={}))])
    assert printed(table, "medium") == ["IEF-PCM water"]
    assert "ESP: PBE0-D3BJ/def2-tzvpd // PBE0-D3BJ/def2-svp." in table.notes


def test_empty_table_is_a_table():
    assert esp_table([], literature=True).rows == []
