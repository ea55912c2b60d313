"""Programs that a calculator starts end with their worker, however that ends."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """\
#!/bin/bash
# Computes for ever, heeds no signal that can be ignored, and has started another program in a process group of its own.
trap '' TERM INT HUP
set -m
(trap '' TERM INT HUP; echo $BASHPID > "$1-child"; while true; do sleep 0.01; done) &
echo $$ > "$1"
while true; do sleep 0.01; done
"""
SCRIPT = """\
import subprocess, sys
from azibflow.hpc.processes import ProcessExecutor

if __name__ == "__main__":
    with ProcessExecutor(2, threads=1) as executor:
        for number in range(2):
            executor.submit(subprocess.run, [sys.argv[1], f"{sys.argv[2]}/{number}"])
"""
CAMPAIGN = """\
name: c
calculator: {kind: ase, calculator: 'shells_out:ShellsOut'}
systems: {cu: {prototype: Cu}}
studies: [{kind: surface, system: cu, facets: [(100)], layers: [1]}]
"""
CALCULATOR = """\
import subprocess
from ase.calculators.calculator import FileIOCalculator

class ShellsOut(FileIOCalculator):
    implemented_properties = ["energy", "forces", "stress"]

    def __init__(self, **options):
        super().__init__(command="PROGRAM PLACE/0", **options)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.sh"
    path.write_text(PROGRAM)
    path.chmod(0o755)
    return path


def started(place: Path, number: int) -> list[int]:
    """Return the processes of programs, once there are so many."""
    until = time.monotonic() + 60
    while True:
        files = [file for file in place.glob("*") if file.read_text().strip()]
        if len(files) >= number:
            return [int(file.read_text()) for file in files]
        assert time.monotonic() < until
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def nothing_is_left(processes: list[int]) -> bool:
    until = time.monotonic() + 20
    while any(map(alive, processes)) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(map(alive, processes))


def end(coordinator: subprocess.Popen[bytes], processes: list[int]) -> None:
    """Leave nothing behind, whatever the outcome."""
    coordinator.kill()
    coordinator.wait()
    for process in filter(alive, processes):
        os.kill(process, signal.SIGKILL)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL, "worker", "group of the worker"])
def test_nothing_goes_on_computing(how: signal.Signals | str, program: Path, tmp_path: Path) -> None:
    script, place = tmp_path / "script.py", tmp_path / "running"
    script.write_text(SCRIPT)
    place.mkdir()
    coordinator = subprocess.Popen([sys.executable, script, program, place], stderr=subprocess.DEVNULL)
    processes = started(place, 4)
    time.sleep(random.Random(str(how)).uniform(0, 0.3))
    try:
        assert all(map(alive, processes))
        if isinstance(how, str):
            own = [int((place / name).read_text()) for name in ("0", "0-child")]
            (os.kill if how == "worker" else os.killpg)(parent(own[0]), signal.SIGKILL)
            assert nothing_is_left(own)
            assert alive(int((place / "1").read_text()))
            coordinator.kill()
        else:
            coordinator.send_signal(how)
        assert nothing_is_left(processes)
    finally:
        end(coordinator, processes)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_program_of_an_ase_calculator(program: Path, tmp_path: Path) -> None:
    place = tmp_path / "running"
    place.mkdir()
    code = CALCULATOR.replace("PROGRAM", str(program)).replace("PLACE", str(place))
    (tmp_path / "shells_out.py").write_text(code)
    (tmp_path / "c.yaml").write_text(CAMPAIGN)
    command = [sys.executable, "-m", "azibflow", "run", "c.yaml", "--workers", "1"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    coordinator = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=tmp_path, env=environment)
    processes = started(place, 2)
    try:
        coordinator.kill()
        assert nothing_is_left(processes)
    finally:
        end(coordinator, processes)


LAUNCHER = """\
#!/bin/bash
# As srun: what it starts is no child of this machine, and ends when the launcher is asked to end.
setsid sleep 1000 &
echo $! > "$1"
trap 'kill $(cat "$1"); exit' TERM
wait
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_what_a_launcher_has_started_elsewhere_ends_as_well(tmp_path: Path) -> None:
    launcher, script, place = tmp_path / "launcher.sh", tmp_path / "script.py", tmp_path / "running"
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)
    script.write_text(SCRIPT)
    place.mkdir()
    coordinator = subprocess.Popen([sys.executable, script, launcher, place], stderr=subprocess.DEVNULL)
    processes = started(place, 2)
    time.sleep(0.2)
    try:
        coordinator.kill()
        assert nothing_is_left(processes)
    finally:
        end(coordinator, processes)
