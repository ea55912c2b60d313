"""Results that come with the package: tables regenerate in seconds, are complete, and are those of their campaigns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from azibflow.analysis.breathing.limit import breathing_limit
from azibflow.analysis.figures.draw import draw
from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.registry import all_results, table_of
from azibflow.campaigns.files import dump_campaign, load_campaign
from azibflow.campaigns.model import Campaign
from azibflow.hpc.run_folder import FLOW, SOURCE, STORE, RunFolder
from azibflow.hpc.status import read_status
from azibflow.workflows.breathing.results import BreathingResult
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.molecular.desolvation_results import DesolvationResult
from azibflow.workflows.molecular.esp import EspResult
from azibflow.workflows.molecular.orbitals import OrbitalsResult

EXAMPLES = Path(__file__).parent.parent / "examples"
MOLECULAR = ("desolvation", "binding", "orbitals", "esp")
KEPT = [path.parent for place in ("results", "papers") for path in sorted((EXAMPLES / place).glob(f"*/{SOURCE}"))]


def with_plain_paths(campaign: Campaign) -> str:
    """Write a campaign with its files where they are, however the way there is written."""
    return re.sub(r"file:\s+(\S+)", lambda found: f"file: {Path(found[1]).resolve()}", dump_campaign(campaign))


@pytest.mark.parametrize("folder", KEPT, ids=lambda path: path.name)
def test_a_kept_run_is_complete_and_is_that_of_its_campaign(folder: Path) -> None:
    status = read_status(RunFolder(folder))
    assert status.complete
    assert status.seconds_spent > 60, "how long it took is kept"
    beside = folder.parent if folder.parent.name == "papers" else EXAMPLES
    campaign = load_campaign(beside / f"{folder.name}.yaml")
    assert with_plain_paths(campaign) == with_plain_paths(load_campaign(folder / SOURCE))
    own = [folder / name for name in (SOURCE, FLOW, STORE)]  # and not what somebody drew of it
    assert sum(path.stat().st_size for path in [*own, *folder.glob("jobs/*/*")]) < 8e6


@pytest.mark.parametrize("folder", KEPT, ids=lambda path: path.name)
def test_its_tables_have_no_hole(folder: Path) -> None:
    results = all_results([folder])
    if folder.name != "screening":  # which has hosts that no ion gets through, each with its reason
        assert not results.problems()
    assert results.tables
    for kind in results.tables:
        table = table_of(kind, [folder], literature=True)
        assert table.rows
        if kind in MOLECULAR:
            assert any("wall time" in note for note in table.notes)


def test_the_ladder_of_zinc_is_of_minima_and_adds_up() -> None:
    gas, water = load_results([EXAMPLES / "results" / "desolvation"], DesolvationResult)
    for ladder in (gas, water):
        assert [step.waters for step in ladder.steps] == [6, 5, 4, 3, 2, 1]
        assert all(step.outcome is Outcome.OK for step in ladder.steps)
        for member in ladder.members:
            thermo = member.molecule.geometry.thermochemistry
            assert thermo.imaginary == 0
            assert min(thermo.frequencies, default=1) > 0
    energies = [step.energy for step in gas.steps]
    assert energies == sorted(energies)
    assert gas.steps[-1].cumulative == pytest.approx(sum(energies))
    assert sum(step.energy for step in water.steps) < sum(energies) / 2


def test_the_maps_of_yang2025_are_fitted_well_and_tell_what_departs_from_the_protocol() -> None:
    folder = EXAMPLES / "results" / "esp"
    results = load_results([folder], EspResult)
    assert [result.molecule_name for result in results] == ["H2O", "[Zn(H2O)6]2+", "[Zn(H2O)5SO4]", "[VO(H2O)5]2+"]
    for result in results:
        fit = result.statistics.fit_error
        assert fit.rms < 0.1
        assert fit.largest < 0.5
    _, zinc, pair, vanadyl = results
    assert vanadyl.molecule.spin_squared == pytest.approx(0.75, abs=0.05)
    # The anisotropy that the paper claims: the ion pair and vanadyl against the hexahydrate.
    assert pair.statistics.spread > 2 * zinc.statistics.spread
    assert vanadyl.statistics.spread > 2 * zinc.statistics.spread
    notes = " ".join(table_of("esp", [folder]).notes)
    for element in ("Zn", "V"):
        assert f"{element}: def2-tzvpd in place of 6-311+g(d,p)" in notes


def test_the_kept_surfaces_are_drawn(tmp_path: Path) -> None:
    figures = [tmp_path / "esp.png", tmp_path / "esp.html"]
    draw("esp", [EXAMPLES / "results" / "esp"], figures)
    assert all(figure.stat().st_size > 1e5 for figure in figures)


def test_the_breathing_run_reports_seeds_and_definitions_that_disagree(tmp_path: Path) -> None:
    folder = EXAMPLES / "results" / "breathing"
    (result,) = load_results([folder], BreathingResult)
    limit = breathing_limit(result)
    assert [row.n for row in limit.rows] == list(range(10))
    assert all(row.outcome is Outcome.OK for row in limit.rows)
    assert {record.seed for record in result.records} == {0, 1, 2}
    assert limit.maximum.n == min(limit.thermodynamic.n, limit.reversible.n)
    notes = " ".join(table_of("breathing", [folder]).notes)
    assert "3 seeds: their lowest E_b differ by up to" in notes
    assert ("definitions of the limit disagree" in notes) == (limit.thermodynamic.n != limit.reversible.n)
    for number in (one.n for one in limit.rows[1:]):
        energies = [record.energy for record in result.records if record.n == number]
        assert limit.rows[number].binding == pytest.approx(
            min(energies) - limit.host.energy - number * result.reference.energy
        )
    draw("breathing", [folder], [tmp_path / "breathing.png"])
    assert (tmp_path / "breathing.png").stat().st_size > 1e5


def test_the_orbital_table_is_of_six_molecules_and_near_experiment() -> None:
    (result,) = load_results([EXAMPLES / "results" / "orbitals"], OrbitalsResult)
    rows = {row.molecule_name: row for row in result.rows}
    assert list(rows) == ["H2O", "PC", "NMP", "OTf-", "EMIM+", "[Zn(H2O)6]2+"]
    assert rows["H2O"].ionization_energy == pytest.approx(12.62, abs=0.2)  # NIST
    assert rows["H2O"].electron_affinity < 0 < rows["EMIM+"].electron_affinity
