"""mace-torch's ASE calculator, with the multiplicity that a structure leaves unsaid.

Import it after ``mace_foundations.import_mace``, which keeps the import of mace from changing the process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ase.calculators.calculator import all_changes
from mace.calculators import MACECalculator

from .dft.molecule import multiplicity

if TYPE_CHECKING:
    from ase import Atoms


class MaceCalculator(MACECalculator):  # type: ignore[misc]
    """MACE; a network may read the total charge from ``info["charge"]`` and the multiplicity from ``info["spin"]``.

    mace-torch takes a missing multiplicity for 1, whatever the number of electrons. Here it is the lowest possible, as
    for every other calculator.
    """

    atoms: Any

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Compute all that the network gives; energy in eV, forces in eV/angstrom."""
        asked = self.atoms if atoms is None else atoms
        stated = asked.copy()
        stated.info["spin"] = multiplicity(asked)
        super().calculate(stated, properties, system_changes)
        # Results belong to the atoms as they were given, or ASE would compute them anew each time.
        self.atoms = asked.copy()
