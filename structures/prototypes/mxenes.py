"""MXene sheets, cut from the MAX phases they are etched from: one layer in vacuum along c.

Naguib et al., Adv. Mater. 23, 4248 (2011), 10.1002/adma.201102306, and J. Am. Chem. Soc. 135, 15966 (2013),
10.1021/ja405735d, made Ti3C2 and V2C by removing the aluminium of Ti3AlC2 and V2AlC. The sheets here keep the positions
that the atoms have in those crystals.
"""

from __future__ import annotations

import numpy as np
from ase import Atoms

from .catalogue import register

VACUUM = 15.0
"""Empty space between a sheet and its periodic image, angstrom."""

CENTRE, UP, DOWN = (0.0, 0.0), (1 / 3, 2 / 3), (2 / 3, 1 / 3)
TI3ALC2_A = 3.072
TI3ALC2_C = 18.730
TI_HEIGHT, C_HEIGHT = 0.129 * TI3ALC2_C, 0.0701 * TI3ALC2_C
TI_O_BOND = 1.98
TI_F_BOND = 2.22
O_H_BOND = 0.97


def _sheet(a: float, sites: list[tuple[str, tuple[float, float], float]]) -> Atoms:
    """Stack atoms (symbol, fractional xy, height above the middle plane in angstrom) in a hexagonal cell."""
    heights = np.array([height for _, _, height in sites])
    c = float(np.ptp(heights)) + VACUUM
    positions = [(*xy, 1 / 2 + height / c) for _, xy, height in sites]
    atoms = Atoms([symbol for symbol, _, _ in sites], cell=[a, a, c, 90, 90, 120], pbc=True)
    atoms.set_scaled_positions(positions)
    return atoms


@register("Ti3C2", space_group=164, sheet=True)
def ti3c2() -> Atoms:
    """Bare Ti3C2, P-3m1, a = 3.072 angstrom, layers at 0, 1.313 (C) and 2.416 (Ti) angstrom from the middle.

    The Ti3C2 block of Ti3AlC2, a = 3.072, c = 18.730 angstrom, z(C) = 0.0701, z(Ti) = 0.129: AFLOW prototype
    AB2C3_hP12_194_b_f_af (ICSD 93503; Hicks et al., npj Comput. Mater. 7, 30 (2021), 10.1038/s41524-020-00483-4).
    Ti-C 2.207 to the inner, 2.089 angstrom to the outer titanium.
    """
    return _sheet(
        TI3ALC2_A,
        [
            ("Ti", CENTRE, 0),
            ("C", UP, C_HEIGHT),
            ("C", DOWN, -C_HEIGHT),
            ("Ti", DOWN, TI_HEIGHT),
            ("Ti", UP, -TI_HEIGHT),
        ],
    )


@register("Ti3C2O2", space_group=164, sheet=True)
def ti3c2o2() -> Atoms:
    """Oxygen-terminated Ti3C2O2, P-3m1: ``Ti3C2`` with O in the hollows over the middle titanium, on both faces.

    Constructed: the hollow (no carbon right below it) is the one in which Khazaei et al., Adv. Funct. Mater. 23, 2185
    (2013), 10.1002/adfm.201202502, find oxygen; Ti-O is set to 1.98 angstrom, the long bond of anatase. Relax before
    use.
    """
    atoms = ti3c2()
    oxygen = TI_HEIGHT + np.sqrt(TI_O_BOND**2 - TI3ALC2_A**2 / 3)
    heights = atoms.positions[:, 2] - atoms.positions[0, 2]
    bare = [(atom.symbol, (atom.a, atom.b), z) for atom, z in zip(atoms, heights, strict=True)]
    return _sheet(TI3ALC2_A, [*bare, ("O", CENTRE, oxygen), ("O", CENTRE, -oxygen)])


@register("Ti3C2(OH)2", space_group=164, aliases=("Ti3C2-OH",), sheet=True)
def ti3c2oh2() -> Atoms:
    """Hydroxyl-terminated Ti3C2(OH)2, P-3m1: ``Ti3C2O2`` with H upright on every O, on both faces.

    Constructed: hydroxyl in the hollow over the middle titanium as in Khazaei et al., Adv. Funct. Mater. 23, 2185
    (2013), 10.1002/adfm.201202502; O-H is set to 0.97 angstrom, that of gaseous OH, Ti-O as in ``Ti3C2O2``. Relax
    before use.
    """
    atoms = ti3c2o2()
    heights = atoms.positions[:, 2] - atoms.positions[0, 2]
    bare = [(atom.symbol, (atom.a, atom.b), z) for atom, z in zip(atoms, heights, strict=True)]
    hydrogen = float(heights.max()) + O_H_BOND
    return _sheet(TI3ALC2_A, [*bare, ("H", CENTRE, hydrogen), ("H", CENTRE, -hydrogen)])


@register("Ti3C2F2", space_group=164, aliases=("Ti3C2-F",), sheet=True)
def ti3c2f2() -> Atoms:
    """Fluorine-terminated Ti3C2F2, P-3m1: ``Ti3C2`` with F in the hollows over the middle titanium, on both faces.

    Constructed: fluorine in the hollow over the middle titanium as in Khazaei et al., Adv. Funct. Mater. 23, 2185
    (2013), 10.1002/adfm.201202502; Ti-F is set to 2.22 angstrom, to which CHGNet
    0.3.0 relaxes it. Relax before use.
    """
    atoms = ti3c2()
    fluorine = TI_HEIGHT + np.sqrt(TI_F_BOND**2 - TI3ALC2_A**2 / 3)
    heights = atoms.positions[:, 2] - atoms.positions[0, 2]
    bare = [(atom.symbol, (atom.a, atom.b), z) for atom, z in zip(atoms, heights, strict=True)]
    return _sheet(TI3ALC2_A, [*bare, ("F", CENTRE, fluorine), ("F", CENTRE, -fluorine)])


@register("V2C", space_group=164, sheet=True)
def v2c() -> Atoms:
    """Bare V2C, P-3m1, a = 2.9107 angstrom, vanadium 1.127 angstrom from the carbon plane.

    The V2C block of V2AlC, a = 2.9107, c = 13.101 angstrom: Etzkorn, Ade, Hillebrecht, Inorg. Chem. 46, 7646 (2007),
    10.1021/ic700382y; z(V) = 0.086 of the isotypic AFLOW prototype Cr2AlC (ABC2_hP8_194_d_a_f). V-C 2.023 angstrom.
    """
    vanadium = 0.086 * 13.101
    return _sheet(2.9107, [("C", CENTRE, 0), ("V", UP, vanadium), ("V", DOWN, -vanadium)])
