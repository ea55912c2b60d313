"""Makes the toy importable, here and in worker processes, and the run that most tests look at."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ase import Atoms
from ase.build import fcc111
from ase.constraints import FixAtoms

sys.path.insert(0, str(Path(__file__).parent))

from water_campaign import CAMPAIGN, azibflow


@pytest.fixture(scope="session")
def sheet() -> Atoms:
    """A rigid layer of nine Cu."""
    atoms = fcc111("Cu", (3, 3, 1), a=3.61, vacuum=8.0, periodic=True)
    atoms.info = {}
    atoms.set_constraint(FixAtoms(range(len(atoms))))
    return atoms


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory, sheet: Atoms) -> Path:
    """The folder of a finished run: water alone and beside Zn."""
    folder = tmp_path_factory.mktemp("water")
    sheet.write(folder / "sheet.extxyz")
    (folder / "water.yaml").write_text(CAMPAIGN)
    assert azibflow("run", folder / "water.yaml", "--run-dir", folder / "run") == 0
    return folder / "run"
