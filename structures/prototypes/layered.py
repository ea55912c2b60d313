"""Layered sulfides and selenides: hosts held together by van der Waals forces along c."""

from __future__ import annotations

from ase import Atoms
from ase.spacegroup import crystal

from .catalogue import register

S_H_BOND = 1.336
"""Bond length of gaseous H2S, angstrom (Herzberg, Molecular Spectra and Molecular Structure III, 1966)."""


@register("2H-MoS2", space_group=194, aliases=("MoS2", "molybdenite"), layer_axis=2, intact_bonds={("Mo", "S"): 2.7})
def mos2() -> Atoms:
    """Molybdenite 2H-MoS2, P6_3/mmc, a = 3.160, c = 12.294 angstrom, z(S) = 0.621.

    Bronsema, De Boer, Jellinek, Z. Anorg. Allg. Chem. 540, 15 (1986). Trigonal prisms with six Mo-S of 2.417 angstrom.
    The AFLOW prototype of this structure (AB2_hP6_194_c_f) has z(S) = 0.6275, which would make Mo-S 2.37 angstrom.
    """
    return crystal(
        ["Mo", "S"],
        [(1 / 3, 2 / 3, 1 / 4), (1 / 3, 2 / 3, 0.621)],
        spacegroup=194,
        cellpar=[3.160, 3.160, 12.294, 90, 90, 120],
    )


@register("H-MoS2", space_group=186, aliases=("2H-MoS2-H",), layer_axis=2, intact_bonds={("Mo", "S"): 2.7})
def mos2_with_hydrogen() -> Atoms:
    """2H-MoS2 with hydrogen inserted beforehand: H2Mo8S16, one H in each gallery of a 2 x 2 x 1 cell, P6_3mc.

    Constructed, as no positions are published: each H is bound to one S, 1.336 angstrom above it along c, in the
    tetrahedral site that this S forms with three S of the next layer (2.45 angstrom away); the two H of the cell lie on
    different layers and the 6_3 axis maps them. H0.25MoS2 is a choice, not a measured content. The host keeps the cell
    of ``2H-MoS2``; relax before use.
    """
    host = mos2() * (2, 2, 1)
    height = 0.379 + S_H_BOND / host.cell.lengths()[2]
    sites = [(1 / 3, 1 / 6, height), (2 / 3, 5 / 6, height + 1 / 2)]
    return host + Atoms("H2", scaled_positions=sites, cell=host.cell, pbc=True)


@register("1T-TiS2", space_group=164, aliases=("TiS2",), layer_axis=2, intact_bonds={("Ti", "S"): 2.7})
def tis2() -> Atoms:
    """1T-TiS2, P-3m1, a = 3.4073, c = 5.6953 angstrom, z(S) = 1/4.

    Chianelli, Scanlon, Thompson, Mater. Res. Bull. 10, 1379 (1975); the sulfur height is the ideal one of the CdI2 type
    (AFLOW prototype AB2_hP3_164_a_d). Octahedra with six Ti-S of 2.428 angstrom.
    """
    return crystal(
        ["Ti", "S"],
        [(0, 0, 0), (1 / 3, 2 / 3, 1 / 4)],
        spacegroup=164,
        cellpar=[3.4073, 3.4073, 5.6953, 90, 90, 120],
    )


@register("SnS2", space_group=164, aliases=("berndtite", "1T-SnS2"), layer_axis=2, intact_bonds={("Sn", "S"): 2.8})
def sns2() -> Atoms:
    """Berndtite-2T SnS2, P-3m1, a = 3.638, c = 5.880 angstrom, z(S) = 1/4.

    Hazen and Finger, Am. Mineral. 63, 289 (1978) (AMCSD 0000625). Octahedra with six Sn-S of 2.564 angstrom; 4.51 g/cm3
    (handbook: 4.5).
    """
    return crystal(
        ["Sn", "S"],
        [(0, 0, 0), (1 / 3, 2 / 3, 1 / 4)],
        spacegroup=164,
        cellpar=[3.638, 3.638, 5.880, 90, 90, 120],
    )


@register("1T-VSe2", space_group=164, aliases=("VSe2",), layer_axis=2, intact_bonds={("V", "Se"): 2.8})
def vse2() -> Atoms:
    """1T-VSe2, P-3m1, a = 3.356, c = 6.104 angstrom, z(Se) = 0.257.

    Rigoult, Guidi-Morosini, Tomas, Molinie, Acta Cryst. B38, 1557 (1982). Octahedra with six V-Se of 2.49 angstrom. The
    space group, and the cell within 0.3 percent, are those of later powder diffraction at ambient pressure: Pal et al.,
    Phys. Rev. B 104, 014108 (2021), 10.1103/PhysRevB.104.014108. The height of Se has no second source.
    """
    return crystal(
        ["V", "Se"],
        [(0, 0, 0), (1 / 3, 2 / 3, 0.257)],
        spacegroup=164,
        cellpar=[3.356, 3.356, 6.104, 90, 90, 120],
    )
