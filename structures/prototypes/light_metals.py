"""Alkali metals, alkaline earths and aluminium: the metals that ions other than zinc come from."""

from __future__ import annotations

from ase import Atoms
from ase.spacegroup import crystal

from .catalogue import register

BODY_CENTRED, FACE_CENTRED, CLOSE_PACKED = 229, 225, 194
"""Numbers of the space groups Im-3m, Fm-3m, P6_3/mmc."""


@register("Li", space_group=BODY_CENTRED, aliases=("bcc-Li",))
def lithium() -> Atoms:
    """Bcc lithium, Im-3m, a = 3.5093 angstrom at 20 degrees Celsius.

    Wyckoff, Crystal Structures, vol. 1, 2nd ed., Wiley 1963. Nadler and Kempter, Anal. Chem. 31, 2109 (1959), have
    3.51004(41) at 25 degrees.
    """
    return _cubic("Li", 3.5093, BODY_CENTRED)


@register("Na", space_group=BODY_CENTRED, aliases=("bcc-Na",))
def sodium() -> Atoms:
    """Bcc sodium, Im-3m, a = 4.2906 angstrom at 20 degrees Celsius.

    Wyckoff, Crystal Structures, vol. 1, 2nd ed., Wiley 1963, as Aruja and Perlitz, Z. Kristallogr. 100, 195 (1939).
    """
    return _cubic("Na", 4.2906, BODY_CENTRED)


@register("K", space_group=BODY_CENTRED, aliases=("bcc-K",))
def potassium() -> Atoms:
    """Bcc potassium, Im-3m, a = 5.328 angstrom at room temperature (5.247 at 78 K).

    Wyckoff, Crystal Structures, vol. 1, 2nd ed., Wiley 1963.
    """
    return _cubic("K", 5.328, BODY_CENTRED)


@register("Ca", space_group=FACE_CENTRED, aliases=("fcc-Ca",))
def calcium() -> Atoms:
    """Fcc calcium, Fm-3m, a = 5.576 angstrom at room temperature.

    Wyckoff, Crystal Structures, vol. 1, 2nd ed., Wiley 1963.
    """
    return _cubic("Ca", 5.576, FACE_CENTRED)


@register("Al", space_group=FACE_CENTRED, aliases=("fcc-Al",))
def aluminium() -> Atoms:
    """Fcc aluminium, Fm-3m, a = 4.04958 angstrom at 25 degrees Celsius.

    Wyckoff, Crystal Structures, vol. 1, 2nd ed., Wiley 1963.
    """
    return _cubic("Al", 4.04958, FACE_CENTRED)


@register("Mg", space_group=CLOSE_PACKED, aliases=("hcp-Mg",))
def magnesium() -> Atoms:
    """Hcp magnesium, P6_3/mmc, a = 3.2095, c = 5.2107 angstrom (c/a = 1.6235).

    Wyckoff, Crystal Structures, vol. 1, 2nd ed., Wiley 1963. Straumanis, J. Appl. Phys. 20, 726 (1949), has 3.2094(2)
    and 5.2105(4) at 25 degrees Celsius.
    """
    cell = [3.2095, 3.2095, 5.2107, 90, 90, 120]
    return crystal(["Mg"], [(1 / 3, 2 / 3, 1 / 4)], spacegroup=CLOSE_PACKED, cellpar=cell)


def _cubic(symbol: str, length: float, space_group: int) -> Atoms:
    """Build the conventional cell of a metal with one atom at each lattice point."""
    return crystal([symbol], [(0, 0, 0)], spacegroup=space_group, cellpar=[length] * 3 + [90] * 3)
