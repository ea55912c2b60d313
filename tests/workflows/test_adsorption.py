"""Adsorption energies against energies assembled by hand, and what becomes of rows that are no results."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atom
from ase.build import fcc100, fcc111, molecule
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.optimize import BFGS
from hypothesis import given
from hypothesis import strategies as st
from jobflow import run_locally

from azibflow.calculators.specs import AseSpec
from azibflow.errors import StructureError
from azibflow.structures.building import as_recipe
from azibflow.structures.documents import StructureDocument
from azibflow.structures.prototypes import prototype
from azibflow.structures.recipes import SlabRecipe, StructureRecipe
from azibflow.workflows.adsorption import adsorbing
from azibflow.workflows.adsorption import flow as adsorption
from azibflow.workflows.adsorption.flow import AdsorptionMaker, adsorption_study
from azibflow.workflows.adsorption.results import AdsorptionResult, adsorption_energy
from azibflow.workflows.common.results import Outcome, RelaxSettings, StudyLabel

SETTINGS = RelaxSettings(fmax=0.01)
CU111 = StructureRecipe(
    prototype="Cu", slab=SlabRecipe(miller="(111)", layers=3, supercell=(2, 2), vacuum=10.0, fixed_layers=1)
)


@pytest.fixture(scope="module")
def study(emt: AseSpec) -> AdsorptionResult:
    return adsorption_study(CU111, "O", emt, SETTINGS)


def relaxed_energy(atoms) -> float:
    atoms.calc = EMT()
    assert BFGS(atoms, logfile=None).run(fmax=0.002, steps=500)
    return atoms.get_potential_energy()


def lattice_constant() -> float:
    """Minimum of a parabola through the energies of three cells, refined twice."""
    from ase.build import bulk

    centre, width = 3.6, 0.05
    for _ in range(4):
        lengths = centre + width * np.array([-1, 0, 1])
        energies = []
        for length in lengths:
            cell = bulk("Cu", a=length)
            cell.calc = EMT()
            energies.append(cell.get_potential_energy())
        a, b, _ = np.polyfit(lengths, energies, 2)
        centre, width = -b / (2 * a), width / 3
    return centre


def test_the_hollow_agrees_with_energies_assembled_by_hand(study: AdsorptionResult) -> None:
    from ase.build import add_adsorbate

    def slab():
        atoms = fcc111("Cu", (2, 2, 3), a=lattice_constant(), vacuum=10.0, periodic=True)
        atoms.set_constraint(FixAtoms(mask=[atom.tag == 3 for atom in atoms]))
        return atoms

    covered = slab()
    add_adsorbate(covered, "O", 1.2, "fcc")
    water, hydrogen = molecule("H2O", vacuum=6), molecule("H2", vacuum=6)
    reference = relaxed_energy(water) - relaxed_energy(hydrogen)
    by_hand = relaxed_energy(covered) - relaxed_energy(slab()) - reference

    row = next(row for row in study.rows if row.site == "hollow-fcc")
    assert row.e_ads_vs_molecule == pytest.approx(by_hand, abs=2e-3)
    assert study.reference.state == "H2O(g) -1 H2(g)"
    assert row.e_ads_vs_bulk is None
    assert row.e_ads_vs_atom is None


def test_every_distinct_site_has_a_row(study: AdsorptionResult) -> None:
    assert [(row.site, row.multiplicity) for row in study.rows] == [
        ("top-Cu", 4),
        ("bridge-Cu-Cu", 12),
        ("hollow-fcc", 4),
        ("hollow-hcp", 4),
    ]
    assert study.best is not None
    assert study.best.energy == min(row.energy for row in study.rows if row.outcome is Outcome.OK)


def test_coverage_is_one_over_the_area(study: AdsorptionResult) -> None:
    side = 2 * lattice_constant() / np.sqrt(2)
    assert study.coverage == pytest.approx(100 / (side**2 * np.sqrt(3) / 2), rel=5e-4)  # stress is relaxed to 0.1 GPa


def test_a_metal_has_both_references_and_they_differ_by_the_cohesive_energy(chgnet_zinc: AdsorptionResult) -> None:
    for row in chgnet_zinc.rows:
        assert row.e_ads_vs_bulk - row.e_ads_vs_atom == pytest.approx(1.35)
        assert row.e_ads_vs_molecule is None


@pytest.fixture(scope="module")
def chgnet_zinc() -> AdsorptionResult:
    recipe = StructureRecipe(prototype="Zn", slab=SlabRecipe(miller="(002)", layers=3, supercell=(2, 2), vacuum=8.0))
    return adsorption_study(recipe, "Zn", settings=RelaxSettings(fmax=0.05), sites=["hollow-hcp"])


def test_zinc_on_zinc_agrees_with_energies_assembled_by_hand(chgnet_zinc: AdsorptionResult) -> None:
    """With CHGNet's own calculator and its own relaxations: no code of azibflow but the structures."""
    from chgnet.model.dynamics import CHGNetCalculator
    from chgnet.model.model import CHGNet

    model = CHGNet.load(model_name="0.3.0", use_device="cpu", verbose=False)

    def energy(document: StructureDocument) -> float:
        atoms = document.to_atoms()
        atoms.calc = CHGNetCalculator(model, use_device="cpu", on_isolated_atoms="ignore")
        return float(atoms.get_potential_energy())

    bulk = prototype("Zn")
    bulk.set_cell([2.665, 2.665, 5.002, 90, 90, 120], scale_atoms=True)
    bulk.calc = CHGNetCalculator(model, use_device="cpu")
    row = chgnet_zinc.rows[0]
    by_hand = energy(row.structure) - energy(chgnet_zinc.bare.structure) - bulk.get_potential_energy() / 2
    assert row.e_ads_vs_bulk == pytest.approx(by_hand, abs=2e-3)


def test_the_flow_gives_what_the_plain_function_gives(study: AdsorptionResult, emt: AseSpec, tmp_path) -> None:
    flow = AdsorptionMaker(adsorbate="O", calculator=emt, settings=SETTINGS, name="O on Cu").make(CU111)
    responses = run_locally(flow, log=False, root_dir=tmp_path, ensure_success=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    result = next(output for output in outputs if isinstance(output, AdsorptionResult))
    assert result.study == "O on Cu"
    timeless = {"seconds"}
    assert [row.model_dump(exclude=timeless) for row in result.rows] == [
        row.model_dump(exclude=timeless) for row in study.rows
    ]


def test_one_slab_and_one_reference_serve_all_sites(emt: AseSpec, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    from azibflow.workflows.common import references
    from azibflow.workflows.common import relaxation_jobs as relaxation

    relaxed = []
    original = relaxation.relax_structure

    def counting(atoms, *args, **kwargs):
        relaxed.append(atoms.get_chemical_formula())
        return original(atoms, *args, **kwargs)

    for module in (relaxation, adsorbing, references):
        monkeypatch.setattr(module, "relax_structure", counting)
    flow = AdsorptionMaker(adsorbate="O", calculator=emt).make(CU111)
    run_locally(flow, log=False, root_dir=tmp_path, ensure_success=True)
    assert relaxed.count("Cu12") == 1
    assert relaxed.count("H2O") == 1
    assert relaxed.count("H2") == 1
    assert relaxed.count("Cu12O") == 4


def test_a_site_whose_job_fails_stays_in_the_table(emt: AseSpec, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = adsorption.adsorb

    def failing(placement, *args, **kwargs):
        if placement.site == "bridge-Cu-Cu":
            raise RuntimeError("node lost")
        return original(placement, *args, **kwargs)

    monkeypatch.setattr(adsorption, "adsorb", failing)
    responses = run_locally(AdsorptionMaker(adsorbate="O", calculator=emt).make(CU111), log=False, root_dir=tmp_path)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    result = next(output for output in outputs if isinstance(output, AdsorptionResult))
    outcomes = {row.site: row.outcome for row in result.rows}
    assert outcomes["bridge-Cu-Cu"] is Outcome.FAILED
    assert outcomes["top-Cu"] is Outcome.OK


def test_an_unfinished_relaxation_is_marked(emt: AseSpec) -> None:
    result = adsorption_study(CU111, "O", emt, RelaxSettings(fmax=1e-4, max_steps=2), sites=["top-Cu"])
    assert result.rows[0].outcome is Outcome.UNCONVERGED
    assert "did not converge" in result.rows[0].reason
    assert result.best is None


def test_an_atom_far_away_is_desorbed(study: AdsorptionResult, emt: AseSpec) -> None:
    away = study.rows[0].structure.to_atoms()
    away.positions[-1, 2] += 3.8
    start = adsorption.Placement(
        site="top-Cu", orientation="", multiplicity=1, structure=StructureDocument.from_atoms(away)
    )
    where_it_is = RelaxSettings(fmax=50.0)
    row = adsorption.adsorb(start, study.bare, study.reference, emt, where_it_is)
    assert row.outcome is Outcome.DESORBED
    assert 4.5 < row.nearest_distance < 5.5


def test_a_molecule_that_falls_apart_is_dissociated() -> None:
    before, after = molecule("H2O", vacuum=5), molecule("H2O", vacuum=5)
    after.positions[1] += (after.positions[1] - after.positions[0]) * 0.5
    assert adsorbing._broken_bond(before, before) == ""
    assert "bond of the adsorbate broke (1.45 angstrom)" in adsorbing._broken_bond(before, after)


def test_rows_that_end_in_one_state_are_merged(study: AdsorptionResult) -> None:
    row = study.rows[2]
    shifted = row.structure.to_atoms()
    shifted.positions += shifted.cell[0] / 2
    shifted.wrap()
    twin = row.model_copy(
        update={"site": "elsewhere", "energy": row.energy + 0.001, "structure": StructureDocument.from_atoms(shifted)}
    )
    merged = adsorption.mark_merged([twin, row], 12)
    assert [r.outcome for r in merged] == [Outcome.MERGED, Outcome.OK]
    assert merged[0].reason.startswith("relaxed into the state of hollow-fcc")


def test_an_unknown_site_lists_those_there_are(emt: AseSpec) -> None:
    with pytest.raises(StructureError, match=r"no adsorption site hollow; its sites|its sites are top-Cu"):
        adsorption_study(CU111, "O", emt, SETTINGS, sites=["hollow"])


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_a_common_zero_of_energy_cancels(together: float, surface: float, zero: float) -> None:
    shifted = adsorption_energy(together + zero, surface + zero, -1.0)
    assert shifted == pytest.approx(adsorption_energy(together, surface, -1.0), abs=1e-9)


def test_sites_are_those_that_were_planned_also_where_the_surface_rearranges(emt: AseSpec, tmp_path) -> None:
    slab = fcc100("Cu", (2, 2, 2), vacuum=8, periodic=True)
    side = slab.cell.lengths()[0]
    slab.append(Atom("O", (0.9 * side, 0.8 * side, slab.positions[:, 2].max() + 1.3)))  # it relaxes into a hollow
    slab.set_constraint(FixAtoms(mask=slab.get_tags() == 2))
    loose = RelaxSettings(fmax=0.1)
    recipe = as_recipe(slab)
    result = adsorption_study(recipe, "H", emt, loose, sites=["top-Cu"])
    (row,) = result.rows
    assert row.site == "top-Cu"
    assert result.planned is not None
    assert len(result.planned.symbols) == len(slab)
    np.testing.assert_allclose(result.planned.positions, slab.positions)
    flow = AdsorptionMaker(adsorbate="H", calculator=emt, settings=loose, sites=["top-Cu"]).make(recipe)
    responses = run_locally(flow, log=False, root_dir=tmp_path, ensure_success=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    by_flow = next(output for output in outputs if isinstance(output, AdsorptionResult))
    assert [(one.site, one.energy) for one in by_flow.rows] == [("top-Cu", row.energy)]
    assert by_flow.planned == result.planned


def test_a_run_begun_before_plans_were_handed_on_uses_the_sites_of_the_relaxed_surface(
    study: AdsorptionResult, emt: AseSpec
) -> None:
    begun = adsorption.adsorption_sites_job.original(
        study.bare, study.reference, emt, SETTINGS, ["top-Cu"], StudyLabel(study="O"), "Cu(111)", None
    )
    assert [job.name for job in begun.replace.jobs] == ["O: top-Cu O", "O: collect"]
