"""What the papers say of every prototype: formula, cell, neighbours, density."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shell:
    """Neighbours of one element around another: every atom must show one of the environments, and each must occur."""

    centre: str
    neighbour: str
    cutoff: float
    environments: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Expectation:
    formula: str
    cell: tuple[float, float, float]
    shells: tuple[Shell, ...]
    density: float | None = None
    """Of a handbook or as measured, g/cm3."""


def n_carbon(formula: str, length: float, *nitrogen: tuple[float, ...]) -> Expectation:
    return Expectation(formula, (length, length, 15.0), (Shell("N", "C", 1.7, nitrogen),))


def m_n4(metal: str) -> Expectation:
    """Four N at half the diagonal of a rectangle of 2.846 and 2.464 angstrom; each N has two C besides."""
    shells = (Shell(metal, "N", 2.5, ((1.882,) * 4,)), Shell("N", "C", 1.7, ((1.423,) * 2,)))
    return Expectation(f"C44N4{metal}", (12.32, 12.32, 15.0), shells)


BILAYER = (
    Shell("V", "O", 2.45, ((1.64, 1.77, 1.90, 1.90, 2.05, 2.36), (1.64, 1.88, 1.92, 1.92, 1.97, 2.35))),
    Shell("O", "V", 1.7, ((), (1.64,))),
)
WET_BIRNESSITE = (
    Shell("Mn", "O", 2.4, ((1.909,) * 4 + (1.975,) * 2,)),
    Shell("O", "H", 1.2, ((), (0.97, 0.97))),
)

EXPECTED = {
    "Zn": Expectation("Zn2", (2.665, 2.665, 4.947), (Shell("Zn", "Zn", 3.5, ((2.665,) * 6 + (2.913,) * 6,)),)),
    "Cu": Expectation("Cu4", (3.615, 3.615, 3.615), (Shell("Cu", "Cu", 3.0, ((2.556,) * 12,)),)),
    "Li": Expectation("Li2", (3.509,) * 3, (Shell("Li", "Li", 3.33, ((3.039,) * 8,)),)),
    "Na": Expectation("Na2", (4.291,) * 3, (Shell("Na", "Na", 4.08, ((3.716,) * 8,)),)),
    "K": Expectation("K2", (5.328,) * 3, (Shell("K", "K", 5.06, ((4.614,) * 8,)),)),
    "Ca": Expectation("Ca4", (5.576,) * 3, (Shell("Ca", "Ca", 4.74, ((3.943,) * 12,)),)),
    "Al": Expectation("Al4", (4.050,) * 3, (Shell("Al", "Al", 3.44, ((2.863,) * 12,)),)),
    "Mg": Expectation("Mg2", (3.210, 3.210, 5.211), (Shell("Mg", "Mg", 3.6, ((3.197,) * 6 + (3.210,) * 6,)),)),
    "beta-Sn": Expectation("Sn4", (5.832, 5.832, 3.182), (Shell("Sn", "Sn", 3.4, ((3.022,) * 4 + (3.182,) * 2,)),)),
    "alpha-V2O5": Expectation(
        "V4O10",
        (11.512, 3.564, 4.368),
        (
            Shell("V", "O", 2.1, ((1.58, 1.78, 1.88, 1.88, 2.02),)),
            Shell("V", "O", 3.0, ((1.58, 1.78, 1.88, 1.88, 2.02, 2.79),)),
            Shell("O", "V", 2.1, ((1.58,), (1.78, 1.78), (1.88, 1.88, 2.02))),
        ),
    ),
    "VO2(B)": Expectation(
        "V8O16",
        (12.093, 3.702, 6.433),
        (
            Shell("V", "O", 2.5, ((1.73, 1.91, 1.92, 1.92, 2.13, 2.33), (1.85, 1.87, 1.87, 1.94, 2.06, 2.07))),
            Shell(
                "O",
                "V",
                2.5,
                ((1.73, 1.94), (1.92, 1.92, 2.07, 2.33), (1.85, 1.91, 2.06), (1.87, 1.87, 2.13)),
            ),
        ),
    ),
    "VO2(R)": Expectation(
        "V2O4",
        (4.555, 4.555, 2.851),
        (Shell("V", "O", 2.4, ((1.921,) * 4 + (1.933,) * 2,)), Shell("V", "V", 3.0, ((2.851,) * 2,))),
    ),
    "H2V3O8": Expectation(  # lengths of the structure search, not of a paper
        "H8V12O32",
        (16.9298, 9.3589, 3.6443),
        (
            Shell(
                "V",
                "O",
                2.5,
                (
                    (1.60, 1.85, 1.91, 1.91, 2.01),
                    (1.62, 1.89, 1.89, 1.94, 1.98, 2.33),
                    (1.66, 1.94, 1.94, 2.04, 2.08, 2.39),
                ),
            ),
            Shell("O", "H", 1.2, ((), (0.99, 0.99))),
            Shell("H", "O", 2.0, ((0.99, 1.73),)),
        ),
    ),
    "2H-MoS2": Expectation(
        "Mo2S4",
        (3.160, 3.160, 12.294),
        (Shell("Mo", "S", 3.0, ((2.417,) * 6,)), Shell("S", "Mo", 3.0, ((2.417,) * 3,))),
    ),
    "H-MoS2": Expectation(
        "H2Mo8S16",
        (6.320, 6.320, 12.294),
        (Shell("Mo", "S", 3.0, ((2.417,) * 6,)), Shell("H", "S", 2.6, ((1.336, 2.45, 2.45, 2.45),))),
    ),
    "1T-TiS2": Expectation(
        "TiS2",
        (3.407, 3.407, 5.695),
        (Shell("Ti", "S", 3.0, ((2.428,) * 6,)), Shell("S", "Ti", 3.0, ((2.428,) * 3,))),
    ),
    "graphene": Expectation("C2", (2.464, 2.464, 15.0), (Shell("C", "C", 1.6, ((1.423,) * 3,)),)),
    "graphene-graphitic-N": n_carbon("C49N", 12.32, (1.423,) * 3),
    "graphene-pyridinic-N": n_carbon("C46N3", 12.32, (1.423,) * 2),
    "graphene-pyrrolic-N": Expectation("C47N", (12.32, 12.32, 15.0), (Shell("N", "C", 2.0, ((1.47, 1.70, 1.76),)),)),
    "graphene-Co-N4": m_n4("Co"),
    "graphene-Fe-N4": m_n4("Fe"),
    "graphene-Cu-N4": m_n4("Cu"),
    "Ti3C2": Expectation(
        "Ti3C2",
        (3.072, 3.072, 19.832),
        (Shell("Ti", "C", 2.5, ((2.207,) * 6, (2.089,) * 3)), Shell("C", "Ti", 2.5, ((2.089,) * 3 + (2.207,) * 3,))),
    ),
    "Ti3C2O2": Expectation(
        "Ti3C2O2",
        (3.072, 3.072, 21.592),
        (
            Shell("Ti", "C", 2.5, ((2.207,) * 6, (2.089,) * 3)),
            Shell("O", "Ti", 2.5, ((1.98,) * 3,)),
            Shell("Ti", "O", 2.5, ((), (1.98,) * 3)),
        ),
    ),
    "Ti3C2(OH)2": Expectation(
        "Ti3C2O2H2",
        (3.072, 3.072, 23.532),
        (
            Shell("Ti", "C", 2.5, ((2.207,) * 6, (2.089,) * 3)),
            Shell("O", "Ti", 2.5, ((1.98,) * 3,)),
            Shell("O", "H", 1.2, ((0.97,),)),
        ),
    ),
    "V2C": Expectation(
        "V2C",
        (2.911, 2.911, 17.253),
        (Shell("V", "C", 2.5, ((2.023,) * 3,)), Shell("C", "V", 2.5, ((2.023,) * 6,))),
    ),
    "anatase-TiO2": Expectation(
        "Ti4O8",
        (3.784, 3.784, 9.515),
        (Shell("Ti", "O", 2.4, ((1.934,) * 4 + (1.980,) * 2,)), Shell("O", "Ti", 2.4, ((1.934, 1.934, 1.980),))),
    ),
    "RuO2": Expectation(
        "Ru2O4",
        (4.492, 4.492, 3.107),
        (Shell("Ru", "O", 2.4, ((1.942,) * 2 + (1.984,) * 4,)), Shell("O", "Ru", 2.4, ((1.942, 1.984, 1.984),))),
    ),
    "ZnO": Expectation(
        "Zn2O2",
        (3.250, 3.250, 5.207),
        (Shell("Zn", "O", 2.4, ((1.973,) * 3 + (1.992,),)), Shell("O", "Zn", 2.4, ((1.973,) * 3 + (1.992,),))),
    ),
    "ZnF2": Expectation(
        "Zn2F4",
        (4.703, 4.703, 3.134),
        (Shell("Zn", "F", 2.4, ((2.015,) * 2 + (2.042,) * 4,)), Shell("F", "Zn", 2.4, ((2.015, 2.042, 2.042),))),
    ),
    "VN": Expectation(
        "V4N4", (4.129, 4.129, 4.129), (Shell("V", "N", 2.4, ((2.065,) * 6,)), Shell("N", "V", 2.4, ((2.065,) * 6,)))
    ),
    "alpha-MnO2": Expectation(
        "Mn8O16",
        (9.815, 9.815, 2.847),
        (
            Shell("Mn", "O", 2.4, ((1.88, 1.88, 1.89, 1.90, 1.90, 1.90),)),
            Shell("O", "Mn", 2.4, ((1.88, 1.88, 1.90), (1.89, 1.90, 1.90))),
        ),
    ),
    "delta-MnO2": Expectation(
        "Mn2O4",
        (5.137, 2.848, 7.213),
        (Shell("Mn", "O", 2.4, ((1.909,) * 4 + (1.975,) * 2,)), Shell("O", "Mn", 2.4, ((1.909, 1.909, 1.975),))),
    ),
    "In": Expectation(
        "In2", (3.253, 3.253, 4.946), (Shell("In", "In", 3.5, ((3.253,) * 4 + (3.377,) * 8,)),), density=7.31
    ),
    "Bi": Expectation(
        "Bi6", (4.546, 4.546, 11.862), (Shell("Bi", "Bi", 3.7, ((3.071,) * 3 + (3.529,) * 3,)),), density=9.78
    ),
    "Pb": Expectation("Pb4", (4.951, 4.951, 4.951), (Shell("Pb", "Pb", 3.8, ((3.501,) * 12,)),), density=11.34),
    "Cd": Expectation(
        "Cd2", (2.979, 2.979, 5.618), (Shell("Cd", "Cd", 3.5, ((2.979,) * 6 + (3.294,) * 6,)),), density=8.65
    ),
    "NiTi": Expectation(
        "NiTi",
        (3.013, 3.013, 3.013),
        (Shell("Ni", "Ti", 3.0, ((2.609,) * 8,)), Shell("Ti", "Ni", 3.0, ((2.609,) * 8,))),
        density=6.45,
    ),
    "ZnSe": Expectation(
        "Zn4Se4",
        (5.668, 5.668, 5.668),
        (Shell("Zn", "Se", 3.0, ((2.454,) * 4,)), Shell("Se", "Zn", 3.0, ((2.454,) * 4,))),
        density=5.27,
    ),
    "CuI": Expectation(
        "Cu4I4",
        (6.054, 6.054, 6.054),
        (Shell("Cu", "I", 3.0, ((2.622,) * 4,)), Shell("I", "Cu", 3.0, ((2.622,) * 4,))),
        density=5.67,
    ),
    "InF3-stand-in": Expectation(  # lengths of a relaxation, not of a paper
        "In6F18",
        (5.280, 5.280, 14.956),
        (Shell("In", "F", 2.6, ((2.109,) * 6,)), Shell("F", "In", 2.6, ((2.109,) * 2,))),
    ),
    "ZnI2-stand-in": Expectation(
        "Zn2I4",
        (4.343, 4.343, 11.77),
        (Shell("Zn", "I", 3.2, ((2.650,) * 4,)), Shell("I", "Zn", 3.2, ((2.650,) * 2,))),
        density=4.74,
    ),
    "SnS2": Expectation(
        "SnS2",
        (3.638, 3.638, 5.880),
        (Shell("Sn", "S", 3.0, ((2.564,) * 6,)), Shell("S", "Sn", 3.0, ((2.564,) * 3,))),
        density=4.5,
    ),
    "1T-VSe2": Expectation(
        "VSe2",
        (3.356, 3.356, 6.104),
        (Shell("V", "Se", 3.0, ((2.49,) * 6,)), Shell("Se", "V", 3.0, ((2.49,) * 3,))),
    ),
    "rutile-TiO2": Expectation(
        "Ti2O4",
        (4.594, 4.594, 2.959),
        (Shell("Ti", "O", 2.4, ((1.949,) * 4 + (1.980,) * 2,)), Shell("O", "Ti", 2.4, ((1.949, 1.949, 1.980),))),
        density=4.23,
    ),
    "alpha-quartz": Expectation(
        "Si3O6",
        (4.914, 4.914, 5.406),
        (Shell("Si", "O", 2.0, ((1.606, 1.606, 1.612, 1.612),)), Shell("O", "Si", 2.0, ((1.606, 1.612),))),
        density=2.65,
    ),
    "alpha-cristobalite": Expectation(
        "Si4O8",
        (4.971, 4.971, 6.928),
        (Shell("Si", "O", 2.0, ((1.598, 1.598, 1.606, 1.606),)), Shell("O", "Si", 2.0, ((1.598, 1.606),))),
        density=2.33,
    ),
    "monoclinic-ZrO2": Expectation(
        "Zr4O8",
        (5.1505, 5.2116, 5.3173),
        (
            Shell("Zr", "O", 2.6, ((2.052, 2.063, 2.153, 2.157, 2.176, 2.242, 2.267),)),
            Shell("O", "Zr", 2.6, ((2.052, 2.063, 2.157), (2.153, 2.176, 2.242, 2.267))),
        ),
        density=5.7,
    ),
    "tetragonal-ZrO2": Expectation(
        "Zr2O4",
        (3.6055, 3.6055, 5.1797),
        (Shell("Zr", "O", 2.6, ((2.102,) * 4 + (2.351,) * 4,)),),
        density=6.1,
    ),
    "ZnMn2O4": Expectation(
        "Zn4Mn8O16",
        (5.722, 5.722, 9.236),
        (Shell("Zn", "O", 2.6, ((2.004,) * 4,)), Shell("Mn", "O", 2.6, ((1.935,) * 4 + (2.211,) * 2,))),
        density=5.18,
    ),
    **{
        name: Expectation(
            f"Zn8{metal}16O32",
            (a, a, a),
            (Shell("Zn", "O", 2.4, ((zinc,) * 4,)), Shell(metal, "O", 2.4, ((other,) * 6,))),
            density=density,
        )
        for name, metal, a, zinc, other, density in (
            ("ZnCr2O4", "Cr", 8.327, 1.967, 1.991, 5.37),
            ("ZnAl2O4", "Al", 8.0865, 1.943, 1.917, 4.6),
            ("ZnV2O4", "V", 8.409, 1.966, 2.022, 5.17),
            ("ZnCo2O4", "Co", 8.0673, 1.943, 1.910, None),
            ("ZnNi2O4", "Ni", 8.1829, 1.955, 1.946, None),
        )
    },
    "V2O3": Expectation(
        "V12O18",
        (4.959, 4.959, 14.0215),
        (Shell("V", "O", 2.4, ((1.975,) * 3 + (2.050,) * 3,)),),
        density=4.87,
    ),
    "V6O13": Expectation(  # positions of a relaxation in the published cell
        "V12O26",
        (11.922, 3.680, 10.138),
        (
            Shell(
                "V",
                "O",
                2.5,
                (
                    (1.71, 1.78, 1.89, 1.89, 2.03, 2.04),
                    (1.84, 1.87, 1.87, 1.91, 2.02, 2.04),
                    (1.67, 1.92, 1.94, 1.94, 2.02, 2.38),
                ),
            ),
        ),
        density=3.91,
    ),
    "delta-V2O5": Expectation(
        "V8O20", (3.571, 10.665, 11.486), (Shell("V", "O", 2.6, ((1.593, 1.810, 1.894, 1.894, 2.032),)),)
    ),
    "delta-ZnV2O5": Expectation(
        "Zn4V8O20",
        (3.624, 10.234, 11.417),
        (
            Shell("V", "O", 2.6, ((1.647, 1.937, 1.937, 1.974, 1.983),)),
            Shell("Zn", "O", 2.7, ((2.031, 2.031, 2.084, 2.084, 2.466, 2.466),)),
        ),
    ),
    "bilayer-V2O5": Expectation("V8O20", (11.805, 3.709, 9.270), BILAYER),
    "NH4V4O10-stand-in": Expectation(
        "N2H8V8O20", (11.71, 3.66, 9.72), (*BILAYER, Shell("N", "H", 1.2, ((1.03,) * 4,)))
    ),
    "V2O5.nH2O-stand-in": Expectation(
        "V8O22H4",
        (11.680, 3.654, 11.023),
        (
            Shell("V", "O", 2.6, ((1.56, 1.85, 1.88, 1.88, 1.98, 2.53), (1.60, 1.72, 1.88, 1.88, 2.20, 2.49))),
            Shell("O", "H", 1.2, ((), (0.97, 0.97))),
        ),
    ),
    "VPO4F": Expectation(  # positions of a relaxation in the published cell
        "V4P4O16F4",
        (7.1553, 7.1014, 7.1160),
        (
            Shell("V", "O", 2.4, ((1.895, 1.895, 1.920, 1.920),)),
            Shell("V", "F", 2.4, ((1.920,) * 2,)),
            Shell("P", "O", 2.0, ((1.535, 1.535, 1.547, 1.547),)),
        ),
    ),
    "gamma-MnOOH": Expectation(
        "Mn4O8H4",
        (5.304, 5.277, 5.304),
        (
            Shell("Mn", "O", 2.6, ((1.881, 1.893, 1.977, 1.982, 2.213, 2.337),)),
            Shell("H", "O", 2.0, ((0.982, 1.613),)),
        ),
        density=4.3,
    ),
    "alpha-MnOOH": Expectation(
        "Mn4O8H4",
        (10.667, 2.871, 4.554),
        (
            Shell("Mn", "O", 2.6, ((1.894, 1.894, 1.965, 1.965, 2.174, 2.338),)),
            Shell("H", "O", 2.0, ((0.98, 1.65),)),
        ),
        density=4.15,
    ),
    "ZnMn3O7.3H2O": Expectation(
        "Zn6Mn18O60H36",
        (7.533, 7.533, 20.794),
        (
            Shell("Mn", "O", 2.4, ((1.857, 1.869, 1.891, 1.913, 1.937, 1.967),)),
            Shell("Zn", "O", 2.4, ((2.069,) * 3 + (2.140,) * 3,)),
            Shell("O", "H", 1.2, ((), (0.930, 1.045))),
        ),
        density=3.9,
    ),
    "delta-MnO2.0.5H2O-stand-in": Expectation("Mn8O20H8", (10.274, 5.695, 7.213), WET_BIRNESSITE),
    "K0.25MnO2.0.75H2O-stand-in": Expectation("K2Mn8O22H12", (10.274, 5.695, 7.213), WET_BIRNESSITE),
    "Zn(OH)2": Expectation(
        "Zn4O8H8",
        (4.9086, 5.1464, 8.488),
        (
            Shell("Zn", "O", 2.4, ((1.950, 1.950, 1.958, 1.965),)),
            Shell("O", "H", 1.2, ((0.975,),)),
            Shell("H", "O", 2.0, ((0.975, 1.848),)),
        ),
        density=3.05,
    ),
    "Zn5(OH)8Cl2.H2O": Expectation(
        "Zn15O27H30Cl6",
        (6.3412, 6.3412, 23.646),
        (
            Shell("Zn", "O", 2.4, ((2.069,) * 2 + (2.157,) * 4, (1.950,) * 3)),
            Shell("Zn", "Cl", 2.6, ((), (2.312,))),
            Shell("O", "H", 1.2, ((0.975,), (0.97, 0.97))),
        ),
        density=3.2,
    ),
    "Zn4SO4(OH)6.4H2O": Expectation(
        "Zn8S2O28H28",
        (8.330, 8.330, 10.540),
        (
            Shell("Zn", "O", 2.6, ((1.947,) + (1.954,) * 3, (2.018, 2.052, 2.055, 2.097, 2.159, 2.431))),
            Shell("S", "O", 1.7, ((1.411,) + (1.458,) * 3,)),
            Shell("O", "H", 1.2, ((), (0.97,), (0.97, 0.97))),
        ),
        density=2.77,
    ),
    "Ti3C2F2": Expectation(
        "Ti3C2F2",
        (3.072, 3.072, 22.503),
        (
            Shell("Ti", "C", 2.5, ((2.207,) * 6, (2.089,) * 3)),
            Shell("F", "Ti", 2.5, ((2.22,) * 3,)),
            Shell("Ti", "F", 2.5, ((), (2.22,) * 3)),
        ),
    ),
}
