"""One adsorbate on one site: its relaxation, and whether it is still there, whole, and on its own surface."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...calculators.specs import CalculatorSpec
from ...calculators.surrogates.trust import combined
from ...structures.sites import upright_positions
from ..common.references import ReferenceEnergy
from ..common.relaxation_jobs import RelaxationResult, relax_structure
from ..common.results import Outcome, RelaxSettings
from .placement import Placement
from .results import AdsorptionRow, adsorption_energy

if TYPE_CHECKING:
    from ase import Atoms

BROKEN_BOND = 1.4
"""A bond of the adsorbate longer than this multiple of its length before relaxation counts as broken."""
SAME_CONTACT = 1e-6
"""Rounding of a distance in units of van der Waals contact."""


def adsorb(
    placement: Placement,
    bare: RelaxationResult,
    reference: ReferenceEnergy,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    folder: Path | None = None,
) -> AdsorptionRow:
    """Relax one adsorbate on its site and say what became of it.

    Args:
        placement: the start.
        bare: the relaxed bare surface.
        reference: the reference state of the adsorbate.
        calculator: spec; the same as for the bare surface and the reference.
        settings: convergence targets.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The row, with its energy whatever the outcome, and the reason when it is not ``ok``.
    """
    start = placement.structure.to_atoms()
    relaxed = relax_structure(start, calculator, settings, folder=folder)
    atoms = relaxed.structure.to_atoms()
    n_surface = len(bare.structure.symbols)
    trust = combined([(1.0, relaxed.trust), (-1.0, bare.trust), (-1.0, reference.trust)])
    outcome, reason = _outcome(start, relaxed, bare, reference)
    if outcome is Outcome.OK and trust is not None and trust.flagged:
        outcome, reason = Outcome.OUTSIDE, trust.problem
    e_ads = adsorption_energy(relaxed.energy, bare.energy, reference.energy)
    metal = reference.cohesive_energy
    shift = _displacements(bare.structure.to_atoms(), atoms[:n_surface])
    return AdsorptionRow(
        site=placement.site,
        orientation=placement.orientation,
        multiplicity=placement.multiplicity,
        outcome=outcome,
        reason=reason,
        e_ads_vs_bulk=None if metal is None else e_ads,
        e_ads_vs_atom=None if metal is None else e_ads - metal,
        e_ads_vs_molecule=e_ads if metal is None else None,
        energy=relaxed.energy,
        height=_height(start, atoms, n_surface),
        nearest_distance=contact_with_surface(start, atoms, n_surface).distance,
        surface_displacement=float(shift.max()),
        fmax=relaxed.fmax,
        steps=relaxed.steps,
        force_calls=relaxed.force_calls,
        seconds=relaxed.seconds,
        structure=relaxed.structure,
        trust=trust,
    )


def _outcome(
    start: Atoms, relaxed: RelaxationResult, bare: RelaxationResult, reference: ReferenceEnergy
) -> tuple[Outcome, str]:
    if not bare.converged:
        return Outcome.UNCONVERGED, f"the bare surface did not converge (fmax {bare.fmax:.3f} eV/angstrom)"
    if reference.outcome is not Outcome.OK:
        return Outcome.UNCONVERGED, f"the reference did not converge (fmax {reference.fmax:.3f} eV/angstrom)"
    if not relaxed.converged:
        return Outcome.UNCONVERGED, f"fmax {relaxed.fmax:.3f} eV/angstrom after {relaxed.steps} steps"
    atoms = relaxed.structure.to_atoms()
    n_surface = len(bare.structure.symbols)
    broken = _broken_bond(start[n_surface:], atoms[n_surface:])
    if broken:
        return Outcome.DISSOCIATED, broken
    contact = contact_with_surface(start, atoms, n_surface)
    if not contact.touching:
        away = f"{contact.distance:.2f} angstrom away"
        return Outcome.DESORBED, f"nearest surface atom {away}, beyond van der Waals contact"
    if not contact.own:
        return Outcome.DESORBED, "it crossed the vacuum to the back of the surface's periodic image; take more vacuum"
    return Outcome.OK, ""


def _height(start: Atoms, relaxed: Atoms, n_surface: int) -> float:
    """Return how far the adsorbate's lowest atom is above the surface's highest, wherever the slab lies in its cell.

    Relaxations wrap no atom: what brings the slab into one piece before a relaxation does so after it, when an
    adsorbate may have closed the vacuum that shows which piece is which.
    """
    top = _in_one_piece(start, relaxed, n_surface)[:, 2].max()
    return float(relaxed.positions[n_surface:, 2].min() - top)


def _in_one_piece(start: Atoms, relaxed: Atoms, n_surface: int) -> np.ndarray:
    """Return the positions of the relaxed surface below the adsorbate, whatever wraps across the cell."""
    lift = upright_positions(start[:n_surface]) - start.positions[:n_surface]
    return np.asarray(relaxed.positions[:n_surface] + lift)


class Contact(NamedTuple):
    """How an adsorbate and a surface meet: the shortest distance, whether within reach, whether of this surface."""

    distance: float
    touching: bool
    own: bool


def contact_with_surface(start: Atoms, relaxed: Atoms, n_surface: int) -> Contact:
    """Find the contact of an adsorbate with its surface, or with the image of it above the vacuum.

    A pair touches within the sum of its van der Waals radii (S. Alvarez, Dalton Trans. 2013, 42, 8617,
    10.1039/c3dt50599e); the pair that is nearest for its radii decides which of the two surfaces the adsorbate is on.

    Args:
        start: surface and adsorbate as they were put together.
        relaxed: the same after relaxation.
        n_surface: number of surface atoms, which come first.
    """
    from ase.data.vdw_alvarez import vdw_radii
    from ase.geometry import find_mic

    adsorbed = relaxed.numbers[n_surface:]
    reach = vdw_radii[adsorbed][:, None] + vdw_radii[relaxed.numbers[:n_surface]][None, :]
    between = relaxed.positions[n_surface:, None] - _in_one_piece(start, relaxed, n_surface)[None]

    def distances(pbc: tuple[bool, bool, bool]) -> np.ndarray:
        return np.asarray(find_mic(between.reshape(-1, 3), relaxed.cell, pbc)[1]).reshape(reach.shape)

    below, anywhere = distances((True, True, False)), distances(tuple(relaxed.pbc))
    own = (below / reach).min() <= (anywhere / reach).min() + SAME_CONTACT
    return Contact(float(anywhere.min()), bool((anywhere <= reach).any()), bool(own))


def _broken_bond(before: Atoms, after: Atoms) -> str:
    """Name the first bond of the adsorbate that broke, or return an empty string."""
    from ase.data import covalent_radii

    for i in range(len(before)):
        for j in range(i):
            length = before.get_distance(i, j, mic=True)
            bonded = length < 1.3 * (covalent_radii[before.numbers[i]] + covalent_radii[before.numbers[j]])
            now = after.get_distance(i, j, mic=True)
            if bonded and now > BROKEN_BOND * length:
                return f"{before.symbols[j]}-{before.symbols[i]} bond of the adsorbate broke ({now:.2f} angstrom)"
    return ""


def _displacements(before: Atoms, after: Atoms) -> np.ndarray:
    from ase.geometry import find_mic

    return np.asarray(find_mic(after.positions - before.positions, before.cell, before.pbc)[1])
