"""Finite pieces of vanadium oxide, cut from a crystal, whose open bonds can hold to a support."""

from __future__ import annotations

from ase import Atoms

from ..prototypes import prototype

VANADIUM = (1, 2, 5, 6)
"""Sites of the block of four edge-sharing octahedra in the cell of ``VO2(B)``."""
OXYGEN = ((9, 13, 14, 16, 17, 18, 21, 22), (9, 13, 14, 17, 18, 21, 22), (21,))
"""Oxygen sites around two such blocks, by cell along b."""


def v8o16() -> Atoms:
    """Two blocks of four edge-sharing octahedra of VO2(B), neighbours along b, with the oxygen that makes it neutral.

    Constructed. The papers print no coordinates of their V8O16. This is a piece of the crystal at its published
    positions: every vanadium keeps at least four of its oxygen atoms and every oxygen at least one vanadium, and 16 of
    all oxygen atoms around the eight vanadium atoms are kept.

    It was chosen for its bonds: of 1105 compact pieces twenty were ranked by how they can stand on graphene, and ten of
    these were put on it in twelve ways and relaxed for up to 80 steps with CHGNet 0.3.0, most of them not to the end.
    This one kept three of its four V-O-C bonds, no other more than two. It is not the lowest V8O16 on graphene: one
    that lost all its bonds was 4 eV lower when its steps ran out.

    Returns:
        24 atoms without a cell, vanadium first.
    """
    crystal = prototype("VO2(B)")
    along = crystal.cell.array[1]
    piece = Atoms()
    for cell in range(2):
        block = crystal[list(VANADIUM)]
        block.translate(cell * along)
        piece += block
    for cell, sites in enumerate(OXYGEN):
        around = crystal[list(sites)]
        around.translate(cell * along)
        piece += around
    piece.set_cell(None)
    piece.pbc = False
    piece.info = {"charge": 0}
    return piece
