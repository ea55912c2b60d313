"""Converged densities of small molecules, each computed once."""

from functools import cache

import pytest
from ase import Atoms
from ase.build import molecule

from azibflow.calculators.dft.molecule import build_molecule
from azibflow.calculators.dft.scf import mean_field
from azibflow.calculators.specs import PyscfSpec

GEOMETRIES = {
    "H2O": (molecule("H2O"), 0, 1),
    "NH4+": (
        Atoms("NH4", [(0, 0, 0), (0.59, 0.59, 0.59), (-0.59, -0.59, 0.59), (-0.59, 0.59, -0.59), (0.59, -0.59, -0.59)]),
        1,
        1,
    ),
    "OH-": (Atoms("OH", [(0, 0, 0), (0, 0, 0.97)]), -1, 1),
    "HCOO-": (Atoms("COOH", [(0, 0, 0), (1.13, 0.55, 0), (-1.13, 0.55, 0), (0, -1.12, 0)]), -1, 1),
    "VO2+": (Atoms("VO", [(0, 0, 0), (0, 0, 1.58)]), 2, 2),
    "VOCl3": (
        Atoms("VOCl3", [(0, 0, 0), (0, 0, 1.57), (2.02, 0, -0.7), (-1.01, 1.75, -0.7), (-1.01, -1.75, -0.7)]),
        0,
        1,
    ),
    "Zn2+": (Atoms("Zn", [(0, 0, 0)]), 2, 1),
}


@cache
def converged(name: str, basis: str = "def2-svp", functional: str = "pbe0"):
    """Return molecule and total density matrix."""
    atoms, charge, spin = GEOMETRIES[name]
    atoms = atoms.copy()
    atoms.info = {"charge": charge, "spin": spin}
    spec = PyscfSpec.model_validate({"functional": functional, "basis": basis})
    field = mean_field(build_molecule(atoms, spec.energy), spec.energy, spec)
    field.kernel()
    assert field.converged
    density = field.make_rdm1()
    return field.mol, density if density.ndim == 2 else density.sum(axis=0)


@pytest.fixture(scope="session")
def density():
    """Give molecule and density by name."""
    return converged
