"""The commands that look after a run: status, resume, retry, cancel, clean."""

from __future__ import annotations

import json
import operator
import os
import pty
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import azibflow
from jobflow import Flow, job

from azibflow.hpc.graph import JobState
from azibflow.hpc.locks import Lock
from azibflow.hpc.manager import run_flow
from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.status import read_status

add = job(operator.add)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with a job that finished, one that failed and one that is blocked."""
    fine, broken = add(1, 2), add(1, "x")
    blocked = add(fine.output, broken.output)
    fine.name, broken.name, blocked.name = "fine", "broken", "needs both"
    folder = RunFolder(tmp_path / "run")
    with ProcessExecutor(1, threads=1) as executor:
        run_flow(Flow([fine, broken, blocked]), folder, executor)
    return folder.path


def test_status_tells_counts_and_reasons(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("status", run) == 1
    text = capsys.readouterr().out
    assert "nobody runs it now" in text
    assert "1 finished, 1 failed, 1 blocked" in text
    assert "FAILED   broken: TypeError: unsupported operand" in text
    assert "blocked  needs both" in text


def test_status_as_json_is_what_the_api_reads(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("status", run, "--json") == 1
    record = json.loads(capsys.readouterr().out)
    status = read_status(RunFolder(run))
    assert record["complete"] is False
    assert record["coordinator"] is None
    assert [entry["name"] for entry in record["jobs"]] == [entry.name for entry in status.jobs]
    broken = next(entry for entry in record["jobs"] if entry["state"] == JobState.FAILED.value)
    assert "Traceback" in broken["traceback"]
    assert str(os.uname().nodename) in broken["where"]


def test_retry_marks_and_resume_computes(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("resume", run, "--trust", "--workers", 1) == 1
    assert "failed: broken: TypeError" in capsys.readouterr().err
    assert azibflow("retry", run, "--trust", "--job", "borken") == 2
    assert "did you mean 'broken'" in capsys.readouterr().err
    assert azibflow("retry", run, "--trust") == 0
    assert "runs again: broken" in capsys.readouterr().out
    assert read_status(RunFolder(run)).count(JobState.WAITING) == 2
    assert azibflow("status", run) == 0
    assert "azibflow resume goes on" in capsys.readouterr().out
    assert azibflow("resume", run, "--trust") == 1


def test_cancel_and_clean_say_when_there_is_nothing_to_do(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("cancel", run) == 1
    assert "nobody coordinates" in capsys.readouterr().err
    assert azibflow("clean", run) == 0
    assert "0.0 MB removed" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["status", "resume", "retry", "cancel", "clean"])
def test_a_folder_without_a_run_is_refused(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow(command, tmp_path) == 2
    assert "is not a run folder" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_running_campaign_is_seen_and_cancelled(
    small_campaign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_campaign.write_text(small_campaign.read_text() + "relax: {fmax: 0.0001, max_steps: 100000}\n")
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "azibflow", "run", str(small_campaign), "--run-dir", str(folder), "--workers", "1"]
    coordinator = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in coordinator.stderr:
        if "done" in line:
            break
    assert azibflow("status", folder) == 0
    assert f"run by process {coordinator.pid}" in capsys.readouterr().out
    assert azibflow("cancel", folder) == 0
    assert f"stopped process {coordinator.pid}" in capsys.readouterr().out
    rest = coordinator.stderr.read()
    assert coordinator.wait(timeout=30) == 1
    assert "cancelled" in rest
    assert "Traceback" not in rest
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert read_status(RunFolder(folder)).complete


def test_a_terminal_shows_a_live_line(run: Path) -> None:
    """In a terminal the line is written over; the escape sequence must not reach a file."""
    assert azibflow("retry", run, "--trust") == 0
    command = [sys.executable, "-m", "azibflow", "resume", str(run), "--trust", "--workers", "1"]
    ours, theirs = pty.openpty()
    shown = subprocess.Popen(command, stderr=theirs, stdout=subprocess.DEVNULL)
    os.close(theirs)
    seen = b""
    until = time.monotonic() + 60
    while shown.poll() is None and time.monotonic() < until:
        try:
            seen += os.read(ours, 4096)
        except OSError:
            break
    os.close(ours)
    assert shown.wait(timeout=10) == 1
    assert b"\r\033[K" in seen
    assert azibflow("retry", run, "--trust") == 0
    plain = subprocess.run(command, capture_output=True, check=False)
    assert b"\033" not in plain.stderr
    assert b"FAILED  broken" in plain.stderr


def test_commands_in_advice_can_be_pasted(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A shell takes them apart into the command and the folder, whatever its name."""
    place = tmp_path / "two words; $HOME 'x'"
    run.rename(place)
    assert azibflow("resume", place, "--trust", "--workers", 1) == 1
    advice = [capsys.readouterr().err]
    assert azibflow("retry", place, "--trust") == 0
    advice.append(capsys.readouterr().out)
    with Lock(place / "lock"):
        assert azibflow("resume", place, "--trust", "--workers", 1) == 2
    advice.append(capsys.readouterr().err.replace("`", "\n"))
    for text, command in zip(advice, ("retry", "resume", "status"), strict=True):
        (line,) = re.findall(rf"(azibflow {command} .*)", text)
        assert shlex.split(line) == ["azibflow", command, str(place)]
