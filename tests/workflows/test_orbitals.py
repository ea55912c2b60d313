"""Frontier levels and vertical ionisation: the flow against plain calculations, and ions that are missing."""

from __future__ import annotations

import pytest
from jobflow import run_locally

from azibflow.analysis.tables.orbitals import orbitals_table
from azibflow.calculators.dft.calculator import PyscfCalculator
from azibflow.calculators.factory import make_calculator
from azibflow.calculators.relaxation import relax
from azibflow.calculators.specs import PyscfSpec, XtbSpec
from azibflow.structures.molecules import adsorbate
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.molecular.energies import MoleculeResult, molecule_energy
from azibflow.workflows.molecular.geometries import MoleculeSettings, optimize_molecule
from azibflow.workflows.molecular.orbitals import (
    OrbitalsMaker,
    OrbitalsResult,
    orbital_row,
    orbitals_study,
)

SPEC = PyscfSpec.model_validate({"functional": "hf", "basis": "6-31g", "dispersion": None})


@pytest.fixture(scope="module")
def levels(tmp_path_factory) -> OrbitalsResult:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("orbitals"))
        maker = OrbitalsMaker(calculator=SPEC, settings=MoleculeSettings(fmax=0.02, preoptimization="none"))
        flow = maker.make([StructureRecipe(molecule="H2O"), StructureRecipe(molecule="O2")])
        responses = run_locally(flow, ensure_success=True)
    (result,) = [r[1].output for r in responses.values() if isinstance(r[1].output, OrbitalsResult)]
    return result


def plain(molecule: MoleculeResult, charge: int, spin: int) -> PyscfCalculator:
    atoms = molecule.geometry.structure.to_atoms()
    atoms.info.update(charge=charge, spin=spin)
    calculator = PyscfCalculator(SPEC)
    calculator.get_potential_energy(atoms)
    return calculator


def test_levels_and_energies_are_those_of_single_calculations(levels: OrbitalsResult) -> None:
    water = levels.rows[0]
    neutral, cation, anion = (plain(water.molecule, charge, spin) for charge, spin in ((0, 1), (1, 2), (-1, 2)))
    occupied = neutral.solution.mean_field
    assert water.homo == pytest.approx(occupied.mo_energy[occupied.mo_occ > 0].max() * 27.211386, abs=1e-4)
    assert water.lumo == pytest.approx(occupied.mo_energy[occupied.mo_occ == 0].min() * 27.211386, abs=1e-4)
    assert water.gap == pytest.approx(water.lumo - water.homo)
    energy = neutral.results["energy"]
    assert water.ionization_energy == pytest.approx(cation.results["energy"] - energy, abs=1e-4)
    assert water.electron_affinity == pytest.approx(energy - anion.results["energy"], abs=1e-4)


def test_orbitals_relax_so_that_koopmans_overestimates(levels: OrbitalsResult) -> None:
    water = levels.rows[0]
    assert 9 < water.ionization_energy < -water.homo < 15
    assert -water.lumo < water.electron_affinity < 0


def test_a_triplet_loses_and_gains_an_electron_to_doublets(levels: OrbitalsResult) -> None:
    oxygen = levels.rows[1]
    assert oxygen.molecule.spin == 3
    assert (oxygen.oxidized.spin, oxygen.reduced.spin) == (2, 2)
    assert oxygen.outcome is Outcome.OK
    assert 9 < oxygen.ionization_energy < 16


def test_all_three_states_have_one_geometry(levels: OrbitalsResult) -> None:
    for row in levels.rows:
        positions = {str(state.geometry.structure.positions) for state in (row.molecule, row.oxidized, row.reduced)}
        assert len(positions) == 1


def test_an_ion_that_failed_leaves_its_column_empty(levels: OrbitalsResult) -> None:
    water = levels.rows[0]
    row = orbital_row("H2O", water.molecule, None, water.reduced)
    assert (row.outcome, row.ionization_energy) == (Outcome.FAILED, None)
    assert row.reason == "its job with one electron less failed"
    assert row.electron_affinity == water.electron_affinity
    assert orbital_row("H2O", None, None, None).outcome is Outcome.FAILED


def test_an_ion_that_was_not_asked_for_is_no_failure(levels: OrbitalsResult) -> None:
    water = levels.rows[0]
    row = orbital_row("H2O", water.molecule, water.oxidized, None, ions=("oxidized",))
    assert (row.outcome, row.electron_affinity, row.ionization_energy) == (Outcome.OK, None, water.ionization_energy)
    assert orbital_row("H2O", water.molecule, None, None, ions=()).outcome is Outcome.OK


@pytest.mark.parametrize("ions", [(), ("reduced",)])
def test_only_the_ions_asked_for_are_computed(ions: tuple[str, ...], tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    hydrogen = StructureRecipe(molecule="smiles:[H][H]")
    settings = MoleculeSettings(preoptimization="none")
    plainly = orbitals_study([hydrogen], SPEC, settings, ions=ions)
    flow = OrbitalsMaker(calculator=SPEC, settings=settings, ions=ions).make([hydrogen])
    assert sum(": energy" in job.name for job, _ in flow.iterflow()) == 1 + len(ions)
    responses = run_locally(flow, ensure_success=True)
    (result,) = [r[1].output for r in responses.values() if isinstance(r[1].output, OrbitalsResult)]
    for found in (plainly, result):
        (row,) = found.rows
        assert (found.ions, row.outcome, row.oxidized) == (ions, Outcome.OK, None)
        assert (row.reduced is None) == ("reduced" not in ions)
    table = orbitals_table([result])
    assert any("the campaign asks for none" in note and "no vertical IP" in note for note in table.notes)
    assert not any("there is no energy" in note for note in table.notes)


def test_a_high_spin_ion_loses_and_gains_an_electron_to_high_spin() -> None:
    """Mn2+ (6S) to Mn3+ (5D) and to Mn+ (7S): 33.67 and 15.64 eV by NIST. Singlets would lie electronvolts higher."""
    spec = PyscfSpec.model_validate({"functional": "hf", "basis": "def2-svp"})
    geometry = optimize_molecule([adsorbate("Mn2+")], spec)
    ion, oxidized, reduced = (molecule_energy("Mn2+", geometry, spec, charge=charge) for charge in (None, 3, 1))
    assert (ion.spin, oxidized.spin, reduced.spin) == (6, 5, 7)
    assert oxidized.energy - ion.energy == pytest.approx(33.67, abs=1.5)
    assert ion.energy - reduced.energy == pytest.approx(15.64, abs=1.5)


def test_levels_at_the_structure_of_xtb() -> None:
    spec = PyscfSpec.model_validate({"functional": "hf", "basis": "sto-3g", "dispersion": None, "geometry": "xtb"})
    (row,) = orbitals_study([StructureRecipe(molecule="H2O")], spec, MoleculeSettings()).rows
    relaxed = relax(adsorbate("H2O"), make_calculator(XtbSpec()), fmax=0.01, max_steps=100)
    assert row.molecule.geometry.energy == pytest.approx(relaxed.energy, abs=1e-4)
    assert row.molecule.geometry.calculator.spec == XtbSpec()
    assert row.molecule.method == "HF/sto-3g // GFN2-xTB"
    atoms = row.molecule.geometry.structure.to_atoms()
    alone = PyscfCalculator(PyscfSpec.model_validate({"functional": "hf", "basis": "sto-3g", "dispersion": None}))
    assert row.molecule.energy == pytest.approx(alone.get_potential_energy(atoms), abs=1e-5)
