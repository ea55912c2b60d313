"""The data of a surrogate: labelled frames split by system, and the atomic energies it counts from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from jobflow import job
from pydantic import BaseModel, ConfigDict, Field

from ...errors import LabelError
from ..common.results import FileRecord
from .frames import write_frames
from .labels import ENERGY, LEVEL, LabelledSet, Refusal, read_labels

if TYPE_CHECKING:
    from ase import Atoms

Role = Literal["training", "validation", "test"]
ROLES: tuple[Role, ...] = ("training", "validation", "test")
ROLE = "role"
"""Key of a frame's role in ``info``."""


class Split(BaseModel):
    """Which systems are kept from training: split by system, since frames of one trajectory know each other."""

    model_config = ConfigDict(extra="forbid")

    validation: list[str] = Field(description="systems that decide when training stops and calibrate the error bars")
    test: list[str] = Field(description="systems that nothing was fitted to")

    def role(self, system: str) -> Role:
        """Return the role of a system."""
        if system in self.test:
            return "test"
        return "validation" if system in self.validation else "training"


class Dataset(BaseModel):
    """All labelled frames in one file, each with its role, and what is known of them together."""

    folder: str = Field(description="name of the folder of the job, beside those of the other jobs")
    file: FileRecord = Field(description="label store: extended XYZ, compressed")
    frames: dict[str, dict[str, int]] = Field(description="number of frames by role and system")
    atomic_energies: dict[str, float] = Field(description="energy of each element that the network adds to, eV")
    refused: list[Refusal] = Field(description="frames that got no label")
    label_seconds: float = Field(description="wall time spent on labels, s")

    def read(self, here: Path) -> list[Atoms]:
        """Read all frames; ``here`` is the folder of the reading job."""
        path = here.parent / self.folder / self.file.path
        if not path.is_file():
            raise LabelError(f"the label store is not at {path}; run the job that gathers the labels again")
        return read_labels(path)


def build_dataset(labelled: list[LabelledSet], split: Split, given: dict[str, float], folder: Path) -> Dataset:
    """Gather labelled frames into one label store.

    Args:
        labelled: of all samples.
        split: which systems are kept from training.
        given: energies of free atoms by element, eV; for the other elements those that fit the training energies best.
        folder: where the store goes.

    Returns:
        The data set.

    Raises:
        LabelError: the labels are of different calculators, a system of the split has no frames, or a role is empty.
    """
    frames = [frame for one in labelled for frame in one.frames.read(folder)]
    return _gathered(frames, labelled, split, given, folder)


def _gathered(
    frames: list[Atoms], labelled: list[LabelledSet], split: Split, given: dict[str, float], folder: Path
) -> Dataset:
    levels = {frame.info.get(LEVEL) for frame in frames}
    if len(levels) > 1:
        raise LabelError(f"the labels are of {len(levels)} different calculators; a surrogate learns one")
    counts: dict[str, Counter[str]] = {role: Counter() for role in ROLES}
    for frame in frames:
        frame.info[ROLE] = split.role(frame.info["system"])
        counts[frame.info[ROLE]][frame.info["system"]] += 1
    for role in ROLES:
        if not counts[role]:
            raise LabelError(f"no frame is left for {role}; see the systems of the split and the refused labels")
    found = {system for counter in counts.values() for system in counter}
    if missing := sorted({*split.validation, *split.test} - found):
        raise LabelError(f"the split names {', '.join(missing)}, of which there are no frames")
    training = [frame for frame in frames if frame.info[ROLE] == "training"]
    _check_elements(training, frames)
    path = folder / "labels.extxyz.xz"
    write_frames(path, frames)
    return Dataset(
        folder=folder.name,
        file=FileRecord.of(path, folder, f"{len(frames)} labelled frames"),
        frames={role: dict(counter) for role, counter in counts.items()},
        atomic_energies=fitted_energies(training, given),
        refused=[refusal for one in labelled for refusal in one.refused],
        label_seconds=sum(one.seconds for one in labelled),
    )


def fitted_energies(frames: list[Atoms], given: dict[str, float]) -> dict[str, float]:
    """Fit one energy per element to total energies by least squares, eV.

    Where the compositions do not decide them all, the shortest solution is taken; the network learns the rest.

    Args:
        frames: with their energies.
        given: energies that are not fitted, by element.

    Returns:
        Energies of all elements of the frames.
    """
    symbols = sorted({symbol for frame in frames for symbol in frame.get_chemical_symbols()})
    free = [symbol for symbol in symbols if symbol not in given]
    counts = [Counter(frame.get_chemical_symbols()) for frame in frames]
    rest = [
        frame.info[ENERGY] - sum(given.get(symbol, 0.0) * number for symbol, number in count.items())
        for frame, count in zip(frames, counts, strict=True)
    ]
    matrix = np.array([[count[symbol] for symbol in free] for count in counts])
    fitted = dict(zip(free, np.linalg.lstsq(matrix, np.array(rest), rcond=None)[0], strict=True)) if free else {}
    return {symbol: float(given[symbol] if symbol in given else fitted[symbol]) for symbol in symbols}


def _check_elements(training: list[Atoms], frames: list[Atoms]) -> None:
    known = {symbol for frame in training for symbol in frame.get_chemical_symbols()}
    for frame in frames:
        if unknown := set(frame.get_chemical_symbols()) - known:
            raise LabelError(
                f"{frame.info['system']} is kept from training, but {', '.join(sorted(unknown))} is in no other system"
            )


@job(output_schema=Dataset)
def dataset_job(labelled: list[LabelledSet], split: Split, given: dict[str, float]) -> Dataset:
    """Gather labelled frames into one label store in the job's folder."""
    return build_dataset(labelled, split, given, Path.cwd())
