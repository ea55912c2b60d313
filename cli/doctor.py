"""``azibflow doctor``: check this installation, and mend what can be mended."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

LIBRARIES = (
    *("numpy", "ase", "pymatgen", "spglib", "rdkit", "scikit-image", "matplotlib", "plotly"),
    *("jobflow", "maggma", "torch", "dftd3"),
)
"""Distributions that this package needs, whatever computes; those of the calculators come with their kinds."""
OPTIONAL = {"mace-torch": "only for MACE models and trained surrogates", "e3nn": "comes with mace-torch"}
LEAST_FREE = 1.0
"""Free disk below which a run may end half-way, GB."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        state: ok; none, of what is not there and not needed; or what is wrong, a word in capitals.
        says: what was found.
        remedy: command that mends it; empty where nothing is wrong, or nobody but the user can mend it.
        advice: what else to do.
        amiss: whether calculations need what is missing.
    """

    state: str
    says: str
    remedy: tuple[str, ...] = ()
    advice: str = ""
    amiss: bool = False


@click.command(name="doctor")
@click.option("--mend", is_flag=True, help="Install what is missing or installed in part; this uses the network.")
def command(*, mend: bool) -> int:
    """Check this installation: libraries, calculators, environments of potentials, plug-ins, SLURM, a force call, disk.

    What is amiss is told with the command that mends it; --mend runs these commands. Exit status 1 when something is
    amiss that calculations need: a library, CHGNet, or what another package adds.
    """
    click.echo(
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )
    findings = []
    for finding in _findings():
        findings.append(finding)
        _print(finding)
    usable = _report_plugins()
    remedies = list(dict.fromkeys(finding.remedy for finding in findings if finding.remedy))
    if remedies and not mend:
        click.echo("azibflow doctor --mend runs the commands above")
    if remedies and mend:
        return _mend(remedies)
    return 0 if usable and not any(finding.amiss for finding in findings) else 1


def _print(finding: Finding) -> None:
    click.echo(f"{finding.state:<4} {finding.says}")
    if finding.remedy:
        click.echo(f"     mend it with: {shlex.join(finding.remedy)}")
    if finding.advice:
        click.echo(f"     {finding.advice}")


def _mend(remedies: list[tuple[str, ...]]) -> int:
    """Run the commands, each shown before; return the exit status."""
    for remedy in remedies:
        click.echo(f"== {shlex.join(remedy)}")
        done = subprocess.run(remedy, check=False)  # noqa: S603 - no word of them is anybody else's
        if done.returncode:
            click.echo(f"that ended with status {done.returncode}; the rest is left", err=True)
            return 1
    click.echo("mended; azibflow doctor looks again")
    return 0


def _findings() -> Iterator[Finding]:
    for name in _libraries():
        yield _library(name)
    yield from _environments()
    yield from _slurm()
    if all(_library(name).state == "ok" for name in ("torch", "chgnet")):
        yield _force_call()
    yield _disk()


def _libraries() -> list[str]:
    """Return the distributions of this package and those of its calculators, each once."""
    from ..calculators.registry import BUILT_IN

    return list(dict.fromkeys([*LIBRARIES, *(name for kind in BUILT_IN for name in kind.libraries)]))


def _library(name: str) -> Finding:
    try:
        return Finding("ok", f"{name} {importlib.metadata.version(name)}")
    except importlib.metadata.PackageNotFoundError:
        why = OPTIONAL.get(name)
        says = f"{name} is not installed" + (f" ({why})" if why else "")
        remedy = () if why else (sys.executable, "-m", "pip", "install", _requirement(name))
        return Finding("none" if why else "MISS", says, remedy, amiss=why is None)


def _requirement(name: str) -> str:
    """Return the version of a library that this package asks for."""
    for said in importlib.metadata.requires("azibflow") or ():
        requirement = said.partition(";")[0].strip()
        if re.match(rf"{re.escape(name)}\b(?![-.])", requirement, flags=re.IGNORECASE):
            return requirement
    return name


def _environments() -> Iterator[Finding]:
    """Look at the environments of potentials that somebody has installed; those that nobody wants are no fault."""
    from ..calculators.isolated.environments import ENVIRONMENTS

    for one in ENVIRONMENTS.values():
        if one.folder.is_dir():
            problem = one.problem().partition("; install it")[0]
            remedy = (sys.executable, "-m", "azibflow", "calculators", "--install", one.name) if problem else ()
            says = f"environment of {one.name}: {problem or one.main_version()}"
            yield Finding("PART" if problem else "ok", says, remedy)


def _slurm() -> Iterator[Finding]:
    """Say whether there is a SLURM, and a profile to submit with."""
    from ..hpc.profiles import profiles_folder

    if shutil.which("sbatch") is None:
        return
    profiles = sorted(path.stem for path in profiles_folder().glob("*.yaml"))
    if profiles:
        yield Finding("ok", f"SLURM, and profiles for it: {', '.join(profiles)}")
    else:
        place = profiles_folder() / "mycluster.yaml"
        yield Finding("none", "SLURM is here, a profile is not", advice=f"write {place}: docs/tutorial-slurm.md")


def _force_call() -> Finding:
    """Compute hcp zinc with CHGNet: what has loaded can still fail to compute."""
    try:
        from ..calculators.factory import make_calculator
        from ..calculators.specs import ChgnetSpec
        from ..structures.prototypes import prototype

        zinc = prototype("Zn")
        zinc.calc = make_calculator(ChgnetSpec())
        energy = zinc.get_potential_energy() / len(zinc)
    except Exception as error:  # whatever is broken, the user needs to read what
        return Finding("FAIL", f"CHGNet: {type(error).__name__}: {error}", amiss=True)
    return Finding("ok", f"CHGNet computes: hcp Zn {energy:.3f} eV/atom, {_threads()} torch threads")


def _threads() -> int:
    return int(sys.modules["torch"].get_num_threads())


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    low = free < LEAST_FREE
    advice = "azibflow clean RUN_DIR removes the scratch files of a run" if low else ""
    return Finding("LOW" if low else "ok", f"disk: {free:.1f} GB free here", advice=advice)


def _report_plugins() -> bool:
    """List what other packages add, and say whether all of it can be used; what cannot is named when commands end."""
    from ..calculators.registry import calculator_kinds
    from ..campaigns.studies.registry import study_models
    from ..data.literature import published_values
    from ..plugins import GROUPS, broken_plugins, plugins
    from ..structures.prototypes import prototypes

    found = [(group, plugin) for group in GROUPS for plugin in plugins(group)]
    for registry in (calculator_kinds, study_models, prototypes, published_values):
        registry()  # refuses what is none of its own
    broken = {(plugin.group, plugin.name) for plugin in broken_plugins()}
    for group, plugin in found:
        if (group, plugin.name) not in broken:
            click.echo(f"ok   plug-in {plugin.name} of {plugin.distribution} {plugin.version} ({group})")
    return not broken
