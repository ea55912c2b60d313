"""Structures around a structure, and structures that lie outside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.constraints import FixAtoms
from ase.data import covalent_radii
from ase.geometry import find_mic
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from azibflow.calculators.specs import AseSpec
from azibflow.errors import StructureError
from azibflow.structures.building import build_bulk
from azibflow.structures.documents import StructureDocument
from azibflow.structures.foreign import BOND, REPLACEMENTS, SLIDE, SQUEEZED, TEAR, foreign_structures
from azibflow.structures.recipes import SlabRecipe, StructureRecipe
from azibflow.structures.sampling import bonded_parts, rattled, slid, spread, without_constraints
from azibflow.workflows.surrogate.sampling import TOO_CLOSE, overlapping, sample_frames
from azibflow.workflows.surrogate.settings import (
    ActiveLearning,
    DetachmentSample,
    DynamicsSample,
    HopSample,
    RattledSample,
)


@pytest.fixture
def slab() -> Atoms:
    """Periodic in the plane only, with eight angstrom of vacuum, its lowest layer fixed."""
    atoms = fcc111("Cu", (2, 2, 3), vacuum=8.0, periodic=False)
    atoms.pbc = (True, True, False)
    atoms.set_constraint(FixAtoms([atom.index for atom in atoms if atom.tag == 3]))
    atoms.info.update(charge=-1, spin=2)
    return atoms


def test_amplitudes_grow_in_equal_steps_to_the_one_asked_for() -> None:
    big = bulk("Cu", cubic=True).repeat(8)
    widths = [float(np.std(found.positions - big.positions)) for found in rattled(big, 4, amplitude=0.2)]
    np.testing.assert_allclose(widths, [0.05, 0.10, 0.15, 0.20], rtol=0.03)


def test_all_atoms_move_and_keep_charge_and_spin_but_no_constraints(slab: Atoms) -> None:
    before = slab.copy()
    (found,) = rattled(slab, 1, amplitude=0.1)
    assert np.abs(found.positions - before.positions).max(axis=1).min() > 0
    assert (found.info["charge"], found.info["spin"]) == (-1, 2)
    assert found.constraints == []
    assert found.calc is None
    found.info["charge"] = 5
    np.testing.assert_array_equal(slab.positions, before.positions)
    assert slab.info["charge"] == -1
    assert len(slab.constraints) == 1


def test_strain_leaves_what_is_not_periodic_alone(slab: Atoms) -> None:
    for found in rattled(slab, 5, amplitude=1e-12, strain=0.1, seed=3):
        np.testing.assert_allclose(found.cell[2], slab.cell[2], atol=1e-12)
        np.testing.assert_allclose(found.positions[:, 2], slab.positions[:, 2], atol=1e-9)
        plane = found.cell.array[:2, :2] @ np.linalg.inv(slab.cell.array[:2, :2]) - np.eye(2)
        assert 1e-3 < np.abs(plane).max() < 0.2
        np.testing.assert_allclose(
            found.get_scaled_positions(wrap=False)[:, :2], slab.get_scaled_positions(wrap=False)[:, :2], atol=1e-9
        )


@pytest.mark.parametrize("along", [0, 1, 2])
def test_a_wire_is_strained_along_itself_only(along: int) -> None:
    cell = np.diag([9.0, 9.0, 9.0])
    wire = Atoms("Zn2", positions=np.outer([0.0, 1.0], cell[along]) / 2 + 3.0, cell=cell, pbc=np.eye(3)[along] > 0)
    for found in rattled(wire, 3, amplitude=1e-12, strain=0.05):
        change = found.cell.array - cell
        assert 0 < abs(change[along, along]) <= 0.05 * 9.0
        change[along, along] = 0.0
        np.testing.assert_allclose(change, 0.0, atol=1e-12)


def test_a_sheet_without_a_third_vector_and_a_molecule_survive_strain() -> None:
    sheet = Atoms("Zn", cell=[[3, 0, 0], [0, 3, 0], [0, 0, 0]], pbc=(True, True, False))
    (found,) = rattled(sheet, 1, amplitude=0.01, strain=0.1)
    assert np.abs(found.cell.array[:2, :2] - np.diag([3, 3])).max() > 1e-3
    assert not found.cell.array[2].any()
    (water,) = rattled(molecule("H2O"), 1, amplitude=0.01, strain=0.1)
    assert not water.cell.array.any()


def test_strain_is_within_its_limit_and_symmetric() -> None:
    crystal = bulk("Cu", cubic=True)
    for found in rattled(crystal, 20, amplitude=1e-12, strain=0.04, seed=7):
        strain = np.linalg.inv(crystal.cell.array) @ found.cell.array - np.eye(3)
        assert np.abs(strain).max() <= 0.04
        np.testing.assert_allclose(strain, strain.T, atol=1e-12)


def test_the_seed_decides_everything() -> None:
    crystal = bulk("Cu", cubic=True)
    first, again, other = (rattled(crystal, 3, 0.1, strain=0.02, seed=seed) for seed in (4, 4, 5))
    for one, same, different in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(one.positions, same.positions)
        np.testing.assert_array_equal(one.cell.array, same.cell.array)
        assert np.abs(one.positions - different.positions).max() > 1e-3


def test_without_constraints_shares_nothing(slab: Atoms) -> None:
    from ase.calculators.emt import EMT

    slab.calc = EMT()
    copy = without_constraints(slab)
    assert copy.calc is None
    assert np.abs(copy.positions - slab.positions).max() == 0
    copy.calc = EMT()
    assert np.abs(copy.get_forces()[[atom.index for atom in slab if atom.tag == 3]]).max() > 0


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(1, 30))
def test_spread_is_ordered_without_repeats_and_keeps_both_ends(length: int, count: int) -> None:
    items = [Atoms("H", positions=[(float(place), 0.0, 0.0)]) for place in range(length)]
    places = [int(atoms.positions[0, 0]) for atoms in spread(items, count)]
    assert len(places) == min(length, count)
    assert places == sorted(set(places))
    if length and count > 1:
        assert (places[0], places[-1]) == (0, length - 1)
        gaps = np.diff(places)
        assert not len(gaps) or gaps.max() - gaps.min() <= 1


def test_overlapping_begins_at_its_multiple_of_the_radii() -> None:
    limit = TOO_CLOSE * 2 * covalent_radii[30]
    for distance, expected in ((0.99 * limit, True), (1.01 * limit, False)):
        pair = Atoms("Zn2", positions=[(0, 0, 0), (0, 0, distance)])
        assert overlapping(pair) is expected
        through_the_wall = Atoms("Zn2", positions=[(0, 0, 0), (0, 0, 12.0 - distance)], cell=[12, 12, 12], pbc=True)
        assert overlapping(through_the_wall) is expected
    assert not overlapping(Atoms("Zn"))
    assert not overlapping(molecule("H2O"))


def interface() -> Atoms:
    """Two squares of ZnO above each other, two angstrom apart."""
    corners = [(0, 0), (2, 0), (0, 2), (2, 2)]
    positions = [(x, y, z) for z in (0.0, 2.0) for x, y in corners]
    atoms = Atoms(["Zn", "O", "O", "Zn", "O", "Zn", "Zn", "O"], positions=positions)
    atoms.info.update(charge=0, spin=1, system="ZnO", REF_energy=-1.0)
    return atoms


def test_each_foreign_structure_is_what_it_says() -> None:
    before = interface()
    found = foreign_structures(before, ["Zn", "O"], seed=2)
    assert list(found) == ["unknown element", "atoms exchanged", "squeezed", "torn"]

    changed = np.flatnonzero(found["unknown element"].numbers != before.numbers)
    assert len(changed) == 1
    assert found["unknown element"].symbols[changed[0]] == REPLACEMENTS[0]

    exchanged = found["atoms exchanged"]
    assert (exchanged.numbers != before.numbers).sum() == 2
    assert sorted(exchanged.numbers) == sorted(before.numbers)
    np.testing.assert_array_equal(exchanged.positions, before.positions)

    np.testing.assert_allclose(found["squeezed"].get_all_distances(), SQUEEZED * before.get_all_distances(), atol=1e-12)

    moved = found["torn"].positions - before.positions
    np.testing.assert_array_equal(moved[:4], 0.0)
    assert np.ptp(moved[4:], axis=0).max() < 1e-12
    assert TEAR[0] <= moved[4, 2] <= TEAR[1]
    assert np.hypot(*moved[4, :2]) <= SLIDE

    for structure in found.values():
        assert structure.info == {"charge": 0, "spin": 1}
    np.testing.assert_array_equal(before.positions, interface().positions)
    assert (before.numbers == interface().numbers).all()


def test_a_crystal_is_squeezed_with_its_cell() -> None:
    crystal = bulk("ZnO", "wurtzite", a=3.25, c=5.2)
    squeezed = foreign_structures(crystal, ["Zn", "O"], seed=1)["squeezed"]
    np.testing.assert_allclose(squeezed.cell.array, SQUEEZED * crystal.cell.array)
    np.testing.assert_allclose(squeezed.get_scaled_positions(), crystal.get_scaled_positions(), atol=1e-12)


def test_what_cannot_be_done_is_left_out() -> None:
    assert list(foreign_structures(Atoms("Zn"), ["Zn"], seed=1)) == ["unknown element"]
    assert list(foreign_structures(Atoms("Zn"), ["Zn", *REPLACEMENTS], seed=1)) == []
    flat = Atoms("ZnO", positions=[(0, 0, 0), (1.9, 0, 0)])
    assert list(foreign_structures(flat, ["Zn", "O"], seed=1)) == ["unknown element", "atoms exchanged", "squeezed"]
    reach = BOND * (covalent_radii[30] + covalent_radii[8])
    for height, torn in ((0.99 * reach, True), (1.01 * reach, False)):
        pair = Atoms("ZnO", positions=[(0, 0, 0), (0, 0, height)])
        assert ("torn" in foreign_structures(pair, ["Zn", "O"], seed=1)) is torn


@pytest.mark.parametrize("shift", [0.0, 0.45, 0.5, 0.95])
@pytest.mark.parametrize("vectors", [(0, 1, 2), (2, 0, 1)])
def test_a_slab_is_torn_between_layers_wherever_its_cell_begins(shift: float, vectors: tuple[int, int, int]) -> None:
    """Atoms on both sides of the cell's boundary: the part that moves is one side of the slab, in any orientation."""
    whole = fcc111("Cu", (2, 2, 4), a=3.6, vacuum=8.0, periodic=True)
    written = whole.copy()
    written.positions[:, 2] += shift * whole.cell[2, 2]
    written.wrap()
    written.set_cell(written.cell.array[list(vectors)])
    written.positions, turned = written.positions[:, vectors], written.cell.array[:, vectors]
    written.set_cell(turned)
    torn = foreign_structures(written, ["Cu"], seed=1)["torn"]
    axis = vectors.index(2)
    ways = find_mic(torn.positions - written.positions, written.cell)[0]
    moved = np.linalg.norm(ways, axis=1) > 1e-6
    (upper,) = np.unique(ways[moved].round(6), axis=0)
    assert TEAR[0] <= upper[axis] <= TEAR[1]
    tags = set(whole.get_tags()[moved])
    assert tags in ({1}, {1, 2}, {1, 2, 3})  # the uppermost layers, complete
    assert moved.sum() == 4 * len(tags)
    heights = [np.ptp(torn.positions[moved == part, axis]) for part in (True, False)]
    assert max(heights) < np.ptp(whole.positions[:, 2])


def test_a_known_replacement_is_no_foreign_element() -> None:
    found = foreign_structures(interface(), ["Zn", "O", "Mg", "Mn"], seed=1)["unknown element"]
    assert "Al" in found.get_chemical_symbols()


def test_foreign_structures_follow_the_seed() -> None:
    first, again, other = (foreign_structures(interface(), ["Zn", "O"], seed=seed)["torn"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.positions, again.positions)
    assert np.abs(first.positions - other.positions).max() > 1e-3


def test_a_trajectory_whose_calculator_gives_up_keeps_what_came_before(tmp_path: Path) -> None:
    faulty = AseSpec(calculator="faulty:Faulty", options={"calls": 25})
    sample = DynamicsSample(how="dynamics", system="copper", frames=5, interval=10, temperature=300.0)
    recipe = StructureRecipe(prototype="Cu", supercell=(2, 2, 2))
    made = sample_frames(sample, recipe, faulty, tmp_path)
    assert made.count == 2  # one call to begin with, ten for each frame; the third frame fails
    assert [frame.info["name"] for frame in made.read(tmp_path)] == ["copper dynamics 1-1", "copper dynamics 1-2"]


def test_an_adsorbate_is_lifted_off_its_relaxed_site_in_equal_steps(tmp_path: Path) -> None:
    slab = SlabRecipe(miller="(111)", layers=3, supercell=(2, 2), vacuum=12.0)
    recipe = StructureRecipe(prototype="Cu", slab=slab)
    sample = DetachmentSample(how="detachment", system="slab", adsorbate="H", frames=9, height=2.0, amplitude=0.0)
    emt = AseSpec(calculator="ase.calculators.emt:EMT")
    found = sample_frames(sample, recipe, emt, tmp_path).read(tmp_path)
    assert [len(frame) for frame in found] == [13] * 9
    heights = [frame.positions[-1, 2] for frame in found]
    again = sample_frames(sample.model_copy(update={"height": 1e-6}), recipe, emt, tmp_path).read(tmp_path)
    lifted = np.array(heights) - [frame.positions[-1, 2] for frame in again]
    np.testing.assert_allclose(lifted, np.linspace(0.0, 2.0, 9), atol=1e-4)
    for one, other in zip(found, again, strict=True):
        np.testing.assert_allclose(one.positions[:-1], other.positions[:-1], atol=1e-6)


def test_points_along_a_hop_between_given_structures(tmp_path: Path) -> None:
    host = bulk("Cu", cubic=True).repeat(2)
    first, last = (host + Atoms("H", positions=[place]) for place in ((1.805, 1.805, 1.805), (3.61, 3.61, 1.805)))
    for atoms in (first, last):
        atoms.info["label"] = "H in Cu"
    emt = AseSpec(calculator="ase.calculators.emt:EMT")
    sample = HopSample(how="hop", system="first", final=StructureDocument.from_atoms(last), frames=8)
    found = sample_frames(sample, StructureRecipe(document=StructureDocument.from_atoms(first)), emt, tmp_path)
    frames = found.read(tmp_path)
    assert 6 <= len(frames) <= 8
    assert {frame.info["system"] for frame in frames} == {"first"}
    along = [float(frame.positions[-1, 0]) for frame in frames]
    assert min(along) == pytest.approx(1.805, abs=0.1)
    assert max(along) > 2.6  # beyond the middle


def test_layers_slide_whole_and_along_the_plane_only() -> None:
    layers = build_bulk(StructureRecipe(prototype="2H-MoS2")).repeat((2, 2, 1))
    before = layers.positions.copy()
    moved = slid(layers, 2, np.random.default_rng(3))
    parts = bonded_parts(layers)
    assert sorted(map(len, parts)) == [12, 12]
    shifts = moved.positions - before
    np.testing.assert_allclose(shifts[parts[0]], 0.0, atol=1e-12)
    np.testing.assert_allclose(shifts[parts[1]], np.tile(shifts[parts[1][0]], (12, 1)), atol=1e-9)
    assert np.abs(shifts[parts[1], 2]).max() < 1e-9
    assert np.linalg.norm(shifts[parts[1][0]]) > 0.5
    with pytest.raises(StructureError, match="no layer slides"):
        slid(bulk("Cu", cubic=True), 2, np.random.default_rng(1))


def test_a_sample_may_have_a_sampler_of_its_own(tmp_path: Path) -> None:
    from azibflow.calculators.specs import ChgnetSpec
    from azibflow.workflows.surrogate.datasets import Split
    from azibflow.workflows.surrogate.maker import SurrogateMaker

    emt, other = (AseSpec(calculator=f"ase.calculators.{name}") for name in ("emt:EMT", "morse:MorsePotential"))
    samples = [
        RattledSample(how="rattled", system="a", sampler=emt),
        RattledSample(how="rattled", system="b"),
    ]
    maker = SurrogateMaker(
        samples=samples, split=Split(validation=["a"], test=["b"]), calculator=ChgnetSpec(), sampler=other
    )
    recipe = StructureRecipe(prototype="Cu")
    flow = maker.make({"a": recipe, "b": recipe})
    moving = [job.function_args[2] for job in flow.jobs if ": sample " in job.name]
    assert moving == [emt, other]
    with pytest.raises(ValidationError, match="the committee itself moves the atoms"):
        ActiveLearning(samples=samples)
