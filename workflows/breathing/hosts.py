"""The host of a breathing study: its two sides, whether it can hold the ions, its states, and what emptying leaves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import StructureError
from ...structures.bonds import Interface, follow_bonds, followed
from ...structures.degradation import coordination_losses
from ...structures.heterostructures import film_and_support
from ...structures.insertion_sites import CLOSEST, insertion_sites
from ...structures.protonation import basic_oxygens, with_proton
from ..common.electrodes import ELECTRODES
from ..common.references import check_reference
from ..common.relaxation_jobs import MOMENTS, RelaxationResult, relax_structure
from ..common.results import Outcome
from .results import BreathingCriteria, BreathingRecord, EmptiedHost, HostState
from .search import State
from .tasks import BreathingSettings, BreathingTask, Film

if TYPE_CHECKING:
    from ase import Atoms

AS_BUILT = "relaxed as built"


def interface_of(atoms: Atoms, film: Film = "tagged") -> Interface:
    """Tell which atoms of a host are film and which support.

    Args:
        atoms: the host.
        film: read from the tags of a heterostructure, or all atoms.

    Raises:
        StructureError: there are no such tags.
    """
    if film == "all":
        return Interface(film=tuple(range(len(atoms))), support=())
    try:
        tagged, support = film_and_support(atoms)
    except StructureError as error:
        raise StructureError(f"{error}; a host that nothing carries is asked with  breathing: {{film: all}}") from error
    return Interface(film=tuple(tagged), support=tuple(support))


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


def protonated(host: Atoms, settings: BreathingSettings) -> Atoms:
    """Put hydrogen on the most basic oxygen of the film of a host, to find out whether it takes any.

    Raises:
        StructureError: film and support are not told apart, or the film has no oxygen that is free.
    """
    oxygens = basic_oxygens(host, interface_of(host, settings.film).film)
    if not oxygens:
        label = host.info.get("label") or host.get_chemical_formula()
        raise StructureError(f"{label} has no oxygen in its film that takes hydrogen; remove  protons")
    return with_proton(host, oxygens[0])


def fullest(host: Atoms, ion: str, settings: BreathingSettings) -> Atoms:
    """Put as many ions as are asked for on sites of the host, to find out whether it can hold them at all.

    Args:
        host: heterostructure as built, tagged.
        ion: chemical symbol.
        settings: how many.

    Returns:
        The host with the ions, not relaxed.

    Raises:
        StructureError: there is no bulk metal as a reference for the ion, film and support are not told apart, or there
            is no room.
    """
    import numpy as np
    from ase import Atoms as Ions
    from ase.data import atomic_numbers, covalent_radii

    check_ion(ion, settings)
    interface_of(host, settings.film)
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
    relaxed = relax_structure(
        atoms, task.calculator, task.relax, cell=task.settings.cell, folder=folder, atomic=MOMENTS
    )
    outcome, reason = convergence(State.of(relaxed))
    return EmptiedHost(
        outcome=outcome,
        reason=reason,
        energy=relaxed.energy,
        structure=relaxed.structure,
        trust=relaxed.trust,
        moments=relaxed.moments,
    )


def host_states(
    built: RelaxationResult,
    annealed: Sequence[RelaxationResult | None],
    criteria: BreathingCriteria,
    film: Film = "tagged",
) -> list[HostState]:
    """Return the states of the host whose film is whole, and that have interface bonds if it has; lowest first.

    Args:
        built: the host, relaxed as it was built.
        annealed: after annealing, one per seed; none where the job failed.
        criteria: what a bond and a whole film are.
        film: how film and support are told apart.
    """
    start = built.structure.to_atoms()
    sides = interface_of(start, film)
    bonded = followed(start, sides, criteria.bonds) is not None
    found = [HostState.of(AS_BUILT, built)]
    for seed, one in enumerate(annealed):
        if one is None:
            continue
        atoms = one.structure.to_atoms()
        whole = not coordination_losses(start, atoms, criteria.bonds, criteria.coordination, among=sides.film)
        if whole and (not bonded or followed(atoms, sides, criteria.bonds) is not None):
            found.append(HostState.of(f"annealed, seed {seed}", one))
    return sorted(found, key=lambda state: (not state.converged, round(state.energy, 6)))


def is_intact(host: HostState, atoms: Atoms, task: BreathingTask) -> bool:
    """Tell whether a state of a host has all the bonds of another that count, and a whole film."""
    bare, criteria = host.structure.to_atoms(), task.settings.criteria
    sides = interface_of(bare, task.settings.film)
    states = follow_bonds([bare, atoms], criteria.bonds, followed(bare, sides, criteria.bonds))
    losses = coordination_losses(bare, atoms, criteria.bonds, criteria.coordination, among=sides.film)
    return not states[1].broken and not losses


def convergence(state: State) -> tuple[Outcome, str]:
    """Tell how the relaxation of a state ended, and why it is no result."""
    if state.converged:
        if state.trust is not None and state.trust.flagged:
            return Outcome.OUTSIDE, state.trust.problem
        return Outcome.OK, ""
    return Outcome.UNCONVERGED, f"fmax {state.fmax:.3f} eV/angstrom when the steps ran out"
