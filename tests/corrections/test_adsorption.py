"""Corrected adsorption energies: against arithmetic by hand; rows fail one by one, and the surface fails them all."""

from __future__ import annotations

import pytest
from ase.calculators.lj import LennardJones
from jobflow import run_locally

from azibflow.calculators.specs import AseSpec, CorrectedSpec
from azibflow.errors import CalculationError, StructureError
from azibflow.structures.recipes import SlabRecipe, StructureRecipe
from azibflow.workflows.adsorption.flow import AdsorptionMaker, adsorption_study
from azibflow.workflows.adsorption.results import AdsorptionResult
from azibflow.workflows.common import corrections
from azibflow.workflows.common.corrections import correct
from azibflow.workflows.common.results import Outcome, RelaxSettings

SETTINGS = RelaxSettings(fmax=0.05)
CU111 = StructureRecipe(
    prototype="Cu", slab=SlabRecipe(miller="(111)", layers=2, supercell=(2, 2), vacuum=8.0, fixed_layers=1)
)
OPTIONS = {"sigma": 2.0, "epsilon": 0.05, "rc": 5.0, "smooth": True}
LENNARD_JONES = AseSpec(calculator="ase.calculators.lj:LennardJones", options=OPTIONS)
SHARED = ["bare surface", "reference H2O", "reference H2"]


@pytest.fixture(scope="module")
def study(emt: AseSpec) -> AdsorptionResult:
    return adsorption_study(CU111, "O", emt, SETTINGS)


def sound(result: AdsorptionResult) -> list[str]:
    return [row.name for row in result.rows if row.outcome is Outcome.OK]


def test_a_method_that_corrects_itself_changes_nothing(study: AdsorptionResult, emt: AseSpec, tmp_path) -> None:
    calculator = CorrectedSpec(surrogate=emt, correct_with=emt)
    flow = AdsorptionMaker(adsorbate="O", calculator=calculator, settings=SETTINGS, name="O on Cu").make(CU111)
    responses = run_locally(flow, log=False, root_dir=tmp_path, ensure_success=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    (result,) = [o for o in outputs if isinstance(o, AdsorptionResult) and o.single_points is not None]
    assert sound(result) == sound(study)
    assert len(sound(study)) >= 2
    for row in result.rows:
        if row.outcome is Outcome.OK:
            assert row.correction.e_ads_vs_molecule == pytest.approx(row.e_ads_vs_molecule, abs=1e-9)
            assert row.correction.energy == pytest.approx(row.energy, abs=1e-9)
            assert row.correction.calls == 1 + len(SHARED)
            assert row.correction.surrogate_calls > row.force_calls
        else:
            assert row.correction is None
    assert [point.state for point in result.single_points.points] == SHARED + sound(study)
    assert result.single_points.calls == len(SHARED) + len(sound(study))
    assert result.best.name == study.best.name


def test_another_method_gives_the_differences_by_hand(study: AdsorptionResult, emt: AseSpec) -> None:
    def energy(document) -> float:
        atoms = document.to_atoms()
        atoms.calc = LennardJones(**OPTIONS)
        return float(atoms.get_potential_energy())

    water, hydrogen = study.reference.parts
    assert (water.weight, hydrogen.weight) == (1.0, -1.0)
    result = correct(study, CorrectedSpec(surrogate=emt, correct_with=LENNARD_JONES))
    reference = energy(water.structure) - energy(hydrogen.structure)
    for row in result.rows:
        if row.outcome is Outcome.OK:
            by_hand = energy(row.structure) - energy(study.bare.structure) - reference
            assert row.correction.e_ads_vs_molecule == pytest.approx(by_hand, abs=1e-9)
            assert row.correction.e_ads_vs_bulk is None
    corrected = {row.name: row.correction.energy for row in result.rows if row.correction is not None}
    assert result.best.name == min(corrected, key=corrected.get)


def test_a_metal_reference_counts_per_atom(emt: AseSpec) -> None:
    from azibflow.structures.prototypes import prototype
    from azibflow.workflows.common.references import metal_reference
    from azibflow.workflows.common.relaxation_jobs import relax_structure

    loose = RelaxSettings(fmax=1.0)
    bulk = relax_structure(prototype("Cu") * (2, 1, 1), emt, loose)
    from azibflow.workflows.common import references

    known = references.COHESIVE_ENERGY | {"Cu": 3.49}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(references, "COHESIVE_ENERGY", known)
        reference = metal_reference("Cu", bulk)
    (part,) = reference.parts
    assert part.weight * bulk.energy == pytest.approx(reference.energy)
    assert part.force_calls == bulk.force_calls


def test_a_failed_row_loses_nothing_else(study: AdsorptionResult, emt: AseSpec, monkeypatch) -> None:
    calculator = CorrectedSpec(surrogate=emt, correct_with=emt)
    failing_on(sound(study)[0], monkeypatch)
    result = correct(study, calculator)
    failed, *others = [row for row in result.rows if row.name in sound(study)]
    assert failed.outcome is Outcome.FAILED
    assert f"the single point of the {failed.name} by ase failed" in failed.reason
    assert failed.e_ads_vs_molecule is not None
    assert all(row.correction is not None for row in others)


def test_without_the_surface_no_row_is_corrected(study: AdsorptionResult, emt: AseSpec, monkeypatch) -> None:
    failing_on("bare surface", monkeypatch)
    result = correct(study, CorrectedSpec(surrogate=emt, correct_with=emt))
    assert sound(result) == []
    assert all(row.energy is not None for row in result.rows)
    assert "bare surface" in result.rows[0].reason


def test_a_result_without_structures_of_its_reference_says_so(study: AdsorptionResult, emt: AseSpec) -> None:
    old = study.model_copy(update={"reference": study.reference.model_copy(update={"parts": []})})
    calculator = CorrectedSpec(surrogate=emt, correct_with=emt)
    with pytest.raises(StructureError, match="its reference was kept without structures"):
        old.states_to_correct(calculator)
    nothing_sound = old.model_copy(update={"rows": []})
    assert nothing_sound.states_to_correct(calculator) == {}


def failing_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    original = corrections.single_point

    def failing(state, *args, **kwargs):
        if state == name:
            raise CalculationError("the self-consistent field did not converge")
        return original(state, *args, **kwargs)

    monkeypatch.setattr(corrections, "single_point", failing)
