"""A potential in its own environment as an ASE calculator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from ase.calculators.calculator import Calculator, all_changes

from .process import process_of

if TYPE_CHECKING:
    from pathlib import Path

    from ase import Atoms

INFO = ("charge", "spin")
"""What of ``atoms.info`` potentials read: total charge (e) and multiplicity."""


class IsolatedCalculator(Calculator):  # type: ignore[misc]
    """An ASE calculator that computes in the Python of another environment.

    Args:
        python: interpreter of that environment.
        calculator: ``module:Class`` of an ASE calculator there.
        options: its keyword arguments; plain data.

    Raises:
        CapabilityError: it cannot be made there.
    """

    def __init__(self, python: Path, calculator: str, options: dict[str, Any]) -> None:
        super().__init__()
        self._where = (python, calculator, options)
        self.implemented_properties = list(process_of(*self._where).properties)

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Compute what is asked for, in ASE's units.

        Raises:
            LostProcessError: its process died.
            RuntimeError: the potential failed.
        """
        super().calculate(atoms, properties, system_changes)
        results = process_of(*self._where).compute(_description(self.atoms, properties or ["energy"]))
        self.results = {
            name: value if isinstance(value, float | int) else np.array(value) for name, value in results.items()
        }


def _charge_and_spin(atoms: Atoms) -> dict[str, Any]:
    """Return what is known of both; nothing of neutral atoms whose multiplicity is open: Orb takes both or neither."""
    known = {name: atoms.info[name] for name in INFO if name in atoms.info}
    return {} if known == {"charge": 0} else known


def _description(atoms: Atoms, properties: list[str]) -> dict[str, Any]:
    return {
        "numbers": atoms.numbers.tolist(),
        "positions": atoms.positions.tolist(),
        "cell": atoms.cell.tolist(),
        "pbc": atoms.pbc.tolist(),
        "magmoms": atoms.get_initial_magnetic_moments().tolist(),
        "charges": atoms.get_initial_charges().tolist(),
        "info": _charge_and_spin(atoms),
        "properties": properties,
    }
