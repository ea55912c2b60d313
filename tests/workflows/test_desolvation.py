"""Desolvation ladders: arithmetic by hand, the flow against the plain functions, and members that are no results."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobflow import run_locally

from azibflow.calculators.specs import ChgnetSpec, PyscfSpec, XtbSpec, pyscf_preset
from azibflow.errors import CapabilityError
from azibflow.structures.clusters import cluster
from azibflow.structures.connectivity import first_shell
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.results import Outcome, StudyLabel
from azibflow.workflows.molecular.counterpoise import CounterpoiseResult
from azibflow.workflows.molecular.desolvation import DesolvationMaker, collect_desolvation
from azibflow.workflows.molecular.desolvation_results import (
    DesolvationResult,
    LadderMember,
    desolvation_energy,
    ladder_steps,
)
from azibflow.workflows.molecular.energies import MoleculeResult, molecule_energy
from azibflow.workflows.molecular.geometries import MoleculeSettings, optimize_molecule
from azibflow.workflows.molecular.molecules import MoleculeJobs

XTB = XtbSpec()
SETTINGS = MoleculeSettings(fmax=0.01, frequencies=True)
LABEL = StudyLabel(study="ladder")


@pytest.fixture(scope="module")
def species() -> dict[str, MoleculeResult]:
    """Waters and hydrates by GFN2-xTB, each from its own start."""
    found = {}
    for name in ("H2O", "Zn2+", "[Zn(H2O)]2+", "[Zn(H2O)2]2+"):
        from azibflow.structures.molecules import adsorbate

        found[name] = molecule_energy(name, optimize_molecule([adsorbate(name)], XTB, SETTINGS), XTB)
    return found


def ladder(species: dict[str, MoleculeResult], **replaced) -> DesolvationResult:
    molecules = [species["[Zn(H2O)2]2+"], species["[Zn(H2O)]2+"], species["Zn2+"]]
    molecules = [replaced.get(f"n{2 - i}", molecule) for i, molecule in enumerate(molecules)]
    return collect_desolvation(
        [2, 1, 0],
        molecules,
        species["H2O"],
        [CounterpoiseResult(superposition_error=-0.1, fragment=[1]), None, None],
        ion="Zn",
        charge=2,
        support="",
        calculator=XTB,
        label=LABEL,
    )


def test_steps_are_the_differences_by_hand(species: dict[str, MoleculeResult]) -> None:
    result = ladder(species)
    e = {name: molecule.energy for name, molecule in species.items()}
    first = e["[Zn(H2O)]2+"] + e["H2O"] - e["[Zn(H2O)2]2+"]
    second = e["Zn2+"] + e["H2O"] - e["[Zn(H2O)]2+"]
    assert [step.waters for step in result.steps] == [2, 1]
    assert result.steps[0].energy == pytest.approx(first)
    assert result.steps[1].energy == pytest.approx(second)
    assert result.steps[1].cumulative == pytest.approx(first + second)
    assert result.steps[0].counterpoise == pytest.approx(first - 0.1)  # superposition makes binding too strong
    assert result.steps[1].counterpoise is None
    assert [step.outcome for step in result.steps] == [Outcome.OK, Outcome.OK]
    assert second > first > 2.0  # the last water is held the hardest
    assert [step.coordination for step in result.steps] == [2, 1]


@pytest.mark.parametrize(("ion", "carrier"), [("Mg", ["V", "O", "O"]), ("Zn", ["Zn", "O"]), ("Zn", []), ("Al", [])])
def test_the_charge_is_that_of_the_ion_and_not_of_what_carries_it(
    species: dict[str, MoleculeResult], ion: str, carrier: list[str]
) -> None:
    def member(waters: int) -> MoleculeResult:
        symbols = [*carrier, ion, *["O", "H", "H"] * waters]
        places = [(3.0 * i, 0.0, 0.0) for i in range(len(symbols))]
        free = species["H2O"]
        structure = free.geometry.structure.model_copy(update={"symbols": symbols, "positions": places})
        geometry = free.geometry.model_copy(update={"structure": structure})
        charges = [float(i) for i in range(len(symbols))]
        return free.model_copy(update={"geometry": geometry, "atomic_charges": charges})

    members = [LadderMember(waters=n, molecule=member(n)) for n in (2, 1, 0)]
    steps = ladder_steps(members, species["H2O"], {}, ion=ion)
    assert [step.ion_charge for step in steps] == [len(carrier), len(carrier)]


def test_a_counterpoise_that_failed_is_no_gap_in_a_column(species: dict[str, MoleculeResult]) -> None:
    molecules = [species["[Zn(H2O)2]2+"], species["[Zn(H2O)]2+"], species["Zn2+"]]
    correction = CounterpoiseResult(superposition_error=-0.1, fragment=[1])
    result = collect_desolvation(
        [2, 1, 0],
        molecules,
        species["H2O"],
        [correction, None, None],
        ion="Zn",
        charge=2,
        support="",
        calculator=XTB,
        label=LABEL,
        corrections_asked=[2, 1],
    )
    assert [step.outcome for step in result.steps] == [Outcome.OK, Outcome.FAILED]
    assert "counterpoise" in result.steps[1].reason
    assert result.steps[1].energy is not None


def test_enthalpies_come_from_the_frequencies(species: dict[str, MoleculeResult]) -> None:
    step = ladder(species).steps[0]
    enthalpies = {
        name: molecule.energy + molecule.geometry.thermochemistry.enthalpy_correction
        for name, molecule in species.items()
    }
    assert step.enthalpy == pytest.approx(
        enthalpies["[Zn(H2O)]2+"] + enthalpies["H2O"] - enthalpies["[Zn(H2O)2]2+"], abs=1e-9
    )
    # One particle becomes two: T dS is about 0.3 to 0.5 eV.
    assert 0.2 < step.enthalpy - step.gibbs_energy < 0.6


def test_a_member_that_failed_leaves_its_steps_without_numbers(species: dict[str, MoleculeResult]) -> None:
    result = ladder(species, n1=None)
    assert [step.outcome for step in result.steps] == [Outcome.FAILED, Outcome.FAILED]
    assert [step.energy for step in result.steps] == [None, None]
    assert "n = 1" in result.steps[0].reason


def test_a_saddle_point_marks_both_its_steps(species: dict[str, MoleculeResult]) -> None:
    saddle = species["[Zn(H2O)]2+"].model_copy(update={"outcome": Outcome.SADDLE, "reason": "1 imaginary mode"})
    result = ladder(species, n1=saddle)
    assert [step.outcome for step in result.steps] == [Outcome.SADDLE, Outcome.SADDLE]
    assert result.steps[0].energy is not None


def test_a_water_that_left_the_first_shell_is_noticed(species: dict[str, MoleculeResult]) -> None:
    apart = species["[Zn(H2O)2]2+"].geometry.structure.to_atoms()
    apart.positions[-3:] += 3.0 * (apart.positions[-3] - apart.positions[0])
    document = species["[Zn(H2O)2]2+"].geometry.structure.from_atoms(apart)
    geometry = species["[Zn(H2O)2]2+"].geometry.model_copy(update={"structure": document})
    moved = species["[Zn(H2O)2]2+"].model_copy(update={"geometry": geometry})
    step = ladder(species, n2=moved).steps[0]
    assert step.outcome is Outcome.REARRANGED
    assert "n = 2: 1 oxygen" in step.reason


@given(st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=3))
def test_desolvation_energy_is_what_binding_loses(energies: list[float]) -> None:
    before, after, water = energies
    assert desolvation_energy(before, after, water) == pytest.approx(after + water - before)


def test_the_flow_gives_what_the_functions_give(species: dict[str, MoleculeResult], tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    flow = DesolvationMaker(name="ladder", most=2, fewest=0, calculator=XTB, settings=SETTINGS).make()
    responses = run_locally(flow, ensure_success=True)
    outputs = [response[1].output for response in responses.values()]
    (result,) = [output for output in outputs if isinstance(output, DesolvationResult)]
    expected = ladder(species)
    assert [step.energy for step in result.steps] == pytest.approx([step.energy for step in expected.steps], abs=1e-6)
    assert [step.gibbs_energy for step in result.steps] == pytest.approx(
        [step.gibbs_energy for step in expected.steps], abs=1e-4
    )


def test_ladders_that_differ_in_their_final_level_share_geometries() -> None:
    shared = MoleculeJobs()
    gas = pyscf_preset("standard")
    water = PyscfSpec.model_validate({"preset": "standard", "energy": {"solvent": "water"}})
    for name, calculator in (("gas", gas), ("water", water)):
        DesolvationMaker(name=name, most=2, fewest=0, calculator=calculator).make(shared=shared)
    names = [job.name for job in shared.jobs]
    assert names.count("[Zn(H2O)2]2+: relax") == 1
    assert names.count("[Zn(H2O)2]2+: energy") == 2
    assert names.count("H2O: relax") == 1


@pytest.mark.slow
def test_on_a_support_the_ion_and_its_waters_are_docked(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = MoleculeSettings(fmax=0.05)
    benzene = StructureRecipe(molecule="C6H6")
    flow = DesolvationMaker(name="on benzene", most=2, fewest=1, calculator=XTB, settings=settings).make(benzene)
    responses = run_locally(flow, ensure_success=True)
    (result,) = [r[1].output for r in responses.values() if isinstance(r[1].output, DesolvationResult)]
    assert result.support == "C6H6"
    (step,) = result.steps
    assert step.outcome is Outcome.OK
    assert step.energy > 0.5
    members = [member.molecule.geometry.structure.formula for member in result.members]
    assert members == ["C6H10O2Zn", "C6H8OZn"]


def test_a_charge_blind_surrogate_is_refused_before_anything_runs() -> None:
    with pytest.raises(CapabilityError, match=r"total charge \+2, but calculator chgnet knows only 0"):
        optimize_molecule([cluster("[Zn(H2O)6]2+")], ChgnetSpec(), SETTINGS)


def test_preoptimised_starts_keep_their_bonds_and_are_sorted() -> None:
    from azibflow.structures.clusters import starts
    from azibflow.workflows.molecular.geometries import preoptimized

    begun = starts("[Zn(H2O)4]2+", 3)
    found = preoptimized(begun, pyscf_preset("quick"), MoleculeSettings(starts=3))
    assert 1 <= len(found) <= 3
    assert all(len(first_shell(atoms, 0)) == 4 for atoms in found)
    assert all(atoms.info["charge"] == 2 for atoms in found)


def test_a_surrogate_begins_where_pyscf_does_and_not_at_a_geometry_as_built() -> None:
    from azibflow.calculators.specs import SurrogateSpec, XtbSpec
    from azibflow.workflows.molecular.geometries import preoptimized

    built = cluster("[Zn(H2O)4]2+")
    (by_surrogate,) = preoptimized([built], SurrogateSpec(card="not read"), MoleculeSettings())
    (by_pyscf,) = preoptimized([built], pyscf_preset("quick"), MoleculeSettings())
    assert np.abs(by_surrogate.positions - by_pyscf.positions).max() < 1e-6
    assert np.abs(by_surrogate.positions - built.positions).max() > 0.05
    assert preoptimized([built], XtbSpec(), MoleculeSettings()) == [built]
    assert preoptimized([built], SurrogateSpec(card="not read"), MoleculeSettings(preoptimization="none")) == [built]


@pytest.mark.slow
def test_quick_preset_gives_the_end_of_the_ladder(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    flow = DesolvationMaker(most=1, fewest=0, calculator=pyscf_preset("quick"), settings=SETTINGS).make()
    responses = run_locally(flow, ensure_success=True)
    (result,) = [r[1].output for r in responses.values() if isinstance(r[1].output, DesolvationResult)]
    # Zn2+ binds its first water by about 4.4 eV (10.1021/jp960030u and many since); def2-SVP overbinds by 0.2 to 0.4.
    assert 4.2 < result.steps[0].energy < 5.2
    assert result.steps[0].outcome is Outcome.OK
