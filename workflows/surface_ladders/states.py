"""One arrangement of waters after its relaxation: which waters the ion holds, which the surface, which nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...structures.sites import upright_positions
from ..common.relaxation_jobs import RelaxationResult
from ..common.results import Outcome
from ..molecular.surface_states import SurfaceState

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

BROKEN = 1.35
"""An O-H distance longer than this, angstrom, is no bond of a water molecule any more: 1.4 times that in water."""
GROUP = 3
"""Atoms of a water molecule: O, H, H."""


@dataclass(frozen=True)
class Whereabouts:
    """Where the waters of a relaxed complex are.

    Attributes:
        on_ion: waters within the cutoff of the ion.
        on_surface: waters beyond it that touch the surface.
        outer: waters beyond both, held by the ion or by other waters.
        gone: numbers, from 1, of the waters that nothing holds to the surface.
        ion_gone: whether the ion is held by nothing.
    """

    on_ion: int
    on_surface: int
    outer: int
    gone: tuple[int, ...]
    ion_gone: bool


def surface_state(name: str, relaxed: RelaxationResult | None, bare: RelaxationResult, cutoff: float) -> SurfaceState:
    """Say what became of one arrangement.

    Args:
        name: how it began.
        relaxed: its relaxation; none when its job failed.
        bare: the bare surface.
        cutoff: longest distance from the ion to the oxygen atom of a water that it holds, angstrom.

    Returns:
        The state, with its energy whatever the outcome, and the reason when it is not ``ok``.
    """
    if relaxed is None:
        return SurfaceState(name=name, outcome=Outcome.FAILED, reason="its job failed; the run's log says why")
    surface, atoms = bare.structure.to_atoms(), relaxed.structure.to_atoms()
    where = whereabouts(atoms, surface, cutoff)
    outcome, reason = _outcome(atoms, relaxed, len(surface), where)
    top = _in_one_piece(atoms, surface)[:, 2].max()
    return SurfaceState(
        name=name,
        outcome=outcome,
        reason=reason,
        energy=relaxed.energy,
        on_ion=where.on_ion,
        on_surface=where.on_surface,
        outer=where.outer,
        height=float(atoms.positions[len(surface), 2] - top),
        fmax=relaxed.fmax,
        force_calls=relaxed.force_calls,
        seconds=relaxed.seconds,
        structure=relaxed.structure,
        trust=relaxed.trust,
    )


def whereabouts(atoms: Atoms, surface: Atoms, cutoff: float) -> Whereabouts:
    """Find where the waters of a complex are.

    Two of surface, ion and waters touch when a pair of their atoms is within the sum of its van der Waals radii (S.
    Alvarez, Dalton Trans. 2013, 42, 8617, 10.1039/c3dt50599e); the image of the surface above the vacuum is not the
    surface.

    Args:
        atoms: surface, ion, then O, H, H of each water.
        surface: the bare surface, whose atoms come first.
        cutoff: longest distance from the ion to the oxygen atom of a water that it holds, angstrom.
    """
    n_surface = len(surface)
    positions = atoms.positions.copy()
    positions[:n_surface] = _in_one_piece(atoms, surface)
    parts = [np.arange(n_surface), np.array([n_surface])]
    parts += [np.arange(first, first + GROUP) for first in range(n_surface + 1, len(atoms), GROUP)]
    touching = _touching(atoms, positions, parts)
    held = _held(touching)
    oxygens = [int(part[0]) for part in parts[2:]]
    to_ion = _distances(atoms, positions, np.array([n_surface]), np.array(oxygens, dtype=int))[0]
    gone = [number for number in range(1, len(oxygens) + 1) if not held[number + 1]]
    on_ion = [k for k in range(len(oxygens)) if held[k + 2] and to_ion[k] <= cutoff]
    on_surface = [k for k in range(len(oxygens)) if k not in on_ion and touching[0, k + 2]]
    outer = len(oxygens) - len(on_ion) - len(on_surface) - len(gone)
    return Whereabouts(len(on_ion), len(on_surface), outer, tuple(gone), not held[1])


def _outcome(atoms: Atoms, relaxed: RelaxationResult, n_surface: int, where: Whereabouts) -> tuple[Outcome, str]:
    if not relaxed.converged:
        return Outcome.UNCONVERGED, f"fmax {relaxed.fmax:.3f} eV/angstrom after {relaxed.steps} steps"
    for number, oxygen in enumerate(range(n_surface + 1, len(atoms), GROUP), start=1):
        longest = float(atoms.get_distances(oxygen, [oxygen + 1, oxygen + 2], mic=True).max())
        if longest > BROKEN:
            return Outcome.DISSOCIATED, f"an O-H bond of water {number} broke ({longest:.2f} angstrom)"
    if where.ion_gone:
        return Outcome.DESORBED, "the ion left the surface: nothing that touches it holds the ion"
    if where.gone:
        numbers = ", ".join(map(str, where.gone))
        return Outcome.DESORBED, f"water {numbers} left both the ion and the surface"
    if relaxed.trust is not None and relaxed.trust.flagged:
        return Outcome.OUTSIDE, relaxed.trust.problem
    return Outcome.OK, ""


def _touching(atoms: Atoms, positions: Array, parts: list[Array]) -> Array:
    """Tell which parts touch which, shape (parts, parts)."""
    from ase.data.vdw_alvarez import vdw_radii

    radii = vdw_radii[atoms.numbers]
    touching = np.zeros((len(parts), len(parts)), dtype=bool)
    for i, one in enumerate(parts):
        for j, other in enumerate(parts[:i]):
            reach = radii[one][:, None] + radii[other][None, :]
            touching[i, j] = touching[j, i] = bool((_distances(atoms, positions, one, other) <= reach).any())
    return touching


def _held(touching: Array) -> Array:
    """Tell which parts hang together with the first, the surface."""
    held = np.zeros(len(touching), dtype=bool)
    held[0] = True
    for _ in range(len(touching)):
        held |= touching[held].any(axis=0)
    return held


def _distances(atoms: Atoms, positions: Array, some: Array, others: Array) -> Array:
    from ase.geometry import find_mic

    between = positions[some][:, None] - positions[others][None]
    lengths = find_mic(between.reshape(-1, 3), atoms.cell, pbc=(True, True, False))[1]
    return np.asarray(lengths).reshape(len(some), len(others))


def _in_one_piece(atoms: Atoms, surface: Atoms) -> Array:
    """Return the positions of the relaxed surface below the complex, whatever wraps across the cell."""
    lift = upright_positions(surface) - surface.positions
    return np.asarray(atoms.positions[: len(surface)] + lift)
