"""Binding energies and frontier levels: arithmetic by hand, references through stated cycles, failures."""

from __future__ import annotations

import pytest
from jobflow import run_locally

from azibflow.calculators.specs import XtbSpec, pyscf_preset
from azibflow.structures.molecules import adsorbate
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.results import Outcome, StudyLabel
from azibflow.workflows.molecular.binding import HYDRATION_GIBBS_ENERGY, BindingMaker, BindingResult, collect_binding
from azibflow.workflows.molecular.counterpoise import CounterpoiseResult
from azibflow.workflows.molecular.energies import MoleculeResult, molecule_energy
from azibflow.workflows.molecular.geometries import MoleculeSettings, optimize_molecule
from azibflow.workflows.molecular.orbitals import OrbitalsMaker, OrbitalsResult, orbital_row

XTB = XtbSpec()
SETTINGS = MoleculeSettings(fmax=0.02)
LABEL = StudyLabel(study="pair")


def computed(name: str) -> MoleculeResult:
    return molecule_energy(name, optimize_molecule([adsorbate(name)], XTB, SETTINGS), XTB)


@pytest.fixture(scope="module")
def hydrate() -> MoleculeResult:
    return computed("[Zn(H2O)]2+")


@pytest.fixture(scope="module")
def parts() -> list[MoleculeResult]:
    return [computed("Zn2+"), computed("H2O")]


def test_binding_energy_and_the_aqueous_reference_by_hand(hydrate, parts) -> None:
    correction = CounterpoiseResult(superposition_error=-0.2, fragment=[1, 2, 3])
    names = ["[Zn(H2O)]2+", "Zn2+", "H2O"]
    result = collect_binding(hydrate, parts, names, correction, XTB, LABEL)
    energy = hydrate.energy - parts[0].energy - parts[1].energy
    assert result.energy == pytest.approx(energy)
    assert result.energy < -3
    assert result.counterpoise == pytest.approx(energy + 0.2)  # less binding without superposition
    # Zn2+(aq) lies dG_hyd below Zn2+(g): binding it costs that much more.
    assert result.energy_vs_aqueous_ion == pytest.approx(energy - HYDRATION_GIBBS_ENERGY["Zn"])
    assert HYDRATION_GIBBS_ENERGY["Zn"] * 96.485 == pytest.approx(-1955, abs=1)
    assert result.enthalpy is None
    assert result.outcome is Outcome.OK


def test_a_counterpoise_that_failed_is_said(hydrate, parts) -> None:
    names = ["[Zn(H2O)]2+", "Zn2+", "H2O"]
    result = collect_binding(hydrate, parts, names, None, XTB, LABEL, correction_asked=True)
    assert result.outcome is Outcome.FAILED
    assert "counterpoise" in result.reason
    assert result.energy == pytest.approx(hydrate.energy - parts[0].energy - parts[1].energy)


def test_neutral_pairs_have_no_aqueous_reference(parts) -> None:
    water = parts[1]
    result = collect_binding(water, [water, water], ["x", "H2O", "H2O"], None, XTB, LABEL)
    assert result.energy_vs_aqueous_ion is None
    assert result.counterpoise is None


def test_a_failed_part_is_named(hydrate, parts) -> None:
    result = collect_binding(hydrate, [parts[0], None], ["[Zn(H2O)]2+", "Zn2+", "H2O"], None, XTB, LABEL)
    assert result.outcome is Outcome.FAILED
    assert result.reason.startswith("H2O: its job failed")
    assert result.energy is None


def test_docked_water_dimer_finds_the_hydrogen_bond(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    water = StructureRecipe(molecule="H2O")
    flow = BindingMaker(name="dimer", calculator=XTB, settings=SETTINGS).make([water, water])
    responses = run_locally(flow, ensure_success=True)
    (result,) = [r[1].output for r in responses.values() if isinstance(r[1].output, BindingResult)]
    assert result.outcome is Outcome.OK
    # GFN2-xTB binds the dimer by 5.0 kcal/mol (10.1021/acs.jctc.8b01176).
    assert result.energy == pytest.approx(-0.21, abs=0.04)


def test_orbital_row_by_hand(parts) -> None:
    water = parts[1]
    row = orbital_row(
        "H2O",
        water,
        water.model_copy(update={"energy": water.energy + 12.6}),
        water.model_copy(update={"energy": water.energy + 3.0}),
    )
    assert row.ionization_energy == pytest.approx(12.6)
    assert row.electron_affinity == pytest.approx(-3.0)
    assert row.homo is None  # xTB keeps no orbitals


def test_orbitals_of_water(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    water = StructureRecipe(molecule="H2O")
    flow = OrbitalsMaker(calculator=pyscf_preset("quick"), settings=SETTINGS).make([water])
    responses = run_locally(flow, ensure_success=True)
    (result,) = [r[1].output for r in responses.values() if isinstance(r[1].output, OrbitalsResult)]
    (row,) = result.rows
    assert row.outcome is Outcome.OK
    # Measured 12.62 eV (NIST); PBE in a small basis is within half an electronvolt.
    assert row.ionization_energy == pytest.approx(12.62, abs=0.6)
    assert row.electron_affinity < -1  # no bound anion
    assert row.homo < row.lumo
    assert row.oxidized.spin == 2
    assert row.oxidized.spin_squared == pytest.approx(0.75, abs=0.02)
    assert row.oxidized.stable is True
    assert row.molecule.stable is None  # its gap leaves no doubt
    assert row.molecule.dipole == pytest.approx(1.9, abs=0.3)
