"""Metals that azibflow has no prototype of."""

from __future__ import annotations

from ase import Atoms
from ase.build import bulk

from azibflow.structures.prototypes import Prototype


def nickel() -> Atoms:
    """Nickel, Fm-3m, a = 3.524 angstrom."""
    return bulk("Ni", "fcc", a=3.524, cubic=True)


METALS = [Prototype("fcc-Ni", nickel, space_group=225, aliases=("nickel",))]
