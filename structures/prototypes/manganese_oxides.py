"""Manganese oxides: tunnel and layered hosts, and the oxyhydroxides that protons make of them."""

from __future__ import annotations

from ase import Atoms
from ase.spacegroup import crystal

from .catalogue import register


@register(
    "alpha-MnO2",
    space_group=87,
    aliases=("hollandite-MnO2",),
    places={"2x2 tunnel": (0, 0, 1 / 2), "1x1 tunnel": (0, 1 / 2, 1 / 4)},
)
def alpha_mno2() -> Atoms:
    """Empty hollandite alpha-MnO2, I4/m, a = 9.815, c = 2.847 angstrom.

    AFLOW prototype AB2_tI24_87_h_2h (ICSD 20227; Hicks et al., npj Comput. Mater. 7, 30 (2021),
    10.1038/s41524-020-00483-4). Edge-sharing MnO6 octahedra around two kinds of tunnels along c; Mn-O 1.88 to 1.90
    angstrom. The 2 x 2 tunnel is widest at (0, 0, 1/2), the nearest oxygens 2.92 angstrom away; the 1 x 1 tunnel has a
    tetrahedral site at (0, 1/2, 1/4), four oxygens at 1.773 angstrom.
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


@register("gamma-MnOOH", space_group=14, aliases=("manganite", "MnOOH"))
def manganite() -> Atoms:
    """Manganite, gamma-MnOOH, P2_1/c, a = 5.304, b = 5.277, c = 5.304 angstrom, beta = 114.38 degrees.

    Kohler, Armbruster, Libowitzky, J. Solid State Chem. 133, 486 (1997), 10.1006/jssc.1997.7516 (AMCSD 0013942). Rutile
    with every second oxygen protonated: Mn-O 1.881, 1.893, 1.977, 1.982, 2.213 and 2.337, O-H 0.982, O-H...O 1.613
    angstrom; 4.32 g/cm3 (handbook: 4.3).
    """
    return crystal(
        ["Mn", "O", "O", "H"],
        [
            (-0.23684, 0.01033, 0.75464),
            (0.87520, 0.12560, 0.12060),
            (0.37490, 0.12380, 0.62790),
            (0.284, 0.027, 0.725),
        ],
        spacegroup=14,
        cellpar=[5.304, 5.277, 5.304, 90, 114.38, 90],
    )


@register("alpha-MnOOH", space_group=62, aliases=("groutite",))
def groutite() -> Atoms:
    """Groutite, alpha-MnOOH, Pnma, a = 10.667, b = 2.871, c = 4.554 angstrom.

    Kohler, Armbruster, Libowitzky, J. Solid State Chem. 133, 486 (1997), 10.1006/jssc.1997.7516 (AMCSD 0013941).
    Ramsdellite with every second oxygen protonated: Mn-O 1.894 (2), 1.965 (2), 2.174 and 2.338 angstrom; 4.19 g/cm3
    (handbook: 4.15). X-rays see the hydrogen 0.809 from its oxygen; it is moved to 0.98, the distance in manganite.
    """
    return crystal(
        ["Mn", "O", "O", "H"],
        [
            (0.14014, 1 / 4, -0.05014),
            (-0.18652, 1 / 4, 0.29890),
            (-0.07017, 1 / 4, -0.19470),
            (-0.1051, 1 / 4, 0.6063),
        ],
        spacegroup=62,
        cellpar=[10.667, 2.871, 4.554, 90, 90, 90],
    )
