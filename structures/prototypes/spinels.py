"""Spinels with zinc on the tetrahedral sites: what cathodes become, coatings of anodes, and hosts themselves."""

from __future__ import annotations

from ase import Atoms
from ase.spacegroup import crystal

from .catalogue import register


def _spinel(metal: str, a: float, u: float) -> Atoms:
    """Build ZnM2O4, Fd-3m, origin at the centre of inversion: Zn at 1/8, M at 1/2, O at (u, u, u)."""
    return crystal(
        ["Zn", metal, "O"],
        [(1 / 8, 1 / 8, 1 / 8), (1 / 2, 1 / 2, 1 / 2), (u, u, u)],
        spacegroup=227,
        setting=2,
        cellpar=[a, a, a, 90, 90, 90],
    )


@register("ZnMn2O4", space_group=141, aliases=("hetaerolite",))
def hetaerolite() -> Atoms:
    """Hetaerolite ZnMn2O4, tetragonal as hausmannite, I4_1/amd, a = 5.722, c = 9.236 angstrom.

    Nogues and Poix, Ann. Chim. 7, 301 (1972) (AMCSD 0012015); the AFLOW prototype A2B4C_tI28_141_d_h_a (ICSD 15305;
    Hicks et al., npj Comput. Mater. 7, 30 (2021), 10.1038/s41524-020-00483-4) has the same. Zn-O 2.004 (4), Mn-O 1.935
    (4) and 2.211 (2) angstrom: octahedra stretched by the Jahn-Teller effect of Mn(III); 5.26 g/cm3 (handbook: 5.18).
    """
    return crystal(
        ["Zn", "Mn", "O"],
        [(0, 0, 0), (0, 1 / 4, 5 / 8), (0, 0.227, 0.386)],
        spacegroup=141,
        cellpar=[5.722, 5.722, 9.236, 90, 90, 90],
    )


@register("ZnCr2O4", space_group=227, aliases=("zincochromite",))
def zincochromite() -> Atoms:
    """Zincochromite ZnCr2O4, Fd-3m, a = 8.3271 angstrom, u = 0.2614.

    O'Neill and Dollase, Phys. Chem. Miner. 20, 541 (1994), 10.1007/BF00211850 (AMCSD 0007770). Zn-O 1.967 (4), Cr-O
    1.991 (6) angstrom; 5.37 g/cm3.
    """
    return _spinel("Cr", 8.3271, 0.2614)


@register("ZnAl2O4", space_group=227, aliases=("gahnite",))
def gahnite() -> Atoms:
    """Gahnite ZnAl2O4, Fd-3m, a = 8.0865 angstrom, u = 0.2637.

    O'Neill and Dollase, Phys. Chem. Miner. 20, 541 (1994), 10.1007/BF00211850 (AMCSD 0007782). Zn-O 1.943 (4), Al-O
    1.917 (6) angstrom; 4.61 g/cm3 (handbook: 4.6).
    """
    return _spinel("Al", 8.0865, 0.2637)


@register("ZnV2O4", space_group=227)
def zinc_vanadium_spinel() -> Atoms:
    """Spinel ZnV2O4, Fd-3m, a = 8.409 angstrom, u = 0.26.

    Reuter, Riedel, Hug, Arndt, Geisler, Behnke, Z. Anorg. Allg. Chem. 369, 306 (1969) (AMCSD 0015776), whose 0.385
    counts from a tetrahedral site. Zn-O 1.966 (4), V-O 2.022 (6) angstrom; 5.17 g/cm3.
    """
    return _spinel("V", 8.409, 0.26)


@register("ZnCo2O4", space_group=227)
def zinc_cobalt_spinel() -> Atoms:
    """Spinel ZnCo2O4, Fd-3m, a = 8.0673 angstrom, u = 0.2640: computed, not refined.

    Cell and positions of the full spinel as R. Devi, A. Balasubramanian, K. Butler and G. Sai Gautam, arXiv:2508.06459
    (2025), relax it by density-functional theory, idealised. Zn-O 1.943 (4), Co-O 1.910 (6) angstrom; 6.26 g/cm3.
    """
    return _spinel("Co", 8.0673, 0.2640)


@register("ZnNi2O4", space_group=227)
def zinc_nickel_spinel() -> Atoms:
    """Spinel ZnNi2O4, Fd-3m, a = 8.1829 angstrom, u = 0.2629: computed, and known from computation alone.

    Cell and positions of the full spinel as R. Devi, A. Balasubramanian, K. Butler and G. Sai Gautam, arXiv:2508.06459
    (2025), relax it by density-functional theory, idealised. Zn-O 1.955 (4), Ni-O 1.946 (6) angstrom; 5.98 g/cm3.
    """
    return _spinel("Ni", 8.1829, 0.2629)
