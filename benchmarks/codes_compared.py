"""The same small crystal by GPAW and CP2K: equation of state of MgO, forces on a displaced atom at its minimum.

    python benchmarks/codes_compared.py

with OMP_NUM_THREADS=1; some minutes. Both codes have the same mesh of k-points, so that what is left are setups,
pseudopotentials and basis sets. Fits are by Birch and Murnaghan (10.1103/PhysRev.71.809).
"""

from __future__ import annotations

import os
import tempfile
import time

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.eos import EquationOfState
from ase.units import GPa

from azibflow.calculators.factory import make_calculator
from azibflow.calculators.specs import AnySpec, Cp2kSpec, GpawSpec

MESH = (4, 4, 4)
CODES: dict[str, AnySpec] = {
    "gpaw": GpawSpec(kpoints=MESH, cutoff=800),
    "cp2k": Cp2kSpec(kpoints=MESH, cutoff=800, relative_cutoff=80),
}
SCALES = (0.97, 0.985, 1.0, 1.015, 1.03)
"""Of the lattice constant."""
ABOUT = 4.25
"""Where it is expected, angstrom."""
DISPLACEMENT = (0.05, 0.10, 0.15)
"""Of the oxygen, angstrom, along x, y and z."""


def magnesia(scale: float = 1.0) -> Atoms:
    """Return the primitive cell."""
    return bulk("MgO", "rocksalt", a=ABOUT * scale)


def equation_of_state(spec: AnySpec) -> tuple[float, float]:
    """Return lattice constant, angstrom, and bulk modulus, GPa."""
    volumes, energies = [], []
    for scale in SCALES:
        atoms = magnesia(scale)
        atoms.calc = make_calculator(spec)
        energies.append(atoms.get_potential_energy())
        volumes.append(atoms.get_volume())
    volume, _, modulus = EquationOfState(volumes, energies, "birchmurnaghan").fit(warn=False)
    return (4 * volume) ** (1 / 3), modulus / GPa


def main() -> None:
    """Compute both, and print them side by side."""
    os.chdir(tempfile.mkdtemp(prefix="codes-compared-"))
    forces = {}
    for name, spec in CODES.items():
        began = time.perf_counter()
        constant, modulus = equation_of_state(spec)
        ideal, moved = magnesia(constant / ABOUT), magnesia(constant / ABOUT)
        moved.positions[1] += DISPLACEMENT
        energies = []
        for atoms in (ideal, moved):
            atoms.calc = make_calculator(spec)
            energies.append(atoms.get_potential_energy())
        forces[name] = moved.get_forces()
        cost = 1000 * (energies[1] - energies[0])
        print(f"{name}: a {constant:.4f} angstrom, B {modulus:.1f} GPa, displacement costs {cost:.1f} meV")
        print(f"  forces on the displaced atom {np.round(forces[name][1], 4)} eV/angstrom")
        print(f"  {time.perf_counter() - began:.0f} s", flush=True)
    print(f"largest difference of a force: {np.abs(forces['gpaw'] - forces['cp2k']).max():.4f} eV/angstrom")


if __name__ == "__main__":
    main()
