"""Isosurfaces with known shapes, and statistics of potentials known by hand."""

import numpy as np
import pytest
from ase import Atoms
from ase.units import Bohr
from pyscf import gto
from scipy.spatial.transform import Rotation

from azibflow.calculators.esp.cubes import write_cubes
from azibflow.calculators.esp.isosurface import density_isosurface, electron_density
from azibflow.calculators.esp.statistics import local_maxima, surface_statistics
from azibflow.calculators.esp.surface import esp_surface, read_surface, write_surface
from azibflow.errors import CalculationError


def sphere(radius: float, count: int = 4000):
    """Return vertices and outward triangles of a sphere."""
    from scipy.spatial import ConvexHull

    index = np.arange(count) + 0.5
    polar, azimuth = np.arccos(1 - 2 * index / count), np.pi * (1 + 5**0.5) * index
    points = np.column_stack([np.cos(azimuth) * np.sin(polar), np.sin(azimuth) * np.sin(polar), np.cos(polar)])
    triangles = ConvexHull(points).simplices.copy()
    corners = points[triangles]
    inward = (
        np.einsum("ij,ij->i", np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), corners[:, 0]) < 0
    )
    triangles[inward] = triangles[inward][:, ::-1]
    return radius * points, triangles


def statistics_on_sphere(function, radius=2.0):
    vertices, triangles = sphere(radius)
    volume = 4 / 3 * np.pi * radius**3
    return surface_statistics(vertices, triangles, function(vertices), volume, Atoms("He", positions=[(0, 0, 0)]))


def test_isosurface_of_the_hydrogen_atom_has_the_analytic_radius():
    # rho = exp(-2r)/pi = 0.001 at r = -ln(0.001 pi)/2 = 2.881 bohr.
    molecule = gto.M(atom="H 0.1 -0.2 0.3", basis="cc-pv5z", spin=1, verbose=0)
    field = molecule.UHF()
    field.kernel()
    surface = density_isosurface(molecule, field.make_rdm1().sum(axis=0))
    radius = -np.log(0.001 * np.pi) / 2
    distances = np.linalg.norm(surface.vertices - molecule.atom_coords()[0], axis=1)
    assert distances.mean() == pytest.approx(radius, abs=0.02)  # what the Gaussian tail of cc-pV5Z allows
    assert distances.std() < 0.005
    assert surface.triangle_areas.sum() == pytest.approx(4 * np.pi * distances.mean() ** 2, rel=0.005)
    assert surface.volume == pytest.approx(4 / 3 * np.pi * distances.mean() ** 3, rel=0.01)


def test_density_at_the_vertices_is_the_isovalue(density):
    molecule, dm = density("H2O")
    for isovalue in (0.001, 0.01):
        surface = density_isosurface(molecule, dm, isovalue)
        assert electron_density(molecule, dm, surface.vertices) == pytest.approx(isovalue, rel=0.001)


def test_refinement_finds_what_a_full_grid_finds(density):
    from skimage.measure import marching_cubes

    molecule, dm = density("VO2+")
    spacing = 0.4
    axes = [np.arange(low - 7, high + 7, spacing) for low, high in zip(*_box(molecule), strict=True)]
    points = np.array(np.meshgrid(*axes, indexing="ij")).reshape(3, -1).T
    values = np.log(electron_density(molecule, dm, points) / 0.001).reshape([len(axis) for axis in axes])
    vertices, triangles, _, _ = marching_cubes(values, 0.0)
    corners = vertices[triangles] * spacing
    full = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum() / 2
    adaptive = density_isosurface(molecule, dm, spacing=spacing)
    assert adaptive.triangle_areas.sum() == pytest.approx(full, rel=0.005)
    assert adaptive.evaluations < 0.3 * len(points)


def test_two_separate_molecules_give_two_pieces():
    molecule = gto.M(atom="He 0 0 0; He 0 0 12", basis="def2-svp", verbose=0)
    field = molecule.RHF()
    field.kernel()
    single = gto.M(atom="He 0 0 0", basis="def2-svp", verbose=0)
    alone = single.RHF()
    alone.kernel()
    two, one = density_isosurface(molecule, field.make_rdm1()), density_isosurface(single, alone.make_rdm1())
    assert two.volume == pytest.approx(2 * one.volume, rel=0.01)
    assert one.volume > 0  # triangles face outward


def test_surface_that_does_not_exist_or_leaves_the_grid_is_an_error():
    molecule = gto.M(atom="He 0 0 0", basis="def2-svp", verbose=0)
    dm = molecule.RHF().run().make_rdm1()
    with pytest.raises(CalculationError, match="nowhere reaches 100 electrons"):
        density_isosurface(molecule, dm, isovalue=100.0)
    with pytest.raises(CalculationError, match="choose a higher isovalue"):
        density_isosurface(molecule, dm, isovalue=1e-30)


def test_lone_ion_has_no_extrema_but_the_highest_and_the_lowest_point(density):
    found = esp_surface(*density("Zn2+")).statistics
    assert (len(found.maxima), len(found.minima)) == (1, 1)
    assert found.maximum.value == pytest.approx(found.minimum.value, abs=0.02)


def test_statistics_of_a_uniform_potential():
    found = statistics_on_sphere(lambda v: np.full(len(v), 30.0))
    assert found.average == pytest.approx(30.0)
    assert found.average_negative is None
    assert found.variance_negative is None
    assert found.balance is None
    assert found.variance == pytest.approx(0.0, abs=1e-9)
    assert found.spread == pytest.approx(0.0, abs=1e-9)
    assert found.steepness == pytest.approx(0.0, abs=1e-9)
    assert found.positive_area == pytest.approx(4 * np.pi * 4.0, rel=0.005)
    assert found.negative_area == 0.0


def test_statistics_of_a_dipole_are_those_by_hand():
    # V = 20 cos(theta) on radius 2: mean |V| = 10 over each half, mean V^2 = 400/3, variance of a half 400 (1/3 - 1/4);
    # |grad V| = 20 sin(theta)/2, mean square 100 * 2/3.
    found = statistics_on_sphere(lambda v: 10.0 * v[:, 2])
    assert found.average == pytest.approx(0.0, abs=0.01)
    assert found.average_positive == pytest.approx(10.0, rel=0.005)
    assert found.average_negative == pytest.approx(-10.0, rel=0.005)
    assert found.variance_positive == pytest.approx(400 / 12, rel=0.01)
    assert found.variance == pytest.approx(800 / 12, rel=0.01)
    assert found.balance == pytest.approx(0.25, rel=0.001)
    assert found.charge_separation == pytest.approx(10.0, rel=0.005)
    assert found.spread == pytest.approx(np.sqrt(400 / 3), rel=0.005)
    assert found.steepness == pytest.approx(np.sqrt(200 / 3), rel=0.005)
    assert found.maximum.value == pytest.approx(20.0, rel=0.005)
    assert found.minimum.value == pytest.approx(-20.0, rel=0.005)
    assert (len(found.maxima), len(found.minima)) == (1, 1)


def test_anisotropy_does_not_depend_on_orientation_or_on_an_added_constant():
    turned = Rotation.from_euler("xyz", (0.3, 1.1, -0.7))
    plain = statistics_on_sphere(lambda v: 10.0 * v[:, 2] + 3.0 * v[:, 0] * v[:, 1])
    rotated = statistics_on_sphere(
        lambda v: 150.0 + 10.0 * turned.apply(v)[:, 2] + 3.0 * turned.apply(v)[:, 0] * turned.apply(v)[:, 1]
    )
    assert rotated.spread == pytest.approx(plain.spread, rel=0.01)
    assert rotated.steepness == pytest.approx(plain.steepness, rel=0.01)


def test_noise_is_no_extremum():
    vertices, triangles = sphere(2.0)
    noise = np.random.default_rng(1).normal(scale=0.01, size=len(vertices))
    found = local_maxima(vertices, triangles, 10.0 * vertices[:, 2] + noise, Atoms("He", positions=[(0, 0, 0)]))
    assert found[0].value == pytest.approx(20.0, abs=0.1)
    assert len(found) == 1


def test_water_has_the_extrema_that_everybody_finds(density):
    molecule, dm = density("H2O", "def2-svpd")
    found = esp_surface(molecule, dm).statistics
    assert found.maximum.nearest_symbol == "H"
    assert found.minimum.nearest_symbol == "O"
    assert len(found.maxima) == 2
    assert 35 < found.maximum.value < 50
    assert -40 < found.minimum.value < -28
    assert found.area == pytest.approx(found.positive_area + found.negative_area, rel=0.01)


def test_extrema_of_a_rotated_molecule_are_the_same():
    turned = Rotation.from_euler("xyz", (0.4, -0.9, 0.2)).as_matrix()
    results = []
    for matrix in (np.eye(3), turned):
        atoms = Atoms("OHH", [(0, 0, 0.119), (0, 0.763, -0.477), (0, -0.763, -0.477)])
        molecule = gto.M(
            atom=list(zip("OHH", (atoms.positions @ matrix.T).tolist(), strict=True)), basis="sto-3g", verbose=0
        )
        field = molecule.RHF()
        field.kernel()
        results.append(esp_surface(molecule, field.make_rdm1()).statistics)
    assert results[1].maximum.value == pytest.approx(results[0].maximum.value, abs=0.1)
    assert results[1].minimum.value == pytest.approx(results[0].minimum.value, abs=0.1)
    assert results[1].area == pytest.approx(results[0].area, rel=0.003)
    assert results[1].spread == pytest.approx(results[0].spread, rel=0.01)


def test_surface_file_keeps_what_was_computed(density, tmp_path):
    molecule, dm = density("OH-")
    surface = esp_surface(molecule, dm, spacing=0.5)
    for name in ("a.npz", "b.npz"):
        write_surface(tmp_path / name, surface)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    kept = read_surface(tmp_path / "a.npz")
    assert kept.potential == pytest.approx(surface.potential, rel=1e-6)
    assert kept.vertices == pytest.approx(surface.vertices, abs=1e-5)
    assert kept.statistics == surface.statistics
    assert not list(tmp_path.glob("*.new"))


def test_cubes_are_read_back_with_the_right_numbers_in_the_right_places(density, tmp_path):
    from ase.io.cube import read_cube

    molecule, dm = density("NH4+")
    files = write_cubes(molecule, dm, tmp_path, spacing=0.4)
    assert [path.name for path in files] == ["density.cube", "esp.cube"]
    with files[0].open() as file:
        cube = read_cube(file)
    data, origin = cube["data"], cube["origin"]
    point = (np.array([8, 9, 10]) * 0.4 + origin) / Bohr
    assert data[8, 9, 10] == pytest.approx(electron_density(molecule, dm, point[None, :])[0], rel=1e-3)
    assert cube["atoms"].get_chemical_symbols() == ["N", "H", "H", "H", "H"]
    with files[1].open() as file:
        potential = read_cube(file)["data"]
    from azibflow.calculators.esp.potential import ExactPotential

    corner = origin[None, :] / Bohr
    assert potential[0, 0, 0] == pytest.approx(ExactPotential(molecule, dm)(corner)[0], abs=2e-4)
    assert np.isfinite(potential).all()


def _box(molecule):
    coordinates = molecule.atom_coords()
    return coordinates.min(axis=0), coordinates.max(axis=0)
