"""Vanadium oxides: cathode hosts."""

from __future__ import annotations

from ase import Atoms
from ase.spacegroup import crystal

from .catalogue import register


@register("alpha-V2O5", space_group=59, aliases=("V2O5", "a-V2O5"), layer_axis=2, intact_bonds={("V", "O"): 2.1})
def alpha_v2o5() -> Atoms:
    """Layered alpha-V2O5, Pmmn (origin 2), a = 11.512, b = 3.564, c = 4.368 angstrom.

    Enjalbert and Galy, Acta Cryst. C42, 1467 (1986), 10.1107/S0108270186091825; the AFLOW prototype A5B2_oP14_59_a2e_e
    (ICSD 60767) in the axes of the paper: layers stack along c, the open channels run along b. Each V has five oxygens,
    V=O 1.58 and 1.78, 1.88 (2), 2.02 angstrom; the sixth, at 2.79 angstrom, belongs to the next layer.
    """
    return crystal(
        ["V", "O", "O", "O"],
        [(0.10118, 1 / 4, 0.8917), (0.1043, 1 / 4, 0.531), (-0.0689, 1 / 4, 0.003), (1 / 4, 1 / 4, 0.001)],
        spacegroup=59,
        setting=2,
        cellpar=[11.512, 3.564, 4.368, 90, 90, 90],
    )


@register("VO2(B)", space_group=12, aliases=("VO2-B", "VO2_B", "VO2B"))
def vo2_b() -> Atoms:
    """Monoclinic VO2(B), C2/m, a = 12.093, b = 3.7021, c = 6.433 angstrom, beta = 106.97 degrees.

    Oka, Yao, Yamamoto, J. Solid State Chem. 105, 271 (1993), 10.1006/jssc.1993.1216. Positions of the AFLOW prototype
    A2B_mC24_12_4i_2i, third entry (ICSD 73855; Hicks et al., npj Comput. Mater. 7, 30 (2021),
    10.1038/s41524-020-00483-4), taken from its axes to those of the paper, (-a, -b, a + c). Edge-sharing VO6 octahedra
    with tunnels along b; V-O 1.73 to 2.33 angstrom.
    """
    return crystal(
        ["V", "V", "O", "O", "O", "O"],
        [
            (0.3010, 0, 0.7214),
            (0.3995, 0, 0.3145),
            (0.3601, 0, 0),
            (0.2338, 0, 0.3436),
            (0.4432, 0, 0.6496),
            (0.1212, 0, 0.6928),
        ],
        spacegroup=12,
        cellpar=[12.093, 3.7021, 6.433, 90, 106.97, 90],
    )


@register("VO2(R)", space_group=136, aliases=("VO2-R", "VO2_R", "VO2R"))
def vo2_r() -> Atoms:
    """Rutile VO2(R), P4_2/mnm, a = 4.5546, c = 2.8514 angstrom, x(O) = 0.3001, at 360 K.

    McWhan, Marezio, Remeika, Dernier, Phys. Rev. B 10, 490 (1974), 10.1103/PhysRevB.10.490. V-O 1.921 (4) and
    1.933 (2) angstrom, one V-V distance of 2.851 angstrom along c.
    """
    return crystal(
        ["V", "O"],
        [(0, 0, 0), (0.3001, 0.3001, 0)],
        spacegroup=136,
        cellpar=[4.5546, 4.5546, 2.8514, 90, 90, 90],
    )


@register(
    "H2V3O8",
    space_group=62,
    aliases=("V3O7.H2O", "V3O7-H2O"),
    layer_axis=0,
    intact_bonds={("V", "O"): 2.45, ("O", "H"): 1.2},
)
def h2v3o8() -> Atoms:
    """Layered H2V3O8 (V3O7.H2O), Pnam (No. 62), a = 16.9298, b = 9.3589, c = 3.64432 angstrom, Z = 4.

    Published are the cell, the space group, V and O on the mirror planes, and layers of VO6 octahedra and VO5 trigonal
    bipyramids that stack along a and are held by hydrogen bonds: Oka, Yao, Yamamoto, J. Solid State Chem. 89, 372
    (1990). The positions are NOT the published ones: they are the result of a structure search in that cell and space
    group, relaxed with CHGNet 0.3.0. Replace them for production work by a refined structure, e.g. that of Schoiber et
    al., Acta Cryst. B78, 637 (2022), 10.1107/S2052520622006473.

    The search: random starts brought down with bond valences and a fitted pair potential, about 1200 candidates
    screened with CHGNet, 159 distinct layered frameworks relaxed, the lowest 110 with the water molecule both in the
    mirror plane and across it. This one was reached from seven independent starts and lies 0.1 eV per H2V3O8 below
    the next layered one. A framework that, against the published description, is not layered lies lower still, by
    0.05 eV in the published cell and 0.10 eV (8 meV per atom) in the relaxed ones; CHGNet, with a mean error of 30 meV
    per atom (Deng et al., Nat. Mach. Intell. 5, 1031 (2023), 10.1038/s42256-023-00716-3), cannot decide that.

    V-O: VO5 1.60 to 2.01 (a sixth at 2.68), VO6 1.62 to 2.33, and VO4(OH2) with V=O 1.66, V-OH2 2.04 and a sixth at
    2.39 angstrom. Its bond-valence sum (3.9; the others 4.6) makes the third one V4+. The mirror maps the two H of the
    water molecule onto each other; each bonds to the vanadyl oxygen of the next layer, O...H 1.73 angstrom.
    """
    standard = crystal(
        ["V"] * 3 + ["O"] * 8 + ["H"],
        [
            (0.0526, 1 / 4, 0.4060),
            (0.9546, 1 / 4, 0.1235),
            (0.1567, 1 / 4, 0.0689),
            (0.0615, 1 / 4, 0.2092),
            (0.1417, 1 / 4, 0.4642),
            (0.9797, 1 / 4, 0.5760),
            (0.0393, 1 / 4, 0.9275),
            (0.8685, 1 / 4, 0.9871),
            (0.9110, 1 / 4, 0.2782),
            (0.2261, 1 / 4, 0.1940),
            (0.2182, 1 / 4, 0.8809),
            (0.2368, 0.4655, 0.8257),
        ],
        spacegroup=62,
        cellpar=[16.9298, 3.64432, 9.3589, 90, 90, 90],
    )
    pnam = standard.get_scaled_positions()[:, [0, 2, 1]]
    return Atoms(standard.symbols, scaled_positions=pnam, cell=[16.9298, 9.3589, 3.64432], pbc=True)


@register("V2O3", space_group=167, aliases=("karelianite", "corundum-V2O3"))
def v2o3() -> Atoms:
    """Corundum V2O3, metallic, R-3c, hexagonal axes a = 4.9588, c = 14.0215 angstrom, z(V) = 0.346, x(O) = 0.3119.

    The AFLOW prototype A2B3_hR10_167_c_e (ICSD 94768; Hicks et al., npj Comput. Mater. 7, 30 (2021),
    10.1038/s41524-020-00483-4). V-O 1.975 (3) and 2.050 (3) angstrom; 5.00 g/cm3 (handbook: 4.87).
    """
    return crystal(
        ["V", "O"],
        [(0, 0, 0.346), (0.3119, 0, 1 / 4)],
        spacegroup=167,
        cellpar=[4.9588, 4.9588, 14.0215, 90, 90, 120],
    )


@register("V6O13", space_group=12)
def v6o13() -> Atoms:
    """V6O13, C2/m, a = 11.922, b = 3.680, c = 10.138 angstrom, beta = 100.87 degrees, at room temperature.

    Cell, space group and framework, single and double layers of VO6 octahedra that share corners along c: Wilhelmi,
    Waltersson, Kihlborg, Acta Chem. Scand. 25, 2675 (1971), 10.3891/acta.chem.scand.25-2675. Below 153 K it is Pc, the
    atoms up to 0.21 angstrom off the mirror: Acta Cryst. B59, 747 (2003), 10.1107/S0108768103023437. The positions are
    NOT the published ones, which could not be found: they are those that this framework relaxes to in that cell with
    CHGNet 0.3.0. V-O 1.84 to 2.04 in the single layers, 1.71 and 1.67 to 2.38 angstrom in the double ones; 3.91 g/cm3
    (published: 3.91).
    """
    return crystal(
        ["V", "V", "V", "O", "O", "O", "O", "O", "O", "O"],
        [
            (0.3540, 0, 0.0165),
            (0.4086, 0, 0.3802),
            (0.7085, 0, 0.3553),
            (0, 1 / 2, 0),
            (0.1811, 0, 0.0031),
            (0.3816, 0, 0.1883),
            (0.6741, 0, 0.1874),
            (0.2431, 0, 0.4063),
            (0.5658, 0, 0.4166),
            (0.8807, 0, 0.3795),
        ],
        spacegroup=12,
        cellpar=[11.922, 3.680, 10.138, 90, 100.87, 90],
    )
