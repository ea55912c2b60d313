"""Oxides, fluoride, nitride and selenide that serve as heterostructure partners and anode coatings."""

from __future__ import annotations

from ase import Atoms
from ase.spacegroup import crystal

from .catalogue import register


@register("anatase-TiO2", space_group=141, aliases=("TiO2", "anatase"))
def anatase() -> Atoms:
    """Anatase TiO2, I4_1/amd, a = 3.7842, c = 9.5146 angstrom, z(O) = 0.20806 with Ti at the origin.

    Horn, Schwerdtfeger, Meagher, Z. Kristallogr. 136, 273 (1972); the AFLOW prototype A2B_tI12_141_e_a
    (10.1016/j.commatsci.2017.01.017) has the same. Ti-O 1.934 (4) and 1.980 (2) angstrom.
    """
    return crystal(
        ["Ti", "O"],
        [(0, 0, 0), (0, 0, 0.20806)],
        spacegroup=141,
        cellpar=[3.7842, 3.7842, 9.5146, 90, 90, 90],
    )


@register("RuO2", space_group=136)
def ruo2() -> Atoms:
    """Rutile RuO2, P4_2/mnm, a = 4.4919, c = 3.1066 angstrom, x(O) = 0.3058.

    Boman, Acta Chem. Scand. 24, 116 (1970), 10.3891/acta.chem.scand.24-0116. Ru-O 1.942 (2) and 1.984 (4) angstrom.
    """
    return crystal(
        ["Ru", "O"],
        [(0, 0, 0), (0.3058, 0.3058, 0)],
        spacegroup=136,
        cellpar=[4.4919, 4.4919, 3.1066, 90, 90, 90],
    )


@register("ZnO", space_group=186, aliases=("wurtzite-ZnO", "ZnO-wurtzite", "zincite"))
def zno() -> Atoms:
    """Wurtzite ZnO, P6_3mc, a = 3.2495, c = 5.2069 angstrom, z(O) = 0.3825 with Zn at zero.

    Abrahams and Bernstein, Acta Cryst. B25, 1233 (1969), 10.1107/S0567740869003876. Zn-O 1.973 (3) and 1.992 (1)
    angstrom.
    """
    return crystal(
        ["Zn", "O"],
        [(1 / 3, 2 / 3, 0), (1 / 3, 2 / 3, 0.3825)],
        spacegroup=186,
        cellpar=[3.2495, 3.2495, 5.2069, 90, 90, 120],
    )


@register("ZnF2", space_group=136)
def znf2() -> Atoms:
    """Rutile ZnF2, P4_2/mnm, a = 4.7034, c = 3.1335 angstrom, x(F) = 0.303.

    Cell: Stout and Reed, J. Am. Chem. Soc. 76, 5279 (1954); x(F): Baur, Acta Cryst. 11, 488 (1958). Zn-F 2.015 (2) and
    2.042 (4) angstrom.
    """
    return crystal(
        ["Zn", "F"],
        [(0, 0, 0), (0.303, 0.303, 0)],
        spacegroup=136,
        cellpar=[4.7034, 4.7034, 3.1335, 90, 90, 90],
    )


@register("VN", space_group=225)
def vn() -> Atoms:
    """Rock-salt VN, Fm-3m, a = 4.129 angstrom.

    The cell is the cube root of the volume (4.1306 x 4.1306 x 4.1263 angstrom) that Kubel, Lengauer, Yvon, Junod,
    Phys. Rev. B 38, 12908 (1988), 10.1103/PhysRevB.38.12908, refine for stoichiometric VN at 150 K (AFLOW prototype
    AB_tP8_111_n_n, 10.1016/j.commatsci.2018.10.043). Below 205 K VN is distorted by 0.1 percent from the rock salt
    that it is at room temperature and that is built here.
    """
    return crystal(["V", "N"], [(0, 0, 0), (1 / 2, 1 / 2, 1 / 2)], spacegroup=225, cellpar=[4.129] * 3 + [90] * 3)


@register("ZnSe", space_group=216, aliases=("zincblende-ZnSe", "stilleite"))
def znse() -> Atoms:
    """Zincblende ZnSe, F-43m, a = 5.6676 angstrom.

    Wyckoff, Crystal Structures, vol. 1, 2nd ed., Wiley 1963 (AMCSD 0011535). Zn-Se 2.454 angstrom, four each way;
    5.27 g/cm3 (handbook: 5.27).
    """
    return crystal(["Zn", "Se"], [(0, 0, 0), (1 / 4, 1 / 4, 1 / 4)], spacegroup=216, cellpar=[5.6676] * 3 + [90] * 3)
