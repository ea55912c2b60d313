"""Makes the toy importable, here and in worker processes, and the study that most tests look at."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ase import Atoms
from ase.build import fcc111
from ase.constraints import FixAtoms
from jobflow import JobStore, run_locally
from maggma.stores import MemoryStore

sys.path.insert(0, str(Path(__file__).parent))

from toy_splitting import TOY

from azibflow.workflows.common.results import RelaxSettings
from azibflow.workflows.dissociation.flow import DissociationMaker
from azibflow.workflows.dissociation.results import EndSettings


@pytest.fixture(scope="session")
def sheet() -> Atoms:
    """A rigid layer of nine Cu."""
    atoms = fcc111("Cu", (3, 3, 1), a=3.61, vacuum=8.0, periodic=True)
    atoms.info = {"label": "sheet"}
    atoms.set_constraint(FixAtoms(range(len(atoms))))
    return atoms


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, sheet: Atoms) -> MemoryStore:
    """The results of a flow: water alone and beside Zn."""
    maker = DissociationMaker(
        name="water on the sheet",
        beside=["Zn"],
        ends=EndSettings(products=2, places=1),
        calculator=TOY,
        settings=RelaxSettings(fmax=0.05),
        sites=["hollow-Cu3"],
        literature=["VN-OH"],
        place=(0,),
    )
    documents = MemoryStore()
    run_locally(
        maker.make(sheet),
        store=JobStore(documents),
        create_folders=True,
        root_dir=tmp_path_factory.mktemp("water"),
        ensure_success=True,
        log=False,
    )
    return documents
