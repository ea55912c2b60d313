"""What a ladder on a surface keeps beside its steps: every arrangement of waters, the surface, the references."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt

from ...calculators.surrogates.trust import Trust
from ...structures.documents import StructureDocument
from ..common.references import ReferenceEnergy
from ..common.relaxation_jobs import RelaxationResult
from ..common.results import Outcome


class ShellSettings(BaseModel):
    """Where the relaxations of each number of waters begin, and when a water is on the ion."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    starts: PositiveInt = Field(
        6, description="shells built anew for each number of waters; those handed down from one water more come on top"
    )
    sites: list[str] | None = Field(
        None, description="labels of the sites that the ion starts above; all distinct sites when none"
    )
    seed: NonNegativeInt = Field(0, description="of the turns of the waters in shells built anew")
    cutoff: PositiveFloat = Field(2.6, description="a water is on the ion up to this distance ion-O, angstrom")


class SurfaceState(BaseModel):
    """One arrangement of an ion and its waters on the surface, relaxed."""

    name: str = Field(description="how it began: the site, or the state of one water more it was made from")
    outcome: Outcome = Field(description="ok, or why this is no state of the ladder")
    reason: str = Field("", description="what happened, in words")
    energy: float | None = Field(None, description="total energy of the cell, eV; none when its job failed")
    on_ion: int | None = Field(None, description="waters within the cutoff of the ion")
    on_surface: int | None = Field(
        None, description="waters beyond the cutoff of the ion, within van der Waals contact of the surface"
    )
    outer: int | None = Field(None, description="waters beyond both, held by other waters or the ion: a second shell")
    height: float | None = Field(None, description="ion above the highest atom of the surface, angstrom")
    fmax: float | None = Field(None, description="largest force left on a free atom, eV/angstrom")
    force_calls: int = Field(0, description="evaluations of energy and forces")
    seconds: float | None = Field(None, description="wall time of the last attempt, s; none when not recorded")
    structure: StructureDocument | None = Field(None, description="surface, ion, then O, H, H of each water")
    trust: Trust | None = Field(None, description="what a surrogate's committee says; none of other calculators")


class LadderSurface(BaseModel):
    """What all rungs of a ladder on a surface share."""

    bare: RelaxationResult = Field(description="the bare surface")
    water: ReferenceEnergy = Field(description="the free water molecule, by the same calculator")
    metal: ReferenceEnergy = Field(description="the ion in its bulk metal")
    shells: ShellSettings = Field(description="where the relaxations began")

    @property
    def problem(self) -> tuple[Outcome, str]:
        """Say whether the surface or a reference is no result."""
        if not self.bare.converged:
            return Outcome.UNCONVERGED, f"the bare surface did not converge (fmax {self.bare.fmax:.3f} eV/angstrom)"
        for reference in (self.water, self.metal):
            if reference.outcome is not Outcome.OK:
                far = f"fmax {reference.fmax:.3f} eV/angstrom"
                return reference.outcome, f"the reference of {reference.adsorbate} did not converge ({far})"
        return Outcome.OK, ""
