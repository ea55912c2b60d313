"""What all results share: how a calculation ended, the files it left, the settings of its relaxations."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt
from pydantic_core import to_jsonable_python

from ...calculators.optimization import OptimizerName

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, ClassVar


AS_BEFORE = "as before"
"""In the metadata of a setting that makers have got since: the value by which a study is what it was before."""


class Outcome(StrEnum):
    """How one row of a table ended; only ``ok`` is a result, every other row stays in the table with its reason."""

    OK = "ok"
    UNCONVERGED = "unconverged"
    DESORBED = "desorbed"
    DISSOCIATED = "dissociated"
    MERGED = "merged"
    INTERMEDIATE = "intermediate"
    SADDLE = "saddle point"
    NO_MINIMUM = "no minimum"
    REARRANGED = "rearranged"
    CRYSTALLINE = "crystalline"
    OUTSIDE = "outside domain"
    FAILED = "failed"
    UNFINISHED = "unfinished"


class Labelled(Protocol):
    """A dataclass with the name and place of a study; its other fields are what the study is asked for."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    name: str
    place: tuple[int, ...]
    literature: list[str]


class StudyLabel(BaseModel):
    """What tables need to know of the study that a result belongs to; part of every result."""

    model_config = ConfigDict(frozen=True)

    study: str = Field(description="name of the study")
    place: tuple[int, ...] = Field(
        (), description="place in its campaign, for the order of tables: number of the study, then of what it repeats"
    )
    literature: tuple[str, ...] = Field((), description="keys of published values to stand beside")
    given: str = Field(
        "",
        description="hash of every setting and structure the study was given; empty in earlier results",
    )

    @classmethod
    def of(cls, maker: Labelled, *systems: BaseModel | None) -> Self:
        """Label the study of a maker.

        Args:
            maker: of the study.
            systems: the recipes it is made for, in order.

        Returns:
            The label; two studies that differ in any setting or structure differ in ``given``.
        """
        # the field itself, which is no value of it, stands for a setting that makers have had from the beginning
        settings = {
            f.name: getattr(maker, f.name)
            for f in fields(maker)
            if f.name not in cls.model_fields and getattr(maker, f.name) != f.metadata.get(AS_BEFORE, f)
        }
        text = json.dumps(to_jsonable_python([type(maker).__name__, settings, systems]), sort_keys=True)
        return cls(
            study=maker.name,
            place=maker.place,
            literature=tuple(maker.literature),
            given=hashlib.sha256(text.encode()).hexdigest()[:16],
        )


class RelaxSettings(BaseModel):
    """When a relaxation is finished, and when it is given up."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

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
