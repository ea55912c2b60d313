"""The host of a breathing study: its two sides, whether it can hold the ions, its states, and what emptying leaves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import StructureError
from ...structures.bonds import Interface, reference_bonds
from ...structures.degradation import coordination_losses
from ...structures.heterostructures import film_and_support
from ...structures.insertion_sites import CLOSEST, insertion_sites
from ..common.electrodes import ELECTRODES
from ..common.references import check_reference
from ..common.relaxation_jobs import RelaxationResult, relax_structure
from ..common.results import Outcome
from .results import BreathingCriteria, BreathingRecord, EmptiedHost, HostState
from .search import State
from .tasks import BreathingSettings, BreathingTask

if TYPE_CHECKING:
    from ase import Atoms

AS_BUILT = "relaxed as built"


def interface_of(atoms: Atoms) -> Interface:
    """Read film and support from the tags of a heterostructure.

    Raises:
        StructureError: it has no such tags.
    """
    film, support = film_and_support(atoms)
    return Interface(film=tuple(film), support=tuple(support))


def check_ion(ion: str, settings: BreathingSettings) -> None:
    """Refuse an ion without a bulk metal, and one whose electrons are not those that nobody has stated.

    Raises:
        StructureError: there is no bulk metal as a reference for the ion, or its charge has to be stated.
    """
    check_reference(ion)
    known = ELECTRODES.get(ion)
    if known is not None and known.charge != settings.charge and "charge" not in settings.model_fields_set:
        raise StructureError(
            f"{ion} brings {known.charge} electron{'s' * (known.charge > 1)}, and charge is {settings.charge} where "
            f"nothing is said; set breathing: {{charge: {known.charge}}}"
        )


def fullest(host: Atoms, ion: str, settings: BreathingSettings) -> Atoms:
    """Put as many ions as are asked for on sites of the host, to find out whether it can hold them at all.

    Args:
        host: heterostructure as built, tagged.
        ion: chemical symbol.
        settings: how many.

    Returns:
        The host with the ions, not relaxed.

    Raises:
        StructureError: there is no bulk metal as a reference for the ion, film and support are not told apart, there is
            no interface bond, or there is no room.
    """
    import numpy as np
    from ase import Atoms as Ions
    from ase.data import atomic_numbers, covalent_radii

    check_ion(ion, settings)
    reference_bonds(host, interface_of(host), settings.criteria.bonds)
    least = 2 * CLOSEST * covalent_radii[atomic_numbers.get(ion, 0)]
    places = insertion_sites(host, ion, settings.ions, apart=float(least))
    if len(places) < settings.ions:
        label = host.info.get("label") or host.get_chemical_formula()
        raise StructureError(
            f"{label} has room for {len(places)} {ion} at least {least:.2f} angstrom apart, fewer than the "
            f"{settings.ions} asked for; ask for fewer ions, or repeat the cell"
        )
    full = host + Ions(f"{ion}{settings.ions}", positions=np.asarray(places))
    full.info = dict(host.info)
    return full


def empty_host(record: BreathingRecord, host_size: int, task: BreathingTask, folder: Path | None) -> EmptiedHost:
    """Take the ions out of a loaded host and relax what is left.

    Args:
        record: the loaded host.
        host_size: its number of atoms without ions.
        task: calculator and settings.
        folder: where the checkpoint goes.

    Returns:
        The emptied host, its bonds not yet followed.
    """
    assert record.structure is not None  # only states that were found are emptied
    atoms = record.structure.to_atoms()[:host_size]
    atoms.info = dict(record.structure.to_atoms().info)
    relaxed = relax_structure(atoms, task.calculator, task.relax, folder=folder)
    outcome, reason = convergence(State.of(relaxed))
    return EmptiedHost(
        outcome=outcome, reason=reason, energy=relaxed.energy, structure=relaxed.structure, trust=relaxed.trust
    )


def host_states(
    built: RelaxationResult, annealed: Sequence[RelaxationResult | None], criteria: BreathingCriteria
) -> list[HostState]:
    """Return the states of the host that still have interface bonds and a whole film, lowest first.

    Args:
        built: the host, relaxed as it was built.
        annealed: after annealing, one per seed; none where the job failed.
        criteria: what a bond and a whole film are.

    Raises:
        StructureError: relaxed, the host has no interface bond.
    """
    start = built.structure.to_atoms()
    sides = interface_of(start)
    reference_bonds(start, sides, criteria.bonds)
    found = [
        HostState(
            origin=AS_BUILT,
            structure=built.structure,
            energy=built.energy,
            converged=built.converged,
            trust=built.trust,
        )
    ]
    for seed, one in enumerate(annealed):
        if one is None:
            continue
        atoms = one.structure.to_atoms()
        whole = not coordination_losses(start, atoms, criteria.bonds, criteria.coordination, among=sides.film)
        if whole and _bonded(atoms, sides, criteria):
            found.append(HostState.of(f"annealed, seed {seed}", one))
    return sorted(found, key=lambda state: (not state.converged, round(state.energy, 6)))


def _bonded(atoms: Atoms, sides: Interface, criteria: BreathingCriteria) -> bool:
    try:
        reference_bonds(atoms, sides, criteria.bonds)
    except StructureError:
        return False
    return True


def convergence(state: State) -> tuple[Outcome, str]:
    """Tell how the relaxation of a state ended, and why it is no result."""
    if state.converged:
        if state.trust is not None and state.trust.flagged:
            return Outcome.OUTSIDE, state.trust.problem
        return Outcome.OK, ""
    return Outcome.UNCONVERGED, f"fmax {state.fmax:.3f} eV/angstrom when the steps ran out"
