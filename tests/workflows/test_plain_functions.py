"""Every kind of study without Jobflow gives the result of its flow, and a part that fails leaves the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ase.build import fcc111
from jobflow import Flow, run_locally

from azibflow.calculators.dft.levels import PyscfSpec
from azibflow.calculators.specs import AseSpec, CorrectedSpec, XtbSpec
from azibflow.errors import CalculationError, StructureError
from azibflow.structures.documents import StructureDocument
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.interfaces.flow import InterfaceMaker, interface_study
from azibflow.workflows.interfaces.results import InterfaceResult
from azibflow.workflows.migration.flow import MigrationMaker, compute_hop
from azibflow.workflows.migration.hops import hop_between
from azibflow.workflows.migration.results import BandSettings, MigrationResult
from azibflow.workflows.molecular import here
from azibflow.workflows.molecular.binding import BindingMaker, BindingResult, binding_study
from azibflow.workflows.molecular.desolvation import DesolvationMaker, desolvation_study
from azibflow.workflows.molecular.desolvation_results import DesolvationResult
from azibflow.workflows.molecular.esp import EspMaker, EspResult, EspSettings, esp_study
from azibflow.workflows.molecular.geometries import MoleculeSettings
from azibflow.workflows.molecular.orbitals import OrbitalsMaker, OrbitalsResult, orbitals_study

XTB = XtbSpec()
HF = PyscfSpec.model_validate({"functional": "hf", "basis": "sto-3g", "dispersion": None})
QUICK = MoleculeSettings(fmax=0.05, preoptimization="none")
WATER, ZINC, HYDROGEN = (StructureRecipe(molecule=name) for name in ("H2O", "Zn2+", "H2"))
OF_THE_RUN = ("seconds", "study", "place", "literature", "given", "files", "orbitals_file")
"""What a flow and a plain function differ in: how long they took, what the study is called, where files lie."""


def told(value: Any) -> Any:
    """Return what a result says of matter alone, numbers to eight digits."""
    if isinstance(value, dict):
        return {key: told(held) for key, held in value.items() if not any(word in key for word in OF_THE_RUN)}
    if isinstance(value, list | tuple):
        return [told(item) for item in value]
    return float(f"{value:.7e}") + 0.0 if isinstance(value, float) else value


@pytest.fixture
def by_flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Flow, type], list[Any]]:
    """Run a flow and return its last results of a class."""

    def run(flow: Flow, model: type) -> list[Any]:
        (tmp_path / "flow").mkdir()
        monkeypatch.chdir(tmp_path / "flow")
        responses = run_locally(flow, log=False, ensure_success=True)
        outputs = [response.output for by_index in responses.values() for response in by_index.values()]
        return [output for output in outputs if isinstance(output, model)]

    return run


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> StructureRecipe:
    """Two halves of a copper crystal."""
    path = tmp_path_factory.mktemp("halves") / "half.extxyz"
    atoms = fcc111("Cu", (1, 1, 2), a=3.6, vacuum=8, periodic=True)
    atoms.set_tags(None)
    atoms.write(path)
    parts = {"film": str(path), "support": str(path), "gap": 2.1}
    return StructureRecipe.model_validate({"heterostructure": parts})


def test_an_interface(halves: StructureRecipe, emt: AseSpec, by_flow) -> None:
    settings = RelaxSettings(fmax=0.05)
    plain = interface_study(halves, emt, settings)
    (result,) = by_flow(InterfaceMaker(calculator=emt, settings=settings).make(halves), InterfaceResult)
    assert told(plain.model_dump()) == told(result.model_dump())
    assert plain.outcome is Outcome.OK
    assert plain.work_of_adhesion > 1
    with pytest.raises(StructureError, match="no heterostructure"):
        interface_study(StructureRecipe(prototype="Cu"), emt)


def test_a_side_of_an_interface_that_fails_leaves_the_others(halves, emt: AseSpec, monkeypatch) -> None:
    from azibflow.workflows.interfaces import flow as interfaces

    relax, seen = interfaces.relax_structure, []

    def failing(atoms, *args, **kwargs):
        seen.append(atoms)
        if len(seen) == 2:
            raise CalculationError("out of luck")
        return relax(atoms, *args, **kwargs)

    monkeypatch.setattr(interfaces, "relax_structure", failing)
    result = interface_study(halves, emt, RelaxSettings(fmax=0.05))
    assert (result.outcome, result.reason[:4]) == (Outcome.FAILED, "film")
    assert set(result.energies) == {"together", "support"}


def test_a_hop_between_two_structures(emt: AseSpec, by_flow) -> None:
    from ase.build import bulk

    crystal = bulk("Cu", cubic=True) * (2, 2, 1)
    moved = crystal[1:]
    vacancy = crystal.positions[0]
    moved.positions[0] = vacancy
    ends, band, settings = (crystal[1:], moved), BandSettings(images=1, fmax=0.5), RelaxSettings(fmax=0.2)
    plain = compute_hop(hop_between(*ends), emt, band=band, settings=settings)
    maker = MigrationMaker(calculator=emt, band=band, settings=settings)
    (result,) = by_flow(maker.make_hop(hop_between(*ends)), MigrationResult)
    assert told(plain.model_dump()) == told(result.model_dump())
    assert plain.barrier_forward > 0.3


def test_a_hop_that_fails_is_a_row(emt: AseSpec, monkeypatch) -> None:
    from ase.build import bulk

    from azibflow.workflows.migration import flow

    def failing(*args, **kwargs):
        raise CalculationError("out of luck")

    monkeypatch.setattr(flow, "migrate", failing)
    crystal = bulk("Cu", cubic=True) * (2, 2, 1)
    moved = crystal[1:]
    moved.positions[0] = crystal.positions[0]
    result = compute_hop(hop_between(crystal[1:], moved), emt, settings=RelaxSettings(fmax=0.5))
    assert (result.outcome, result.ion, result.barrier_forward) == (Outcome.FAILED, "Cu", None)


@pytest.mark.parametrize("correct", [False, True], ids=["plain", "corrected"])
def test_a_desolvation_ladder(correct: bool, by_flow) -> None:
    calculator = CorrectedSpec(surrogate=XTB, correct_with=XtbSpec(method="GFN1-xTB")) if correct else XTB
    plain = desolvation_study(calculator=calculator, settings=QUICK, most=1)
    maker = DesolvationMaker(calculator=calculator, settings=QUICK, most=1)
    found = next(one for one in by_flow(maker.make(), DesolvationResult) if (one.single_points is not None) == correct)
    assert told(plain.model_dump()) == told(found.model_dump())
    assert plain.steps[0].outcome is Outcome.OK
    assert (plain.steps[0].correction is not None) == correct


def test_a_ladder_whose_last_member_fails_keeps_the_others(monkeypatch) -> None:
    energy = here.molecule_energy

    def failing(name, *args, **kwargs):
        if name == "Zn2+":
            raise CalculationError("the self-consistent field did not converge")
        return energy(name, *args, **kwargs)

    monkeypatch.setattr(here, "molecule_energy", failing)
    first, last = desolvation_study(calculator=XTB, settings=QUICK, most=2).steps
    assert (first.outcome, first.energy > 2) == (Outcome.OK, True)
    assert (last.outcome, last.energy, last.reason[:5]) == (Outcome.FAILED, None, "n = 0")


def test_the_binding_energy_of_a_docked_pair_and_of_a_given_one(by_flow) -> None:
    hydrate = StructureRecipe(molecule="[Zn(H2O)]2+")
    given = binding_study([ZINC, WATER], hydrate, XTB, QUICK)
    (result,) = by_flow(BindingMaker(calculator=XTB, settings=QUICK).make([ZINC, WATER], hydrate), BindingResult)
    assert told(given.model_dump()) == told(result.model_dump())
    assert given.energy < -3
    docked = binding_study([WATER, WATER], None, XTB, QUICK)
    assert (docked.complex_name, docked.parts_name) == ("H2O + H2O", "H2O + H2O")
    assert -0.4 < docked.energy < -0.1


def test_frontier_levels(by_flow) -> None:
    plain = orbitals_study([HYDROGEN], HF, QUICK)
    (result,) = by_flow(OrbitalsMaker(calculator=HF, settings=QUICK).make([HYDROGEN]), OrbitalsResult)
    (row,), (other,) = plain.rows, result.rows
    for quantity in ("homo", "lumo", "ionization_energy", "electron_affinity"):
        assert getattr(row, quantity) == pytest.approx(getattr(other, quantity), abs=1e-4)
    assert (row.outcome, plain.method) == (other.outcome, result.method)
    assert row.ionization_energy > 10


def test_maps_of_the_potential_each_in_a_folder_of_its_own(by_flow, tmp_path: Path, monkeypatch) -> None:
    surface = EspSettings(spacing=0.5)
    plain = esp_study([HYDROGEN, WATER], tmp_path, HF, QUICK, esp=surface)
    maker = EspMaker(calculator=HF, settings=QUICK, esp=surface)
    by_jobs = {one.molecule_name: one for one in by_flow(maker.make([HYDROGEN, WATER]), EspResult)}
    assert [one.molecule_name for one in plain] == ["H2", "H2O"]
    for number, one in enumerate(plain):
        other = by_jobs[one.molecule_name]
        assert one.statistics.maxima[0].value == pytest.approx(other.statistics.maxima[0].value, abs=0.1)
        assert one.seconds_scf == 0.0, "the density of the energy is used again"
        assert (tmp_path / f"map-{number}" / one.files[0].path).is_file()

    def failing(*args, **kwargs):
        raise CalculationError("out of luck")

    monkeypatch.setattr("azibflow.workflows.molecular.esp.esp_map", failing)
    (row,) = esp_study([HYDROGEN], tmp_path, HF, QUICK, esp=surface)
    assert (row.outcome, row.statistics) == (Outcome.FAILED, None)


def test_one_geometry_serves_all_that_ask_for_it(monkeypatch) -> None:
    relaxed = []
    optimize = here.optimize_molecule

    def counting(starts, *args):
        relaxed.append(starts[0].get_chemical_formula())
        return optimize(starts, *args)

    monkeypatch.setattr(here, "optimize_molecule", counting)
    computed = here.MoleculesHere(XTB, QUICK)
    first, second = computed.molecule(WATER), computed.molecule(StructureRecipe(molecule="H2O"), charge=1)
    assert relaxed == ["H2O"]
    assert (first.charge, second.charge) == (0, 1)
    document = StructureDocument.from_atoms(first.geometry.structure.to_atoms())
    computed.molecule(StructureRecipe(document=document))
    assert relaxed == ["H2O", "H2O"], "another recipe is another molecule"
