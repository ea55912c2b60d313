"""Programs that compute: where their command comes from, and one run in a folder."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

from ...errors import CalculationError, NotInstalledError, OutOfMemoryError

PREFIX = "AZIBFLOW_COMMAND_"
"""Environment variables that say how a code is started here, such as ``AZIBFLOW_COMMAND_CP2K='srun cp2k.psmp'``."""
LAUNCHERS = frozenset({"srun", "mpirun", "mpiexec", "mpiexec.hydra", "orterun", "prun", "aprun", "jsrun", "ibrun"})
"""Programs that start others on cores that may have to be waited for."""
KILLED = (-9, 137)
"""Exit statuses of a program that was killed, as for want of memory, also below a shell or mpirun."""
WANT_OF_MEMORY = re.compile(
    r".*(?:MemoryError|bad_alloc|(?:cannot|unable to) allocate|out of memory|oom.kill|insufficient virtual memory).*",
    re.IGNORECASE,
)
"""What programs say that got no more memory: Python, C++, the system, numpy, SLURM, Fortran."""
PATIENCE = 5.0
"""How long a program may take to end what it has started, s, before it is killed."""


def command_of(code: str, programs: tuple[str, ...]) -> list[str]:
    """Return the command that starts a code on this machine.

    Args:
        code: its name, as in the variable that says how it is started.
        programs: names to look for on the path where the variable is not set.

    Returns:
        The words of the command; no shell reads them.

    Raises:
        NotInstalledError: it is not here, or what the variable names is not.
    """
    variable = f"{PREFIX}{code.upper()}"
    if said := os.environ.get(variable):
        words = shlex.split(said)
        if not words or shutil.which(words[0]) is None:
            raise NotInstalledError(f"{code}: {variable}={said!r} names no program that is here")
        return words
    found = next((program for program in programs if shutil.which(program)), None)
    if found is None:
        raise NotInstalledError(
            f"{code}: {' and '.join(programs)} are not on the path; install it, or say by the variable {variable} how "
            "it is started, with srun or mpirun where it needs them; on a cluster in the prologue of the profile"
        )
    return [found]


def without_launcher(command: list[str]) -> list[str]:
    """Leave out what starts a program on other cores: a question to it is for this machine, and waits in no queue.

    Args:
        command: such as ``srun --ntasks=16 gpaw python``; variables for ``env`` may stand before.

    Returns:
        The words from the first on behind the launcher that is a program here; a command without one as it is.

    Raises:
        NotInstalledError: nothing behind the launcher is a program here.
    """
    first = next((i for i, word in enumerate(command) if Path(word).name != "env" and "=" not in word), 0)
    if Path(command[first]).name not in LAUNCHERS:
        return command
    for index, word in enumerate(command[first + 1 :], first + 1):
        if not word.startswith("-") and Path(word).name not in LAUNCHERS and shutil.which(word) is not None:
            return command[:first] + command[index:]
    raise NotInstalledError(
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
        OutOfMemoryError: it was killed, or says that it got no more memory.
        CalculationError: it ended with an error, or cannot be started.
    """
    try:
        with output.open("wb") as printed:
            program = subprocess.Popen(  # noqa: S603 - words of the profile and of this package, no shell
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT
            )
    except OSError as error:
        raise CalculationError(f"{command[0]} cannot be started: {error.strerror}") from error
    try:
        status = program.wait()
    except BaseException:  # the notice of a walltime, Ctrl-C
        _end(program)
        raise
    if status in KILLED:
        raise OutOfMemoryError(f"{command[0]} was killed, most likely for want of memory; its output is {output}")
    if status != 0:
        if said := WANT_OF_MEMORY.search(output.read_text(encoding="utf-8", errors="replace")):
            raise OutOfMemoryError(f"{command[0]} ran out of memory: {said[0].strip()}; its output is {output}")
        raise CalculationError(f"{command[0]} ended {_how(status)}; its output is {output}")


def _how(status: int) -> str:
    return f"with exit status {status}" if status > 0 else f"by {signal.Signals(-status).name}"


def _end(program: subprocess.Popen[bytes]) -> None:
    """End a program, which is asked first: srun and mpiexec then end what they have started, also elsewhere."""
    program.terminate()
    try:
        program.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()
