"""Metals: the anode, what it is alloyed or coated with, and its current collectors."""

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


@register("In", space_group=139, aliases=("indium",))
def indium() -> Atoms:
    """Indium, I4/mmm, a = 3.2528, c = 4.9463 angstrom: fcc stretched by 7.5 percent along c.

    AFLOW prototype A_tI2_139_a (Mehl et al., Comput. Mater. Sci. 136, S1 (2017), 10.1016/j.commatsci.2017.01.017). Four
    neighbours at 3.253, eight at 3.377 angstrom; 7.28 g/cm3 (handbook: 7.31).
    """
    return crystal(["In"], [(0, 0, 0)], spacegroup=139, cellpar=[3.2528, 3.2528, 4.9463, 90, 90, 90])


@register("Bi", space_group=166, aliases=("bismuth",))
def bismuth() -> Atoms:
    """Bismuth, type A7 of arsenic, R-3m, hexagonal axes a = 4.546, c = 11.862 angstrom, z = 0.23389, at 298 K.

    Schiferl and Barrett, J. Appl. Cryst. 2, 30 (1969), 10.1107/S0021889869006443 (AMCSD 0012841). Puckered double
    layers: three neighbours at 3.071 in the layer, three at 3.529 angstrom in the next; 9.81 g/cm3 (handbook: 9.78).
    """
    return crystal(["Bi"], [(0, 0, 0.23389)], spacegroup=166, cellpar=[4.546, 4.546, 11.862, 90, 90, 120])


@register("Pb", space_group=225, aliases=("lead", "fcc-Pb"))
def lead() -> Atoms:
    """Fcc lead, Fm-3m, a = 4.9505 angstrom; the conventional cell of four atoms.

    Wyckoff, Crystal Structures, vol. 1, 2nd ed., Wiley 1963 (AMCSD 0011154). Twelve neighbours at 3.501 angstrom;
    11.34 g/cm3 (handbook: 11.34).
    """
    return crystal(["Pb"], [(0, 0, 0)], spacegroup=225, cellpar=[4.9505, 4.9505, 4.9505, 90, 90, 90])


@register("Cd", space_group=194, aliases=("cadmium", "hcp-Cd"))
def cadmium() -> Atoms:
    """Hcp cadmium, P6_3/mmc, a = 2.97887, c = 5.61765 angstrom (c/a = 1.886).

    Wyckoff, Crystal Structures, vol. 1, 2nd ed., Wiley 1963 (AMCSD 0011167). Six neighbours in the plane at 2.979, six
    outside it at 3.294 angstrom; 8.65 g/cm3 (handbook: 8.65).
    """
    return crystal(["Cd"], [(1 / 3, 2 / 3, 1 / 4)], spacegroup=194, cellpar=[2.97887, 2.97887, 5.61765, 90, 90, 120])


@register("NiTi", space_group=221, aliases=("nitinol", "B2-NiTi"))
def nitinol() -> Atoms:
    """Austenite of nitinol, B2 NiTi, Pm-3m, a = 3.01302 angstrom.

    Cell of an aged Ni50.7Ti49.3: Sitepu, Powder Diffr. 24, 315 (2009) (AMCSD 0018898); the excess of nickel is left
    out. Eight unlike neighbours at 2.609 angstrom; 6.47 g/cm3 (handbook: 6.45). At rest B2 is not the ground state: the
    alloy is a martensite, B19', below its transition near room temperature.
    """
    return crystal(["Ni", "Ti"], [(0, 0, 0), (1 / 2, 1 / 2, 1 / 2)], spacegroup=221, cellpar=[3.01302] * 3 + [90] * 3)
