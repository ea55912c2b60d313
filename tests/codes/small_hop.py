"""A campaign that codes compute in seconds: a hop of two atoms; and a program before a code that counts its runs."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ase import Atoms

CAMPAIGN = """\
name: hop
calculator: {calculator}
systems:
  here: {{file: here.xyz}}
  there: {{file: there.xyz}}
studies:
  - {{kind: migration, endpoints: [here, there], ion: H, band: {{images: {images}, fmax: 0.2, max_steps: 6}}}}
relax: {{fmax: 0.2}}
"""
GPAW = "{kind: gpaw, kpoints: [1, 1, 1], cutoff: 250}"
CP2K = "{kind: cp2k, kpoints: [1, 1, 1], cutoff: 200}"
COUNTING = """\
#!/bin/sh
{before}
echo "$$ $PWD" >> {tally}
exec {command} "$@"
"""


def hydride(*position: float) -> Atoms:
    """A lithium atom at the corner of a cube, a hydrogen atom somewhere in it."""
    return Atoms("LiH", positions=[(0.0, 0.0, 0.0), position], cell=[3.6, 3.6, 3.6], pbc=True)


def write_campaign(folder: Path, calculator: str, images: int = 1) -> Path:
    """Write the campaign, and the two structures between which the hydrogen atom hops."""
    hydride(1.8, 0.0, 0.0).write(folder / "here.xyz", format="extxyz")
    hydride(0.0, 1.8, 0.0).write(folder / "there.xyz", format="extxyz")
    path = folder / "hop.yaml"
    path.write_text(CAMPAIGN.format(calculator=calculator, images=images))
    return path


def counted(command: str, folder: Path, before: str = "") -> Path:
    """Write a program that notes process and folder of every run in a file ``tally`` before it becomes a code."""
    path = folder / "counted"
    path.write_text(COUNTING.format(command=command, tally=folder / "tally", before=before))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def runs(folder: Path) -> list[tuple[int, Path]]:
    """Return process and working folder of every run of a code that computed something."""
    tally = folder / "tally"
    lines = tally.read_text().splitlines() if tally.exists() else []
    pairs = [(int(pid), Path(place)) for pid, place in (line.split(" ", 1) for line in lines)]
    return [(pid, place) for pid, place in pairs if place.parent.parent.name == "jobs"]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def processes_in(folder: Path) -> list[int]:
    """Return the living processes that work somewhere below a folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if folder in place.readlink().parents and alive(int(place.parent.name)):
                found.append(int(place.parent.name))
        except OSError:
            continue
    return [pid for pid in found if pid != os.getpid()]


def wait_for(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Return what a condition returns as soon as it is true of something."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return answer
