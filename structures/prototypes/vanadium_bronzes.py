"""Vanadium pentoxides with room between their layers, empty, hydrated or filled: delta, bilayers, bronzes."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.spacegroup import crystal

from .catalogue import register
from .water import with_water

N_H_BOND = 1.03
"""Of ammonium, angstrom."""


@register("delta-V2O5", space_group=63, aliases=("d-V2O5",), layer_axis=1, intact_bonds={("V", "O"): 2.2})
def delta_v2o5() -> Atoms:
    """Delta-V2O5, Cmcm, a = 3.571, b = 10.665, c = 11.486 angstrom: computed, as empty delta-V2O5 has not been made.

    The host of delta-V2O5 with one Zn for eight V2O5 as R. Devi, A. Balasubramanian, K. Butler and G. Sai Gautam,
    arXiv:2508.06459 (2025), relax it by density-functional theory, averaged to the symmetry of delta-MgV2O5 (Millet,
    Satto, Sciau, Galy, J. Solid State Chem. 136, 56 (1998)) from which it departs by 0.11 angstrom on the mean. Layers
    as in alpha-V2O5, every second one shifted by a/2: V=O 1.593, V-O 1.810, 1.894 (2) and 2.032 angstrom.
    """
    return crystal(
        ["V", "O", "O", "O"],
        [(0, 0.7942, 0.6027), (0, 0.2661, 1 / 4), (0, 0.9427, 0.6179), (0, 0.7534, 0.4299)],
        spacegroup=63,
        cellpar=[3.571, 10.665, 11.486, 90, 90, 90],
    )


@register("delta-ZnV2O5", space_group=63, aliases=("ZnV2O5", "d-ZnV2O5"))
def delta_znv2o5() -> Atoms:
    """Delta-ZnV2O5, Cmcm, a = 3.624, b = 10.234, c = 11.417 angstrom: computed, not refined.

    Cell and positions as R. Devi, A. Balasubramanian, K. Butler and G. Sai Gautam, arXiv:2508.06459 (2025), relax it by
    density-functional theory with one of twelve Zn missing, averaged to the symmetry of the isotypic delta-MgV2O5
    (Millet, Satto, Sciau, Galy, J. Solid State Chem. 136, 56 (1998); AFLOW prototype AB5C2_oC32_63_c_c2f_f, ICSD 50979;
    Hicks et al., npj Comput. Mater. 7, 30 (2021), 10.1038/s41524-020-00483-4: a = 3.691, b = 9.971, c = 11.017). V=O
    1.647, V-O 1.937 (2), 1.974 and 1.983, Zn-O 2.031 (2), 2.084 (2) and 2.466 (2) angstrom; 3.88 g/cm3.
    """
    return crystal(
        ["Zn", "V", "O", "O", "O"],
        [
            (0, 0.903, 1 / 4),
            (0, 0.7935, 0.5992),
            (0, 0.3025, 1 / 4),
            (0, 0.9509, 0.6293),
            (0, 0.7662, 0.4280),
        ],
        spacegroup=63,
        cellpar=[3.624, 10.234, 11.417, 90, 90, 90],
    )


@register("bilayer-V2O5", space_group=12, aliases=("straczekite-V2O5",), layer_axis=2, intact_bonds={("V", "O"): 2.6})
def bilayer_v2o5() -> Atoms:
    """Double layers of V2O5, as in Ca0.6V2O5 without its Ca, C2/m, a = 11.805, b = 3.709, c = 9.270, beta = 101.87.

    Kutoglu, Z. Kristallogr. 162, 263 (1983) (AMCSD 0010852), the straczekite type, also called delta-AxV2O5: the double
    layers of most hydrated and ammonium vanadates. V=O 1.64, six V-O to 2.36 angstrom; layers 9.07 angstrom apart,
    which nothing but the missing ions holds open.
    """
    return crystal(
        ["V", "V", "O", "O", "O", "O", "O"],
        [
            (0.09160, 0, 0.15567),
            (0.29031, 1 / 2, 0.15258),
            (0.12030, 0, 0.33630),
            (0.11980, 1 / 2, 0.12690),
            (0.25400, 0, 0.10620),
            (0.43850, 1 / 2, 0.10390),
            (0.32690, 1 / 2, 0.33260),
        ],
        spacegroup=12,
        cellpar=[11.805, 3.709, 9.270, 90, 101.87, 90],
    )


@register(
    "V2O5.nH2O-stand-in",
    space_group=8,
    aliases=("V5O12.6H2O-stand-in",),
    layer_axis=2,
    intact_bonds={("V", "O"): 2.6, ("O", "H"): 1.2},
)
def hydrated_v2o5() -> Atoms:
    """Stand-in for V2O5.nH2O and V5O12.6H2O: V8O20.2H2O, water between the double layers of fernandinite.

    Of V2O5.nH2O and of V5O12.6H2O (navajoite) cells are published, but no positions that could be found. The double
    layers and their cell, a = 11.680, b = 3.6537, c = 11.023 angstrom, beta = 105.00, layers 10.65 apart, are those of
    fernandinite, (Ca,Na,K)0.9V8O20.4H2O: Evans, Post, Ross, Nelen, Can. Mineral. 32, 339 (1994) (AMCSD 0005363), V=O
    1.56 and 1.60, six V-O to 2.53 angstrom. The oxygen of water is put on half of (0.061, 0, 0.506), the fuller of the
    two places between the layers that cations and water share there; hydrogen is constructed. All vanadium is V(V),
    where V5O12 has one V(IV) in five. Relax before use.
    """
    layers = crystal(
        ["V", "V", "O", "O", "O", "O", "O"],
        [
            (0.8018, 0, 0.1370),
            (0.0982, 0, 0.1378),
            (0.9460, 0, 0.0960),
            (0.8490, 0, 0.2830),
            (0.6290, 0, 0.1200),
            (0.2740, 0, 0.1000),
            (0.1100, 0, 0.2860),
        ],
        spacegroup=12,
        cellpar=[11.680, 3.6537, 11.023, 90, 105.00, 90],
    )
    return with_water(layers, np.array([(0.061, 0, 0.506), (0.561, 1 / 2, 0.506)]))


@register(
    "NH4V4O10-stand-in",
    space_group=5,
    layer_axis=2,
    intact_bonds={("V", "O"): 2.6, ("N", "H"): 1.2},
)
def ammonium_vanadate() -> Atoms:
    """Stand-in for NH4V4O10: ammonium between the double layers of ``bilayer-V2O5``, in the published cell.

    No positions of NH4V4O10 could be found; its cell is monoclinic, a = 11.71, b = 3.66, c = 9.72 angstrom, beta =
    101.0 (powder diffraction file 31-0075, as papers on cathodes quote it), that of ``bilayer-V2O5`` but for layers
    that are 0.47 angstrom farther apart. N is put on (0, 1/2, 1/2), the place of Ca(1), one for four V, its N-H of 1.03
    angstrom in pairs in planes at right angles. V=O 1.64, six V-O to 2.36 angstrom. Relax before use.
    """
    layers = bilayer_v2o5()
    spacing = layers.cell[2, 2]
    fractional = layers.get_scaled_positions()
    fractional[:, 2] -= np.rint(fractional[:, 2])
    layers.set_cell([11.71, 3.66, 9.72, 90, 101.0, 90])
    fractional[:, 2] *= spacing / layers.cell[2, 2]
    layers.set_scaled_positions(fractional)
    step = N_H_BOND / np.sqrt(3)
    normal = np.cross(layers.cell[0], layers.cell[1])
    normal /= np.linalg.norm(normal)
    along_a, along_b = layers.cell[0] / layers.cell.lengths()[0], np.array([0, 1, 0])
    corners = np.array([(1, 1, 1), (-1, 1, -1), (1, -1, -1), (-1, -1, 1)]) * step @ np.array([along_a, along_b, normal])
    for place in [(0, 1 / 2, 1 / 2), (1 / 2, 0, 1 / 2)]:
        nitrogen = np.array(place) @ layers.cell.array
        layers += Atoms("NH4", positions=[nitrogen, *(nitrogen + corners)])
    return layers
