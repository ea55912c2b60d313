"""Jobs of the tests of potentials in other environments; workers import them from here."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from jobflow import job

from azibflow.calculators.isolated.process import process_of


@job
def kill_the_process_once(marker: str) -> bool:
    """Ask a potential whose process is killed at the first attempt."""
    process = process_of(Path(sys.executable), "ase.calculators.emt:EMT", {})
    tried = Path(marker)
    first = not tried.exists()
    tried.write_text("tried\n" if first else "tried\ntried\n")
    if first:
        os.kill(process._process.pid, signal.SIGKILL)
    atoms = {"numbers": [29], "positions": [[0, 0, 0]], "cell": [[0, 0, 0]] * 3, "pbc": [False] * 3}
    process.compute(atoms | {"magmoms": [0.0], "charges": [0.0], "info": {}, "properties": ["energy"]})
    return True
