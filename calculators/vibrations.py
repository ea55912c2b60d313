"""Force constants of any calculator from finite differences of its forces."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .checkpoints import Journal, RecordingCalculator, calculation_identity
from .optimization import Progress, Step

if TYPE_CHECKING:
    from ase import Atoms

STEP = 0.01
"""Displacement, angstrom: the error of central differences grows with its square, that of noise in the forces with its
inverse; at this one forces good to 1e-4 eV/angstrom give wavenumbers good to a few cm-1."""


def finite_difference_hessian(
    atoms: Atoms,
    calculator: Any,
    step: float = STEP,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
    vibrating: Sequence[int] | None = None,
) -> np.ndarray:
    """Compute force constants by central differences, two force calls for each of the 3N coordinates.

    Args:
        atoms: geometry, normally a stationary point; not changed. Constraints are disregarded: all atoms move.
        calculator: ASE calculator.
        step: displacement to either side, angstrom.
        checkpoint: file that a killed calculation goes on from; a finished one costs no force call. A file of other
            atoms, calculator or step is started anew.
        progress: called after every coordinate.
        vibrating: indices of the atoms that are displaced, in the order of the result; all when none.

    Returns:
        Second derivatives of the energy, eV/angstrom^2, symmetric, shape (3N, 3N) for N atoms that are displaced.
    """
    displaced = list(range(len(atoms)) if vibrating is None else vibrating)
    some = {} if vibrating is None else {"vibrating": displaced}  # journals of all atoms say what they always said
    journal = Journal(calculation_identity([atoms], calculator, task="vibrations", step=step, **some), checkpoint)
    moving = atoms.copy()
    moving.calc = RecordingCalculator(calculator, journal)
    columns = []
    for coordinate in (3 * atom + axis for atom in displaced for axis in range(3)):
        ahead, behind = (_displaced_forces(moving, atoms, coordinate, sign * step) for sign in (1, -1))
        columns.append((behind - ahead)[displaced].ravel() / (2 * step))
        if progress is not None:
            fmax = float(np.linalg.norm(behind, axis=1).max())
            progress(Step("vibrations", journal.position, moving.get_potential_energy(), fmax))
    hessian = np.array(columns)
    return np.asarray((hessian + hessian.T) / 2)


def _displaced_forces(moving: Atoms, atoms: Atoms, coordinate: int, displacement: float) -> np.ndarray:
    positions = atoms.positions.copy()
    positions[coordinate // 3, coordinate % 3] += displacement
    moving.set_positions(positions, apply_constraint=False)
    return np.asarray(moving.get_forces(apply_constraint=False))
