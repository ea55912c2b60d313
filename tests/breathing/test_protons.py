"""Protons beside the ions: where they are put, what their energies come to by hand, what goes in first."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.calculators.calculator import all_changes
from test_breathing_campaign import CAMPAIGN, azibflow
from test_breathing_maker import TIGHT, computed, maker, recipe, tagged_host
from toy import ToyInterface

from azibflow.analysis.breathing.limit import breathing_limit
from azibflow.analysis.breathing.protons import (
    energies_of_states,
    ion_alone_above,
    proton_rows,
    proton_sentences,
    windows,
)
from azibflow.analysis.tables.breathing import breathing_table
from azibflow.analysis.tables.formats import printed_rows
from azibflow.calculators.specs import AseSpec
from azibflow.structures.protonation import basic_oxygens, free_hydrogens, with_proton
from azibflow.workflows.breathing.results import BreathingResult
from azibflow.workflows.breathing.study import breathing_study
from azibflow.workflows.breathing.tasks import ProtonSettings

SHIFT = 0.05916
"""kT ln(10) at 298.15 K, eV."""


class ToyWithHydrogen(ToyInterface):
    """The toy, in which hydrogen is worth ``held`` eV on any oxygen, -0.5 eV in H2, and ``beside`` with each zinc."""

    implemented_properties: ClassVar[list[str]] = ["energy", "forces", "stress"]

    def __init__(self, held: float = -0.8, beside: float = 0.1, **options) -> None:
        super().__init__(**options)
        self.held, self.beside = held, beside

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes) -> None:
        hydrogen = [i for i, symbol in enumerate(atoms.symbols) if symbol == "H"]
        if len(hydrogen) == len(atoms):
            self.atoms = atoms.copy()
            self.results = {"energy": -0.5 * len(atoms), "forces": np.zeros((len(atoms), 3)), "stress": np.zeros(6)}
            return
        rest = atoms[[i for i in range(len(atoms)) if i not in hydrogen]]
        super().calculate(rest, properties, system_changes)
        forces = np.zeros((len(atoms), 3))
        forces[[i for i in range(len(atoms)) if i not in hydrogen]] = self.results["forces"]
        zinc = list(atoms.symbols).count("Zn")
        self.atoms = atoms.copy()
        self.results["energy"] += len(hydrogen) * (self.held + zinc * self.beside)
        self.results["forces"] = forces


def protonated(options=None, **settings) -> object:
    made = maker(ions=1, protons=ProtonSettings(most=2, starts=2, ph=4.0), **settings)
    made.calculator = AseSpec(calculator="test_protons:ToyWithHydrogen", options=options or {})
    return made


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> BreathingResult:
    made = protonated()
    return breathing_study(recipe(), calculator=made.calculator, settings=TIGHT, breathing=made.settings)


def test_the_oxygen_with_fewest_and_longest_bonds_comes_first():
    places = [(0, 0, 0), (0, 0, 1.6), (1.8, 0, 0), (3.6, 0, 0), (3.6, 0, 1.75), (5.4, 0, 0)]
    atoms = Atoms("VOOVOO", positions=places, cell=(20, 20, 20), pbc=True)
    # O5 has one bond of 1.80, O4 one of 1.75, O1 one of 1.60, O2 two of 1.80.
    assert basic_oxygens(atoms, range(6)) == [5, 4, 1, 2]
    assert basic_oxygens(atoms, [1, 2]) == [1, 2]
    full = with_proton(with_proton(atoms, 5), 5)
    assert 5 not in basic_oxygens(full, range(6))
    twice = atoms.repeat((2, 1, 1))
    assert len(basic_oxygens(twice, range(12))) == 4, "of equivalent ones one"


def test_a_proton_is_on_its_oxygen_alone_and_points_to_another():
    atoms = Atoms("VOVO", positions=[(0, 0, 0), (0, 0, 1.6), (2.9, 0, 0), (2.9, 0, 1.6)], cell=(20, 20, 20), pbc=True)
    hydrogen = with_proton(atoms, 1)
    assert hydrogen.get_distance(4, 1) == pytest.approx(0.98)
    assert hydrogen.get_distance(4, 0) > 2.0
    assert hydrogen.get_distance(4, 3) == pytest.approx(2.9 - 0.98, abs=0.1)
    assert free_hydrogens(hydrogen, 1) == 0
    second = with_proton(hydrogen, 3)
    assert second.get_distance(4, 5) > 1.49, "two hydrogen atoms make no molecule"
    second.positions[5] += (0, 0, 3)
    assert free_hydrogens(second, 2) == 1
    assert free_hydrogens(molecule("H2O", cell=(9, 9, 9), pbc=True), 2) == 0


def test_energies_known_by_hand(result):
    limit = breathing_limit(result)
    rows = proton_rows(result, limit)
    assert [(row.n, row.m) for row in rows] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    # H is worth -0.8 + 0.5 eV, with one zinc 0.1 more; E_b(1) = -0.5.
    assert [row.binding for row in rows] == pytest.approx([-0.3, -0.6, -0.7, -0.9], abs=1e-5)
    for record in result.protons.records:
        assert list(record.structure.symbols[-record.m :]) == ["H"] * record.m
    assert all(row.outcome == "ok" and row.free == 0 for row in rows)


def test_the_flow_puts_in_what_the_plain_function_does(result, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flowed = computed(protonated().make(recipe()))
    assert flowed.protons.records == result.protons.records
    assert flowed.protons.reference.energy == pytest.approx(-0.5)
    assert flowed.records == result.records


def test_what_goes_in_first_by_hand():
    energies = {(0, 0): 0.0, (1, 0): -0.5, (0, 1): -0.3, (1, 1): -0.7}
    # Zn: (0.5 - 2 0.7618) / 2 = -0.512 V; H at pH 4: 0.3 - 4 SHIFT = 0.063 V; then one Zn more beside it.
    found = windows(energies, "Zn", 4.0)
    assert [one.state for one in found] == [(0, 0), (0, 1), (1, 1)]
    assert [one.above for one in found] == pytest.approx([0.3 - 4 * SHIFT, 0.2 - 0.7618, -0.7618], abs=1e-4)
    assert [one.below for one in found[1:]] == pytest.approx([one.above for one in found[:-1]])
    # Zn first where 0.3 - pH SHIFT is below its -0.512 V.
    crossing = ion_alone_above(energies, "Zn")
    assert crossing == pytest.approx((0.3 + 0.5118) / SHIFT, abs=0.01)
    assert windows(energies, "Zn", crossing - 0.01)[1].state[1] == 1
    assert windows(energies, "Zn", crossing + 0.01)[1].state == (1, 0)


@pytest.mark.parametrize(
    ("hydrogen", "said"),
    [
        (-0.50, "H goes first, with or without Zn, at every pH up to 14"),
        (0.00, "Zn alone goes first above pH 8.7, H or both below"),
        (0.60, "Zn alone goes first at every pH from 0 on"),
    ],
)
def test_what_goes_first_is_said_by_ph(result, hydrogen, said):
    records = [one.model_copy(update={"energy": one.energy + 0.3 + hydrogen}) for one in result.protons.records[:1]]
    other = result.model_copy(update={"protons": result.protons.model_copy(update={"records": records})})
    assert said in " ".join(proton_sentences(other, breathing_limit(other)))


def test_nothing_goes_in_where_metal_is_plated_first():
    energies = {(0, 0): 0.0, (1, 0): 0.2, (0, 1): 1.2}
    (bare,) = windows(energies, "Zn", 7.0)
    assert (bare.state, bare.above, bare.below) == ((0, 0), -0.7618, None)
    assert ion_alone_above(energies, "Zn") is None


def test_the_table_has_a_row_for_each_number_of_both(result):
    table = breathing_table([result])
    heads = [column.head for column in table.printed_columns()]
    rows = [dict(zip(heads, row, strict=True)) for row in printed_rows(table)]
    assert [(row["n"], row["m of H"]) for row in rows] == [(n, m) for n in "01" for m in "012"]
    assert [row["E_b"] for row in rows] == ["0.000", "-0.300", "-0.600", "-0.500", "-0.700", "-0.900"]
    assert [row["lowest below"] for row in rows] == ["", "", "0.06", "", "", "-0.61"]
    limit = breathing_limit(result)
    said = " ".join(proton_sentences(result, limit))
    assert "H goes first, below 0.06 V" in said
    assert len(energies_of_states(limit, proton_rows(result, limit))) == 6
    assert any("mu(H) = 0.5 H2(g)" in note for note in table.notes)


def test_a_study_without_protons_is_written_as_before(toy_result):
    assert "protons" not in toy_result.model_dump(mode="json")
    assert "m of H" not in [column.head for column in breathing_table([toy_result]).columns]


def test_a_film_without_oxygen_is_refused(tmp_path, capsys):
    host = tagged_host()
    host.symbols[[i for i, symbol in enumerate(host.symbols) if symbol == "O"]] = "S"
    host.write(tmp_path / "toy.extxyz")
    path = tmp_path / "toy.yaml"
    path.write_text(CAMPAIGN.replace("ions: 2", "ions: 2, protons: {most: 1}"))
    assert azibflow("run", path, "--run-dir", tmp_path / "run") == 2
    said = capsys.readouterr().err
    assert "no oxygen in its film that takes hydrogen" in said and "Traceback" not in said
