"""Electrodes of ions: electrons, measured standard potentials, and the computational hydrogen electrode."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from ...errors import StructureError

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOM_TEMPERATURE = 298.15
"""Of standard potentials, and of the energy of a unit of pH, K."""


@dataclass(frozen=True)
class Electrode:
    """An ion in equilibrium with its element.

    Attributes:
        charge: electrons that the ion has given.
        potential: measured standard potential against the standard hydrogen electrode, V.
    """

    charge: int
    potential: float


ELECTRODES: Mapping[str, Electrode] = {
    "Zn": Electrode(2, -0.7618),
    "H": Electrode(1, 0.0),
    "Li": Electrode(1, -3.0401),
    "Na": Electrode(1, -2.71),
    "K": Electrode(1, -2.931),
    "Mg": Electrode(2, -2.372),
    "Ca": Electrode(2, -2.868),
    "Al": Electrode(3, -1.662),
}
"""P. Vanysek, Electrochemical Series, in CRC Handbook of Chemistry and Physics; 25 degrees Celsius, unit activities."""


class Correction(BaseModel):
    """An energy that is added by hand, and what it is."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    energy: float = Field(description="eV per ion, or per formula unit of a species")
    label: str = Field(min_length=1, description="what it is and where it is from, for the table")


def electrode(ion: str) -> Electrode:
    """Return the electrode of an ion.

    Raises:
        StructureError: none is known.
    """
    if ion not in ELECTRODES:
        raise StructureError(f"no reference for the ion {ion}; there is one for {', '.join(ELECTRODES)}")
    return ELECTRODES[ion]


def proton_shift(ph: float, temperature: float = ROOM_TEMPERATURE) -> float:
    """Return by how much a proton with its electron is below 1/2 H2, at 0 V against SHE: k T ln(10) pH, eV.

    Half a hydrogen molecule stands for a proton and an electron at 0 V and pH 0 (the computational hydrogen electrode,
    Norskov et al., J. Phys. Chem. B 2004, 108, 17886, 10.1021/jp047349j).

    Args:
        ph: of the electrolyte.
        temperature: K.
    """
    from ase.units import kB

    return float(kB * temperature * math.log(10.0) * ph)
