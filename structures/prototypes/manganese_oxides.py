"""Manganese dioxides: tunnel and layered hosts."""

from __future__ import annotations

from ase import Atoms
from ase.spacegroup import crystal

from .catalogue import register


@register("alpha-MnO2", space_group=87, aliases=("hollandite-MnO2",))
def alpha_mno2() -> Atoms:
    """Empty hollandite alpha-MnO2, I4/m, a = 9.815, c = 2.847 angstrom.

    AFLOW prototype AB2_tI24_87_h_2h (ICSD 20227; Hicks et al., npj Comput. Mater. 7, 30 (2021),
    10.1038/s41524-020-00483-4). Edge-sharing MnO6 octahedra around 2 x 2 tunnels along c; Mn-O 1.88 to 1.90 angstrom.
    """
    return crystal(
        ["Mn", "O", "O"],
        [(0.83, 0.65, 0), (0.795, 0.84, 0), (0.542, 0.84, 0)],
        spacegroup=87,
        cellpar=[9.815, 9.815, 2.847, 90, 90, 90],
    )


@register("delta-MnO2", space_group=12, aliases=("birnessite", "d-MnO2"), layer_axis=2, intact_bonds={("Mn", "O"): 2.2})
def delta_mno2() -> Atoms:
    """Layered delta-MnO2: the layers of K-birnessite without interlayer K and water, C2/m.

    a = 5.1371, b = 2.8476, c = 7.2131 angstrom, beta = 100.75 degrees, O at (0.3717, 0, 0.1348): Lopano, Heaney, Post,
    Hanson, Komarneni, Am. Mineral. 92, 380 (2007) (AMCSD 0004277), who refine a cell that is triclinic by 0.3 degrees
    and y(O) = 0.033. Both are set to the monoclinic values here, in the space group that Post and Veblen, Am. Mineral.
    75, 477 (1990), give birnessites. The layer spacing of 7.09 angstrom is that of the hydrated mineral: nothing but
    the missing water holds it open.
    """
    return crystal(
        ["Mn", "O"],
        [(0, 0, 0), (0.3717, 0, 0.1348)],
        spacegroup=12,
        cellpar=[5.1371, 2.8476, 7.2131, 90, 100.75, 90],
    )
