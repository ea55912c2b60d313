"""Machine profiles: what is accepted, what a mistake is told, and what a batch script asks for."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from azibflow.errors import ProfileError
from azibflow.hpc.batch_script import batch_script
from azibflow.hpc.profiles import Profile, Resources, load_profile, walltime_seconds

EXAMPLES = Path(__file__).parents[2] / "examples" / "profiles"

VALID = """\
defaults:
  partition: cpu
  walltime: "04:00:00"
work:
  surrogate: {gpus: 1, memory: 8G, group: 4}
  dft: {cpus: 32, sbatch: [--exclusive]}
"""


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "machine.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("partition: cpu", "partitoin: cpu", "line 2: unknown key 'defaults.partitoin'; did you mean 'partition'?"),
        ("{gpus: 1,", "{gpu: 1,", "line 5: unknown key 'work.surrogate.gpu'; did you mean 'gpus'?"),
        ('"04:00:00"', "4 hours", "line 3: defaults.walltime: a walltime is written HH:MM:SS"),
        ('"04:00:00"', '"00:05:00"', "the walltime 00:05:00 ends before its notice of 300 s"),
        ("8G", "8 GB", "line 5: work.surrogate.memory: memory is a whole number and a unit"),
        ("8G", "8", "line 5: work.surrogate.memory:"),
        (
            "group: 4",
            "group: 0",
            "line 5: work.surrogate.group: a group is a whole number of calculations greater than 0",
        ),
        ("group: 4", "group: full", "or fill, not 'full'"),
        ('  walltime: "04:00:00"', "  group: fill", "`group: fill` fills the walltime; state one"),
        ("cpus: 32", "cpus: 0", "line 6: work.dft.cpus: must be greater than 0, not 0"),
        ("cpus: 32", "images_at_once: 0", "line 6: work.dft.images_at_once: must be greater than 0, not 0"),
        (
            "cpus: 32",
            "image_at_once: 2",
            "'work.dft.image_at_once'; did you mean 'images_at_once'?",
        ),
        ("--exclusive", "exclusive", "line 6: work.dft.sbatch[0]: an extra option of sbatch is written --name"),
        ("partition: cpu", "partition: 'cpu; reboot'", "line 2: defaults.partition:"),
        ("work:", "work: [", "not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in VALID
    with pytest.raises(ProfileError) as error:
        load_profile(write(tmp_path, VALID.replace(old, new, 1)))
    assert expected in str(error.value)
    assert "machine.yaml" in str(error.value)


def test_a_profile_is_found_by_its_name_and_a_wrong_name_gets_the_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "azibflow" / "profiles"
    folder.mkdir(parents=True)
    (folder / "archer.yaml").write_text(VALID)
    assert load_profile("archer").defaults.partition == "cpu"
    with pytest.raises(ProfileError, match=r"no profile 'arher' in .*; did you mean 'archer'"):
        load_profile("arher")


def test_a_job_overrides_its_kind_which_overrides_the_defaults(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, VALID))
    work = profile.resources({"kind": "surrogate", "memory": "16G", "_fworker": "for another manager"})
    assert (work.partition, work.walltime, work.gpus, work.memory, work.group) == ("cpu", "04:00:00", 1, "16G", 4)
    other = profile.resources({})
    assert (other.partition, other.gpus, other.cpus, other.group) == ("cpu", 0, 1, 1)
    with pytest.raises(ProfileError, match="walltime: a walltime is written"):
        profile.resources({"walltime": "1h"})


def test_light_work_stays_with_the_coordinator_unless_it_has_resources() -> None:
    assert Profile().runs_here({"kind": "light"})
    assert not Profile().runs_here({"kind": "dft"})
    assert not Profile().runs_here({})
    assert not Profile(work={"light": Resources()}).runs_here({"kind": "light"})


@pytest.mark.parametrize(
    ("written", "seconds"), [("00:10:00", 600), ("1-00:00:00", 86400), ("72:00:30", 259230), ("2-03:04:05", 183845)]
)
def test_walltimes_have_lengths(written: str, seconds: int) -> None:
    assert walltime_seconds(written) == seconds


@pytest.mark.parametrize("name", ["cpu-cluster", "cpu-gpu-cluster"])
def test_the_examples_are_valid(name: str) -> None:
    profile = load_profile(str(EXAMPLES / f"{name}.yaml"))
    assert profile.resources({"kind": "surrogate"}).group > 1
    assert profile.resources({"kind": "dft"}).cpus > profile.of_coordinator().cpus


@pytest.mark.parametrize(("restarts", "expected"), [(0, ["requeue 17"]), (2, [])])
def test_at_the_notice_the_work_ends_and_the_job_goes_back_into_the_queue(
    tmp_path: Path, restarts: int, expected: list[str]
) -> None:
    """A scontrol that only writes down what it is asked takes the place of SLURM's."""
    (tmp_path / "scontrol").write_text(f'#!/bin/bash\necho "$@" >> {tmp_path}/asked\nexit 1\n')
    (tmp_path / "scontrol").chmod(0o755)
    work = f"bash -c 'trap \"echo ended >> {tmp_path}/ended; exit\" TERM; touch {tmp_path}/started; sleep 60 & wait'"
    script = batch_script(Profile(restarts=2), Resources(), "name", work)
    variables = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SLURM_JOB_ID": "17", "SLURM_RESTART_COUNT": str(restarts)}
    with subprocess.Popen(["bash", "-c", script], env=variables, stdout=subprocess.DEVNULL) as shell:
        while not (tmp_path / "started").exists() or not catches(shell.pid, signal.SIGUSR1):
            time.sleep(0.02)
        shell.send_signal(signal.SIGUSR1)
        shell.wait(timeout=20)
    assert shell.returncode == 75
    assert (tmp_path / "ended").read_text() == "ended\n"
    asked = tmp_path / "asked"
    assert (asked.read_text().splitlines() if asked.exists() else []) == expected


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler for a signal."""
    caught = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def test_a_script_ends_as_its_work_does(tmp_path: Path) -> None:
    script = batch_script(Profile(), Resources(cpus=3), "name", 'bash -c "exit $OMP_NUM_THREADS"')
    assert subprocess.run(["bash", "-c", script], check=False).returncode == 3
