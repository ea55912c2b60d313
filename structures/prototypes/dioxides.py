"""Dioxides of silicon, titanium and zirconium: coatings of anodes and cathodes."""

from __future__ import annotations

from ase import Atoms
from ase.spacegroup import crystal

from .catalogue import register


@register("rutile-TiO2", space_group=136, aliases=("rutile",))
def rutile() -> Atoms:
    """Rutile TiO2, P4_2/mnm, a = 4.5937, c = 2.9587 angstrom, x(O) = 0.30478.

    Howard, Sabine, Dickson, Acta Cryst. B47, 462 (1991), 10.1107/S010876819100335X (AMCSD 0019092). Ti-O 1.949 (4) and
    1.980 (2) angstrom; 4.25 g/cm3 (handbook: 4.23).
    """
    return crystal(
        ["Ti", "O"],
        [(0, 0, 0), (0.30478, 0.30478, 0)],
        spacegroup=136,
        cellpar=[4.5937, 4.5937, 2.9587, 90, 90, 90],
    )


@register("alpha-quartz", space_group=152, aliases=("quartz", "SiO2", "quartz-SiO2"))
def quartz() -> Atoms:
    """Right-handed alpha-quartz, P3_121, a = 4.914, c = 5.406 angstrom.

    Hazen, Finger, Hemley, Mao, Solid State Commun. 72, 507 (1989), 10.1016/0038-1098(89)90607-8; the AFLOW prototype
    A2B_hP9_152_c_a (10.1016/j.commatsci.2017.01.017) has the same. Si-O 1.606 (2) and 1.612 (2) angstrom; 2.65 g/cm3
    (handbook: 2.65).
    """
    return crystal(
        ["Si", "O"],
        [(0.4699, 0, 1 / 3), (0.4130, 0.2668, 0.2140)],
        spacegroup=152,
        cellpar=[4.914, 4.914, 5.406, 90, 90, 120],
    )


@register("alpha-cristobalite", space_group=92, aliases=("cristobalite", "cristobalite-SiO2"))
def cristobalite() -> Atoms:
    """Low cristobalite, P4_12_12, a = 4.9709, c = 6.9278 angstrom, at 296 K.

    Pluth, Smith, Faber, J. Appl. Phys. 57, 1045 (1985), 10.1063/1.334545 (AMCSD 0012929). Si-O 1.598 (2) and 1.606 (2)
    angstrom; 2.33 g/cm3 (handbook: 2.33).
    """
    return crystal(
        ["Si", "O"],
        [(0.3005, 0.3005, 0), (0.2392, 0.1037, 0.1786)],
        spacegroup=92,
        cellpar=[4.9709, 4.9709, 6.9278, 90, 90, 90],
    )


@register("monoclinic-ZrO2", space_group=14, aliases=("ZrO2", "baddeleyite", "m-ZrO2"))
def baddeleyite() -> Atoms:
    """Baddeleyite ZrO2, P2_1/c, a = 5.1505, b = 5.2116, c = 5.3173 angstrom, beta = 99.23 degrees, at 295 K.

    Howard, Hill, Reichert, Acta Cryst. B44, 116 (1988), 10.1107/S0108768187010279 (AMCSD 0019229). Zr has seven
    oxygens, 2.052 to 2.267 angstrom; 5.81 g/cm3 (handbook: 5.68 to 5.85).
    """
    return crystal(
        ["Zr", "O", "O"],
        [(0.2754, 0.0395, 0.2083), (0.0700, 0.3317, 0.3447), (0.4496, 0.7569, 0.4792)],
        spacegroup=14,
        cellpar=[5.1505, 5.2116, 5.3173, 90, 99.23, 90],
    )


@register("tetragonal-ZrO2", space_group=137, aliases=("t-ZrO2",))
def tetragonal_zirconia() -> Atoms:
    """Tetragonal ZrO2, P4_2/nmc (origin 2), a = 3.6055, c = 5.1797 angstrom, z(O) = 0.4587, at 295 K.

    Howard, Hill, Reichert, Acta Cryst. B44, 116 (1988), 10.1107/S0108768187010279 (AMCSD 0019230), who stabilise it
    with 6.5 percent Y in the place of Zr; built without. Zr-O 2.102 (4) and 2.351 (4) angstrom; 6.08 g/cm3. The
    (220) that papers name is the (200) of this cell, which is that of fluorite turned by 45 degrees.
    """
    return crystal(
        ["Zr", "O"],
        [(3 / 4, 1 / 4, 3 / 4), (1 / 4, 1 / 4, 0.4587)],
        spacegroup=137,
        setting=2,
        cellpar=[3.6055, 3.6055, 5.1797, 90, 90, 90],
    )
