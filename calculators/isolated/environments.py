"""Python environments of potentials: which there are to install, where they stand, and whether they are whole."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from importlib.util import find_spec
from pathlib import Path

from ...errors import CapabilityError
from ...input_files.mistakes import nearest

VARIABLE = "AZIBFLOW_ENVIRONMENTS"
"""Names the folder of environments."""
RECORD = "azibflow.json"
"""Written into an environment when it is whole: what was installed, from which list."""


@dataclass(frozen=True)
class Environment:
    """An environment that can be installed.

    Attributes:
        name: of the environment, and of its list of requirements in ``data/environments``.
        says: what it is, its licence, and what it was trained on.
    """

    name: str
    says: str

    @property
    def requirements(self) -> str:
        """The pinned list, one ``distribution==version`` a line."""
        return (resources.files("azibflow.data") / "environments" / f"{self.name}.txt").read_text(encoding="utf-8")

    @property
    def folder(self) -> Path:
        """Where it stands, or would."""
        return environments_folder() / self.name

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        """Where its distributions lie."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.folder / "lib" / version / "site-packages"

    def fingerprint(self) -> str:
        """Return what the environment depends on: the list, the Python, and the packages below it."""
        text = f"{self.requirements}\n{sys.version_info[:2]}\n{own_packages()}"
        return hashlib.sha256(text.encode()).hexdigest()

    def versions(self) -> dict[str, str]:
        """Return the versions of what can be imported in it, by name of the distribution."""
        return _versions(own_packages()) | _versions(self.packages)

    def main_version(self) -> str:
        """Return the distribution that its list is made for, the first of it, with its version."""
        first = next(line for line in self.requirements.splitlines() if "==" in line)
        return first.replace("==", " ")

    def problem(self) -> str:
        """Say what is wrong with it, and what to do; empty when it can be used."""
        again = f"azibflow calculators --install {self.name}"
        if not self.folder.is_dir():
            return f"its environment {self.folder} is not installed; install it with: {again}"
        try:
            record = json.loads((self.folder / RECORD).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return f"its environment {self.folder} is installed in part; install it again: {again}"
        if record.get("fingerprint") != self.fingerprint():
            return (
                f"its environment {self.folder} is of another version of azibflow or Python; install it again: {again}"
            )
        wanted, found = record.get("versions", {}), self.versions()
        for name, version in wanted.items():
            if found.get(name) != version:
                there = f"{name} {found[name]}" if name in found else f"no {name}"
                return f"its environment {self.folder} has {there}, not {version}; install it again: {again}"
        return ""


def environments_folder() -> Path:
    """Return the folder of environments: what ``AZIBFLOW_ENVIRONMENTS`` says, or one in the user's home."""
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen).expanduser().absolute()
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "azibflow" / "environments"


def own_packages() -> Path:
    """Return the folder of the packages of this Python, on which environments stand: torch is not installed twice."""
    found = find_spec("torch")
    if found is None or found.origin is None:
        raise CapabilityError("torch is not installed; install it with: pip install torch")
    return Path(found.origin).parent.parent


def environment(name: str) -> Environment:
    """Look an environment up.

    Raises:
        CapabilityError: there is none of this name.
    """
    if name not in ENVIRONMENTS:
        known = ", ".join(ENVIRONMENTS)
        raise CapabilityError(f"there is no environment {name!r}: there are {known}{nearest(name, ENVIRONMENTS)}")
    return ENVIRONMENTS[name]


@cache
def _versions(folder: Path) -> dict[str, str]:
    found = metadata.distributions(path=[str(folder)])
    return {distribution.name: distribution.version for distribution in found}


ENVIRONMENTS = {
    one.name: one
    for one in (
        Environment(
            "sevennet",
            "calculator: sevennet. SevenNet-l3i5, SevenNet-0 and SevenNet-MF-0; MIT, code and weights; 89 elements; "
            "trained on MPtrj (PBE, +U for oxides), MF-0 on r2SCAN too",
        ),
        Environment(
            "orb",
            "for kind: ase with python: orb. Orb models; Apache-2.0, code and weights; the latter are files of yours",
        ),
        Environment(
            "upet",
            "for kind: ase with python: upet. PET-MAD and its kin; BSD-3-Clause; weights are files of yours",
        ),
        Environment(
            "fairchem",
            "for kind: ase with python: fairchem. UMA and eSEN; code MIT; weights have licences of their own, and are "
            "files of yours",
        ),
    )
}
