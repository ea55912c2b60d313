"""What all results share: how a calculation ended, the files it left, the settings of its relaxations."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from ..calculators.optimization import OptimizerName

if TYPE_CHECKING:
    from pathlib import Path


class Outcome(StrEnum):
    """How one row of a table ended; only ``ok`` is a result, every other row stays in the table with its reason."""

    OK = "ok"
    UNCONVERGED = "unconverged"
    DESORBED = "desorbed"
    DISSOCIATED = "dissociated"
    MERGED = "merged"
    INTERMEDIATE = "intermediate"
    SADDLE = "saddle point"
    REARRANGED = "rearranged"
    OUTSIDE = "outside domain"
    FAILED = "failed"


class StudyLabel(BaseModel):
    """What tables need to know of the study that a result belongs to; part of every result."""

    model_config = ConfigDict(frozen=True)

    study: str = Field(description="name of the study")
    place: tuple[int, ...] = Field(
        (), description="place in its campaign, for the order of tables: number of the study, then of what it repeats"
    )
    literature: tuple[str, ...] = Field((), description="keys of published values to stand beside")


class RelaxSettings(BaseModel):
    """When a relaxation is finished, and when it is given up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fmax: PositiveFloat = Field(0.03, description="largest force left on any free atom, eV/angstrom")
    max_steps: PositiveInt = Field(500, description="optimizer steps before the relaxation counts as unconverged")
    optimizer: OptimizerName = Field(
        "BFGS", description="BFGS, LBFGS or FIRE; geomeTRIC relaxes molecules in internal coordinates"
    )


class FileRecord(BaseModel):
    """A file that a job left in its folder."""

    path: str = Field(description="path relative to the folder of the job, jobs/UUID-INDEX in the run folder")
    sha256: str = Field(description="SHA-256 of the file's contents")
    holds: str = Field(description="what the file holds")

    @classmethod
    def of(cls, path: Path, folder: Path, holds: str) -> Self:
        """Record a file that exists below ``folder``."""
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return cls(path=str(path.relative_to(folder)), sha256=digest, holds=holds)


def fingerprint(*models: BaseModel) -> str:
    """Return a short hash of a calculation's inputs: the same on every machine, different for different inputs."""
    joined = "\n".join(f"{type(model).__name__} {model.model_dump_json()}" for model in models)
    return hashlib.sha256(joined.encode()).hexdigest()[:16]
