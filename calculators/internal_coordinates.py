"""Relaxing molecules in internal coordinates with geomeTRIC: floppy clusters need far fewer forces so."""

from __future__ import annotations

import logging
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from .optimization import Ending, Status

if TYPE_CHECKING:
    from ase import Atoms

LOOSE = 1e6
"""A criterion that is always met: convergence is decided by the largest force alone, as everywhere in this package."""


def minimize(atoms: Atoms, fmax: float, max_steps: int, report: Callable[[int], None]) -> Ending:
    """Move a molecule to a minimum in translation-rotation-internal coordinates (geomeTRIC, 10.1063/1.4952956).

    Deterministic, so that a journal of evaluations can be replayed.

    Args:
        atoms: without cell and constraints, with a calculator; changed in place.
        fmax: largest force at convergence, eV/angstrom.
        max_steps: moves allowed.
        report: told the number of moves so far, after each evaluation.

    Returns:
        How it ended.
    """
    from ase.units import Bohr, Hartree
    from geometric.engine import Engine
    from geometric.errors import GeomOptNotConvergedError
    from geometric.internal import DelocalizedInternalCoordinates
    from geometric.molecule import Molecule
    from geometric.optimize import Optimizer
    from geometric.params import OptParams

    class AtomsEngine(Engine):  # type: ignore[misc]
        evaluations = 0

        def calc_new(self, coords: np.ndarray, dirname: str) -> dict[str, Any]:  # noqa: ARG002 - geomeTRIC's signature
            atoms.set_positions(coords.reshape(-1, 3) * Bohr)
            gradient = -atoms.get_forces() * Bohr / Hartree
            energy = atoms.get_potential_energy() / Hartree
            report(self.evaluations)
            self.evaluations += 1
            return {"energy": energy, "gradient": gradient.ravel()}

    molecule = Molecule()
    molecule.elem = atoms.get_chemical_symbols()
    molecule.xyzs = [atoms.positions.copy()]
    molecule.build_topology()
    engine = AtomsEngine(molecule)
    limit = fmax * Bohr / Hartree
    parameters = OptParams(
        convergence_energy=LOOSE,
        convergence_grms=LOOSE,
        convergence_gmax=limit,
        convergence_drms=LOOSE,
        convergence_dmax=LOOSE,
        maxiter=max_steps,
        frequency=False,
    )
    with _Quiet(), TemporaryDirectory() as folder:
        coordinates = DelocalizedInternalCoordinates(molecule, build=True, connect=False, addcart=False)
        optimizer = Optimizer(atoms.positions.ravel() / Bohr, molecule, coordinates, engine, folder, parameters)
        try:
            optimizer.optimizeGeometry()
        except GeomOptNotConvergedError:
            return Ending(Status.MAX_STEPS, max(engine.evaluations - 1, 0), "geomeTRIC")
    atoms.set_positions(optimizer.X.reshape(-1, 3) * Bohr)
    return Ending(Status.CONVERGED, max(engine.evaluations - 1, 0), "geomeTRIC")


class _Quiet:
    """Keep geomeTRIC's own report out of the log for the time of an optimisation."""

    def __enter__(self) -> None:
        self._logger = logging.getLogger("geometric.nifty")
        self._level = self._logger.level
        self._logger.setLevel(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        self._logger.setLevel(self._level)
