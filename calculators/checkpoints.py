"""A journal of every force evaluation: what lets a killed relaxation or band go on where it stopped.

The optimisers are deterministic. So instead of saving the state of each of them, the journal keeps what went into the
calculator and what came out; a restarted calculation runs the same optimiser again from its first step and is answered
from the journal, at no cost, until it reaches the point where it was stopped. Whatever the optimiser keeps (Hessian,
velocities, phases, fallbacks) is then exactly what it was.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.singlepoint import SinglePointCalculator

logger = logging.getLogger(__name__)

FORMAT = "azibflow journal 1"
CHECK = "crc32"
SAME_GEOMETRY = 1e-6
"""Largest difference of positions and cell, angstrom, at which a recorded evaluation answers for a new one. Rounding
differs between machines; a result this near belongs to the same geometry to far better than any fmax."""

PROPERTIES = ("forces", "energy")
"""Computed at every geometry; forces first, of which some calculators get the energy on the way."""

RECORDED = ("energy", "free_energy", "forces", "stress", "energy_comm", "forces_comm")


class Journal:
    """Evaluations in the order they were made, optionally kept in a file of JSON lines.

    The first line identifies the calculation; each later line is one evaluation, synced to disk before the optimiser
    moves on. A line cut off by a kill is dropped. A file of another calculation is started anew.

    Args:
        identity: says which calculation this is; equal inputs give equal identities.
        path: the file; none keeps nothing beyond the process.
    """

    def __init__(self, identity: str, path: Path | None = None) -> None:
        self.path = path
        self.position = 0
        self.computed = 0
        self._records: list[dict[str, Any]] = []
        if path is None:
            return
        header = json.dumps({"format": FORMAT, "identity": identity})
        if path.exists():
            self._records = _read(path, header)
        if not self._records:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_atomically(path, [header])

    @property
    def ahead(self) -> int:
        """Number of recorded evaluations that are still to be recalled."""
        return len(self._records) - self.position

    def recall(self, atoms: Atoms) -> dict[str, Any] | None:
        """Return the results of the next recorded evaluation, or none when it must be computed."""
        if not self.ahead:
            return None
        entry = self._records[self.position]
        recorded = np.array(entry["positions"] + entry["cell"])
        wanted = np.vstack([atoms.positions, atoms.cell.array])
        if recorded.shape != wanted.shape or np.abs(recorded - wanted).max() > SAME_GEOMETRY:
            self._forget_the_rest()
            return None
        self.position += 1
        return _arrays(entry["results"])

    def append(self, atoms: Atoms, results: dict[str, Any]) -> dict[str, Any]:
        """Record an evaluation that was just computed, and return it as ``recall`` would: in double precision."""
        entry = {
            "positions": atoms.positions.tolist(),
            "cell": atoms.cell.array.tolist(),
            "results": {name: np.asarray(results[name]).tolist() for name in RECORDED if name in results},
        }
        self._records.append(entry)
        self.position += 1
        self.computed += 1
        if self.path is not None:
            with self.path.open("a") as file:
                file.write(_line(entry) + "\n")
                file.flush()
                os.fsync(file.fileno())
        return _arrays(entry["results"])

    def _forget_the_rest(self) -> None:
        logger.warning("%s: the recorded path departs at evaluation %d; computing from there", self.path, self.position)
        self._records = self._records[: self.position]
        if self.path is not None:
            header = self.path.read_text().split("\n", 1)[0]
            _write_atomically(self.path, [header, *map(_line, self._records)])


class RecordingCalculator(Calculator):  # type: ignore[misc]
    """Passes each new geometry to another calculator once, and keeps the answer in a journal.

    Args:
        calculator: the one that computes.
        journal: shared by all calculators of one calculation.
        properties: computed at every geometry, so that one evaluation serves all later questions about it.
    """

    def __init__(self, calculator: Any, journal: Journal, properties: tuple[str, ...] = PROPERTIES) -> None:
        super().__init__()
        self.calculator = calculator
        self.journal = journal
        self.properties = properties
        self.implemented_properties = ("energy", "free_energy", "forces", "stress")

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Answer from the journal, or compute and record."""
        super().calculate(atoms, properties, system_changes)
        results = self.journal.recall(self.atoms)
        if results is None:
            results = self.journal.append(self.atoms, evaluation(self.calculator, self.atoms, self.properties))
        self.results = {"free_energy": results["energy"], **results}


def evaluation(calculator: Any, atoms: Atoms, properties: tuple[str, ...] = PROPERTIES) -> dict[str, Any]:
    """Compute a geometry.

    Args:
        calculator: of ASE.
        atoms: the geometry.
        properties: wanted, in this order.

    Returns:
        All that the calculator has found out.
    """
    for name in properties:
        calculator.get_property(name, atoms)
    results: dict[str, Any] = calculator.results
    return results


def engine(calculator: Any) -> str:
    """Say what computes: the ``identity`` of a calculator (given by the factory), else its class and parameters."""
    return getattr(calculator, "identity", None) or f"{type(calculator).__qualname__} {calculator.parameters}"


def calculation_identity(atoms: list[Atoms], calculator: Any, **settings: Any) -> str:
    """Say which calculation this is, for its journal.

    Args:
        atoms: all input structures.
        calculator: that computes; see ``engine``.
        settings: whatever else decides which evaluations are made, as JSON types.

    Returns:
        SHA-256; equal for equal inputs, on every machine.
    """
    structures = [
        [
            image.numbers.tolist(),
            image.positions.tolist(),
            image.cell.array.tolist(),
            image.pbc.tolist(),
            [constraint.todict() for constraint in image.constraints],
            [image.info.get(key) for key in ("charge", "spin")],
            image.get_initial_magnetic_moments().tolist(),
        ]
        for image in atoms
    ]
    text = json.dumps([engine(calculator), structures, settings], sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def frozen(atoms: Atoms, results: dict[str, Any]) -> Atoms:
    """Return a copy that carries results instead of a calculator; it can be stored, pickled and sent.

    Args:
        atoms: the structure; ``info`` and constraints are kept.
        results: of a calculation at this geometry; those of a committee stay under their own names.

    Returns:
        Atoms with a ``SinglePointCalculator``.
    """
    copy = atoms.copy()
    copy.calc = SinglePointCalculator(copy)
    copy.calc.results.update(results)
    return copy


def read_trajectory(path: Path, template: Atoms) -> Iterator[Atoms]:
    """Read a journal as a trajectory.

    Args:
        path: checkpoint of a relaxation or a band.
        template: any structure of the calculation; gives elements, periodicity and constraints.

    Yields:
        Atoms with energy and forces, in the order of evaluation; a band's images one after the other.
    """
    for line in path.read_text().splitlines()[1:]:
        entry = _entry(line)
        atoms = template.copy()
        atoms.set_cell(entry["cell"])
        atoms.set_positions(entry["positions"], apply_constraint=False)
        yield frozen(atoms, _arrays(entry["results"]))


def _read(path: Path, header: str) -> list[dict[str, Any]]:
    """Return the sound records of a journal with this header, cutting off what comes after them; else none."""
    first, _, rest = path.read_text(errors="replace").partition("\n")
    if first != header:
        logger.warning("%s belongs to another calculation and is started anew", path)
        return []
    records = []
    for line in rest.split("\n")[:-1]:  # what follows the last line's end was cut off by a kill
        try:
            records.append(_entry(line))
        except ValueError as error:
            logger.warning("%s is damaged at evaluation %d (%s); computing from there", path, len(records), error)
            break
    whole = [header, *map(_line, records)]
    if first + "\n" + rest != "".join(line + "\n" for line in whole):
        _write_atomically(path, whole)
    return records


def _line(entry: dict[str, Any]) -> str:
    """Write a record with a checksum of itself: a digit that changes on a disk would be another energy."""
    text = json.dumps(entry)
    return json.dumps({**entry, CHECK: zlib.crc32(text.encode())})


def _entry(line: str) -> dict[str, Any]:
    """Read a record; those of earlier versions have no checksum.

    Raises:
        ValueError: it is not what was written.
    """
    entry = json.loads(line)
    if not isinstance(entry, dict) or not {"positions", "cell", "results"} <= set(entry):
        raise ValueError("no record")
    written = entry.pop(CHECK, None)
    if written not in (None, zlib.crc32(json.dumps(entry).encode())):
        raise ValueError("its checksum is another")
    return entry


def _write_atomically(path: Path, lines: list[str]) -> None:
    new = path.with_name(path.name + ".new")
    with new.open("w") as file:
        file.writelines(line + "\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _arrays(results: dict[str, Any]) -> dict[str, Any]:
    return {name: np.array(value) if isinstance(value, list) else value for name, value in results.items()}


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else repr(value)
