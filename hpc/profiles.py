"""The machine profile: which resources of a SLURM cluster each kind of work asks for."""

from __future__ import annotations

import math
import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
    model_validator,
)

from ..errors import ProfileError
from ..input_files.yaml_files import read_model
from ..paths import expanded

if TYPE_CHECKING:
    from collections.abc import Mapping

LIGHT = "light"
"""Kind of jobs that take milliseconds: they run beside the coordinator unless the profile gives them resources."""
FILL = "fill"
"""Instead of a number of calculations in a group: as many as the walltime has room for."""
EARLY = 60
"""SLURM may send a job its notice up to this many seconds early (sbatch(1), --signal)."""

_WALLTIME = re.compile(r"(?:(?P<days>\d+)-)?(?P<hours>\d{1,3}):(?P<minutes>[0-5]?\d):(?P<seconds>[0-5]?\d)")


def walltime_seconds(walltime: str) -> int:
    """Return the length of a walltime.

    Args:
        walltime: ``HH:MM:SS`` or ``D-HH:MM:SS``.

    Returns:
        Length, s.

    Raises:
        ValueError: it is written in another way.
    """
    match = _WALLTIME.fullmatch(walltime)
    if match is None:
        raise ValueError(f"a walltime is written HH:MM:SS or D-HH:MM:SS, not {walltime!r}")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _walltime(value: str) -> str:
    if walltime_seconds(value) == 0:
        raise ValueError("a walltime must be longer than nothing")
    return value


def _memory(value: str) -> str:
    if not re.fullmatch(r"[1-9]\d*[KMGT]", value):
        raise ValueError(f"memory is a whole number and a unit, such as 8G or 500M, not {value!r}")
    return value


def _group(value: int | str) -> int | str:
    if value != FILL and not (isinstance(value, int) and value > 0):
        raise ValueError(f"a group is a whole number of calculations greater than 0, or {FILL}, not {value!r}")
    return value


def _sbatch(value: str) -> str:
    if not re.fullmatch(r"--[a-z][a-z0-9-]*(=[^\n]+)?", value):
        raise ValueError(f"an extra option of sbatch is written --name or --name=value, not {value!r}")
    return value


def _word(value: str) -> str:
    if not re.fullmatch(r"[\w.,@+-]+", value):
        raise ValueError(f"{value!r} is not a name that SLURM knows")
    return value


Word = Annotated[str, AfterValidator(_word)]


class Resources(BaseModel):
    """What one SLURM job asks for; whatever is left out comes from the profile's defaults, then from the cluster."""

    model_config = ConfigDict(extra="forbid")

    partition: Word | None = Field(None, description="partition, or several separated by commas")
    account: Word | None = Field(None, description="account that is charged")
    qos: Word | None = Field(None, description="quality of service")
    tasks: PositiveInt = Field(1, description="processes, for calculators that start their own with srun or mpiexec")
    cpus: PositiveInt = Field(1, description="cores per process; also its number of threads")
    images_at_once: PositiveInt = Field(
        1,
        description="images of a band that are computed side by side; the SLURM job of a band then asks for so many "
        "times tasks, cpus and memory",
    )
    gpus: NonNegativeInt = Field(0, description="GPUs of the job")
    memory: Annotated[str, AfterValidator(_memory)] | None = Field(None, description="memory per node, such as 8G")
    walltime: Annotated[str, AfterValidator(_walltime)] | None = Field(
        None, description="HH:MM:SS or D-HH:MM:SS; work that needs longer is requeued and goes on where it was"
    )
    sbatch: list[Annotated[str, AfterValidator(_sbatch)]] = Field(
        default_factory=list, description="extra options of sbatch, such as --constraint=icelake"
    )
    prologue: str = Field("", description="shell lines before the work: module loads, environments")
    group: Annotated[int | str, AfterValidator(_group)] = Field(
        1,
        description="calculations that share one SLURM job, one after the other in one process: up to so many, or "
        "`fill`, as many as its walltime has room for",
    )

    @property
    def cores(self) -> int:
        """Cores of the whole SLURM job."""
        return self.images_at_once * self.tasks * self.cpus

    def side_by_side(self, images: int) -> int:
        """Say how many images of so many are computed at a time: all in one process where they share GPUs."""
        return 1 if self.gpus else min(images, self.images_at_once)


class Profile(BaseModel):
    """A cluster: defaults, and what each kind of work needs beyond them."""

    model_config = ConfigDict(extra="forbid")

    defaults: Resources = Field(default_factory=Resources, description="resources of every SLURM job")
    work: dict[str, Resources] = Field(
        default_factory=dict, description="resources by kind of work: surrogate, dft, light, or a kind of one's own"
    )
    coordinator: Resources = Field(
        default_factory=Resources, description="resources of the coordinator when it is itself a SLURM job (--detach)"
    )
    interval: float = Field(
        30.0,
        gt=0,
        allow_inf_nan=False,
        description="least time between two questions what is in the queue, s; one question is for all jobs",
    )
    max_jobs: PositiveInt = Field(50, description="SLURM jobs of one run in the queue at a time")
    costs: Path | None = Field(
        None, description="file of what DFT was measured to cost there, relative to the profile, for --dry-run"
    )
    grace: PositiveInt = Field(
        300, description="a job is requeued this many seconds before its walltime ends (SLURM may come 60 s earlier)"
    )
    restarts: NonNegativeInt = Field(20, description="times that one SLURM job may be requeued at its walltime")

    @model_validator(mode="after")
    def _time_to_work(self) -> Self:
        for name, work in {**self.work, "coordinator": self.coordinator}.items():
            resources = _over(self.defaults, work)
            walltime = resources.walltime
            if resources.group == FILL and walltime is None:
                raise ValueError(f"{name}: `group: {FILL}` fills the walltime; state one")
            if walltime is not None and walltime_seconds(walltime) <= self.grace:
                raise ValueError(
                    f"{name}: the walltime {walltime} ends before its notice of {self.grace} s; make it longer, or "
                    "grace shorter"
                )
        return self

    def resources(self, wanted: Mapping[str, Any]) -> Resources:
        """Return what a job asks for: the defaults, changed by its kind of work, changed by the job itself.

        Args:
            wanted: ``manager_config`` of the job; ``images`` says how many it could compute side by side, keys that
                are no resources are left to other managers.

        Raises:
            ProfileError: the job asks for something that is not valid.
        """
        kind = self.work.get(str(wanted.get("kind")), Resources())
        own = {key: value for key, value in wanted.items() if key in Resources.model_fields}
        try:
            asked = _over(self.defaults, kind, Resources.model_validate(own))
        except ValidationError as error:
            problem = error.errors()[0]
            key = ".".join(str(part) for part in problem["loc"])
            raise ProfileError(
                f"manager_config of a job: {key}: {problem['msg'].removeprefix('Value error, ')}"
            ) from error
        images = wanted.get("images", 1)
        if not isinstance(images, int) or images < 1:
            raise ProfileError(f"manager_config of a job: images: a number from 1 on, not {images!r}")
        return asked.model_copy(update={"images_at_once": asked.side_by_side(images)})

    def of_coordinator(self) -> Resources:
        """Return what a coordinator asks for that is itself a SLURM job."""
        return _over(self.defaults, self.coordinator).model_copy(update={"images_at_once": 1})

    def prepares(self, kind: str) -> bool:
        """Say whether a prologue comes before the work of a kind: it may bring programs that are not here.

        Args:
            kind: of work.
        """
        return bool(self.resources({"kind": kind}).prologue.strip())

    def room(self, resources: Resources) -> float:
        """Return how long calculations may take together that share a SLURM job, s: until the notice of its end.

        Args:
            resources: of the SLURM job.
        """
        if resources.walltime is None:
            return math.inf
        return walltime_seconds(resources.walltime) - self.grace - EARLY

    def runs_here(self, wanted: Mapping[str, Any]) -> bool:
        """Return whether a job runs beside the coordinator instead of in the queue."""
        return wanted.get("kind") == LIGHT and LIGHT not in self.work


def load_profile(name: str) -> Profile:
    """Read a machine profile.

    Args:
        name: of a file ``NAME.yaml`` among the user's profiles, or a path.

    Raises:
        ProfileError: there is none of that name, or it is not valid; names the line and the key.
    """
    path = _profile_path(name)
    shape = "a mapping with defaults and work, such as 'defaults: {partition: cpu}'"
    profile = read_model(path, Profile, "profile", shape, ProfileError)
    if profile.costs is None:
        return profile
    return profile.model_copy(update={"costs": path.resolve().parent / expanded(profile.costs)})


def profiles_folder() -> Path:
    """Return the folder of the user's profiles."""
    config = os.environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "azibflow" / "profiles"


def _profile_path(name: str) -> Path:
    if os.sep in name or name.endswith((".yaml", ".yml")):
        return Path(name)
    folder = profiles_folder()
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(file.stem for file in folder.glob("*.yaml"))
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"profiles there: {', '.join(known) or 'none'}"
        raise ProfileError(f"no profile {name!r} in {folder}; {hint}")
    return path


def _over(*layers: Resources) -> Resources:
    """Lay resources over one another; what a later one states wins."""
    stated: dict[str, Any] = {}
    for layer in layers:
        stated.update(layer.model_dump(exclude_unset=True))
    return Resources.model_validate(stated)
