"""Run folders of others: who reads one imports nothing of it, who goes on with one is asked."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest
from command_line import azibflow
from jobflow import Flow

from azibflow.analysis.tables.registry import all_tables
from azibflow.errors import RunError
from azibflow.hpc.graph import JobState
from azibflow.hpc.housekeeping import retry
from azibflow.hpc.manager import run_flow
from azibflow.hpc.named_code import foreign_code
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.status import read_status
from azibflow.hpc.trust import doubts, require_trust

OTHERS = """\
from pathlib import Path
Path(__file__).with_name("imported").touch()
from jobflow import Flow, Response, job
from pydantic import BaseModel
class Found(BaseModel):
    value: int
@job(output_schema=Found)
def brought(value):
    return Found(value=value)
@job
def brings(value):
    return Response(detour=Flow([brought(value)]), output={"found": Found(value=1)})
"""


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module beside the run folder that leaves a mark when it is imported."""
    (tmp_path / "others.py").write_text(OTHERS)
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("others", None)
    return importlib.import_module("others")


@pytest.fixture
def run(others: ModuleType, tmp_path: Path) -> RunFolder:
    """The run of a flow of that module; one job of it has failed, one was brought. The module is forgotten again."""
    folder = RunFolder(tmp_path / "run")
    first = others.brings(2)
    failing = others.brought("x")
    with ThreadPoolExecutor(1) as executor:
        assert list(
            run_flow(Flow([first, failing, others.brought(first.output["found"].value)]), folder, executor).failed
        )
    sys.modules.pop("others")
    (tmp_path / "imported").unlink()
    return folder


def test_who_reads_a_run_of_others_imports_nothing_of_it(run: RunFolder) -> None:
    status = read_status(run)
    assert [one.name for one in status.jobs].count("brought") == 3
    assert (status.count(JobState.FINISHED), status.count(JobState.FAILED)) == (3, 1)
    assert not all_tables([run.path]).tables
    assert len(doubts(run)) == 1
    assert retry(run) == ["brought"]
    assert "others" not in sys.modules
    assert not (run.path.parent / "imported").exists()


def test_commands_read_from_the_folder_in_which_the_module_is(run: RunFolder) -> None:
    """The current folder is on the path of `python -m`, and before the libraries."""
    here = run.path.parent
    (here / "click.py").write_text('raise SystemExit("a file took the place of a library")')
    for words in (["status", "run"], ["table", "all", "run"], ["list", "calculators"]):
        done = subprocess.run(
            [sys.executable, "-m", "azibflow", *words], cwd=here, capture_output=True, text=True, check=False
        )
        assert "took the place" not in done.stderr
        assert "Traceback" not in done.stderr
        assert not (here / "imported").exists()
    assert (
        "3 finished, 1 failed"
        in subprocess.run(
            [sys.executable, "-m", "azibflow", "status", "run"], cwd=here, capture_output=True, text=True, check=False
        ).stdout
    )


@pytest.mark.usefixtures("in_this_process")
def test_who_goes_on_with_it_is_asked(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("resume", "retry"):
        assert azibflow(command, run.path) == 2
        said = capsys.readouterr().err
        assert "module others (job 'brings'), module others (job 'brought')" in said
        assert "--trust" in said
        assert not (run.path.parent / "imported").exists()
    assert azibflow("retry", run.path, "--trust") == 0
    assert azibflow("resume", run.path, "--trust") == 1, "the job fails again"
    assert (run.path.parent / "imported").exists()


def test_from_python_nothing_is_asked(run: RunFolder) -> None:
    flow = run.kept_flow()
    assert flow is not None
    with ThreadPoolExecutor(1) as executor:
        assert run_flow(flow, run, executor).finished == 3


def test_code_that_only_the_store_names(others: ModuleType, tmp_path: Path) -> None:
    """A job of jobflow's own may have brought it, or a document may have to be rebuilt for who refers to it."""
    folder = RunFolder(tmp_path / "run")
    with ThreadPoolExecutor(1) as executor:
        run_flow(Flow([others.brings(2)]), folder, executor)
    (folder.path / "flow.json").unlink()
    (doubt,) = doubts(folder)
    assert "module others (job 'brought')" in doubt


def test_folders_of_other_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder.create(tmp_path / "run", "name: x")
    assert doubts(folder) == []
    require_trust(folder, trusted=False)
    mine = os.geteuid()
    monkeypatch.setattr("azibflow.hpc.trust.os.geteuid", lambda: mine + 1)
    with pytest.raises(RunError, match=r"run: it belongs to .*--trust"):
        require_trust(folder, trusted=False)
    require_trust(folder, trusted=True)


@pytest.mark.parametrize(
    ("module", "name", "foreign"),
    [
        ("azibflow.workflows.common.relaxation_jobs", "relax_job", False),
        ("azibflow.workflows.relaxation", "relax_job", False),
        ("azibflow.workflows.common.relaxation_jobs", "RelaxationResult", False),
        ("jobflow.core.job", "store_inputs", False),
        ("azibflow.hpc.housekeeping", "os.system", True),
        ("azibflow.hpc.run_folder", "write_atomically", True),
        ("azibflow.hpc.slurm_queue", "subprocess.run", True),
        ("numpy", "fromfile", True),
        ("os", "system", True),
        ("jobflow_of_mine", "x", True),
    ],
)
def test_functions_that_are_no_jobs_are_foreign_wherever_they_are_named(module: str, name: str, foreign: bool) -> None:
    record = {"@class": "Job", "name": "a", "function": {"@module": module, "@callable": name, "@bound": None}}
    assert [str(code) for code in foreign_code([record])] == ([f"module {module} (job 'a')"] if foreign else [])


@pytest.mark.parametrize(
    ("path", "foreign"), [("ase.calculators.emt:EMT", False), ("subprocess:Popen", True), ("ase.build:bulk", True)]
)
def test_calculators_by_import_path(path: str, foreign: bool) -> None:
    assert bool(list(foreign_code({"spec": {"kind": "ase", "calculator": path}}))) is foreign
    assert bool(list(foreign_code({"options": {"profile": {"class": path}}}))) is foreign


def test_the_interpreter_of_another_environment_is_code_of_others() -> None:
    spec = {"kind": "ase", "calculator": "ase.calculators.emt:EMT", "python": "/home/else/bin/python"}
    assert [str(code) for code in foreign_code([spec])] == ["module /home/else/bin/python"]
