"""What PySCF with k-points takes for small crystals, beside GPAW with the same k-points: time and memory.

    OMP_NUM_THREADS=1 python benchmarks/pyscf_kpoints.py [CRYSTAL ...]

PBE, energy and forces; PySCF with GTH pseudopotentials and DZVP-MOLOPT-SR, the density on a uniform grid of the cutoff
that `pyscf-gamma` takes and of twice that; GPAW with plane waves of 400 eV. Each is a process of its own, of which time
and largest memory are printed, and which is ended after LIMIT.
"""

from __future__ import annotations

import resource
import sys
import time
from contextlib import chdir
from multiprocessing import TimeoutError as TooLong
from multiprocessing import get_context
from tempfile import TemporaryDirectory

from ase.units import Bohr, Hartree

from azibflow.structures.building import build
from azibflow.structures.recipes import StructureRecipe

CRYSTALS = {
    "ZnO": ({"prototype": "ZnO"}, (2, 2, 1), None),
    "Zn": ({"prototype": "Zn"}, (3, 3, 2), 0.1),
}
"""Recipe, mesh of k-points, and width of the Fermi function, eV."""
LIMIT = 300
"""Seconds that one may take."""
CUTOFFS = (175.0, 350.0)
"""Of PySCF's grids, hartree."""


def main(words: list[str]) -> None:
    """Compute and print."""
    print(f"{'crystal':<10}{'k-points':<10}{'method':<22}{'energy, s':>10}{'forces, s':>10}{'GB':>12}{'cycles':>8}")
    for name in words or CRYSTALS:
        for method, task in (
            *((f"PySCF, {cutoff:g} hartree", (by_pyscf, name, cutoff)) for cutoff in CUTOFFS),
            ("GPAW, 400 eV", (by_gpaw, name, 400.0)),
        ):
            with get_context("spawn").Pool(1) as pool:
                try:
                    found = pool.apply_async(measured, task).get(LIMIT)
                except TooLong:
                    found = f"  more than {LIMIT} s"
            mesh = "x".join(map(str, CRYSTALS[name][1]))
            print(f"{name:<10}{mesh:<10}{method:<22}" + found, flush=True)


def measured(method, name: str, cutoff: float) -> str:
    """Return the rest of a line: times, memory, cycles, or what went wrong."""
    try:
        energy, forces, cycles = method(name, cutoff)
    except Exception as error:
        return f"  {type(error).__name__}: {error}"
    used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1e6
    return f"{energy:>10.1f}{forces:>10.1f}{used:>12.2f}{cycles:>8}"


def by_pyscf(name: str, cutoff: float) -> tuple[float, float, str]:
    """Compute with PySCF; return seconds of the energy, seconds of the forces, and cycles."""
    from pyscf.pbc import dft, gto
    from pyscf.pbc.scf.addons import smearing

    recipe, mesh, width = CRYSTALS[name]
    atoms = displaced(recipe)
    cell = gto.M(
        atom=[(symbol, position / Bohr) for symbol, position in zip(atoms.symbols, atoms.positions, strict=True)],
        a=atoms.cell.array / Bohr,
        unit="B",
        basis="gth-dzvp-molopt-sr",
        pseudo="gth-pbe",
        ke_cutoff=cutoff,
        verbose=0,
        max_memory=8000,
    )
    field = dft.KRKS(cell, cell.make_kpts(mesh), xc="pbe")
    if width is not None:
        field = smearing(field, sigma=width / Hartree, method="fermi")
    began = time.perf_counter()
    field.kernel()
    middle = time.perf_counter()
    if not field.converged:
        raise RuntimeError("the SCF did not converge")
    field.nuc_grad_method().kernel()
    return middle - began, time.perf_counter() - middle, str(field.cycles)


def by_gpaw(name: str, cutoff: float) -> tuple[float, float, str]:
    """Compute with GPAW; energy and forces together."""
    from azibflow.calculators.factory import make_calculator
    from azibflow.calculators.specs import GpawSpec

    recipe, mesh, width = CRYSTALS[name]
    atoms = displaced(recipe)
    atoms.calc = make_calculator(GpawSpec(cutoff=cutoff, kpoints=mesh, smearing=width))
    with TemporaryDirectory() as folder, chdir(folder):  # where GPAW leaves its files
        began = time.perf_counter()
        atoms.get_forces()
        return time.perf_counter() - began, 0.0, "-"


def displaced(recipe: dict[str, object]):
    """Build a crystal and move its atoms, so that it has forces."""
    atoms = build(StructureRecipe.model_validate(recipe))
    atoms.rattle(0.05, seed=1)
    return atoms


if __name__ == "__main__":
    main(sys.argv[1:])
