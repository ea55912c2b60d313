"""Potentials that processes of their own can import, and that do what a band must survive or tell."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from ase.calculators.emt import EMT


class Remembering(EMT):
    """Its energy tells how many geometries it has seen, as that of a warm start may."""

    seen = 0

    def calculate(self, *args: Any, **options: Any) -> None:
        super().calculate(*args, **options)
        self.seen += 1
        self.results["energy"] += 1e-4 * self.seen


class Killed(EMT):
    """The system takes its process away at the third geometry."""

    seen = 0

    def calculate(self, *args: Any, **options: Any) -> None:
        self.seen += 1
        if self.seen == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        super().calculate(*args, **options)


class TwoWordsError(Exception):
    """Cannot be made from its message, and so not be sent."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} {other}")


class Complaining(EMT):
    """Prints, and then fails."""

    def calculate(self, *args: Any, **options: Any) -> None:
        print("about to fail")
        raise TwoWordsError("no", "convergence")


class Writing(EMT):
    """Leaves a file in its folder, as a code does."""

    def calculate(self, *args: Any, **options: Any) -> None:
        super().calculate(*args, **options)
        place = Path(self.directory)
        place.mkdir(exist_ok=True)
        (place / "energy").write_text(repr(self.results["energy"]))
