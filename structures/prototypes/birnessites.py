"""Layered manganese dioxides with ions and water between the layers."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.spacegroup import crystal

from .catalogue import register
from .manganese_oxides import delta_mno2
from .water import with_water

WET_LAYERS = {("Mn", "O"): 2.2, ("O", "H"): 1.2}


@register(
    "ZnMn3O7.3H2O",
    space_group=148,
    aliases=("chalcophanite", "Zn-birnessite"),
    layer_axis=2,
    intact_bonds={("Mn", "O"): 2.2, ("Zn", "O"): 2.3, ("O", "H"): 1.2},
)
def chalcophanite() -> Atoms:
    """Chalcophanite ZnMn3O7.3H2O, hexagonal cell of R-3, a = 7.533, c = 20.794 angstrom.

    Post and Appleman, Am. Mineral. 73, 1401 (1988) (AMCSD 0001204), hydrogen placed there by energy. What zinc and
    water make of layered MnO2: one of seven Mn is missing, a Zn above and below each vacancy, a sheet of water between.
    Mn-O 1.857 to 1.967, Zn-O 2.069 (3) and to water 2.140 (3), O-H 0.930 and 1.045 angstrom; 3.86 g/cm3 (handbook:
    3.9).
    """
    return crystal(
        ["Mn", "Zn", "O", "O", "O", "O", "H", "H"],
        [
            (0.71869, 0.57771, 0.99948),
            (0, 0, 0.09997),
            (0.52784, 0.62297, 0.04721),
            (0.26077, 0.20655, 0.05048),
            (0, 0, 0.71250),
            (0.17900, 0.93107, 0.16435),
            (0.229, 0.025, 0.198),
            (0.310, 0.940, 0.144),
        ],
        spacegroup=148,
        cellpar=[7.533, 7.533, 20.794, 90, 90, 120],
    )


@register(
    "delta-MnO2.0.5H2O-stand-in",
    space_group=7,
    aliases=("delta-MnO2.nH2O-stand-in",),
    layer_axis=2,
    intact_bonds=WET_LAYERS,
)
def hydrated_delta_mno2() -> Atoms:
    """Stand-in for hydrated delta-MnO2: Mn8O16.4H2O, water in half the places between the layers of ``delta-MnO2``.

    Constructed: Post and Veblen, Am. Mineral. 75, 477 (1990) (AMCSD 0001302), find water and potassium of K-birnessite
    on (0.723, 0, 0.522), in the cell of two MnO2, and fill the place by a third to a half; here four of eight such
    places of a 2 x 2 x 1 cell hold water, whose hydrogen is constructed too. Relax before use.
    """
    return with_water(delta_mno2() * (2, 2, 1), _between_layers()[[0, 1, 5, 6]])


@register(
    "K0.25MnO2.0.75H2O-stand-in",
    space_group=1,
    aliases=("K-birnessite-stand-in",),
    layer_axis=2,
    intact_bonds=WET_LAYERS,
)
def potassium_birnessite() -> Atoms:
    """Stand-in for K-birnessite: K2Mn8O16.6H2O, potassium and water in all places between the layers of ``delta-MnO2``.

    Constructed: Lopano, Heaney, Post, Hanson, Komarneni, Am. Mineral. 92, 380 (2007) (AMCSD 0004277), refine
    K0.23MnO2.0.78H2O, its potassium and water spread over the same place, that of Post and Veblen, Am. Mineral. 75, 477
    (1990): (0.723, 0, 0.522) in the cell of two MnO2. Here they have an order, potassium far apart, in a 2 x 2 x 1
    cell; hydrogen is constructed. Manganese is Mn3.75+. Relax before use.
    """
    layers, places = delta_mno2() * (2, 2, 1), _between_layers()
    potassium, water = places[[0, 5]], places[[1, 2, 3, 4, 6, 7]]
    return with_water(layers + Atoms("K2", scaled_positions=potassium, cell=layers.cell, pbc=True), water)


def _between_layers() -> np.ndarray:
    """Return the eight places for ions and water in the 2 x 2 x 1 cell of ``delta-MnO2``, fractional."""
    places = [(0.723, 0, 0.522), (0.223, 1 / 2, 0.522)]
    return np.array([((x + i) / 2, (y + j) / 2, z) for i in (0, 1) for j in (0, 1) for x, y, z in places])
