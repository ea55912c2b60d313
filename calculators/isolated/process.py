"""The process of a potential in its own environment, and the questions it is asked."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...errors import CapabilityError, LostProcessError

WORKER = Path(__file__).with_name("worker.py")
LAST_WORDS = 400
"""Characters of what a process printed last that a message repeats."""


class Process:
    """A potential that computes in another Python.

    Args:
        python: interpreter of its environment.
        calculator: ``module:Class`` of an ASE calculator there.
        options: its keyword arguments, as JSON.

    Raises:
        CapabilityError: the calculator cannot be made there.
        LostProcessError: it was killed while it started.
    """

    def __init__(self, python: Path, calculator: str, options: str) -> None:
        self._name = calculator
        self._turn = threading.Lock()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        try:
            # -I: neither the working folder nor the user's variables bring modules in.
            self._process = subprocess.Popen(  # noqa: S603 - a Python that the user installed or named, no shell
                [python, "-I", WORKER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                encoding="utf-8",
            )
        except OSError as error:
            raise CapabilityError(f"{calculator}: cannot start {python}: {error.strerror}") from error
        try:
            made = self._ask({"calculator": calculator, "options": json.loads(options)})
        except LostProcessError as error:
            if self._process.returncode < 0:  # killed from outside while it started
                raise
            raise CapabilityError(str(error)) from error
        if "error" in made:
            self.end()
            raise CapabilityError(f"{calculator} cannot be made with {python}: {made['error']}")
        self.properties: tuple[str, ...] = tuple(made["properties"])
        self.versions: dict[str, str] = made["versions"]

    def compute(self, question: dict[str, Any]) -> dict[str, Any]:
        """Have atoms computed.

        Args:
            question: what describes the atoms, and the wanted properties.

        Returns:
            Results by ASE's names, as lists of numbers.

        Raises:
            LostProcessError: the process died.
            RuntimeError: the calculator failed.
        """
        answer = self._ask(question)
        if "error" in answer:
            raise RuntimeError(f"{self._name}: {answer['error']}")
        results: dict[str, Any] = answer["results"]
        return results

    def is_alive(self) -> bool:
        """Say whether it still can be asked."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it; it ends by itself with this process."""
        self._process.kill()
        self._process.wait()

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            try:
                self._process.stdin.write(json.dumps(question) + "\n")
                self._process.stdin.flush()
                answer = self._process.stdout.readline()
            except OSError:
                answer = ""
        if not answer.endswith("\n"):
            raise LostProcessError(self._last_words())
        decoded: dict[str, Any] = json.loads(answer)
        return decoded

    def _last_words(self) -> str:
        code = self._process.wait()
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"
        self._said.seek(0)
        said = " ".join(self._said.read().decode(errors="replace").split())[-LAST_WORDS:]
        return f"the process of {self._name} {how}{f'; at last it said: {said}' if said else ''}"


def process_of(python: Path, calculator: str, options: dict[str, Any]) -> Process:
    """Return the process of a potential: one for all structures and images, started anew where it has died.

    Args:
        python: interpreter of its environment.
        calculator: ``module:Class``.
        options: its keyword arguments; plain data.
    """
    written = json.dumps(options, sort_keys=True)
    process = _started(python, calculator, written)
    if not process.is_alive():
        _started.cache_clear()
        process = _started(python, calculator, written)
    return process


_started = lru_cache(maxsize=4)(Process)
