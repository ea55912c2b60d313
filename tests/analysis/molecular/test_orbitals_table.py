"""Frontier levels: vertical energies by hand, and what must not be read into the levels."""

import pytest

from azibflow.analysis.tables.formats import printed_rows
from azibflow.analysis.tables.orbitals import orbitals_table
from azibflow.calculators.specs import CalculatorRecord, PyscfSpec


def cells(table, key):
    return [row.cells[key] for row in table.rows]


def test_vertical_energies_are_those_taken_by_hand(levels):
    table = orbitals_table([levels])
    assert cells(table, "ionization_energy") == [pytest.approx(2.6 + 10.0), None, None]
    assert cells(table, "electron_affinity") == [pytest.approx(-10.0 + 9.4), pytest.approx(-40.0 + 40.5), None]
    assert cells(table, "gap") == [pytest.approx(8.75), pytest.approx(8.75), None]
    assert (cells(table, "oxidized_energy")[0], cells(table, "oxidized_spin_squared")[0]) == (2.6, 0.7531)


def test_dipole_of_an_ion_is_none(levels):
    assert cells(orbitals_table([levels]), "dipole") == [1.85, None, None]


def test_what_failed_is_a_problem_and_a_missing_ion_is_named(levels):
    table = orbitals_table([levels])
    assert [row.cells["molecule_name"] for row in table.problems()] == ["DTPMP", "lysine"]
    assert "levels, DTPMP: no vertical IP, there is no energy of that ion." in table.notes
    assert not any(note.startswith("levels, H2O: no") for note in table.notes)


def test_footnotes_say_what_levels_are_not(levels):
    text = " ".join(orbitals_table([levels]).notes)
    assert "no ionisation energies" in text
    assert "negative EA means that the added electron is not bound in this basis" in text
    assert "compare within one charge" in text
    assert "Open shells: H2O, charge +1 (2S+1 = 2, <S^2> 0.753), H2O, charge -1 (2S+1 = 2, <S^2> 0.750)." in text
    assert "continuum" not in text


def test_solvent_states_are_in_equilibrium(levels):
    spec = PyscfSpec.model_validate({"preset": "standard", "solvent": "water"})
    wet = levels.model_copy(update={"calculator": CalculatorRecord(spec=spec, versions={})})
    table = orbitals_table([wet])
    assert "In a continuum the solvent of both charge states is in equilibrium with them." in table.notes
    assert set(cells(table, "medium")) == {"IEF-PCM water"}


def test_published_level_stands_beside_its_molecule_only(levels):
    table = orbitals_table([levels], literature=True)
    assert cells(table, "published") == [None, 0.34, None]


def test_multiplicity_is_printed_only_where_one_is_no_singlet(levels):
    def heads(table):
        return [column.head for column in table.printed_columns()]

    assert "2S+1" not in heads(orbitals_table([levels]))
    radical = levels.rows[0].molecule.model_copy(update={"spin": 2})
    row = levels.rows[0].model_copy(update={"molecule": radical})
    table = orbitals_table([levels.model_copy(update={"rows": [row]})])
    assert printed_rows(table)[0][heads(table).index("2S+1")] == "2"


def test_levels_are_called_what_they_are(levels):
    hartree_fock = levels.model_copy(update={"method": "HF/def2-svp // HF/def2-svp"})
    for results, words in (
        ([levels], "HOMO, LUMO: Kohn-Sham levels"),
        ([hartree_fock], "HOMO, LUMO: Hartree-Fock levels"),
        ([levels, hartree_fock], "HOMO, LUMO: Kohn-Sham or Hartree-Fock levels"),
    ):
        assert orbitals_table(results).notes[0].startswith(words)
