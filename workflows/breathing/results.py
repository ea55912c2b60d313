"""What a breathing study leaves: the host, every number of inserted ions, and the host emptied again after each."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from ...calculators.specs import CalculatorRecord, CorrectedSpec
from ...calculators.surrogates.trust import Trust
from ...structures.bond_criteria import BondCriteria
from ...structures.bonds import Bonds, BondState, Interface, follow_bonds, followed
from ...structures.degradation import CoordinationCriteria, CoordinationLoss, coordination_losses, ion_contacts
from ...structures.documents import StructureDocument
from ..common.references import ReferenceEnergy
from ..common.relaxation_jobs import RelaxationResult
from ..common.results import Outcome, StudyLabel
from ..common.single_points import SinglePoints, States, needs_correction
from .correcting import deciding_records, deciding_states
from .family_results import HostTried
from .proton_results import Protonation


class BreathingCriteria(BaseModel):
    """What counts as a bond, as the same host again, and as the end of a host."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    bonds: BondCriteria = Field(default_factory=BondCriteria, description="when bonds form and break")
    coordination: CoordinationCriteria = Field(
        default_factory=CoordinationCriteria, description="when the film disintegrates"
    )
    energy_tolerance: PositiveFloat = Field(
        0.1,
        description="an emptied host has come back when its energy is at most this much above the host's, eV per cell",
    )
    search_tolerance: PositiveFloat = Field(
        0.1,
        description="the search for the lowest state has converged when independent seeds agree within this, eV per "
        "cell",
        exclude_if=lambda tolerance: tolerance == 0.1,  # written as before there was this field
    )


class LadderEnd(StrEnum):
    """Why no larger number of ions was computed."""

    COMPLETE = "every number asked for was computed"
    NO_SITE = "no site was left for another ion"
    NO_RESULT = "no candidate gave a result to go on from"


class HostState(BaseModel):
    """The host without ions, in one of the states that were found of it."""

    origin: str = Field(description="how it was found: annealed, or emptied after some number of ions")
    structure: StructureDocument = Field(description="relaxed structure")
    energy: float = Field(description="E[S], eV, on the calculator's own zero")
    converged: bool = Field(description="whether its relaxation converged")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of this energy")
    seed: int | None = Field(
        None,
        description="of the search that has explored it; none where none has",
        exclude_if=lambda seed: seed is None,  # written as before there was this field
    )
    moments: list[float] | None = Field(
        None,
        description="magnetic moments of its atoms, mu_B; none where the calculator gives none",
        exclude_if=lambda moments: moments is None,  # written as before there was this field
    )

    @classmethod
    def of(cls, origin: str, relaxed: RelaxationResult) -> Self:
        """Take from a relaxation what a search needs."""
        return cls(
            origin=origin,
            structure=relaxed.structure,
            energy=relaxed.energy,
            converged=relaxed.converged,
            trust=relaxed.trust,
            moments=relaxed.moments,
        )


class EmptiedHost(BaseModel):
    """What a host relaxed to when its ions had been taken out."""

    outcome: Outcome = Field(description="ok, or why it is no result")
    reason: str = Field("", description="what happened, in words")
    energy: float | None = Field(None, description="energy, eV, on the calculator's own zero")
    structure: StructureDocument | None = Field(None, description="relaxed structure")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of this energy")
    moments: list[float] | None = Field(
        None,
        description="magnetic moments of its atoms, mu_B; none where the calculator gives none",
        exclude_if=lambda moments: moments is None,  # written as before there was this field
    )
    bonds: BondState | None = Field(None, description="the bonds that count, against those of the host")
    losses: list[CoordinationLoss] = Field(
        default_factory=list, description="metal atoms of the film that still lack the anions they lost"
    )

    @property
    def intact(self) -> bool:
        """Whether all bonds of the host that count are there and its film is whole."""
        return self.bonds is not None and not self.bonds.broken and not self.losses


class BreathingRecord(BaseModel):
    """The best state that one search found for one number of ions."""

    n: PositiveInt = Field(description="ions in the cell")
    seed: int = Field(0, description="seed of the search")
    outcome: Outcome = Field(description="ok, or why it is no result")
    reason: str = Field("", description="what happened, in words")
    energy: float | None = Field(None, description="E[S+nX], eV, on the calculator's own zero")
    fmax: float | None = Field(None, description="largest remaining force, eV/angstrom")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of this energy")
    sites_tried: int = Field(0, description="sites whose energy was computed for the last ion, all parents together")
    force_calls: int = Field(0, description="evaluations of energy and forces")
    structure: StructureDocument | None = Field(None, description="relaxed structure: the host's atoms, then the ions")
    moments: list[float] | None = Field(
        None,
        description="magnetic moments of its atoms, mu_B; none where the calculator gives none",
        exclude_if=lambda moments: moments is None,  # written as before there was this field
    )
    bonds: BondState | None = Field(None, description="the bonds that count, against those of the host")
    contacts: Bonds = Field((), description="ions in metallic contact")
    losses: list[CoordinationLoss] = Field(
        default_factory=list, description="metal atoms of the film that lost their anions"
    )
    emptied: EmptiedHost | None = Field(None, description="the host after removal of the ions; none when not computed")


class BreathingResult(StudyLabel):
    """A breathing study: facts alone, from which the limit follows by arithmetic."""

    host_name: str = Field(description="name of the heterostructure")
    ion: str = Field(description="symbol of the inserted ion")
    charge: PositiveInt = Field(2, description="electrons per ion, z")
    interface: Interface = Field(description="atoms of the film, whose mass capacities refer to, and of its support")
    criteria: BreathingCriteria = Field(description="what counts as a bond, as the same host again, as its end")
    reference: ReferenceEnergy = Field(description="chemical potential of the ion: its bulk metal, per atom")
    hosts: list[HostState] = Field(min_length=1, description="states of the host that the search set out from")
    records: list[BreathingRecord] = Field(description="one per number of ions and seed; more are allowed")
    asked: int = Field(description="largest number of ions asked for")
    end: LadderEnd = Field(description="why no larger number was computed")
    searches: PositiveInt = Field(
        1,
        description="independent searches asked for; 1 in earlier results, whose records tell",
        exclude_if=lambda searches: searches == 1,  # written as before there was this field
    )
    correct_up_to: PositiveInt | None = Field(
        None,
        description="largest number of ions whose energy other methods compute too; none: all",
        exclude_if=lambda most: most is None,  # the same
    )
    single_points: SinglePoints | None = Field(
        None,
        description="what a better method computed to correct the energies",
        exclude_if=lambda points: points is None,  # the same
    )
    ensemble: list[SinglePoints] = Field(
        default_factory=list,
        description="what each of the other members of an ensemble computed",
        exclude_if=lambda members: not members,  # the same
    )
    protons: Protonation | None = Field(
        None,
        description="hydrogen beside the ions; none when not asked for",
        exclude_if=lambda protons: protons is None,  # written as before there was this field
    )
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")
    tried: list[HostTried] = Field(
        default_factory=list, description="the family of hosts that this one was chosen from; empty where none was"
    )
    candidate: int | None = Field(None, description="number of the host in that family")

    @property
    def chosen_host(self) -> HostTried | None:
        """The host of the study among the family it was chosen from; none where there was none."""
        return next((one for one in self.tried if one.number == self.candidate), None)

    def states_to_correct(self, calculator: CorrectedSpec) -> States:
        """Choose the structures that decide E_b(n) and the limits.

        Args:
            calculator: says when they are corrected: all of them or none, as a hull is of one method.

        Returns:
            The host, the bulk metal, the lowest state of every number of ions and the host emptied after it; nothing
            for a study that is no result or needs no correction.

        Raises:
            StructureError: the result was kept without the structure of its reference.
        """
        judged_anew = rereferenced(self)
        records = deciding_records(judged_anew)
        emptied = [record.emptied for record in records]
        if not needs_correction(calculator, *judged_anew.hosts, self.reference, *records, *emptied):
            return {}
        self.reference.check_states(self.study)
        return deciding_states(judged_anew)

    def corrected(self, points: SinglePoints, calculator: CorrectedSpec) -> Self:
        """Put the energies of the better method beside those of the surrogate; arithmetic makes limits of both.

        Args:
            points: single points of its states.
            calculator: both methods.
        """
        del calculator
        return self.model_copy(update={"single_points": points})

    def with_opinions(self, others: Sequence[Self]) -> Self:
        """Put the energies of the other members of an ensemble beside its own.

        Args:
            others: itself, corrected by each of them.
        """
        computed = [other.single_points for other in others if other.single_points is not None]
        return self.model_copy(update={"ensemble": computed})


def judged(
    record: BreathingRecord, host: HostState, ion: str, interface: Interface, criteria: BreathingCriteria
) -> BreathingRecord:
    """Follow the bonds that count from the host to the loaded and on to the emptied one, and look for degradation.

    Args:
        record: a record; one without structure is returned as it is.
        host: what it is compared with.
        ion: symbol of the ions.
        interface: sides of the host.
        criteria: what counts as what.

    Returns:
        The record with bonds, contacts and losses.

    Raises:
        StructureError: its structures do not begin with the host's atoms.
    """
    if record.structure is None:
        return record
    bare, loaded = host.structure.to_atoms(), record.structure.to_atoms()
    sequence = [bare, loaded]
    if record.emptied is not None and record.emptied.structure is not None:
        sequence.append(record.emptied.structure.to_atoms())
    states = follow_bonds(sequence, criteria.bonds, followed(bare, interface, criteria.bonds))
    losses = [
        coordination_losses(bare, after, criteria.bonds, criteria.coordination, among=interface.film)
        for after in sequence[1:]
    ]
    changes: dict[str, object] = {
        "bonds": states[1],
        "contacts": ion_contacts(loaded, ion, len(bare), criteria.bonds),
        "losses": losses[0],
    }
    if record.emptied is not None and len(states) > 2:
        changes["emptied"] = record.emptied.model_copy(update={"bonds": states[2], "losses": losses[1]})
    return record.model_copy(update=changes)


def lowest_host(result: BreathingResult) -> HostState:
    """Return the reference state of the host: the lowest intact one that was found anywhere.

    That is the lowest of the states that the search set out from or, where one lies lower still, an emptied host that
    has all interface bonds of that and whose film is whole; and so on, until none lies lower. The order of records does
    not matter.

    Args:
        result: the study.

    Returns:
        The state, with its origin in words.
    """
    best = min(result.hosts, key=_rank)
    while True:
        lower = [_intact_emptied(record, best, result) for record in result.records if _is_below(record.emptied, best)]
        intact = [state for state in lower if state is not None]
        if not intact:
            return best
        best = min(intact, key=_rank)


def rereferenced(result: BreathingResult) -> BreathingResult:
    """Judge all records against the lowest intact state of the host.

    Args:
        result: the study; its records may have been judged against other states, or not at all.

    Returns:
        The study with the reference state as its only host.
    """
    host = lowest_host(result)
    records = [judged(record, host, result.ion, result.interface, result.criteria) for record in result.records]
    return result.model_copy(update={"hosts": [host], "records": records})


def lower_intact_host(record: BreathingRecord, host: HostState, by: float) -> HostState | None:
    """Return the emptied host of a record as a new state of the host when it is lower, intact and converged.

    Args:
        record: judged against ``host``.
        host: the present state.
        by: how much lower it has to be, eV per cell.
    """
    empty = record.emptied
    if empty is None or not _is_below(empty, host) or not empty.intact or empty.energy is None:
        return None
    return _as_host(record, empty) if empty.energy < host.energy - by else None


def _is_below(empty: EmptiedHost | None, host: HostState) -> bool:
    """Tell whether an emptied host is a result of lower energy than a host."""
    if empty is None or empty.outcome is not Outcome.OK or empty.structure is None or empty.energy is None:
        return False
    return empty.energy < host.energy


def _intact_emptied(record: BreathingRecord, host: HostState, result: BreathingResult) -> HostState | None:
    """Return the emptied host of a record as a state of the host if it has all interface bonds and is whole."""
    empty = judged(record, host, result.ion, result.interface, result.criteria).emptied
    if empty is None or empty.structure is None or empty.energy is None or not empty.intact:
        return None
    return _as_host(record, empty)


def _as_host(record: BreathingRecord, empty: EmptiedHost) -> HostState | None:
    if empty.structure is None or empty.energy is None:
        return None
    origin = f"emptied after n = {record.n}, seed {record.seed}"
    return HostState(
        origin=origin,
        structure=empty.structure,
        energy=empty.energy,
        converged=True,
        trust=empty.trust,
        moments=empty.moments,
    )


def _rank(host: HostState) -> tuple[bool, float, str]:
    """Order states: converged ones first, then by energy; equal ones by their atoms, so that no order is by chance."""
    return (not host.converged, host.energy, host.structure.sha256())
