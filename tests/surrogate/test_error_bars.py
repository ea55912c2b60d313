"""Error bars in results and tables: formed member by member, shown for surrogates only, marked outside the domain."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk, molecule
from untrained import NARROW, azibflow, make_surrogate

from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.desolvation import desolvation_table
from azibflow.analysis.tables.surface import surfaces_table
from azibflow.calculators.specs import SurrogateSpec
from azibflow.calculators.surrogates.trust import assess
from azibflow.structures.building import as_recipe
from azibflow.workflows.common.relaxation_jobs import relax_structure
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.molecular.desolvation_results import DesolvationResult
from azibflow.workflows.molecular.geometries import MoleculeSettings, optimize_molecule
from azibflow.workflows.surfaces.flow import surface_study

pytest.importorskip("mace")

AS_BUILT = RelaxSettings(fmax=1000.0)
"""Nothing moves: an untrained network would take molecules apart."""
CAMPAIGN = """\
name: ladders
calculator: surrogate:wide
studies:
  - {kind: desolvation, name: inside, waters: [1, 0], molecule: &loose {fmax: 1000}}
  - {kind: desolvation, name: outside, waters: [1, 0], calculator: surrogate:narrow, molecule: *loose}
  - {kind: desolvation, name: plain, waters: [1, 0], calculator: xtb, molecule: *loose}
"""


@pytest.fixture(scope="module")
def ladders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A run of three ladders, and its exit status; the second surrogate knows hardly anything."""
    folder = tmp_path_factory.mktemp("ladders")
    make_surrogate(folder / "wide")
    make_surrogate(folder / "narrow", domain=NARROW)
    (folder / "ladders.yaml").write_text(CAMPAIGN)
    return folder / "run", azibflow("run", folder / "ladders.yaml", "--run-dir", folder / "run", "--workers", 1)


@pytest.fixture
def results(ladders: tuple[Path, int]) -> dict[str, DesolvationResult]:
    return {result.study: result for result in load_results([ladders[0]], DesolvationResult)}


def test_every_number_of_a_surrogate_has_its_error_bar(
    results: dict[str, DesolvationResult], ladders: tuple[Path, int]
) -> None:
    wide = SurrogateSpec(card=str(ladders[0].parent / "wide"))
    result = results["inside"]
    (step,) = result.steps
    species = [result.members[0].molecule, result.members[1].molecule, result.water]
    said = []
    for one in species:
        assert one is not None
        direct = assess(wide, one.geometry.structure.to_atoms())
        assert direct is not None
        assert one.trust is not None
        assert one.trust.member_energies == pytest.approx(direct.member_energies, abs=1e-8)
        assert one.energy == pytest.approx(one.trust.member_energies[0], abs=1e-8)
        said.append(np.array(direct.member_energies))
    before, after, water = said
    assert step.trust is not None
    assert step.trust.member_energies == pytest.approx(after + water - before)
    assert step.trust.member_energies[0] == pytest.approx(step.energy)
    assert step.trust.standard_error == pytest.approx(2.0 * np.std(after + water - before, ddof=1))
    assert step.trust.standard_error > 1e-4
    assert step.outcome is Outcome.OK


def test_what_lies_outside_the_domain_is_marked(results: dict[str, DesolvationResult]) -> None:
    (step,) = results["outside"].steps
    assert step.outcome is Outcome.OUTSIDE
    assert "outside the surrogate's domain" in step.reason
    assert step.energy == pytest.approx(results["inside"].steps[0].energy)  # the number stays, with its mark


def test_the_exit_status_says_so(ladders: tuple[Path, int]) -> None:
    assert ladders[1] == 1


def test_the_table_shows_error_bars_and_marks(ladders: tuple[Path, int], capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("table", "desolvation", ladders[0], "--format", "json") == 1
    rows = {row["study"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["inside"]["standard_error"] > 1e-4
    assert rows["plain"]["standard_error"] is None
    assert [rows[name]["outcome"] for name in ("inside", "outside", "plain")] == ["ok", "outside domain", "ok"]
    azibflow("table", "desolvation", ladders[0])
    printed = capsys.readouterr().out
    assert "+-" in printed
    assert "outside, Zn2+" not in printed
    assert "outside domain; n = 1: outside the surrogate's domain: its members' forces differ by" in printed


def test_a_table_without_surrogates_is_as_it_was(results: dict[str, DesolvationResult]) -> None:
    assert results["plain"].steps[0].trust is None
    table = desolvation_table([results["plain"]])
    assert "standard_error" not in [column.key for column in table.columns]
    assert not any("committee" in note for note in table.notes)
    both = desolvation_table([results["plain"], results["inside"]])
    keys = [column.key for column in both.columns]
    assert keys.index("standard_error") == keys.index("energy") + 1
    assert any(note.startswith("+-: one sigma") for note in both.notes)


def test_relaxations_record_the_trust_in_what_they_return(surrogate: Path, emt: object) -> None:
    spec = SurrogateSpec(card=str(surrogate))
    found = optimize_molecule([molecule("H2O")], spec, MoleculeSettings(fmax=1000.0))
    assert found.trust == assess(spec, found.structure.to_atoms())
    relaxed = relax_structure(molecule("H2O"), spec, AS_BUILT)
    assert relaxed.trust == assess(spec, molecule("H2O"))
    assert type(relaxed).model_validate_json(relaxed.model_dump_json()).trust == relaxed.trust
    assert relax_structure(molecule("H2O"), emt, AS_BUILT).trust is None


def crystal_surrogate(folder: Path, limit: float) -> SurrogateSpec:
    domain = NARROW | {"force_deviation": limit}
    made = make_surrogate(folder, periodic=True, charges=(0,), ion_charges={}, domain=domain)
    return SurrogateSpec(card=str(made))


def test_a_surface_energy_carries_the_error_of_its_difference(tmp_path: Path) -> None:
    zinc = as_recipe(bulk("Zn", "hcp", a=2.66, c=5.0))  # the cell of somebody's own structure stays as it is
    spec = crystal_surrogate(tmp_path / "wide", 100.0)
    result = surface_study(zinc, [(0, 0, 1)], spec, AS_BUILT, layers=[3])
    (row,) = result.rows
    assert row.outcome is Outcome.OK
    assert row.trust is not None
    assert result.bulk.trust is not None
    slab = assess(spec, row.structure.to_atoms())
    assert slab is not None
    share = row.n_atoms / len(result.bulk.structure.symbols)
    difference = np.array(slab.member_energies) - share * np.array(result.bulk.trust.member_energies)
    assert row.trust.member_energies == pytest.approx(difference, abs=1e-7)
    # J/m2, two faces
    to_gamma = 16.02176634 / (2 * row.area)
    assert row.gamma == pytest.approx(difference[0] * to_gamma, abs=1e-6)
    table = surfaces_table([result])
    assert table.rows[0].cells["standard_error"] == pytest.approx(2.0 * np.std(difference, ddof=1) * to_gamma, rel=1e-6)

    outside = surface_study(zinc, [(0, 0, 1)], crystal_surrogate(tmp_path / "narrow", 1e-12), AS_BUILT, layers=[3])
    assert outside.rows[0].outcome is Outcome.OUTSIDE
    assert surfaces_table([outside]).problems()
