"""Vanadium phosphates: cathode hosts with a framework of phosphate."""

from __future__ import annotations

from ase import Atoms
from ase.spacegroup import crystal

from .catalogue import register


@register("VPO4F", space_group=15, aliases=("tavorite-VPO4F",))
def vpo4f() -> Atoms:
    """VPO4F, tavorite LiVPO4F without its lithium, C2/c, a = 7.1553, b = 7.1014, c = 7.1160, beta = 118.089 degrees.

    Cell and space group: Ellis, Ramesh, Davis, Goward, Nazar, Chem. Mater. 23, 5138 (2011), 10.1021/cm201773n. The
    positions are NOT the published ones, which could not be found: they are those of the isotypic kieserite ZnSO4.H2O
    (Wildner and Giester, Neues Jahrb. Mineral. Monatsh. 1991, 296; AMCSD 0014855) with V, P and F for Zn, S and water,
    relaxed in that cell with CHGNet 0.3.0. Chains of VO4F2 octahedra that share F, linked by phosphate: V-O 1.895 (2)
    and 1.920 (2), V-F 1.920 (2), P-O 1.535 (2) and 1.547 (2) angstrom; 3.43 g/cm3.
    """
    return crystal(
        ["V", "P", "O", "O", "F"],
        [
            (0, 1 / 2, 0),
            (0, 0.1152, 1 / 4),
            (0.1967, 0.9882, 0.3408),
            (0.9900, 0.2441, 0.0703),
            (0, 0.6018, 1 / 4),
        ],
        spacegroup=15,
        cellpar=[7.1553, 7.1014, 7.1160, 90, 118.089, 90],
    )
