"""Halides: coatings of the anode, and what iodine cathodes turn into."""

from __future__ import annotations

from ase import Atoms
from ase.spacegroup import crystal

from .catalogue import register


@register("CuI", space_group=216, aliases=("gamma-CuI", "marshite"))
def copper_iodide() -> Atoms:
    """Zincblende CuI (gamma), F-43m, a = 6.0545 angstrom.

    Hull and Keen, Phys. Rev. B 50, 5868 (1994), 10.1103/PhysRevB.50.5868 (AMCSD 0015180). Cu-I 2.622 angstrom, four
    each way; 5.70 g/cm3 (handbook: 5.67).
    """
    return crystal(["Cu", "I"], [(0, 0, 0), (1 / 4, 1 / 4, 1 / 4)], spacegroup=216, cellpar=[6.0545] * 3 + [90] * 3)


@register("InF3-stand-in", space_group=167)
def indium_fluoride() -> Atoms:
    """Stand-in for InF3, type of AlF3 and FeF3, R-3c, a = 5.280, c = 14.956 angstrom, x(F) = 0.357: computed.

    That InF3 is of this type is published (Hoppe and Kissel, J. Fluorine Chem. 24, 327 (1984)); its cell and position
    could not be found. They are those that AlF3 (AFLOW and AMCSD 0013259) relaxes to with In in the place of Al under
    CHGNet 0.3.0. Octahedra that share corners, six In-F of 2.109 angstrom; 4.74 g/cm3 (handbook: 4.39).
    """
    return crystal(
        ["In", "F"],
        [(0, 0, 0), (0.357, 0, 1 / 4)],
        spacegroup=167,
        cellpar=[5.280, 5.280, 14.956, 90, 90, 120],
    )


@register("ZnI2-stand-in", space_group=137, layer_axis=2, intact_bonds={("Zn", "I"): 3.0})
def zinc_iodide() -> Atoms:
    """Stand-in for ZnI2: red HgI2 type, P4_2/nmc (origin 2), a = 4.343, c = 11.77 angstrom, z(I) = 0.121.

    ZnI2 is I4_1/acd, a = 12.284, c = 23.54 angstrom, with 32 ZnI4 tetrahedra that share corners four by four: Fourcroy,
    Carre, Rivet, Acta Cryst. B34, 3160 (1978); its positions could not be found. Built is its subcell, a/(2 sqrt 2) and
    c/2, with the other way in which tetrahedra in close-packed iodine share all corners, in layers; z(I) is what
    CHGNet 0.3.0 relaxes it to. Zn-I 2.650 (4) angstrom; 4.77 g/cm3 (handbook: 4.74).
    """
    return crystal(
        ["Zn", "I"],
        [(3 / 4, 1 / 4, 3 / 4), (1 / 4, 1 / 4, 0.121)],
        spacegroup=137,
        setting=2,
        cellpar=[4.343, 4.343, 11.77, 90, 90, 90],
    )
