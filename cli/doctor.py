"""``azibflow doctor``: check this installation."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys

import click

LIBRARIES = (
    *("numpy", "ase", "pymatgen", "spglib", "rdkit", "scikit-image", "matplotlib", "plotly"),
    *("jobflow", "maggma", "torch", "dftd3"),
)
"""Distributions that this package needs, whatever computes; those of the calculators come with their kinds."""
OPTIONAL = {"mace-torch": "only for MACE models and trained surrogates", "e3nn": "comes with mace-torch"}


@click.command(name="doctor")
def command() -> int:
    """Check this installation: libraries, calculators, plug-ins, a real force call, disk.

    Exit status 1 when something is amiss: a library, CHGNet, or what another package adds.
    """
    click.echo(
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )
    missing = [name for name in _libraries() if not _report(name)]
    usable = _report_plugins()
    sound = not [name for name in missing if name not in OPTIONAL] and _force_call()
    free = shutil.disk_usage(os.curdir).free / 1e9
    click.echo(f"{'ok  ' if free > 1 else 'LOW '} disk: {free:.1f} GB free here")
    return 0 if sound and usable else 1


def _libraries() -> list[str]:
    """Return the distributions of this package and those of its calculators, each once."""
    from ..calculators.registry import BUILT_IN

    return list(dict.fromkeys([*LIBRARIES, *(name for kind in BUILT_IN for name in kind.libraries)]))


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
