"""What a run has not got stays in its tables, with the reason, and the exit status says so."""

from __future__ import annotations

import csv
import io
import json
from concurrent.futures import Executor
from pathlib import Path

import pytest
from command_line import azibflow
from pydantic import BaseModel

from azibflow.analysis.tables import unfinished
from azibflow.analysis.tables.formats import FORMATS, printed_rows, render
from azibflow.analysis.tables.registry import table_of
from azibflow.analysis.tables.unfinished import Progress, Unfinished, jobs_of_runs, missing, progress
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.hpc.manager import run_flow
from azibflow.hpc.run_folder import FLOW, STORE, RunFolder
from azibflow.hpc.sqlite_store import SQLiteStore
from azibflow.studies import BUILT_IN, study_kinds
from azibflow.workflows.common.results import Outcome

EMT = '{kind: ase, calculator: "ase.calculators.emt:EMT", elements: [Cu, H]}'
CAMPAIGN = f"""\
name: gaps
calculator: {EMT}
relax: {{fmax: 0.5}}
systems:
  copper: {{prototype: Cu}}
  face: {{prototype: Cu, slab: {{miller: (111), layers: 2}}}}
studies:
  - {{kind: surface, system: copper, facets: ["(100)"], layers: [2]}}
  - kind: surface
    name: no such calculator
    system: copper
    facets: ["(100)"]
    layers: [2]
    calculator: {{kind: ase, calculator: "ase.calculators.lj:LennardJones", options: {{epsilon: wrong}}}}
  - {{kind: adsorption, system: face, adsorbate: [H], sites: [top-Cu]}}
"""


def compute(campaign: Path, executor: Executor) -> None:
    run_flow(campaign_flow(load_campaign(campaign)), RunFolder(campaign.parent / "run"), executor, in_flight=1)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, here) -> Path:
    """A run one of whose studies failed."""
    folder = tmp_path_factory.mktemp("gaps")
    (folder / "gaps.yaml").write_text(CAMPAIGN)
    compute(folder / "gaps.yaml", here())
    return folder / "run"


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory, here) -> Path:
    """The same run, stopped after four jobs."""
    folder = tmp_path_factory.mktemp("stopped")
    (folder / "gaps.yaml").write_text(CAMPAIGN)
    with pytest.raises(KeyboardInterrupt):
        run_flow(
            campaign_flow(load_campaign(folder / "gaps.yaml")), RunFolder(folder / "run"), here(jobs=4), in_flight=1
        )
    return folder / "run"


def test_a_study_whose_job_failed_is_a_row_with_the_reason(run: Path) -> None:
    table = table_of("surface", [run])
    fine, failed = table.rows
    assert fine.outcome == "ok"
    assert (failed.cells["study"], failed.outcome, failed.cells["gamma"]) == ("no such calculator", "failed", None)
    assert "copper: relax bulk failed: " in failed.reason
    assert "Error: " in failed.reason
    assert table.notes[0].startswith(f"Incomplete: 1 of 2 results of {run} are not there")
    assert table_of("adsorption", [run]).problems() == []


def test_the_command_says_it_in_every_format(run: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert azibflow("table", "surface", run) == 1
    assert "Incomplete: 1 of 2" in capsys.readouterr().out
    assert azibflow("table", "surface", run, "--format", "csv") == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["outcome"] for row in rows] == ["ok", "failed"]
    assert azibflow("table", "surface", run, "-o", tmp_path / "t.json") == 1
    assert "relax bulk failed" in json.loads((tmp_path / "t.json").read_text())["rows"][1]["reason"]
    assert azibflow("table", "adsorption", run) == 0
    assert azibflow("table", "migration", run) == 2


def test_a_run_that_was_stopped_says_what_is_missing(stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("table", "adsorption", stopped) == 1
    text = capsys.readouterr().out
    assert "Incomplete: 1 of 1 results" in text
    assert "H on face" in text
    assert "unfinished" in text
    found = progress(*jobs_of_runs([stopped]), study_kinds()["surface"])
    assert [one.study for one in found.unfinished][-1] == "no such calculator"


def test_a_failed_row_names_the_job_that_failed(tmp_path: Path, here, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slab whose job failed is a row by itself; why it failed is known to the run only."""
    from azibflow.workflows.surfaces import flow as surfaces

    relax = surfaces.relax_slab

    def refuse(start, *given, **named):
        if start.miller == (1, 1, 0):
            raise RuntimeError("out of luck")
        return relax(start, *given, **named)

    monkeypatch.setattr(surfaces, "relax_slab", refuse)
    text = CAMPAIGN[: CAMPAIGN.index("  - kind")].replace('["(100)"]', '["(100)", "(110)"]')
    (tmp_path / "gaps.yaml").write_text(text)
    compute(tmp_path / "gaps.yaml", here())
    table = table_of("surface", [tmp_path / "run"])
    assert [row.outcome for row in table.rows] == ["ok", "failed"]
    assert table.failures == ["surfaces of copper: (110) t0 2 layers failed: RuntimeError: out of luck"]
    assert azibflow("table", "surface", tmp_path / "run") == 1


def test_a_store_alone_knows_of_nothing_missing(run: Path) -> None:
    with RunFolder(run).documents() as store:
        assert len(table_of("surface", [store]).rows) == 1


def test_a_flow_of_another_version_is_no_reason_to_hide_the_results(run: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    text = (copy / FLOW).read_text()
    (copy / FLOW).write_text(text.replace("azibflow.workflows.surfaces", "azibflow.workflows.gone"))
    table = table_of("surface", [copy])
    assert len(table.rows) == 1
    assert table.notes[0].startswith(f"Whether any result of {copy} is missing is not known")


def test_a_figure_says_what_is_not_in_it(stopped: Path) -> None:
    (head, reason) = missing(study_kinds()["adsorption"], jobs_of_runs([stopped]))
    assert "1 of 1" in head
    assert reason.startswith("H on face: unfinished")


def test_how_far_a_run_is_takes_no_schema_of_a_model(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference that is asked for a field makes the schema of what it refers to, which takes 50 ms each time."""
    monkeypatch.setattr(BaseModel, "model_json_schema", lambda *_, **__: pytest.fail("a schema"))
    assert progress(*jobs_of_runs([run]), study_kinds()["surface"]).results == 2


def test_a_complete_run_lacks_nothing(run: Path) -> None:
    assert missing(study_kinds()["adsorption"], jobs_of_runs([run])) == []


@pytest.mark.parametrize("kind", [kind.name for kind in BUILT_IN])
def test_a_run_without_any_result_of_a_kind_says_so_in_every_format(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also in tables that print no study, and in those whose footnotes speak of results."""
    waits = Unfinished("a|b, $c$", (2,), Outcome.UNFINISHED, "0 of 3 jobs known so far are done")
    monkeypatch.setattr(unfinished, "progress", lambda *_: Progress(1, [waits], []))
    SQLiteStore(tmp_path / STORE).connect()
    table = table_of(kind, [tmp_path])
    assert [row.outcome for row in table.rows] == ["unfinished"]
    assert len({column.key for column in table.columns}) == len(table.columns)
    for table_format in FORMATS:
        assert "0 of 3 jobs" in render(table, table_format)
    assert printed_rows(table)[0][0] == "a|b, $c$"
