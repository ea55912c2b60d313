"""The ASE calculator around any code: a folder of its own, one run for each geometry, from the last wave functions."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ase.calculators.calculator import Calculator, all_changes

from ...errors import CalculationError, OutOfMemoryError, ScfNotConvergedError

if TYPE_CHECKING:
    from ase import Atoms

logger = logging.getLogger(__name__)

SYSTEM = "azibflow-system.json"
"""Says whose orbitals are in a folder."""


class Code(Protocol):
    """A code with the settings of a calculation."""

    @property
    def orbitals(self) -> str:
        """Pattern of the names of the files that the next run begins with."""

    def compute(self, atoms: Atoms, properties: list[str], folder: Path) -> dict[str, Any]:
        """Run the code in a folder, from wave functions that a former run has left there.

        Args:
            atoms: the geometry.
            properties: wanted, of energy, forces and stress.
            folder: exists; nothing else computes in it.

        Returns:
            ASE's results, in eV and angstrom.

        Raises:
            CalculationError: there is no number.
        """


class CodeCalculator(Calculator):  # type: ignore[misc]
    """Energy, forces and stress by a code that runs as a program.

    Args:
        code: with its settings.
        name: of the code, and of the folder that it writes into.
    """

    implemented_properties = ("energy", "free_energy", "forces", "stress")

    def __init__(self, code: Code, name: str) -> None:
        self._name = name  # ASE asks for it while it is made
        super().__init__()
        self.code = code
        self.results: dict[str, Any] = {}

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Run the code at a new geometry."""
        super().calculate(atoms, properties, system_changes)
        folder = Path(self.directory).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        _forget_other_systems(folder, self.atoms, self.code.orbitals)
        self.results = self._computed(self.atoms, properties or ["energy"], folder)
        self.results["free_energy"] = self.results.get("free_energy", self.results["energy"])

    def _computed(self, atoms: Atoms, properties: list[str], folder: Path) -> dict[str, Any]:
        """Run the code, anew where it fails on the orbitals of its last run: a kill may have left them half written."""
        continued = any(folder.glob(self.code.orbitals))
        try:
            return self.code.compute(atoms, properties, folder)
        except (OutOfMemoryError, ScfNotConvergedError):
            raise
        except CalculationError as error:
            if not continued:
                raise
            _forget_orbitals(folder, self.code.orbitals)
            logger.warning("%s; it is run again, without the orbitals of its last run", error)
            return self.code.compute(atoms, properties, folder)

    def _get_name(self) -> str:
        return self._name

    def check_state(self, atoms: Atoms, tol: float = 1e-15) -> list[str]:
        """Count a change of charge or multiplicity as a change of the system; ASE compares neither."""
        changes: list[str] = super().check_state(atoms, tol)
        if self.atoms is not None and _electronic(atoms) != _electronic(self.atoms):
            changes.append("initial_magmoms")
        return changes


def _forget_other_systems(folder: Path, atoms: Atoms, orbitals: str) -> None:
    """Remove the orbitals that a run of another system has left in a folder: a code would take them for its own."""
    known, system = folder / SYSTEM, json.dumps([atoms.numbers.tolist(), *map(str, _electronic(atoms))])
    if known.is_file() and known.read_text(encoding="utf-8") == system:
        return
    _forget_orbitals(folder, orbitals)
    known.write_text(system, encoding="utf-8")


def _forget_orbitals(folder: Path, orbitals: str) -> None:
    for path in folder.glob(orbitals):
        path.unlink()


def _electronic(atoms: Atoms) -> tuple[Any, Any]:
    return atoms.info.get("charge", 0), atoms.info.get("spin")
