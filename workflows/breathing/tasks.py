"""What a breathing study is asked for, what all its jobs know, and what one of its searches has found so far."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt

from ...calculators.specs import CalculatorSpec
from ..common.results import RelaxSettings, StudyLabel
from .annealing import AnnealSettings
from .results import BreathingCriteria, BreathingRecord, HostState, LadderEnd
from .search import SearchSettings


class BreathingSettings(BaseModel):
    """How far the interface is loaded, how hard each site is looked for, and what counts as coming back."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    ions: PositiveInt = Field(9, description="largest number of ions that is tried")
    charge: PositiveInt = Field(2, description="electrons that each ion brings, z")
    seeds: PositiveInt = Field(1, description="independent searches; each anneals the host and looks for sites anew")
    search: SearchSettings = Field(default_factory=SearchSettings, description="the search for sites")
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


class Ladder(BaseModel):
    """What one search has found so far."""

    seed: int = Field(description="of the search")
    hosts: list[HostState] = Field(description="hosts that it set out from, the present one last")
    records: list[BreathingRecord] = Field(default_factory=list, description="one per number of ions, and per restart")
    end: LadderEnd = Field(LadderEnd.COMPLETE, description="why it ended")
