"""Lattice constants by GPAW and PBE beside published ones: hcp Zn and MgO, relaxed with their cells as in a campaign.

    python benchmarks/lattice_constants.py FOLDER [zinc|magnesia ...]

with OMP_NUM_THREADS=1. What was computed in FOLDER is not computed again. Each crystal at two cutoffs: the stress is
that of a fixed set of plane waves, so that a cell is as good as the cutoff is high.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ase import Atoms
from ase.build import bulk

from azibflow.calculators.specs import GpawSpec
from azibflow.workflows.common.relaxation_jobs import relax_structure
from azibflow.workflows.common.results import RelaxSettings

CRYSTALS = {
    "zinc": (lambda: bulk("Zn", a=2.662, c=5.004), GpawSpec(kspacing=0.28, smearing=0.1), (600.0,)),
    "zincite": (lambda: bulk("ZnO", "rocksalt", a=4.28), GpawSpec(kspacing=0.55), (800.0,)),
    "magnesia": (lambda: bulk("MgO", "rocksalt", a=4.212), GpawSpec(kspacing=0.55), (450.0, 800.0)),
}
"""How each begins, the calculator, and cutoffs, eV."""
TARGETS = RelaxSettings(fmax=0.01)


def lengths(name: str, atoms: Atoms) -> str:
    """Say the constants of the conventional cell, angstrom, and the volume per atom."""
    a, _, c, *_ = atoms.cell.cellpar()
    volume = atoms.get_volume() / len(atoms)
    said = f"a {a * 2**0.5:.3f}" if name != "zinc" else f"a {a:.3f}, c {c:.3f}"
    return f"{said} angstrom, {volume:.2f} angstrom^3/atom"


def main(place: str, *wanted: str) -> None:
    """Relax and print."""
    for name in wanted or CRYSTALS:
        made, calculator, cutoffs = CRYSTALS[name]
        for cutoff in cutoffs:
            folder = Path(place).resolve() / f"{name}-{cutoff:.0f}"
            folder.mkdir(parents=True, exist_ok=True)
            os.chdir(folder)
            spec = calculator.model_copy(update={"cutoff": cutoff})
            found = relax_structure(made(), spec, TARGETS, cell="relaxed", folder=folder)
            mesh = "x".join(map(str, spec.mesh(found.structure.to_atoms())))
            print(
                f"{name}, {cutoff:.0f} eV, {mesh} k-points: {lengths(name, found.structure.to_atoms())}; "
                f"{found.force_calls} evaluations, {found.seconds:.0f} s, converged {found.converged}; "
                f"{found.calculator.versions['gpaw']}, {found.calculator.weights[0].sha256[:12]}",
                flush=True,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
