"""The search for where the next ion goes: sites by geometry, single points, short and then full relaxations, a beam."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from jobflow import job
from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from ...calculators.guard import check
from ...calculators.specs import CalculatorSpec
from ...calculators.surrogates.trust import Trust
from ...structures.documents import StructureDocument
from ...structures.insertion_sites import insertion_sites
from ..common.relaxation_jobs import MOMENTS, CellPolicy, RelaxationResult, relax_structure
from ..common.results import RelaxSettings

if TYPE_CHECKING:
    from ase import Atoms

logger = logging.getLogger(__name__)

SAME_ENERGY = 2e-3
"""States whose energies differ by less, eV, are taken for one state: a beam of equal states would be no beam."""


class SearchSettings(BaseModel):
    """How hard the search for the next site looks; what one state is asked does not depend on the width of the beam."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    width: PositiveInt = Field(
        1, description="states kept for each number of ions; a wider beam holds all states of a narrower one"
    )
    sites: PositiveInt = Field(40, description="sites whose energy is computed, per state and ion")
    sketched: PositiveInt = Field(6, description="of these the lowest are relaxed for a few steps")
    sketch_steps: PositiveInt = Field(15, description="how many steps that is")
    relaxed: PositiveInt = Field(1, description="of these the lowest are relaxed fully, as jobs of their own")


class Screening(BaseModel):
    """The most promising places for one more ion in one state."""

    candidates: list[StructureDocument] = Field(description="states with one ion more, lowest energy first")
    sites_tried: int = Field(description="sites whose energy was computed")
    force_calls: int = Field(description="evaluations of energy and forces")


class State(BaseModel):
    """A relaxed structure on the way."""

    structure: StructureDocument = Field(description="the host's atoms, then the ions")
    energy: float = Field(description="eV, on the calculator's own zero")
    fmax: float = Field(description="largest remaining force, eV/angstrom")
    converged: bool = Field(description="whether its relaxation converged")
    force_calls: int = Field(0, description="evaluations of energy and forces")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of this energy")
    moments: list[float] | None = Field(
        None,
        description="magnetic moments of its atoms, mu_B; none where the calculator gives none",
        exclude_if=lambda moments: moments is None,  # written as before there was this field
    )

    @classmethod
    def of(cls, relaxed: RelaxationResult) -> Self:
        """Take from a relaxation what a search needs."""
        return cls(
            structure=relaxed.structure,
            energy=relaxed.energy,
            fmax=relaxed.fmax,
            converged=relaxed.converged,
            force_calls=relaxed.force_calls,
            trust=relaxed.trust,
            moments=relaxed.moments,
        )

    @property
    def order(self) -> tuple[bool, float, str]:
        """Order of states: converged ones first, then by energy; equal ones by their atoms, never by chance."""
        return (not self.converged, round(self.energy, 6), self.structure.sha256())


class Candidate(BaseModel):
    """One state with one ion more, relaxed."""

    parent: int = Field(description="rank of the state that the ion was put into")
    state: State | None = Field(description="none when there were fewer candidates")


class Ranked(BaseModel):
    """A state of the beam. Its rank says which narrower beams hold it: a beam of width w has the ranks 0 to w - 1."""

    rank: int = Field(description="place in the beam")
    state: State = Field(description="the state, relaxed")


def screen(
    state: Atoms,
    ion: str,
    calculator: CalculatorSpec,
    settings: SearchSettings,
    seed: int,
) -> Screening:
    """Try an ion on all sites of a state, briefly.

    Args:
        state: host with the ions that it already has; not changed.
        ion: chemical symbol.
        calculator: spec.
        settings: how many sites.
        seed: of the sites.

    Returns:
        The lowest states after a few steps of relaxation; none when there is no room.

    Raises:
        CapabilityError: the calculator cannot treat host and ion.
    """
    places = insertion_sites(state, ion, settings.sites, seed)
    if not len(places):
        return Screening(candidates=[], sites_tried=0, force_calls=0)
    tried = ranked_by_energy([with_ion(state, ion, place) for place in places], calculator)
    sketches = sketched(tried[: settings.sketched], calculator, settings.sketch_steps)
    return Screening(
        candidates=[state.structure for state in sketches[: settings.relaxed]],
        sites_tried=len(tried),
        force_calls=len(tried) + sum(sketch.force_calls for sketch in sketches),
    )


def ranked_by_energy(tried: Sequence[Atoms], calculator: CalculatorSpec) -> list[Atoms]:
    """Order structures of the same atoms by their energies as they are, lowest first.

    Raises:
        CapabilityError: the calculator cannot treat them.
    """
    from ...calculators.factory import make_calculator

    check(calculator, tried[0])
    computer = make_calculator(calculator)
    ranked = []
    for number, atoms in enumerate(tried, start=1):
        ranked.append((_energy(atoms, computer), atoms))
        logger.info("site %d of %d: %.3f eV", number, len(tried), ranked[-1][0])
    ranked.sort(key=lambda pair: round(pair[0], 6))
    return [atoms for _, atoms in ranked]


def sketched(tried: Sequence[Atoms], calculator: CalculatorSpec, steps: int) -> list[State]:
    """Relax structures for a few steps; return what they reached, lowest first."""
    sketch = RelaxSettings(fmax=0.05, max_steps=steps)
    sketches = [State.of(relax_structure(atoms, calculator, sketch)) for atoms in tried]
    sketches.sort(key=lambda state: round(state.energy, 6))
    return sketches


def with_ion(state: Atoms, ion: str, place: object) -> Atoms:
    """Return a state with one ion more, as its last atom."""
    from ase import Atoms as NewAtoms

    atoms = state.copy()
    atoms.info = dict(state.info)
    return atoms + NewAtoms(ion, positions=[place])


def relax_candidate(
    screening: Screening,
    number: int,
    parent: int,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    folder: Path | None = None,
    cell: CellPolicy = "fixed",
) -> Candidate:
    """Relax one of the candidates of a screening fully.

    Args:
        screening: of one state.
        number: of the candidate, from the lowest.
        parent: rank of that state.
        calculator: spec.
        settings: convergence targets.
        folder: where the checkpoint goes; none keeps no files.
        cell: whether the cell moves.

    Returns:
        The relaxed state; without one when the screening has fewer candidates.
    """
    if number >= len(screening.candidates):
        return Candidate(parent=parent, state=None)
    atoms = screening.candidates[number].to_atoms()
    relaxed = relax_structure(atoms, calculator, settings, cell=cell, folder=folder, atomic=MOMENTS)
    return Candidate(parent=parent, state=State.of(relaxed))


def fill_beam(candidates: Sequence[Candidate], width: int) -> list[Ranked]:
    """Choose the states of the next beam so that every beam holds those of the narrower ones.

    Rank r is given to the lowest state, different from those of ranks below, among the children of ranks 0 to r. What
    rank r holds therefore does not depend on the width, and the lowest energy never rises with it.

    Args:
        candidates: relaxed children of the present beam; converged ones come before others.
        width: ranks to fill.

    Returns:
        The states, by rank; a rank for which there is no different state is left out.
    """
    children = [(one.parent, one.state) for one in candidates if one.state is not None]
    children.sort(key=lambda child: child[1].order)
    beam: list[Ranked] = []
    for rank in range(width):
        eligible = (state for parent, state in children if parent <= rank and not _held(state, beam))
        chosen = next(eligible, None)
        if chosen is not None:
            beam.append(Ranked(rank=rank, state=chosen))
    return beam


def _held(state: State, beam: Sequence[Ranked]) -> bool:
    return any(abs(state.energy - ranked.state.energy) <= SAME_ENERGY for ranked in beam)


def _energy(atoms: Atoms, calculator: object) -> float:
    atoms.calc = calculator
    energy = float(atoms.get_potential_energy())
    atoms.calc = None
    return energy


@job(output_schema=Screening)
def screen_job(
    state: StructureDocument, ion: str, calculator: CalculatorSpec, settings: SearchSettings, seed: int
) -> Screening:
    """Try an ion on all sites of a state."""
    return screen(state.to_atoms(), ion, calculator, settings, seed)


@job(output_schema=Candidate)
def relax_candidate_job(
    screening: Screening,
    number: int,
    parent: int,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    cell: CellPolicy = "fixed",
) -> Candidate:
    """Relax one of the candidates of a screening fully, in the job's folder."""
    return relax_candidate(screening, number, parent, calculator, settings, Path.cwd(), cell)
