"""Slabs against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list
from ase.spacegroup import crystal
from hypothesis import given
from hypothesis import strategies as st

from azibflow.errors import StructureError
from azibflow.structures.prototypes import find, prototype
from azibflow.structures.slabs import build_slabs, parse_miller, surface_area

A, C = 2.665, 4.947
ZN = bulk("Zn", "hcp", a=A, c=C)
CU = bulk("Cu", cubic=True, a=3.61)
RUTILE = crystal(["Ti", "O"], [(0, 0, 0), (0.305, 0.305, 0)], spacegroup=136, cellpar=[4.594, 4.594, 2.959, 90, 90, 90])
V2O5_BONDS = {("V", "O"): 2.1}


def spacings(slab: Atoms) -> list[float]:
    heights = np.sort(slab.positions[:, 2])
    return [float(gap) for gap in np.diff(heights) if gap > 0.05]


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("(002)", (0, 0, 1)),
        ("002", (0, 0, 1)),
        ("(0001)", (0, 0, 1)),
        ("(10-10)", (1, 0, 0)),
        ("10-11", (1, 0, 1)),
        ("(11-20)", (1, 1, 0)),
        ("1 0 0", (1, 0, 0)),
        ("(1, -1, 0)", (1, -1, 0)),
        ("10 0 2", (5, 0, 1)),
        ([1, 0, -1, 0], (1, 0, 0)),
        ((2, 2, 4), (1, 1, 2)),
        (101, (1, 0, 1)),
    ],
)
def test_miller_indices_as_people_write_them(text, index):
    assert parse_miller(text) == index


@pytest.mark.parametrize(
    "text",
    ["", "abc", "(10)", "000", "(0 0 0)", "1.5 0 0", [1, 0], [1.5, 0, 0], None, "12345", "1-", 2, [1000, 0, 1]],
)
def test_what_is_no_miller_index(text):
    with pytest.raises(StructureError, match="is no Miller index"):
        parse_miller(text)


def test_the_third_of_four_indices_is_checked():
    with pytest.raises(StructureError, match=r"must be -\(h\+k\) = -1, not 0"):
        parse_miller("(1001)")


indices = st.tuples(*[st.integers(-9, 9)] * 3).filter(any)


@given(indices, st.integers(1, 5))
def test_parallel_planes_are_one_surface_however_written(index, factor):
    h, k, l = parse_miller(index)  # noqa: E741
    assert math.gcd(h, k, l) == 1
    assert parse_miller([factor * i for i in index]) == (h, k, l)
    assert parse_miller(f"({h}{k}{l})") == (h, k, l)
    assert parse_miller(f"{h}, {k}, {l}") == (h, k, l)
    assert parse_miller([h, k, -h - k, l]) == (h, k, l)


def test_basal_zinc():
    (slab,) = build_slabs(ZN, "(002)", layers=5, vacuum=12, fixed_layers=2, supercell=(3, 2))
    assert len(slab) == 5 * 6
    assert surface_area(slab) == pytest.approx(6 * A**2 * math.sqrt(3) / 2)
    assert spacings(slab) == pytest.approx([C / 2] * 4)
    assert slab.cell[2] == pytest.approx([0, 0, 4 * C / 2 + 12])
    assert slab.positions[:, 2].mean() == pytest.approx(slab.cell[2, 2] / 2)
    assert slab.info == {
        "charge": 0,
        "label": "Zn(001) t0",
        "miller": [0, 0, 1],
        "termination": 0,
        "layers": 5,
        "symmetric": True,
    }
    top, bottom = slab.positions[:, 2].argmax(), slab.positions[:, 2].argmin()
    assert (slab.get_tags()[top], slab.get_tags()[bottom]) == (1, 5)
    assert sorted(slab.get_tags()[slab.constraints[0].index]) == [4] * 6 + [5] * 6
    assert slab.pbc.all()


def test_prismatic_zinc_has_two_terminations_that_differ_in_their_first_spacing():
    d = A * math.sqrt(3) / 2
    narrow, wide = build_slabs(ZN, "(10-10)", layers=6)
    assert spacings(narrow) == pytest.approx([d / 3, 2 * d / 3, d / 3, 2 * d / 3, d / 3])
    assert spacings(wide) == pytest.approx([2 * d / 3, d / 3, 2 * d / 3, d / 3, 2 * d / 3])
    assert surface_area(narrow) == pytest.approx(A * C)
    assert [slab.info["label"] for slab in (narrow, wide)] == ["Zn(100) t0", "Zn(100) t1"]


def test_a_layer_is_added_where_only_then_both_faces_are_equal():
    for slab in build_slabs(ZN, "100", layers=5):
        assert (len(slab), slab.info["layers"], slab.info["symmetric"]) == (6, 6, True)


def test_pyramidal_zinc_has_two_terminations():
    slabs = build_slabs(ZN, "(10-11)", layers=6)
    assert len(slabs) == 2
    assert surface_area(slabs[0]) == pytest.approx(
        A**2 * C * math.sqrt(3) / 2 * math.hypot(2 / (A * math.sqrt(3)), 1 / C)
    )


@pytest.mark.parametrize(
    ("miller", "area", "spacing"),
    [
        ("111", 3.61**2 * math.sqrt(3) / 4, 3.61 / math.sqrt(3)),
        ("100", 3.61**2 / 2, 3.61 / 2),
        ("110", 3.61**2 / math.sqrt(2), 3.61 / math.sqrt(8)),
    ],
)
def test_copper_surfaces_are_primitive(miller, area, spacing):
    (slab,) = build_slabs(CU, miller, layers=4)
    assert len(slab) == 4
    assert surface_area(slab) == pytest.approx(area)
    assert spacings(slab) == pytest.approx([spacing] * 3)


def test_atoms_inside_a_slab_have_bulk_neighbours():
    (slab,) = build_slabs(CU, "211", layers=12, vacuum=10)
    inside = int(np.abs(slab.positions[:, 2] - slab.cell[2, 2] / 2).argmin())
    centre, distances = neighbor_list("id", slab, 3.61 * 0.9)
    assert distances[centre == inside] == pytest.approx([3.61 / math.sqrt(2)] * 12)


def test_rutile_110_keeps_its_trilayers_first():
    first, second = build_slabs(RUTILE, "110", layers=3)
    assert first.info["symmetric"]
    assert not second.info["symmetric"]
    for slab in (first, second):
        assert slab.get_chemical_formula(mode="reduce").count("Ti") > 0
        assert slab.symbols.formula.count() == {"Ti": 6, "O": 12}
    top = first[first.positions[:, 2] > first.positions[:, 2].max() - 0.1]
    assert top.get_chemical_formula() == "O"
    assert surface_area(first) == pytest.approx(4.594 * math.sqrt(2) * 2.959)


def test_a_polar_surface_is_not_called_symmetric():
    zincite = crystal(
        ["Zn", "O"],
        [(1 / 3, 2 / 3, 0), (1 / 3, 2 / 3, 0.382)],
        spacegroup=186,
        cellpar=[3.25, 3.25, 5.207, 90, 90, 120],
    )
    slabs = build_slabs(zincite, "0001", layers=4)
    assert [slab.info["symmetric"] for slab in slabs] == [False, False]
    # cutting the one bond along c leaves the double layers whole, 0.61 angstrom thick
    assert spacings(slabs[0])[0] == pytest.approx((0.5 - 0.382) * 5.207, abs=1e-3)
    assert all(slab.symbols.formula.count() == {"Zn": 4, "O": 4} for slab in slabs)


def test_layered_oxide_is_cut_between_its_sheets():
    oxide = prototype("alpha-V2O5")
    (slab,) = build_slabs(oxide, "001", layers=2, intact_bonds=V2O5_BONDS)
    assert slab.symbols.formula.count() == {"V": 8, "O": 20}
    assert slab.info["symmetric"]
    lengths = oxide.cell.lengths()
    assert slab.cell.lengths()[:2] == pytest.approx(lengths[:2])
    whole = np.sort(neighbor_list("d", oxide, V2O5_BONDS))
    cut = np.sort(neighbor_list("d", slab, V2O5_BONDS))
    assert cut == pytest.approx(np.repeat(whole, 2), abs=1e-6)
    with pytest.raises(StructureError, match="every plane breaks V-O bonds"):
        build_slabs(oxide, "010", layers=2, intact_bonds=V2O5_BONDS)


def test_a_sulfide_layer_is_a_sandwich():
    first, *_ = build_slabs(prototype("2H-MoS2"), "001", layers=1)
    heights = first.positions[:, 2]
    assert [str(first.symbols[i]) for i in np.argsort(heights)] == ["S", "Mo", "S"]
    assert first.info["symmetric"]


@pytest.mark.parametrize("miller", ["001", "100", "101", "112"])
def test_the_slab_does_not_depend_on_origin_and_order_of_the_bulk(miller):
    moved = ZN.copy()[::-1]
    moved.positions += (0.3, 0.2, 0.1)
    moved.wrap()
    for one, other in zip(build_slabs(ZN, miller, layers=4), build_slabs(moved, miller, layers=4), strict=True):
        assert one.cell.array == pytest.approx(other.cell.array)
        assert spacings(one) == pytest.approx(spacings(other), abs=1e-6)


def test_a_supercell_of_the_bulk_gives_the_primitive_slab():
    (slab,) = build_slabs(ZN.repeat((2, 2, 1)), "001", layers=4)
    assert len(slab) == 4


def test_magnetic_order_makes_the_cell_larger():
    iron = bulk("Fe", cubic=True, a=2.87)
    iron.set_initial_magnetic_moments([2.2, -2.2])
    (slab,) = build_slabs(iron, "110", layers=1)
    assert surface_area(slab) == pytest.approx(2.87**2 * math.sqrt(2))
    assert sorted(slab.get_initial_magnetic_moments()) == [-2.2, 2.2]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": 0}, "start at 1"),
        ({"supercell": (0, 1)}, "start at 1"),
        ({"vacuum": -1.0}, "vacuum"),
        ({"fixed_layers": 3}, "must leave one of 3 layers free"),
    ],
)
def test_impossible_requests(changes, message):
    with pytest.raises(StructureError, match=message):
        build_slabs(ZN, "001", **({"layers": 3} | changes))


def test_a_charged_or_open_bulk_is_refused():
    charged = ZN.copy()
    charged.info["charge"] = 2
    with pytest.raises(StructureError, match=r"charge \+2"):
        build_slabs(charged, "001", layers=3)
    sheet = ZN.copy()
    sheet.pbc = (True, True, False)
    with pytest.raises(StructureError, match="all three directions"):
        build_slabs(sheet, "001", layers=3)


def test_interlocking_sheets_are_taken_apart_whole() -> None:
    """Chlorides of one sheet of ZHC reach past those of the next: no plane goes between them."""
    bonds = dict(find("ZHC").intact_bonds)
    crystal = prototype("ZHC")  # three sheets
    bare, wet = build_slabs(crystal, "(001)", layers=2, vacuum=12.0, intact_bonds=bonds)
    for slab in (bare, wet):
        assert slab.get_chemical_formula() == "H20Cl4O18Zn10"
        assert len(neighbor_list("i", slab, bonds)) == 2 / 3 * len(neighbor_list("i", crystal, bonds))
        assert slab.cell[2, 2] - np.ptp(slab.positions[:, 2]) == pytest.approx(12.0)
    chlorine = np.sort(bare.positions[bare.numbers == 17, 2])
    assert 0 < chlorine[2] - chlorine[1] < 0.3  # the top of one sheet and the bottom of the next
    top = [
        slab.positions[slab.numbers == 8, 2].max() - slab.positions[slab.numbers == 30, 2].max() for slab in (bare, wet)
    ]
    assert top[0] < 1 < top[1]  # water ends the one below and the other above
    with pytest.raises(StructureError, match="every plane breaks Zn-O or Zn-Cl or O-H bonds"):
        build_slabs(crystal, "(100)", layers=1, intact_bonds=bonds)
