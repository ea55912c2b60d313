"""Miller indices refer to the conventional cell, in the axes of the file, whichever cell of the crystal is given."""

from __future__ import annotations

import numpy as np
import pytest
import spglib
from ase import Atoms
from ase.build import bulk
from ase.spacegroup import crystal

from azibflow.errors import StructureError
from azibflow.structures.axes import OWN, describe_axes, index_axes
from azibflow.structures.prototypes import PROTOTYPES, prototype
from azibflow.structures.slabs import build_slabs, surface_area

CU = 3.61
PRIMITIVE = {
    "fcc": (bulk("Cu", a=CU), bulk("Cu", cubic=True, a=CU)),
    "bcc": (bulk("W", a=3.16), bulk("W", cubic=True, a=3.16)),
    "NaCl": (bulk("NaCl", "rocksalt", a=5.64), bulk("NaCl", "rocksalt", a=5.64, cubic=True)),
}
BISMUTH = crystal("Bi", [(0, 0, 0.234)], spacegroup=166, cellpar=[4.546, 4.546, 11.86, 90, 90, 120])


def area(atoms: Atoms, miller: str) -> float:
    return surface_area(build_slabs(atoms, miller, layers=4)[0])


def spacing(atoms: Atoms, miller: str) -> list[float]:
    heights = np.sort(build_slabs(atoms, miller, layers=6)[0].positions[:, 2])
    return [round(float(gap), 3) for gap in np.diff(heights) if gap > 0.05]


@pytest.mark.parametrize("name", PRIMITIVE)
@pytest.mark.parametrize("miller", ["100", "110", "111", "210"])
def test_a_facet_is_that_of_the_conventional_cell(name: str, miller: str) -> None:
    primitive, conventional = PRIMITIVE[name]
    assert area(primitive, miller) == pytest.approx(area(conventional, miller))
    assert spacing(primitive, miller) == pytest.approx(spacing(conventional, miller))


def test_100_of_a_primitive_fcc_cell_is_the_square_face() -> None:
    (slab,) = build_slabs(bulk("Cu", a=CU), "100", layers=4)
    assert surface_area(slab) == pytest.approx(CU**2 / 2)
    assert slab.cell.cellpar()[5] == pytest.approx(90)
    assert slab.info["label"] == "Cu(100) t0"


@pytest.mark.parametrize("repeats", [(2, 1, 1), (1, 3, 1), (2, 2, 2)])
def test_a_supercell_has_the_facets_of_its_cell(repeats: tuple[int, int, int]) -> None:
    oxide = prototype("alpha-V2O5")
    for miller in ("110", "101", "010"):
        assert area(oxide.repeat(repeats), miller) == pytest.approx(area(oxide, miller))


@pytest.mark.parametrize("name", PROTOTYPES)
def test_every_prototype_keeps_its_own_axes(name: str) -> None:
    assert index_axes(prototype(name)) == OWN


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1), (1, 0, 2)])
def test_a_setting_of_ones_own_is_kept(order: tuple[int, int, int]) -> None:
    """V2O5 as Pmmn, Pnmm, ...: the plane without vanadyl oxygens is the one whose cell vector was the layer axis."""
    oxide = prototype("alpha-V2O5")
    turned = oxide.copy()
    turned.set_cell(oxide.cell.array[list(order)])
    assert index_axes(turned) == OWN
    miller = "".join("1" if axis == 2 else "0" for axis in order)
    assert area(turned, miller) == pytest.approx(area(oxide, "001"))


@pytest.mark.parametrize(
    ("cellpar", "offset"),
    [
        ([6, 7, 8, 90, 90, 100], (0.5, 0.35, 0.5)),  # monoclinic, c unique
        ([6, 7, 8, 80, 90, 90], (0.5, 0.35, 0.2)),  # monoclinic, a unique
        ([6, 7, 8, 80, 85, 95], (0.5, 0.35, 0.41)),  # triclinic
        ([5, 5, 8, 90, 90, 120], (0.5, 0.35, 0.5)),  # monoclinic in a hexagonal cell, as of a defect
    ],
)
def test_cells_of_low_symmetry_are_their_own(cellpar: list[float], offset: tuple[float, float, float]) -> None:
    assert index_axes(Atoms("CuZn", cell=cellpar, pbc=True, scaled_positions=[(0, 0, 0), offset])) == OWN


def primitive_cell(atoms: Atoms) -> Atoms:
    """Ask spglib for a primitive cell."""
    cell = (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)
    lattice, positions, numbers = spglib.find_primitive(cell)
    return Atoms(numbers, cell=lattice, scaled_positions=positions, pbc=True)


def test_a_triclinic_cell_is_named() -> None:
    """Of a crystal without symmetry any cell is as good as another, and the one given may be a primitive one."""
    noisy = bulk("NaCl", "rocksalt", a=5.64)
    noisy.positions[1] += (0.2, 0.13, 0.07)
    assert index_axes(noisy) == OWN
    assert describe_axes(noisy, OWN) == "triclinic cell that was given"
    assert describe_axes(bulk("Zn"), OWN) == ""


def test_rhombohedral_crystals_have_hexagonal_axes() -> None:
    rhombohedral = primitive_cell(BISMUTH)
    assert len(rhombohedral) == 2
    for miller in ("0001", "(10-10)", "012"):
        assert area(rhombohedral, miller) == pytest.approx(area(BISMUTH, miller), rel=1e-6)
    assert index_axes(BISMUTH) == OWN
    assert "4.55 x 4.55 x 11.86" in describe_axes(rhombohedral, index_axes(rhombohedral))


def test_a_centred_orthorhombic_cell_is_conventional() -> None:
    """Gallium, Cmce, in the standard setting, in a turned one and as a primitive cell."""
    atoms = crystal("Ga", [(0, 0.1549, 0.081)], spacegroup=64, cellpar=[4.51, 7.64, 4.52, 90, 90, 90])
    turned = atoms.copy()
    turned.set_cell(atoms.cell.array[[2, 0, 1]])
    assert index_axes(atoms) == index_axes(turned) == OWN
    assert area(turned, "100") == pytest.approx(area(atoms, "001"))
    half = primitive_cell(atoms)
    assert len(half) * 2 == len(atoms)
    for miller in ("100", "010", "001", "011"):
        assert area(half, miller) == pytest.approx(area(atoms, miller), rel=1e-6)


def test_a_defect_does_not_turn_the_axes() -> None:
    """One aluminium on the face of a copper supercell makes it tetragonal, two along a diagonal orthorhombic."""
    for places in ((1,), (1, 14)):
        atoms = bulk("Cu", cubic=True, a=CU).repeat((2, 2, 2))
        atoms.symbols[list(places)] = "Al"
        assert index_axes(atoms) == OWN


def test_four_indices_belong_to_hexagonal_cells() -> None:
    with pytest.raises(StructureError, match=r"Cu\(100\): four indices \(hkil\) belong to hexagonal cells"):
        build_slabs(bulk("Cu", cubic=True, a=CU), "(10-10)", layers=3)
    assert build_slabs(bulk("Zn"), "(10-10)", layers=3)


def test_a_hexagonal_cell_of_60_degrees_is_brought_to_120() -> None:
    zinc = bulk("Zn", a=2.66, c=4.95)
    acute = zinc.copy()
    acute.set_cell([zinc.cell[0], zinc.cell[0] + zinc.cell[1], zinc.cell[2]])
    assert acute.cell.cellpar()[5] == pytest.approx(60)
    for miller in ("(10-10)", "(11-20)", "(10-11)"):
        assert area(acute, miller) == pytest.approx(area(zinc, miller))


def test_what_holds_vacuum_is_no_crystal() -> None:
    (slab,) = build_slabs(bulk("Cu", cubic=True, a=CU), "111", layers=3)
    with pytest.raises(StructureError, match=r"along c are empty: this is a slab"):
        build_slabs(slab, "111", layers=3)
    with pytest.raises(StructureError, match="a sheet or a molecule"):
        build_slabs(prototype("graphene"), "001", layers=1)
