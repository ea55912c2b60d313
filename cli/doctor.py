"""``azibflow doctor``: check this installation."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys

import click

LIBRARIES = ("numpy", "ase", "pymatgen", "spglib", "jobflow", "maggma", "torch", "chgnet", "mace-torch", "dftd3")
OPTIONAL = {"mace-torch": "only for MACE models"}


@click.command(name="doctor")
def command() -> int:
    """Check this installation: libraries, a real force call, disk. Exit status 1 when something is amiss."""
    click.echo(
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )
    missing = [name for name in LIBRARIES if not _report(name)]
    sound = not [name for name in missing if name not in OPTIONAL] and _force_call()
    free = shutil.disk_usage(os.curdir).free / 1e9
    click.echo(f"{'ok  ' if free > 1 else 'LOW '} disk: {free:.1f} GB free here")
    return 0 if sound else 1


def _report(name: str) -> bool:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        why = OPTIONAL.get(name)
        click.echo(f"{'none' if why else 'MISS'} {name} is not installed" + (f" ({why})" if why else ""))
        return False
    click.echo(f"ok   {name} {version}")
    return True


def _force_call() -> bool:
    """Compute hcp zinc with CHGNet: what has loaded can still fail to compute."""
    try:
        from ..calculators.factory import make_calculator
        from ..calculators.specs import ChgnetSpec
        from ..structures.prototypes import prototype

        zinc = prototype("Zn")
        zinc.calc = make_calculator(ChgnetSpec())
        energy = zinc.get_potential_energy() / len(zinc)
    except Exception as error:  # whatever is broken, the user needs to read what
        click.echo(f"FAIL CHGNet: {type(error).__name__}: {error}")
        return False
    click.echo(f"ok   CHGNet computes: hcp Zn {energy:.3f} eV/atom, {_threads()} torch threads")
    return True


def _threads() -> int:
    return int(sys.modules["torch"].get_num_threads())
