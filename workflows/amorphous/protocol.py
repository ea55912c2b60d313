"""How a solid is melted and quenched: start, density, temperatures, times."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, model_validator

from ...calculators.dynamics import FRICTION

if TYPE_CHECKING:
    from ase import Atoms

    from ...calculators.dynamics import Stretch

FEMTOSECONDS = 1000.0
"""In a picosecond."""


class MeltQuench(BaseModel):
    """Melt at one temperature, cool at a constant rate to another, stay there; at constant volume."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    start: Literal["packed", "crystal"] = Field(
        "packed",
        description="what is melted: packed, the atoms at random in a cube, none closer to another than 0.85 of their "
        "shortest distance in the crystal; or the crystal itself",
    )
    density: PositiveFloat | None = Field(None, description="g/cm3; none: that of the relaxed crystal")
    melt: PositiveFloat = Field(4000.0, description="temperature of the melt, K")
    melt_time: PositiveFloat = Field(3.0, description="time at that temperature, ps")
    rate: PositiveFloat = Field(500.0, description="how fast it is cooled, K/ps")
    final: PositiveFloat = Field(300.0, description="temperature that it is cooled to, K")
    final_time: PositiveFloat = Field(1.0, description="time at that temperature, ps, before it is relaxed")
    timestep: PositiveFloat = Field(1.0, description="fs")
    friction: PositiveFloat = Field(FRICTION, description="of the Langevin thermostat, 1/fs")

    @model_validator(mode="after")
    def _is_cooled(self) -> Self:
        if self.final >= self.melt:
            raise ValueError(f"final: {self.final:g} K is no lower than the temperature of the melt, {self.melt:g} K")
        if self.timestep > FEMTOSECONDS * min(self.melt_time, self.final_time):
            raise ValueError(f"timestep: one of {self.timestep:g} fs is longer than the melt or the end")
        return self

    @property
    def quench_time(self) -> float:
        """Time that cooling takes, ps."""
        return (self.melt - self.final) / self.rate

    @property
    def stretches(self) -> list[Stretch]:
        """The melt, the quench, and the end."""
        from ...calculators.dynamics import Stretch

        return [
            Stretch(self.melt, self.melt, self._steps(self.melt_time)),
            Stretch(self.melt, self.final, self._steps(self.quench_time)),
            Stretch(self.final, self.final, self._steps(self.final_time)),
        ]

    @property
    def steps(self) -> int:
        """Steps of molecular dynamics in all."""
        return sum(stretch.steps for stretch in self.stretches)

    def started(self, crystal: Atoms, seed: int) -> Atoms:
        """Build what is melted.

        Args:
            crystal: the relaxed crystal.
            seed: of the packing.

        Raises:
            StructureError: the atoms do not fit into the cube.
        """
        from ...structures.packing import at_density, density_of, packed

        density = self.density or density_of(crystal)
        return packed(crystal, density, seed) if self.start == "packed" else at_density(crystal, density)

    @property
    def words(self) -> str:
        """The protocol, as a methods section has it."""
        begun = "the atoms packed at random" if self.start == "packed" else "the crystal"
        return (
            f"{begun}, {self.melt:g} K for {self.melt_time:g} ps, cooled to {self.final:g} K at {self.rate:g} K/ps "
            f"({self.quench_time:.3g} ps), {self.final:g} K for {self.final_time:g} ps, then relaxed at that cell; "
            f"constant volume, Langevin thermostat of {self.friction:g} 1/fs, steps of {self.timestep:g} fs"
        )

    def _steps(self, time: float) -> int:
        return max(1, math.ceil(time * FEMTOSECONDS / self.timestep - 1e-9))
