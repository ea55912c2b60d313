"""What a breathing study is asked for, what all its jobs know, and what one of its searches has found so far."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt

from ...calculators.specs import CalculatorSpec
from ..common.results import RelaxSettings, StudyLabel
from .annealing import AnnealSettings
from .family_results import HostTried
from .results import BreathingCriteria, BreathingRecord, HostState, LadderEnd
from .search import SearchSettings

Film = Literal["tagged", "all"]
"""Which atoms of a host are its film: those that a heterostructure tags, or all of a host that nothing carries."""


class ExploreSettings(BaseModel):
    """What is tried on the lowest state of each number of ions before the next one comes: basin hopping.

    Wales and Doye, J. Phys. Chem. A 101, 5111 (1997), 10.1021/jp970984n; a step is accepted when it goes down.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    rounds: NonNegativeInt = Field(0, description="rounds of moves, each from the lowest state so far; 0 for none")
    moves: PositiveInt = Field(
        2, description="moves of a round, side by side: in turn, everything is heated, and an ion goes elsewhere"
    )
    sites: PositiveInt = Field(20, description="sites that an ion is offered elsewhere")
    sketched: PositiveInt = Field(3, description="of these the lowest are relaxed for a few steps, the best fully")
    temperature: PositiveFloat = Field(600.0, description="to which everything is heated, K")
    steps: PositiveInt = Field(100, description="steps of molecular dynamics, 2 fs each, that cool from there")


class ProtonSettings(BaseModel):
    """Protons that go in beside the ions."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    most: NonNegativeInt = Field(
        0, description="largest number of H per cell that is tried beside every number of ions; 0 for none"
    )
    starts: PositiveInt = Field(
        3, description="oxygens of the film, the most basic ones, that every H is tried on, a relaxation each"
    )
    ph: float = Field(4.0, description="pH of the electrolyte, for what goes in first")


class BreathingSettings(BaseModel):
    """How far the interface is loaded, how hard each site is looked for, and what counts as coming back."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    ions: PositiveInt = Field(9, description="largest number of ions that is tried")
    charge: PositiveInt = Field(2, description="electrons that each ion brings, z")
    film: Film = Field(
        "tagged",
        description="which atoms are the film: tagged in a heterostructure, or all, of a parent that nothing carries, "
        "whose own bonds are followed",
        exclude_if=lambda film: film == "tagged",  # written as before there was this field
    )
    cell: Literal["fixed", "relaxed"] = Field(
        "fixed",
        description="fixed, or relaxed with every number of ions, as suits a bulk host",
        exclude_if=lambda cell: cell == "fixed",  # the same
    )
    correct_up_to: PositiveInt | None = Field(
        None,
        description="largest number of ions whose energy is corrected, or judged by an ensemble, and the host emptied "
        "after it; none: all; it needs a calculator of several methods",
        exclude_if=lambda most: most is None,  # the same
    )
    seeds: PositiveInt = Field(1, description="independent searches; each anneals the host and looks for sites anew")
    search: SearchSettings = Field(default_factory=SearchSettings, description="the search for sites")
    explore: ExploreSettings = Field(
        default_factory=ExploreSettings,
        description="the search for lower states of what the search for sites has found",
        exclude_if=lambda explore: explore.rounds == 0,  # written as before there was this field
    )
    protons: ProtonSettings = Field(
        default_factory=ProtonSettings,
        description="protons that go in beside the ions",
        exclude_if=lambda protons: protons.most == 0,  # the same
    )
    anneal: AnnealSettings = Field(default_factory=AnnealSettings, description="annealing of the host")
    restarts: NonNegativeInt = Field(
        1, description="times that a search begins anew, from n = 1, when it finds a lower intact host"
    )
    restart_below: PositiveFloat = Field(0.05, description="how much lower that host has to be, eV per cell")
    criteria: BreathingCriteria = Field(
        default_factory=BreathingCriteria, description="bonds, coming back, disintegration"
    )


class BreathingTask(BaseModel):
    """What all jobs of one study know."""

    label: StudyLabel = Field(description="study, for tables")
    host_name: str = Field(description="name of the heterostructure")
    ion: str = Field(description="symbol of the inserted ion")
    calculator: CalculatorSpec = Field(description="spec")
    relax: RelaxSettings = Field(description="convergence targets")
    settings: BreathingSettings = Field(description="the study's own settings")
    tried: list[HostTried] = Field(default_factory=list, description="the family that the host was chosen from")
    candidate: int | None = Field(None, description="number of the host in it")


class Ladder(BaseModel):
    """What one search has found so far."""

    seed: int = Field(description="of the search")
    hosts: list[HostState] = Field(description="hosts that it set out from, the present one last")
    records: list[BreathingRecord] = Field(default_factory=list, description="one per number of ions, and per restart")
    end: LadderEnd = Field(LadderEnd.COMPLETE, description="why it ended")
