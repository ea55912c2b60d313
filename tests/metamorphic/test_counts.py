"""How many hops and sites there are, and what surrounds them, is a matter of the crystal and not of its cell."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.constraints import FixAtoms
from ase.geometry import find_mic
from variants import CRYSTAL, SLAB, skewed_in_space

from azibflow.errors import StructureError
from azibflow.structures.coordination import coordination_number
from azibflow.structures.hops import Hop, distinct_hops, hop_endpoints, hop_supercell
from azibflow.structures.interstitials import interstitial_sites
from azibflow.structures.prototypes import prototype
from azibflow.structures.sites import AdsorptionSite, adsorption_sites
from azibflow.structures.slabs import build_slabs
from azibflow.structures.symmetry import symmetry_operations

CASES = {"Cu": "H", "Zn": "H", "1T-TiS2": "Zn", "wurtzite-ZnO": "Zn"}
"""Hosts and ions; zinc oxide holds the ion, so that vacancies hop."""


def primitive(atoms: Atoms) -> Atoms:
    symmetry = symmetry_operations(atoms)
    cell = atoms[list(symmetry.primitive_atoms)]
    cell.set_cell(symmetry.primitive_lattice)
    return cell


WAYS = {way.__name__: way for way in CRYSTAL} | {
    "primitive": primitive,
    "skewed primitive": lambda atoms: skewed_in_space(primitive(atoms)),
    "repeated along b": lambda atoms: atoms.repeat((1, 2, 1)),
    "repeated": lambda atoms: atoms.repeat((2, 2, 2)),
}


def hops_of(host: Atoms, ion: str, max_distance: float = 3.3) -> list[tuple[float, str, bool]]:
    """Length, ends without the axis, and whether symmetry maps one end onto the other; in the order of lengths."""
    hops = distinct_hops(host, ion, max_distance=max_distance)
    ends = [hop.label.split(",")[0].split(" along")[0] for hop in hops]
    return sorted((round(hop.distance, 1), end, hop.operation is not None) for hop, end in zip(hops, ends, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_distinct_hops_are_those_of_the_crystal(name: str) -> None:
    host, ion = prototype(name), CASES[name]
    expected = hops_of(host, ion)
    assert expected
    for way, write in WAYS.items():
        assert hops_of(write(host), ion) == expected, way


@pytest.mark.parametrize("repeats", [(1, 2, 1), (2, 1, 1), (1, 1, 2)])
@pytest.mark.parametrize("name", CASES)
def test_distinct_hops_and_sites_of_a_cell_longer_one_way(name: str, repeats: tuple[int, int, int]) -> None:
    """The cell given has not all operations of its crystal: what they make equal stays one hop, of the same name."""
    host, ion = prototype(name), CASES[name]
    longer = host.repeat(repeats)
    labels = [hop.label for hop in distinct_hops(host, ion, max_distance=3.3)]
    assert [hop.label for hop in distinct_hops(longer, ion, max_distance=3.3)] == labels
    if ion not in host.get_chemical_symbols():
        sites = [(site.label, 2 * site.multiplicity) for site in interstitial_sites(host, ion)]
        assert [(site.label, site.multiplicity) for site in interstitial_sites(longer, ion)] == sites


@pytest.mark.parametrize("name", ["Cu", "Zn", "1T-TiS2"])
def test_interstitial_sites_are_those_of_the_crystal(name: str) -> None:
    host, ion = prototype(name), CASES[name]
    expected = interstitial_sites(host, ion)
    for way, write in WAYS.items():
        other = write(host)
        found = interstitial_sites(other, ion)
        assert [site.label for site in found] == [site.label for site in expected], way
        for site, same in zip(found, expected, strict=True):
            assert site.distance == pytest.approx(same.distance, abs=1e-3), way
            assert site.multiplicity * len(host) == same.multiplicity * len(other), way


@pytest.mark.parametrize(
    ("name", "centre", "number"), [("Cu", "Cu", 12), ("Zn", "Zn", 12), ("1T-TiS2", "Ti", 6), ("wurtzite-ZnO", "Zn", 4)]
)
def test_coordination_is_that_of_the_crystal(name: str, centre: str, number: int) -> None:
    for way, write in WAYS.items():
        other = write(prototype(name))
        centres = [i for i, symbol in enumerate(other.symbols) if symbol == centre]
        assert {coordination_number(other, i) for i in centres} == {number}, way


def test_a_vacancy_of_a_primitive_cell_has_all_its_neighbours() -> None:
    """All neighbours of the atom of a primitive cell are its own images; two thirds of those of hcp are another's."""
    for host in (bulk("Cu", "fcc", a=3.61), bulk("Cu", "fcc", a=3.61, cubic=True)):
        assert hops_of(host, "Cu", 3.0) == [(2.6, "Cu12 to Cu12", True)]


def test_an_image_of_the_ion_in_the_way_is_in_the_way() -> None:
    """From 0 to the second vector, past an image 1.0 angstrom beside the middle: nearer than an atom fits."""
    host = Atoms("Zn", cell=[(2.5, 1.0, 0.0), (5.0, 0.0, 0.0), (0.0, 0.0, 9.0)], pbc=True)
    lengths = [round(hop.distance, 2) for hop in distinct_hops(host, "Zn", max_distance=5.2)]
    assert lengths[0] == 2.0
    assert 5.0 not in lengths


def test_a_site_beside_the_way_is_found_where_another_of_its_images_is_nearer_the_middle() -> None:
    from azibflow.structures.interstitials import site_at
    from azibflow.structures.jumps import Jump, passes_a_site

    host = Atoms("Zn", scaled_positions=[(0.0, 0.0, 0.5)], cell=[(1.25, 0.3, 0), (5.0, 0.0, 0), (0, 0, 9)], pbc=True)
    symmetry = symmetry_operations(host)
    site = site_at(host, "H", (0.0, 0.0, 0.0), symmetry)
    jump = Jump(site, site, np.zeros(3), np.array([0.0, 1.0, 0.0]), np.array([5.0, 0.0, 0.0]))
    assert passes_a_site(jump, [site], host, symmetry)


def test_the_start_is_the_nearest_image_of_the_start_in_skewed_supercells() -> None:
    """A hop along the long diagonal of a skewed cell, less than half of it long: another image is nearer."""
    host = Atoms("Zn", cell=[4.76, 5.35, 6.0, 110.35, 70.21, 62.16], pbc=True)
    vector = np.array([0.45, 0.45, 0.05]) @ host.cell.array
    hop = Hop("", (0.0, 0.0, 0.5), tuple(vector @ np.linalg.inv(host.cell.array)), tuple(vector), 0.0, None)
    assert not _alone(vector, host, (1, 1, 1))
    with pytest.raises(StructureError, match=r"too small along .*: an image of the start is as near the end"):
        hop_endpoints(host, "H", hop, (1, 1, 1))
    chosen = hop_supercell(host, hop, min_length=1.0)
    assert _alone(vector, host, chosen)
    assert len(hop_endpoints(host, "H", hop, chosen)[0]) == int(np.prod(chosen)) + 1


def _alone(vector: np.ndarray, host: Atoms, repeats: tuple[int, int, int]) -> bool:
    return bool(find_mic(vector, host.repeat(repeats).cell)[1] > np.linalg.norm(vector) - 1e-3)


def test_a_fixed_atom_is_not_mapped_onto_a_free_one() -> None:
    host = bulk("Zn", "hcp", a=2.40, c=3.92).repeat((3, 1, 1))
    (free,) = distinct_hops(host, "H", direction="a", max_distance=3.0)
    host.set_constraint(FixAtoms([0]))
    held = distinct_hops(host, "H", direction="a", max_distance=3.0)
    assert free.operation is not None
    assert len(held) == 3
    for hop in held:
        operations = symmetry_operations(host)
        assert hop.operation is None or _image_of_first(hop, host) == 0
        assert (operations.orbits[1:] != 0).all()


def _image_of_first(hop: Hop, host: Atoms) -> int:
    rotation, translation = np.array(hop.operation.rotation), np.array(hop.operation.translation)
    place = rotation @ host.get_scaled_positions()[0] + translation
    return int(find_mic(host.positions - place @ host.cell.array, host.cell)[1].argmin())


@pytest.mark.parametrize(("name", "facet"), [("Zn", "101"), ("wurtzite-ZnO", "100")])
def test_a_site_keeps_its_name_in_every_file_of_the_slab(name: str, facet: str) -> None:
    """Several bridges at one height: whatever the cell, each number stands for the same place among the atoms."""
    slab = build_slabs(prototype(name), facet, layers=2, vacuum=12.0)[0]
    expected = [(site.label, site.multiplicity, _surrounded(slab, site)) for site in adsorption_sites(slab)]
    for way in SLAB:
        written = way(slab)
        found = [(site.label, site.multiplicity, _surrounded(written, site)) for site in adsorption_sites(written)]
        for (label, multiplicity, distances), other in zip(expected, found, strict=True):
            assert (label, multiplicity) == other[:2], way.__name__
            assert np.allclose(distances, other[2], atol=0.02), (way.__name__, label)


def _surrounded(slab: Atoms, site: AdsorptionSite) -> np.ndarray:
    """Distances from a site to the atoms around it, periodic images counted."""
    everything = slab.repeat((3, 3, 1))
    everything.append("X")
    everything.positions[-1] = site.position
    return np.sort(everything.get_distances(-1, range(len(everything) - 1), mic=True))[:12]
