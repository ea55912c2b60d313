"""Labels: energies and forces of frames by the method that a surrogate is to learn, and what is refused as a label."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from ase.data import atomic_numbers, ground_state_magnetic_moments
from jobflow import job
from pydantic import BaseModel, Field

from ...calculators.guard import check
from ...calculators.specs import CalculatorRecord, CalculatorSpec
from ...errors import CalculationError, LabelError
from ..molecular.geometries import at_geometry_level
from .frames import FrameSet, geometry_key, read_frames, write_frame

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ase import Atoms

logger = logging.getLogger(__name__)

ENERGY, FORCES = "REF_energy", "REF_forces"
"""Names of labels in extended XYZ files, those that mace-torch reads by default."""
LEVEL = "label_sha256"
"""Which calculator made a label: the SHA-256 of its spec and weights."""


class Refusal(BaseModel):
    """A frame that got no label."""

    frame: str = Field(description="name of the frame")
    reason: str = Field(description="why, in words")


class LabelledSet(BaseModel):
    """Labelled frames of one system, and those that got no label."""

    frames: FrameSet = Field(description="the labelled frames")
    refused: list[Refusal] = Field(description="frames that got no label")
    reused: int = Field(0, description="labels that were already in the label store")
    seconds: float = Field(description="wall time spent on the labels that were computed, s")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")


def label_frames(frames: FrameSet, calculator: CalculatorSpec, folder: Path, known: Path | None = None) -> LabelledSet:
    """Compute energies and forces of frames.

    Args:
        frames: of one system.
        calculator: spec; of PySCF the level of geometries is used.
        folder: where the labels go, each synced to disk as it comes; a killed job goes on after the last one.
        known: a label store; a frame found there with a label of the same calculator is not computed again.

    Returns:
        The labelled frames. One whose self-consistent field did not converge, or whose forces are not finite, is
        refused and named.

    Raises:
        CapabilityError: the calculator cannot treat the system.
        LabelError: the label store cannot be read or holds labels that are no numbers.
    """
    from ...calculators.factory import identity, make_calculator, record

    level = at_geometry_level(calculator)
    made_by = identity(level)
    store = {} if known is None else _by_geometry(read_labels(known), made_by)
    journal = _Journal(folder / "labels.extxyz")
    labelled, refused, reused, seconds = [], list[Refusal](), 0, 0.0
    computer = make_calculator(level)
    todo = frames.read(folder)
    for number, frame in enumerate(todo, start=1):
        key = geometry_key(frame)
        found = store.get(key)
        if found is not None:
            labelled.append(_with_label(frame, found.info[ENERGY], found.arrays[FORCES], made_by))
            reused += 1
            continue
        found = journal.get(key)
        if found is None:
            began = time.perf_counter()
            check(level, frame)
            try:
                found = _computed(frame, computer, made_by)
            except CalculationError as error:
                refused.append(Refusal(frame=frame.info["name"], reason=str(error)))
                logger.warning("%s gets no label: %s", frame.info["name"], error)
                continue
            finally:
                seconds += time.perf_counter() - began
            journal.append(found)
        labelled.append(found)
        logger.info("label %d of %d", number, len(todo))
    return LabelledSet(
        frames=FrameSet.write(labelled, system=frames.system, origin=f"{frames.origin}, labelled", folder=folder),
        refused=refused,
        reused=reused,
        seconds=seconds,
        calculator=record(level),
    )


def read_labels(path: Path) -> list[Atoms]:
    """Read a label store, refusing it when a label is no label.

    Args:
        path: extended XYZ file with ``REF_energy`` and ``REF_forces``, plain or compressed.

    Raises:
        LabelError: the file cannot be read; an energy or a force is missing or not finite, or a frame says
            ``converged=F``. The message names the frames.
    """
    frames = read_frames(path)
    problems = [
        f"{frame.info.get('name', f'frame {number}')}: {problem}"
        for number, frame in enumerate(frames, start=1)
        if (problem := label_problem(frame))
    ]
    if problems:
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise LabelError(f"{path}: {'; '.join(problems[:5])}{more}; remove these frames or label them again")
    return frames


def label_problem(frame: Atoms) -> str:
    """Say what is wrong with a label; empty when nothing is."""
    energy, forces = frame.info.get(ENERGY), frame.arrays.get(FORCES)
    if energy is None or forces is None:
        return f"has no {ENERGY if energy is None else FORCES}"
    if not isinstance(energy, float | int | np.number) or not np.isfinite(energy):
        return "its energy is not a finite number"
    if not np.isfinite(forces).all():
        return f"the force on atom {int(np.argwhere(~np.isfinite(forces))[0][0])} is not a finite number"
    if not frame.info.get("converged", True):
        return "its self-consistent field did not converge"
    return ""


def isolated_energies(
    elements: Iterable[str], ion_charges: dict[str, int], calculator: CalculatorSpec
) -> dict[str, float]:
    """Compute the energies of free atoms and ions, the zero from which a surrogate counts.

    Args:
        elements: chemical symbols.
        ion_charges: charges of the elements that are ions in every structure; the others are neutral atoms in their
            ground states.
        calculator: spec; of PySCF the level of geometries is used.

    Returns:
        Energy of each, eV.

    Raises:
        CapabilityError: free atoms of these elements mean nothing to the calculator.
        CalculationError: a self-consistent field failed.
    """
    from ...calculators.factory import make_calculator

    level = at_geometry_level(calculator)
    computer = make_calculator(level)
    energies = {}
    for symbol in sorted(set(elements)):
        atom = free_atom(symbol, ion_charges)
        check(level, atom)
        energies[symbol] = float(computer.get_potential_energy(atom))
    return energies


def free_atom(symbol: str, ion_charges: dict[str, int]) -> Atoms:
    """Build a free atom in its ground state, or an ion where the element is one in every structure.

    Args:
        symbol: chemical symbol.
        ion_charges: charges of the elements that are ions.
    """
    from ase import Atoms

    atom = Atoms([symbol], positions=[(0.0, 0.0, 0.0)])
    atom.info |= {"charge": ion_charges.get(symbol, 0), "label": f"free {symbol}"}
    if symbol not in ion_charges:
        atom.info["spin"] = round(float(ground_state_magnetic_moments[atomic_numbers[symbol]])) + 1
    return atom


def _computed(frame: Atoms, computer: object, made_by: str) -> Atoms:
    energy = computer.get_potential_energy(frame)  # type: ignore[attr-defined]
    found = _with_label(frame, float(energy), np.asarray(computer.get_forces(frame)), made_by)  # type: ignore[attr-defined]
    if problem := label_problem(found):
        raise CalculationError(f"{frame.info['name']}: {problem}")
    return found


def _with_label(frame: Atoms, energy: float, forces: np.ndarray, made_by: str) -> Atoms:
    labelled = frame.copy()
    labelled.info = {**frame.info, ENERGY: float(energy), LEVEL: made_by}
    labelled.arrays[FORCES] = np.array(forces, dtype=float)
    return labelled


def _by_geometry(labels: list[Atoms], made_by: str) -> dict[str, Atoms]:
    return {geometry_key(frame): frame for frame in labels if frame.info.get(LEVEL) == made_by}


class _Journal:
    """Labels of this job in the order they came, one frame of extended XYZ after the other."""

    def __init__(self, path: Path) -> None:
        self.path = path
        complete = _without_torn_frame(path) if path.exists() else []
        self._found = {geometry_key(frame): frame for frame in complete}

    def get(self, key: str) -> Atoms | None:
        return self._found.get(key)

    def append(self, frame: Atoms) -> None:
        with self.path.open("a") as file:
            write_frame(file, frame)
            file.flush()
            os.fsync(file.fileno())
        self._found[geometry_key(frame)] = frame


def _without_torn_frame(path: Path) -> list[Atoms]:
    """Read a journal and cut off the frame that a kill left incomplete."""
    lines = path.read_text(errors="replace").splitlines(keepends=True)
    start = 0
    while start < len(lines) and lines[start].strip().isdigit() and lines[start].endswith("\n"):
        end = start + int(lines[start]) + 2
        if end > len(lines) or not lines[end - 1].endswith("\n"):
            break
        start = end
    if start < len(lines):
        partial = path.with_name(path.name + ".part")
        partial.write_text("".join(lines[:start]))
        partial.replace(path)
    return read_frames(path)


def energies_of_free_atoms(
    labelled: list[LabelledSet], ion_charges: dict[str, int], calculator: CalculatorSpec, here: Path
) -> dict[str, float]:
    """Compute the energies of the free atoms and ions of all elements that occur in labelled frames, eV.

    Args:
        labelled: of all samples.
        ion_charges: charge of every atom of these elements.
        calculator: that made the labels.
        here: folder beside those of the frames.
    """
    frames = (frame for one in labelled for frame in one.frames.read(here))
    elements = {symbol for frame in frames for symbol in frame.get_chemical_symbols()}
    return isolated_energies(elements, ion_charges, calculator)


@job(output_schema=LabelledSet)
def label_job(frames: FrameSet, calculator: CalculatorSpec, known: str | None) -> LabelledSet:
    """Label frames in the job's folder; ``known`` is the path of a label store."""
    return label_frames(frames, calculator, Path.cwd(), None if known is None else Path(known))


@job
def isolated_energies_job(
    labelled: list[LabelledSet], ion_charges: dict[str, int], calculator: CalculatorSpec
) -> dict[str, float]:
    """Compute the energies of the free atoms and ions of all elements that occur in labelled frames."""
    return energies_of_free_atoms(labelled, ion_charges, calculator, Path.cwd())
