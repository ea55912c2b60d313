"""ESP maps as a flow: the surface that is kept is the one of plain PySCF at the geometry that is kept."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import molecule
from ase.units import Bohr, Hartree, kcal, mol
from jobflow import run_locally

from azibflow.calculators.dft.calculator import PyscfCalculator
from azibflow.calculators.dft.molecule import build_molecule
from azibflow.calculators.dft.wave_function import keep_orbitals, kept_density
from azibflow.calculators.esp.surface import read_surface
from azibflow.calculators.specs import PyscfSpec
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.results import Outcome, StudyLabel
from azibflow.workflows.molecular.esp import EspMaker, EspResult, EspSettings, esp_map
from azibflow.workflows.molecular.geometries import MoleculeSettings

SPEC = PyscfSpec.model_validate({"functional": "hf", "basis": "6-31g", "dispersion": None})
KCAL = Hartree / (kcal / mol)


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("esp")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        maker = EspMaker(
            calculator=SPEC,
            settings=MoleculeSettings(fmax=0.02, preoptimization="none"),
            esp=EspSettings(spacing=0.4, cube_spacing=0.4),
        )
        responses = run_locally(maker.make([StructureRecipe(molecule="H2O")]), ensure_success=True)
    (result,) = [r[1].output for r in responses.values() if isinstance(r[1].output, EspResult)]
    return folder, result


def test_the_map_is_that_of_the_geometry_and_density_that_are_kept(mapped) -> None:
    folder, result = mapped
    surface = read_surface(folder / result.files[0].path)
    atoms = result.molecule.geometry.structure.to_atoms()
    np.testing.assert_allclose(surface.positions, atoms.positions, atol=1e-6)
    calculator = PyscfCalculator(SPEC)
    calculator.get_potential_energy(atoms)
    field = calculator.solution.mean_field
    chosen = slice(None, None, 40)
    points = surface.vertices[chosen] / Bohr
    density = np.einsum("pi,ij,pj->p", orbitals := field.mol.eval_gto("GTOval", points), field.make_rdm1(), orbitals)
    np.testing.assert_allclose(density, 0.001, rtol=0.03)
    distances = np.linalg.norm(points[:, None] - field.mol.atom_coords(), axis=2)
    nuclear = (field.mol.atom_charges() / distances).sum(axis=1)
    electronic = np.einsum("pij,ij->p", field.mol.intor("int1e_grids", grids=points), field.make_rdm1())
    np.testing.assert_allclose(surface.potential[chosen], (nuclear - electronic) * KCAL, atol=0.5)


def test_water_is_positive_at_its_hydrogen_atoms(mapped) -> None:
    _, result = mapped
    assert result.outcome is Outcome.OK
    highest, lowest = result.statistics.maxima[0], result.statistics.minima[0]
    assert 30 < highest.value < 70
    assert -60 < lowest.value < -20
    assert (highest.nearest_symbol, lowest.nearest_symbol) == ("H", "O")


def test_every_file_is_recorded_and_is_what_it_says(mapped) -> None:
    from ase.io.cube import read_cube

    folder, result = mapped
    assert [file.holds for file in result.files] == [
        "isodensity surface with the potential at its vertices",
        "cube file: density",
        "cube file: esp",
    ]
    for file in result.files[1:]:
        with (folder / file.path).open() as lines:
            cube = read_cube(lines)
        assert cube["atoms"].get_chemical_formula() == "H2O"
    np.testing.assert_allclose(
        cube["atoms"].get_all_distances(), result.molecule.geometry.structure.to_atoms().get_all_distances(), atol=1e-5
    )


def test_the_map_takes_the_density_that_was_kept_and_says_when_it_had_to_converge_one(mapped, tmp_path, monkeypatch):
    folder, result = mapped
    assert result.seconds_scf == 0
    kept = folder.parent / result.molecule.orbitals_file
    (tmp_path / kept.parent.parent.name / "checkpoints").mkdir(parents=True)
    (copy := tmp_path / result.molecule.orbitals_file).write_bytes(kept.read_bytes())
    (own := tmp_path / "map").mkdir()
    settings, label = EspSettings(spacing=0.4), StudyLabel(study="again")
    with monkeypatch.context() as patch:
        patch.setattr("pyscf.scf.hf.SCF.kernel", lambda *_, **__: pytest.fail("an SCF was started"))
        assert esp_map(result.molecule, SPEC, settings, label, own).statistics == result.statistics
    copy.write_bytes(kept.read_bytes()[:900])
    again = esp_map(result.molecule, SPEC, settings, label, own)
    assert again.seconds_scf > 0
    assert again.statistics.maximum.value == pytest.approx(result.statistics.maximum.value, abs=0.01)
    assert again.statistics.spread == pytest.approx(result.statistics.spread, abs=0.01)


def test_orbitals_of_an_open_shell_are_those_of_the_solution_and_of_no_other(tmp_path):
    oxygen = molecule("O2")
    oxygen.info.update(charge=0, spin=3)
    calculator = PyscfCalculator(SPEC)
    calculator.get_potential_energy(oxygen)
    field = calculator.solution.mean_field
    keep_orbitals(field, tmp_path / "o2.chk")
    spins = field.make_rdm1()
    np.testing.assert_allclose(kept_density(tmp_path / "o2.chk", field.mol, field.e_tot), sum(spins), atol=1e-10)
    assert kept_density(tmp_path / "o2.chk", field.mol, field.e_tot + 1e-5) is None
    oxygen.positions[0, 2] += 0.1
    assert kept_density(tmp_path / "o2.chk", build_molecule(oxygen, SPEC.energy), field.e_tot) is None
    assert kept_density(tmp_path / "none.chk", field.mol, field.e_tot) is None


def test_a_map_that_failed_is_a_row_with_its_molecule_and_reason(tmp_path, monkeypatch) -> None:
    """No density is that high; the job fails, and so does the one of a molecule that has no energy."""
    monkeypatch.chdir(tmp_path)
    maker = EspMaker(calculator=SPEC, settings=MoleculeSettings(fmax=0.1), esp=EspSettings(isovalue=1e6))
    responses = run_locally(maker.make([StructureRecipe(molecule="H2")]))
    (failed,) = [r[1].output for r in responses.values() if isinstance(r[1].output, EspResult)]
    assert (failed.molecule_name, failed.outcome) == ("H2", Outcome.FAILED)
    assert "log says why" in failed.reason
    assert failed.isovalue == 1e6
    assert failed.statistics is None
