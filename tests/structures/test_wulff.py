"""Wulff shapes: shares of facets by hand, by pymatgen, of point groups below the lattice's; what closes none."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from azibflow.errors import StructureError
from azibflow.structures.axes import OWN, index_axes
from azibflow.structures.wulff import shares, wulff_shape

COPPER = {(1, 1, 1): 1.3, (1, 0, 0): 1.46, (1, 1, 0): 1.5, (2, 1, 1): 1.7}


def test_one_facet_of_a_cubic_crystal_makes_a_cube_with_edges_of_twice_its_energy() -> None:
    faces = wulff_shape(bulk("Cu", cubic=True), OWN, {(1, 0, 0): 1.5})
    assert len(faces) == 6
    assert [face.area for face in faces] == pytest.approx([9.0] * 6)
    assert all(face.corners @ face.normal == pytest.approx([1.5] * 4) for face in faces)


def test_shares_of_copper_are_those_of_pymatgen() -> None:
    from pymatgen.analysis.wulff import WulffShape
    from pymatgen.core import Lattice

    found = shares(wulff_shape(bulk("Cu", cubic=True), OWN, COPPER))
    expected = WulffShape(Lattice.cubic(3.6), list(COPPER), list(COPPER.values())).area_fraction_dict
    assert (2, 1, 1) not in found
    assert expected.pop((2, 1, 1)) == pytest.approx(0.0, abs=1e-6)
    assert found == pytest.approx(expected, abs=1e-6)


def test_indices_of_a_primitive_cell_refer_to_the_conventional_one() -> None:
    primitive = bulk("Cu")
    found = shares(wulff_shape(primitive, index_axes(primitive), COPPER))
    assert found == pytest.approx(shares(wulff_shape(bulk("Cu", cubic=True), OWN, COPPER)), abs=1e-6)
    assert found != pytest.approx(shares(wulff_shape(primitive, OWN, COPPER)), abs=1e-2)


def test_a_supercell_has_the_shape_of_its_crystal() -> None:
    once = shares(wulff_shape(bulk("Cu", cubic=True), OWN, {(1, 1, 1): 1.3, (1, 0, 0): 1.5}))
    longer = bulk("Cu", cubic=True) * (1, 2, 1)
    axes = ((1.0, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 1.0))
    assert shares(wulff_shape(longer, axes, {(1, 1, 1): 1.3, (1, 0, 0): 1.5})) == pytest.approx(once)


def test_the_point_group_is_that_of_the_crystal_not_that_of_its_lattice() -> None:
    """Cubic cell, atoms along z: (100) and (010) are equivalent, (001) is not."""
    tetragonal = Atoms("CuO", scaled_positions=[(0, 0, 0), (0.5, 0.5, 0.3)], cell=[4, 4, 4], pbc=True)
    with pytest.raises(StructureError, match="do not close a shape"):
        wulff_shape(tetragonal, OWN, {(1, 0, 0): 1.0})
    faces = wulff_shape(tetragonal, OWN, {(1, 0, 0): 1.0, (0, 0, 1): 2.0})
    assert shares(faces) == pytest.approx({(1, 0, 0): 0.8, (0, 0, 1): 0.2})  # 4 of 2 x 4, 2 of 2 x 2
    assert np.ptp([corner for face in faces for corner in face.corners], axis=0) == pytest.approx([2, 2, 4])


def test_energies_that_make_no_shape_are_refused() -> None:
    with pytest.raises(StructureError, match="positive surface energies"):
        wulff_shape(bulk("Cu"), OWN, {(1, 1, 1): 1.0, (1, 0, 0): -0.1})
