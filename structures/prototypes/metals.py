"""Metals: the anode and its current collectors."""

from __future__ import annotations

from ase import Atoms
from ase.spacegroup import crystal

from .catalogue import register


@register("Zn", space_group=194, aliases=("hcp-Zn",))
def zinc() -> Atoms:
    """Hcp zinc, P6_3/mmc, a = 2.665, c = 4.947 angstrom (c/a = 1.856).

    Wyckoff, Crystal Structures, vol. 1, 2nd ed., Wiley 1963. Six neighbours in the plane at 2.665, six outside it at
    2.913 angstrom.
    """
    return crystal(["Zn"], [(1 / 3, 2 / 3, 1 / 4)], spacegroup=194, cellpar=[2.665, 2.665, 4.947, 90, 90, 120])


@register("Cu", space_group=225, aliases=("fcc-Cu",))
def copper() -> Atoms:
    """Fcc copper, Fm-3m, a = 3.61491 angstrom; the conventional cell of four atoms.

    Straumanis and Yu, Acta Cryst. A25, 676 (1969), the reference of the AFLOW prototype A_cF4_225_a (Mehl et al.,
    Comput. Mater. Sci. 136, S1 (2017), 10.1016/j.commatsci.2017.01.017).
    """
    return crystal(["Cu"], [(0, 0, 0)], spacegroup=225, cellpar=[3.61491, 3.61491, 3.61491, 90, 90, 90])


@register("beta-Sn", space_group=141, aliases=("Sn", "white-Sn"))
def white_tin() -> Atoms:
    """White tin, I4_1/amd, a = 5.8318, c = 3.1819 angstrom.

    Deshpande and Sirdeshmukh, Acta Cryst. 14, 355 (1961); AFLOW prototype A_tI4_141_a (Mehl et al., Comput. Mater. Sci.
    136, S1 (2017), 10.1016/j.commatsci.2017.01.017). Four neighbours at 3.022, two at 3.182 angstrom.
    """
    return crystal(["Sn"], [(0, 0, 0)], spacegroup=141, cellpar=[5.8318, 5.8318, 3.1819, 90, 90, 90])
