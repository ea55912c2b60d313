"""Calculators that each break one promise of the contract; ``Sound`` breaks none."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import all_changes
from ase.calculators.emt import EMT

KCAL = 23.0605
_calls = count()


class Sound(EMT):
    """Effective medium theory."""

    def calculate(
        self, atoms: Atoms | None = None, properties: Sequence[str] = ("energy",), system_changes: Any = all_changes
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        self.change(self.results)

    def change(self, results: dict[str, Any]) -> None: ...


class WrongSign(Sound):
    def change(self, results: dict[str, Any]) -> None:
        results["forces"] = -results["forces"]


class EnergyInKcal(Sound):
    def change(self, results: dict[str, Any]) -> None:
        results["energy"] *= KCAL


class AllInKcal(Sound):
    def change(self, results: dict[str, Any]) -> None:
        for name in ("energy", "forces", "stress"):
            if name in results:
                results[name] = results[name] * KCAL


class NotANumber(Sound):
    def change(self, results: dict[str, Any]) -> None:
        results["forces"] = results["forces"] * np.nan


class NoEnergy(Sound):
    def change(self, results: dict[str, Any]) -> None:
        results["energy"] = np.inf


class EnergyPerAtom(Sound):
    def change(self, results: dict[str, Any]) -> None:
        results["energy"] /= len(self.atoms)


class AllPerAtom(Sound):
    """As of a network whose mean is taken for its sum: forces are still the slope of the energy."""

    def change(self, results: dict[str, Any]) -> None:
        for name in ("energy", "forces", "stress"):
            if name in results:
                results[name] = results[name] / len(self.atoms)


class StressPerCell(Sound):
    def change(self, results: dict[str, Any]) -> None:
        if "stress" in results:
            results["stress"] = results["stress"] * self.atoms.get_volume()


class Random(Sound):
    """As with dropout left on."""

    def change(self, results: dict[str, Any]) -> None:
        results["energy"] += 0.01 * next(_calls)


class FlatForces(Sound):
    def change(self, results: dict[str, Any]) -> None:
        results["forces"] = results["forces"].ravel()


class EnergyOfEachAtom(Sound):
    def change(self, results: dict[str, Any]) -> None:
        results["energy"] = results["energies"]


class Strong(Sound):
    def change(self, results: dict[str, Any]) -> None:
        for name in ("energy", "forces", "stress"):
            if name in results:
                results[name] = results[name] * 1e4


class Stumbling(Sound):
    def change(self, results: dict[str, Any]) -> None:
        raise RuntimeError("no graph of three atoms")
