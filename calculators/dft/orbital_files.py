"""The orbitals of a running self-consistent field in files, from which a killed one goes on."""

from __future__ import annotations

import glob
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .wave_function import keep_orbitals

if TYPE_CHECKING:
    import numpy as np

logger = logging.getLogger(__name__)


class OrbitalFiles:
    """Where the rungs of a ladder keep their orbitals: in one file, or in one each until the lowest solution is known.

    In one file the last rung's would replace those of a lower solution, and which guesses are still to be tried would
    be lost with the process.

    Args:
        path: the file of the solution; none keeps nothing.
        one_each: whether several rungs are to converge, so that each needs its own.
    """

    def __init__(self, path: Path | None, *, one_each: bool) -> None:
        self.path = path
        self.one_each = one_each

    def of(self, rung: str) -> Path | None:
        """Return the file of a rung."""
        if self.path is None or not self.one_each:
            return self.path
        return self.path.with_name(f"{self.path.name}-{rung.replace(' ', '-').replace(',', '')}")

    def left(self, molecule: Any, rung: str) -> np.ndarray | None:
        """Return the density in which a rung was interrupted; none when it has not begun."""
        return read_guess(molecule, self.of(rung)) if self.one_each else None

    def settle(self, solution: Any) -> None:
        """Keep the solution alone, which goes on in its own file."""
        if self.path is None or not self.one_each:
            return
        keep_orbitals(solution, self.path)
        solution.chkfile = str(self.path)
        for file in self.path.parent.glob(f"{glob.escape(self.path.name)}-*"):
            file.unlink(missing_ok=True)


def read_guess(molecule: Any, checkpoint: Path | None) -> np.ndarray | None:
    """Read the density of a checkpoint; none when there is no file, or one that was cut off."""
    if checkpoint is None or not checkpoint.exists():
        return None
    from pyscf import scf

    try:
        if molecule.spin == 0:
            found: np.ndarray = scf.hf.init_guess_by_chkfile(molecule, str(checkpoint), project=True)
        else:
            found = scf.uhf.init_guess_by_chkfile(molecule, str(checkpoint), project=True)
    except Exception as error:
        logger.warning("%s cannot be read (%s); the SCF starts anew", checkpoint, error)
        checkpoint.unlink(missing_ok=True)
        return None
    return found
