"""What a study of convergence leaves: energy, forces and pressure of one structure at settings from coarse to fine."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat

from ...calculators.specs import CalculatorRecord
from ...structures.documents import StructureDocument
from ..common.results import Outcome, StudyLabel


class Setting(BaseModel):
    """One key of a calculator at one value; the others are as the calculator says."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(description="key of the calculator that is varied")
    value: float = Field(description="its value, in the unit that the calculator has it in")

    @property
    def name(self) -> str:
        """The setting in words."""
        return f"{self.key} {self.value:g}"


class Tolerances(BaseModel):
    """How near to the finest setting is near enough."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    energy: PositiveFloat = Field(0.001, description="difference of the energy, eV/atom")
    force: PositiveFloat = Field(0.01, description="largest difference of the force on any atom, eV/angstrom")
    pressure: PositiveFloat = Field(0.5, description="difference of the pressure, GPa")


class ConvergencePoint(BaseModel):
    """What a calculator says of the structure at one setting."""

    energy: float = Field(description="energy, eV per atom, on the calculator's own zero")
    forces: list[list[float]] = Field(description="forces on the atoms, eV/angstrom, of shape (atoms, 3)")
    pressure: float | None = Field(None, description="pressure, GPa; none without stress, or across a vacuum")
    seconds: float = Field(description="wall time, s")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")


class ConvergenceRow(Setting):
    """One setting, beside the finest of its key."""

    kpoints: str = Field("", description="mesh of k-points; empty for calculators without")
    outcome: Outcome = Field(description="ok, or why this row is not a result")
    reason: str = Field("", description="what happened, in words")
    reference: bool = Field(False, description="whether it is the finest that was computed of its key")
    energy: float | None = Field(None, description="energy, eV per atom, on the calculator's own zero")
    energy_change: float | None = Field(None, description="energy minus that of the finest setting, eV/atom")
    fmax: float | None = Field(None, description="largest force on an atom, eV/angstrom")
    force_change: float | None = Field(
        None, description="largest difference of the force on any atom from that of the finest setting, eV/angstrom"
    )
    pressure: float | None = Field(None, description="pressure, GPa; none without stress, or across a vacuum")
    pressure_change: float | None = Field(None, description="pressure minus that of the finest setting, GPa")
    seconds: float | None = Field(None, description="wall time of the calculation, s")

    def within(self, tolerances: Tolerances) -> bool:
        """Tell whether what is known of it is near enough to the finest setting."""
        changes = (
            (self.energy_change, tolerances.energy),
            (self.force_change, tolerances.force),
            (self.pressure_change, tolerances.pressure),
        )
        known = [(change, most) for change, most in changes if change is not None]
        return bool(known) and all(abs(change) <= most for change, most in known)


class ConvergenceResult(StudyLabel):
    """All settings of one structure."""

    structure: StructureDocument = Field(description="as it was computed, displaced")
    displaced: float = Field(description="how far its atoms were displaced, angstrom")
    within: Tolerances = Field(description="how near to the finest setting is near enough")
    rows: list[ConvergenceRow] = Field(description="key by key, from the coarsest to the finest setting")
    calculator: CalculatorRecord = Field(description="calculator, with the settings that are not varied")

    def of_key(self, key: str) -> list[ConvergenceRow]:
        """Return the rows of one key, from the coarsest to the finest."""
        return [row for row in self.rows if row.key == key]

    def coarsest_within(self, key: str) -> ConvergenceRow | None:
        """Return the coarsest setting that is near enough, as all finer ones are; none when only the finest is.

        Args:
            key: of the calculator.
        """
        computed = [row for row in self.of_key(key) if row.outcome is Outcome.OK]
        found = None
        for row in reversed(computed):
            if not row.within(self.within):
                break
            found = row
        return None if found is None or found.reference else found


def compared(rows: list[ConvergenceRow], points: list[ConvergencePoint | None]) -> list[ConvergenceRow]:
    """Put the numbers of the settings of one key beside those of the finest that was computed.

    Args:
        rows: from the coarsest to the finest, without numbers.
        points: of each; none where its calculation failed.
    """
    finest = max((place for place, point in enumerate(points) if point is not None), default=None)
    if finest is None:
        return rows
    reference = points[finest]
    assert reference is not None
    return [
        row if point is None else _filled(row, point, reference, is_reference=place == finest)
        for place, (row, point) in enumerate(zip(rows, points, strict=True))
    ]


def _filled(
    row: ConvergenceRow, point: ConvergencePoint, reference: ConvergencePoint, *, is_reference: bool
) -> ConvergenceRow:
    import numpy as np

    forces, finest = np.array(point.forces), np.array(reference.forces)
    both = point.pressure is not None and reference.pressure is not None
    return row.model_copy(
        update={
            "reference": is_reference,
            "energy": point.energy,
            "energy_change": point.energy - reference.energy,
            "fmax": float(np.linalg.norm(forces, axis=1).max()),
            "force_change": float(np.linalg.norm(forces - finest, axis=1).max()),
            "pressure": point.pressure,
            "pressure_change": point.pressure - reference.pressure if both else None,  # type: ignore[operator]
            "seconds": point.seconds,
        }
    )
