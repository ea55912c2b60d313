"""Zinc hydroxide and basic zinc salts: what water and oxygen make of the anode, and of the electrolyte at high pH."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.build import make_supercell
from ase.geometry import cellpar_to_cell
from ase.spacegroup import crystal

from .catalogue import register
from .water import with_hydroxide, with_water


@register("Zn(OH)2", space_group=19, aliases=("epsilon-Zn(OH)2", "wulfingite"))
def zinc_hydroxide() -> Atoms:
    """Wulfingite, epsilon-Zn(OH)2, P2_12_12_1, a = 4.90855, b = 5.14641, c = 8.4880 angstrom, at 298 K.

    Jacobs, Niemann, Kockelmann, Z. Anorg. Allg. Chem. 631, 1247 (2005) (AMCSD 0015824), by neutrons on Zn(OD)2. Zn-O
    1.950 (2), 1.958 and 1.965, O-H 0.973 and 0.978, O-H...O 1.84 and 1.85 angstrom; 3.08 g/cm3 (handbook: 3.05).
    """
    return crystal(
        ["Zn", "O", "O", "H", "H"],
        [
            (0.0710, 0.6500, 0.6239),
            (0.1166, 0.1278, 0.0792),
            (0.1660, 0.3178, 0.7197),
            (0.4734, 0.3593, 0.8420),
            (0.2587, 0.8162, 0.1506),
        ],
        spacegroup=19,
        cellpar=[4.90855, 5.14641, 8.4880, 90, 90, 90],
    )


@register(
    "Zn5(OH)8Cl2.H2O",
    space_group=8,
    aliases=("simonkolleite", "ZHC"),
    layer_axis=2,
    intact_bonds={("Zn", "O"): 2.4, ("Zn", "Cl"): 2.6, ("O", "H"): 1.2},
)
def simonkolleite() -> Atoms:
    """Simonkolleite Zn5(OH)8Cl2.H2O, the hexagonal cell of R-3m, a = 6.3412, c = 23.646 angstrom.

    Hawthorne and Sokolova, Can. Mineral. 40, 939 (2002), 10.2113/gscanmin.40.3.939 (AMCSD 0005776). Sheets of Zn(OH)6
    with ZnCl(OH)3 tetrahedra on both sides, water between them: Zn-O 2.069 (2) and 2.157 (4) in octahedra, 1.950 (3) in
    tetrahedra, Zn-Cl 2.312 angstrom; 3.34 g/cm3 (measured: 3.2). The water is one molecule spread over six places (and
    its hydrogens were not found); here it stays on the first of them, its hydrogens turned to two chlorides, which
    leaves one mirror plane of the published symmetry, Cm. Relax the water before use.
    """
    hexagonal = cellpar_to_cell([6.3412, 6.3412, 23.646, 90, 90, 120])
    sheet = crystal(
        ["Zn", "Zn", "Cl", "O", "O", "H", "H"],
        [
            (1 / 2, 0, 0),
            (0, 0, 0.07172),
            (0, 0, 0.16948),
            (0.8288, 0.1712, 0.04988),
            (0, 0, 0.3741),
            (0.786, 0.214, 0.086),
            (0, 0, 0.4155),
        ],
        spacegroup=166,
        cellpar=[6.3412, 6.3412, 23.646, 90, 90, 120],
        primitive_cell=True,
    )
    water = np.array([0.969, 0.031, 0.502]) @ hexagonal @ np.linalg.inv(sheet.cell.array)
    hydrated = with_water(sheet, water[None])
    return make_supercell(hydrated, np.rint(hexagonal @ np.linalg.inv(sheet.cell.array)).astype(int))


@register(
    "Zn4SO4(OH)6.4H2O",
    space_group=1,
    aliases=("namuwite", "ZHS"),
    layer_axis=2,
    intact_bonds={("Zn", "O"): 2.5, ("S", "O"): 1.6, ("O", "H"): 1.2},
)
def namuwite() -> Atoms:
    """Namuwite Zn4SO4(OH)6.4H2O, a zinc sulfate hydroxide, cell of P-3, a = 8.330, c = 10.540 angstrom.

    Groat, Am. Mineral. 81, 238 (1996) (AMCSD 0001775), of a mineral with some copper in the place of zinc. Sheets of
    Zn(OH)6 octahedra and Zn(OH)3(OH2) tetrahedra, sulfate on their outside. Hydrogen was not found: that of hydroxide
    is put away from its zinc, that of water towards acceptors, which breaks the three-fold axis. Relax the hydrogen
    before use. Batteries hold hydrates with other amounts of water, Zn4SO4(OH)6.nH2O, n = 0 to 5, of like layers.
    """
    framework = crystal(
        ["Zn", "Zn", "S", "O", "O", "O", "O"],
        [
            (0, 0, 0.1672),
            (0.1318, 0.7134, 0.0006),
            (2 / 3, 1 / 3, 0.2768),
            (2 / 3, 1 / 3, 0.1429),
            (0.8282, 0.5007, 0.3239),
            (-0.3730, 0.1083, -0.0861),
            (-0.1891, 0.0609, 0.1169),
        ],
        spacegroup=147,
        cellpar=[8.330, 8.330, 10.540, 90, 90, 120],
    )
    hydroxide = list(range(len(framework) - 12, len(framework)))
    water = crystal(
        ["O", "O"],
        [(0, 0, 0.3519), (0.7173, 0.1077, 0.6031)],
        spacegroup=147,
        cellpar=[8.330, 8.330, 10.540, 90, 90, 120],
    )
    return with_water(with_hydroxide(framework, hydroxide), water.get_scaled_positions())
