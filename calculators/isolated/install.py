"""Makes the environment of a potential: what its list pins, on top of the packages of this Python."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...errors import CapabilityError
from .environments import RECORD, Environment, own_packages

if TYPE_CHECKING:
    from pathlib import Path

BELOW = "zz_azibflow.pth"
"""Puts our packages behind those of the environment; named so that it is read last."""


PIP = ("install", "--disable-pip-version-check", "--no-deps")
"""Lists are complete, so nothing is left to resolve: e3nn, for one, is not to suit what lies below."""


def install(environment: Environment, say: Callable[[str], None] = print) -> None:
    """Install an environment, or install it anew; one that is whole is replaced when the new one is.

    What its list does not pin, such as torch, is that of this Python. What pip prints goes to standard error.

    Args:
        environment: which.
        say: told of each step.

    Raises:
        CapabilityError: pip or the making of the environment failed.
    """
    new = environment.folder.with_name(f".{environment.name}.{os.getpid()}")
    try:
        new.parent.mkdir(parents=True, exist_ok=True)
        say(f"making {environment.folder} (1 of 2: environment)")
        _run([sys.executable, "-m", "venv", str(new)])
        packages = new / environment.packages.relative_to(environment.folder)
        (packages / BELOW).write_text(f"{own_packages()}\n", encoding="utf-8")
        listed = new / "requirements.txt"
        listed.write_text(environment.requirements, encoding="utf-8")
        say(f"making {environment.folder} (2 of 2: {environment.says})")
        _run([str(new / "bin" / "python"), "-m", "pip", *PIP, "-r", str(listed)])
        record = {"fingerprint": environment.fingerprint(), "versions": _pinned(environment.requirements)}
        (new / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        _replace(environment.folder, new)
    except OSError as error:
        raise CapabilityError(f"{environment.folder} cannot be made: {error.strerror}") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _pinned(requirements: str) -> dict[str, str]:
    """Return the version of every distribution that a list pins."""
    return dict(re.findall(r"^([\w.-]+)==([\w.+-]+)", requirements, flags=re.MULTILINE))


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdout=sys.stderr, check=False)  # noqa: S603 - fixed words and paths, no shell
    if done.returncode:
        raise CapabilityError(
            f"{' '.join(command[:4])} ... failed with exit status {done.returncode}; what it said is above"
        )


def _replace(old: Path, new: Path) -> None:
    if old.exists():
        aside = old.with_name(f"{new.name}.old")
        old.rename(aside)
        new.rename(old)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        new.rename(old)
