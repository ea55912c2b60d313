"""Programs that compute: where their command comes from, and one run in a folder."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from ...errors import CalculationError, CapabilityError, OutOfMemoryError

PREFIX = "AZIBFLOW_COMMAND_"
"""Environment variables that say how a code is started here, such as ``AZIBFLOW_COMMAND_CP2K='srun cp2k.psmp'``."""
LAUNCHERS = frozenset({"srun", "mpirun", "mpiexec", "mpiexec.hydra", "orterun", "prun", "aprun", "jsrun", "ibrun"})
"""Programs that start others on cores that may have to be waited for."""
KILLED = (-9, 137)
"""Exit statuses of a program that was killed, as for want of memory, also below a shell or mpirun."""


def command_of(code: str, programs: tuple[str, ...]) -> list[str]:
    """Return the command that starts a code on this machine.

    Args:
        code: its name, as in the variable that says how it is started.
        programs: names to look for on the path where the variable is not set.

    Returns:
        The words of the command; no shell reads them.

    Raises:
        CapabilityError: it is not installed, or what the variable names is not.
    """
    variable = f"{PREFIX}{code.upper()}"
    if said := os.environ.get(variable):
        words = shlex.split(said)
        if not words or shutil.which(words[0]) is None:
            raise CapabilityError(f"{code}: {variable}={said!r} names no program that is here")
        return words
    found = next((program for program in programs if shutil.which(program)), None)
    if found is None:
        raise CapabilityError(
            f"{code}: {' and '.join(programs)} are not on the path; install it, or say by the variable {variable} how "
            "it is started, with srun or mpirun where it needs them"
        )
    return [found]


def without_launcher(command: list[str]) -> list[str]:
    """Leave out what starts a program on other cores: a question to it is for this machine, and waits in no queue.

    Args:
        command: such as ``srun --ntasks=16 gpaw python``; variables for ``env`` may stand before.

    Returns:
        The words from the first on behind the launcher that is a program here; a command without one as it is.

    Raises:
        CapabilityError: nothing behind the launcher is a program here.
    """
    first = next((i for i, word in enumerate(command) if Path(word).name != "env" and "=" not in word), 0)
    if Path(command[first]).name not in LAUNCHERS:
        return command
    for index, word in enumerate(command[first + 1 :], first + 1):
        if not word.startswith("-") and Path(word).name not in LAUNCHERS and shutil.which(word) is not None:
            return command[:first] + command[index:]
    raise CapabilityError(
        f"{shlex.join(command)}: nothing behind {command[first]} is a program on this machine, which has to be asked "
        "for its version here; name it with its folder, or load its module here too"
    )


def run_program(command: list[str], folder: Path, output: Path) -> None:
    """Run a program in a folder until it ends; it dies with the worker that started it.

    Args:
        command: words, without a shell.
        folder: its working folder.
        output: file for what it prints, standard error too.

    Raises:
        OutOfMemoryError: it was killed.
        CalculationError: it ended with an error, or cannot be started.
    """
    try:
        with output.open("wb") as printed:
            done = subprocess.run(  # noqa: S603 - words of the profile and of this package, no shell
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT, check=False
            )
    except OSError as error:
        raise CalculationError(f"{command[0]} cannot be started: {error.strerror}") from error
    if done.returncode in KILLED:
        raise OutOfMemoryError(f"{command[0]} was killed, most likely for want of memory; its output is {output}")
    if done.returncode != 0:
        raise CalculationError(f"{command[0]} ended with exit status {done.returncode}; its output is {output}")
