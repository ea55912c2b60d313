"""Flows that cannot run, and run folders whose files are not what was written: a reason, no traceback."""

from __future__ import annotations

import json
import operator
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bson
import pytest
from flow_jobs import circular, count, respond
from jobflow import Flow, job

from azibflow.errors import RunError
from azibflow.hpc.graph import JobState
from azibflow.hpc.housekeeping import retry
from azibflow.hpc.journal import RunStore
from azibflow.hpc.locks import holder
from azibflow.hpc.manager import run_flow
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.sqlite_file import SQLiteStoreError
from azibflow.hpc.status import read_status
from azibflow.hpc.worker import JobReport, JobTask, kept_report, response_record, run_job

add = job(operator.add)


def run_here(flow: Flow, folder: RunFolder) -> dict[str, str]:
    with ThreadPoolExecutor(1) as executor:
        return run_flow(flow, folder, executor).failed


@pytest.mark.parametrize("kind", ["detour", "replace", "addition"])
def test_a_flow_in_a_circle_is_the_failure_of_the_job_that_brings_it(kind: str, tmp_path: Path) -> None:
    folder, bad, other = RunFolder(tmp_path), circular(kind), add(1, 2)
    behind = add(bad.output, 1)
    failed = run_here(Flow([bad, behind, other]), folder)
    assert list(failed) == ["circular"]
    assert f"its {kind} cannot run" in failed["circular"]
    assert "in a circle" in failed["circular"]
    states = {one.name: one.state for one in read_status(folder).jobs if one.name == "circular"}
    assert states == {"circular": JobState.FAILED}
    assert read_status(folder).count(JobState.FINISHED) == 1


def test_a_run_that_was_killed_as_it_made_its_store_has_not_begun(tmp_path: Path) -> None:
    """SQLite leaves an empty file then; status said that it was damaged, and the run went on all the same."""
    folder, flow = RunFolder(tmp_path), Flow([add(1, 2)])
    folder.keep(flow)
    folder.store_path().touch()
    began = time.monotonic()
    status = read_status(folder)
    folder.check_store()
    assert time.monotonic() - began < 2  # nobody waits for a store that nobody makes
    assert [one.state for one in status.jobs] == [JobState.WAITING]
    assert run_here(flow, folder) == {}
    assert read_status(folder).complete


def test_a_folder_that_holds_such_a_flow_opens_again(tmp_path: Path) -> None:
    """An earlier version wrote it into the journal as that of a job that had finished."""
    folder, bad, counter = RunFolder(tmp_path), circular("detour"), tmp_path / "counter"
    flow = Flow([bad, count(str(counter), 7)])
    folder.keep(flow)
    response = response_record(circular.original("detour"))
    with RunStore(folder.store_path()).connected() as store:
        store.record([JobReport(bad.uuid, 1, bad.name, response=response)])
    status = read_status(folder)
    (failed,) = (one for one in status.jobs if one.state is JobState.FAILED)
    assert "in a circle" in failed.reason
    assert list(run_here(flow, folder)) == ["circular"]
    assert counter.read_text() == "7\n"
    assert retry(folder) == ["circular"]
    assert read_status(folder).count(JobState.WAITING) == 1


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "3", "null", '{"@module": "os", "@callable": "getcwd"}', "\udcff", "[" * 9999]
)
def test_a_file_that_holds_no_flow(text: str, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    run_here(Flow([add(1, 2)]), folder)
    (tmp_path / "flow.json").write_bytes(text.encode(errors="surrogateescape"))
    for opens in (read_status, retry):
        with pytest.raises(RunError, match=r"flow\.json is damaged"):
            opens(folder)


def test_a_flow_that_was_edited_is_not_computed(tmp_path: Path) -> None:
    """One digit in it is another structure; a file of an earlier version, without its hash, is taken as it is."""
    folder = RunFolder(tmp_path)
    folder.keep(Flow([add(1.25, 2)]))
    path = tmp_path / "flow.json"
    path.write_text(path.read_text().replace("1.25", "1.26"))
    with pytest.raises(RunError, match="not what was written"):
        folder.kept_flow()
    record = json.loads(path.read_text())
    del record["@sha256"]
    path.write_text(json.dumps(record))
    kept = folder.kept_flow()
    assert kept is not None
    assert tuple(kept.jobs[0].function_args) == (1.26, 2)
    assert run_here(kept, folder) == {}


def test_a_journal_entry_that_is_none(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    run_here(Flow([add(1, 2)]), folder)
    with sqlite3.connect(folder.store_path()) as file:
        number, body = file.execute("SELECT id, body FROM documents WHERE collection = 'journal'").fetchone()
        entry = bson.decode(body[:-4])  # a checksum stands behind it
        entry["responsee"] = entry.pop("response")
        file.execute("UPDATE documents SET body = ? WHERE id = ?", (bson.encode(entry), number))
    with pytest.raises(SQLiteStoreError, match=r"the file is damaged \(journal: response\)"):
        read_status(folder)


@pytest.mark.parametrize("change", [{"pid": -1}, {"pid": 10**30}, {"pid": "x"}, {"born": None}, {"host": 3}])
def test_a_lock_that_names_nobody(change: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text(json.dumps({"host": "here", "pid": 1, "born": 1, "since": "", **change}))
    assert holder(path) is None


def test_the_report_of_another_job_is_not_taken(tmp_path: Path) -> None:
    one, other = add(1, 2), add(3, 4)
    places = [tmp_path / f"{made.uuid}-1" for made in (one, other)]
    run_job(JobTask(one.as_dict(), [], places[0]))
    places[1].mkdir()
    (places[1] / "report.bson").write_bytes((places[0] / "report.bson").read_bytes())
    assert kept_report(places[0]) is not None
    assert kept_report(places[1]) is None


SCRIPT = """\
import operator
from pathlib import Path
from jobflow import Flow, job
from azibflow.hpc.manager import run_flow
from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.run_folder import RunFolder

@job
def mine(number):
    return number

flow = Flow([JOB])
with ProcessExecutor(1, threads=1) as executor:
    print(run_flow(flow, RunFolder.create(Path("run"), "mine"), executor))
"""


def run_script(script: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(script)]
    return subprocess.run(command, capture_output=True, text=True, cwd=script.parent, timeout=100, check=False)


@pytest.mark.parametrize(("made", "said"), [("job(operator.add)(1, 2)", "finished=1"), ("mine(1)", "`if __name__ == ")])
def test_a_script_without_a_guard(made: str, said: str, tmp_path: Path) -> None:
    """Workers do not start its run once more; that they cannot find its own functions is said at once."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.replace("JOB", made))
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert "Traceback" not in done.stderr


def test_a_guarded_script_may_have_jobs_of_its_own(tmp_path: Path) -> None:
    script, body = tmp_path / "script.py", SCRIPT.replace("JOB", "mine(1)")
    top, bottom = body.split("flow = ")
    guarded = "".join(f"    {line}\n" for line in f"flow = {bottom}".splitlines())
    script.write_text(f"{top}if __name__ == '__main__':\n{guarded}")
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert "finished=1" in done.stdout, done.stderr


def test_a_response_is_followed_or_not_at_all(tmp_path: Path) -> None:
    """What a job brings beside a flow in a circle does not run either."""
    folder = RunFolder(tmp_path)
    bad = circular("addition", detour_counter=str(tmp_path / "counter"))
    plain = respond(plan={}, name="plain")
    assert list(run_here(Flow([bad, plain]), folder)) == ["circular"]
    assert not (tmp_path / "counter").exists()
