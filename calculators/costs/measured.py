"""Calculations of DFT that were measured on some machine, kept as a small file."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, ValidationError

from ...errors import AzibflowError
from .size import Size

DELIVERED = Path(__file__).parents[2] / "data" / "dft_costs.json"
"""What comes with the package, measured on the machine that it names."""


class MeasuredPoint(BaseModel):
    """One structure: a self-consistent field from scratch, and that of a displaced geometry from what it left."""

    model_config = ConfigDict(frozen=True)

    system: str = Field(description="formula, and what else tells it from others")
    size: Size = Field(description="what its cost goes by")
    seconds: PositiveFloat = Field(description="processor time of the first evaluation of energy and forces, s")
    next_seconds: PositiveFloat = Field(description="the same of the next geometry, 0.02 angstrom away")
    memory: PositiveFloat = Field(description="largest resident memory, MB")
    disk: PositiveFloat = Field(description="what it left in its folder, MB")


class MeasuredCosts(BaseModel):
    """All points of one machine, each computed by one process on one core."""

    model_config = ConfigDict(frozen=True)

    machine: str = Field(description="processor of the machine")
    date: str = Field(description="when it was measured")
    versions: dict[str, str] = Field(description="versions of the codes")
    points: list[MeasuredPoint] = Field(description="at least three of each method serve an estimate")

    def of_method(self, method: str) -> list[MeasuredPoint]:
        """Return the points of a code and algorithm."""
        return [point for point in self.points if point.size.method == method]


def read_costs(path: Path = DELIVERED) -> MeasuredCosts:
    """Read measured points.

    Args:
        path: as ``benchmarks/dft_costs.py`` writes it.

    Raises:
        AzibflowError: the file cannot be read or holds no measured points.
    """
    try:
        return MeasuredCosts.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise AzibflowError(
            f"{path} holds no measured costs; benchmarks/dft_costs.py writes such a file: {_first_line(error)}"
        ) from error


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        problem = error.errors()[0]
        return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
    return str(error).splitlines()[0]
