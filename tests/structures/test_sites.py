"""Adsorption sites against counts and positions known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, graphene, mx2
from ase.constraints import FixAtoms
from ase.data import covalent_radii

from azibflow.errors import StructureError
from azibflow.structures import sites as site_search
from azibflow.structures.molecules import adsorbate, orientations
from azibflow.structures.prototypes import prototype
from azibflow.structures.rolling import CriticalPoint, critical_points
from azibflow.structures.sites import CONTACT, adsorption_sites, equivalent_sites, place, upright_positions
from azibflow.structures.slabs import build_slabs
from azibflow.structures.symmetry import same_point

ZN = bulk("Zn", "hcp", a=2.665, c=4.947)
CU = bulk("Cu", cubic=True, a=3.61)


def in_vacuum(sheet: Atoms) -> Atoms:
    sheet.center(vacuum=8, axis=2)
    sheet.pbc = True
    return sheet


def cut(crystal: Atoms, miller: str, layers: int = 4, **options) -> Atoms:
    return build_slabs(crystal, miller, layers=layers, **options)[0]


SURFACES = {
    "Zn(0001)": (cut(ZN, "0001"), {"top-Zn": 1, "bridge-Zn-Zn": 3, "hollow-hcp": 1, "hollow-fcc": 1}),
    "Cu(111)": (cut(CU, "111"), {"top-Cu": 1, "bridge-Cu-Cu": 3, "hollow-fcc": 1, "hollow-hcp": 1}),
    "Cu(100)": (cut(CU, "100"), {"top-Cu": 1, "bridge-Cu-Cu": 2, "hollow-Cu4": 1}),
    "Cu(110)": (cut(CU, "110"), {"top-Cu": 1, "bridge-Cu-Cu": 1, "bridge-Cu-Cu-2": 1, "hollow-Cu4": 1}),
    "graphene": (in_vacuum(graphene()), {"top-C": 2, "bridge-C-C": 3, "hollow-C6": 1}),
    "MoS2": (in_vacuum(mx2("MoS2")), {"top-S": 1, "bridge-S-S": 3, "hollow-S3-over-Mo": 1, "hollow-S3": 1}),
}


@pytest.mark.parametrize("name", SURFACES)
def test_known_sites(name):
    surface, expected = SURFACES[name]
    assert {site.label: site.multiplicity for site in adsorption_sites(surface)} == expected


@pytest.mark.parametrize("name", ["Zn(0001)", "Cu(100)", "graphene"])
def test_a_supercell_has_the_same_sites_more_often(name):
    surface, expected = SURFACES[name]
    sites = adsorption_sites(surface.repeat((3, 3, 1)))
    assert {site.label: site.multiplicity for site in sites} == {label: 9 * n for label, n in expected.items()}


def test_a_supercell_of_lower_symmetry_tells_sites_apart_by_their_images():
    surface, _ = SURFACES["Cu(100)"]
    sites = adsorption_sites(surface.repeat((3, 2, 1)))
    assert [site.multiplicity for site in sites if site.label.startswith("bridge")] == [6, 6]


def test_sites_are_exactly_where_they_belong():
    surface, _ = SURFACES["graphene"]
    found = {site.label: np.array(site.position) for site in adsorption_sites(surface)}
    centre_of_hexagon = surface.cell.array.T @ [1 / 3, 2 / 3, 0]
    for carbon in surface.positions:
        assert not same_point(
            np.linalg.solve(surface.cell.T, carbon),
            np.linalg.solve(surface.cell.T, centre_of_hexagon),
            surface.cell.array,
            1,
        )
    gap = np.linalg.solve(surface.cell.T, found["hollow-C6"] - centre_of_hexagon)[:2]
    assert gap == pytest.approx(np.rint(gap), abs=1e-6)
    bonded = surface.positions - found["bridge-C-C"]
    assert np.sort(np.linalg.norm(bonded[:, :2], axis=1))[0] == pytest.approx(1.42 / 2, abs=2e-3)


def test_hcp_hollow_has_an_atom_beneath_and_fcc_has_none():
    surface, _ = SURFACES["Zn(0001)"]
    second_layer = surface.positions[surface.get_tags() == 2][0]
    sites = {site.label: np.array(site.position) for site in adsorption_sites(surface)}

    def lateral(point):
        return np.linalg.solve(surface.cell.T, [point[0], point[1], 0])

    assert same_point(lateral(sites["hollow-hcp"]), lateral(second_layer), surface.cell.array, 1e-3)
    assert not same_point(lateral(sites["hollow-fcc"]), lateral(second_layer), surface.cell.array, 1.0)
    top_layer = surface.positions[:, 2].max()
    assert all(position[2] == pytest.approx(top_layer) for position in sites.values())


@pytest.mark.parametrize(("name", "top", "hollows"), [("Ti3C2O2", "O", 2), ("Ti3C2", "Ti", 2), ("V2C", "V", 2)])
def test_mxenes_have_both_hollows(name, top, hollows):
    sites = adsorption_sites(prototype(name))
    assert len(sites) == 2 + hollows
    assert [site.label for site in sites][:2] == [f"top-{top}", f"bridge-{top}-{top}"]
    assert [site.multiplicity for site in sites] == [1, 3, 1, 1]


def test_the_hollow_between_four_vanadyl_oxygens_is_found():
    oxide = prototype("alpha-V2O5")
    slab = cut(oxide, "001", layers=1, intact_bonds={("V", "O"): 2.1})
    sites = {site.label: site for site in adsorption_sites(slab)}
    hollow = sites["hollow-O4"]
    vanadyl = slab.positions[slab.positions[:, 2] > slab.positions[:, 2].max() - 0.1]
    assert {slab.symbols[i] for i in hollow.neighbours} == {"O"}
    assert hollow.position[2] == pytest.approx(vanadyl[0, 2])
    offsets = np.abs(vanadyl - hollow.position)[:, :2]
    # between two rows of vanadyls, half-way between neighbours along b
    assert offsets[:, 0] == pytest.approx([offsets[0, 0]] * 2)
    assert offsets[:, 1] % 3.564 == pytest.approx([3.564 / 2] * 2, abs=2e-3)
    assert sites["top-O"].multiplicity == 2


def test_every_equivalent_atom_is_counted_once():
    surface, _ = SURFACES["graphene"]
    doped = surface.repeat((4, 4, 1))
    doped.symbols[0] = "N"
    sites = adsorption_sites(doped)
    assert sum(site.multiplicity for site in sites if site.label.startswith("top")) == 32
    assert sum(site.multiplicity for site in sites if site.label.startswith("bridge")) == 48
    assert sum(site.multiplicity for site in sites if site.label.startswith("hollow")) == 16
    assert next(site for site in sites if site.label == "top-N").multiplicity == 1


def test_noise_of_a_relaxed_slab_does_not_multiply_sites():
    surface, expected = SURFACES["Cu(111)"]
    noisy = surface.copy()
    noisy.positions += np.random.default_rng(1).uniform(-0.005, 0.005, noisy.positions.shape)
    assert {site.label: site.multiplicity for site in adsorption_sites(noisy)} == expected


def test_a_slab_wrapped_across_the_cell_boundary_is_the_same_slab():
    surface, expected = SURFACES["Cu(111)"]
    wrapped = surface.copy()
    wrapped.positions[:, 2] -= wrapped.positions[:, 2].mean()
    wrapped.wrap()
    assert {site.label: site.multiplicity for site in adsorption_sites(wrapped)} == expected
    assert np.ptp(upright_positions(wrapped)[:, 2]) == pytest.approx(3 * 3.61 / np.sqrt(3))
    hollow = adsorption_sites(wrapped)[-1]
    together = place(wrapped, adsorbate("Zn"), hollow)
    contacts = np.sort(together.get_distances(-1, range(4), mic=True))
    assert contacts[0] == pytest.approx(CONTACT * (covalent_radii[30] + covalent_radii[29]))


def test_sites_are_deterministic():
    surface, _ = SURFACES["MoS2"]
    assert adsorption_sites(surface) == adsorption_sites(surface.copy())


@pytest.mark.parametrize("label", ["top-Zn", "bridge-Zn-Zn", "hollow-hcp", "hollow-fcc"])
def test_first_contact_is_at_the_stated_distance(label):
    surface = SURFACES["Zn(0001)"][0].repeat((3, 3, 1))
    surface.info["charge"] = 0
    site = next(site for site in adsorption_sites(surface) if site.label == label)
    together = place(surface, adsorbate("Zn"), site)
    distances = together.get_distances(-1, range(len(surface)), mic=True)
    assert distances.min() == pytest.approx(CONTACT * 2 * covalent_radii[30])
    neighbours = {"top": 1, "bridge": 2, "hollow": 3}[label.split("-")[0]]
    assert (distances < distances.min() + 1e-3).sum() == neighbours
    assert together.positions[-1, 2] > surface.positions[:, 2].max()


def test_placing_keeps_the_slab_and_sums_the_charge():
    slab = cut(ZN, "0001", fixed_layers=2, supercell=(2, 2))
    slab.info["charge"] = 1
    proton = adsorbate("H")
    proton.info["charge"] = 1
    together = place(slab, proton, adsorption_sites(slab)[0], distance=1.6)
    assert together.info["charge"] == 2
    assert together.positions[:-1] == pytest.approx(slab.positions)
    assert together.constraints[0].index.tolist() == slab.constraints[0].index.tolist()
    assert together.get_tags()[-1] == 0
    assert together.positions[-1, 2] - slab.positions[:, 2].max() == pytest.approx(1.6)
    assert slab.info["charge"] == 1
    assert len(slab) == 16


def test_no_orientation_of_water_overlaps_any_site():
    for name in ("graphene", "MoS2"):
        surface = SURFACES[name][0].repeat((4, 4, 1))
        for site in adsorption_sites(surface):
            for orientation in orientations(adsorbate("H2O")):
                together = place(surface, orientation.atoms, site)
                n = len(surface)
                for atom in range(n, n + 3):
                    radii = covalent_radii[together.numbers[:n]] + covalent_radii[together.numbers[atom]]
                    assert (together.get_distances(atom, range(n), mic=True) > 1.199 * radii).all()


def test_a_surface_must_look_like_one():
    with pytest.raises(StructureError, match="widest gap along c"):
        adsorption_sites(CU)
    tilted = SURFACES["Cu(111)"][0].copy()
    tilted.cell[2] += (1, 0, 0)
    with pytest.raises(StructureError, match="c along z"):
        adsorption_sites(tilted)
    thin = cut(CU, "111", vacuum=7.0)
    with pytest.raises(StructureError, match="use more vacuum"):
        place(thin, adsorbate("Zn"), adsorption_sites(thin)[0], distance=5)
    with pytest.raises(StructureError, match="overlap"):
        place(thin, adsorbate("Zn"), adsorption_sites(thin)[0], distance=0.5)


def test_a_surface_that_is_asked_again_is_not_searched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []

    def counting(*arguments: object) -> list[CriticalPoint]:
        searched.append(arguments)
        return critical_points(*arguments)

    monkeypatch.setattr(site_search, "critical_points", counting)
    slab = fcc111("Cu", (1, 1, 3), a=3.7, vacuum=8.0, periodic=True)
    first = adsorption_sites(slab)
    slab.info["label"] = "another name"
    assert adsorption_sites(slab) == first
    assert sum(site.multiplicity for site in first) == sum(map(len, equivalent_sites(slab)))
    assert len(searched) == 1
    slab.set_constraint(FixAtoms([0]))
    slab.positions[-1, 0] += 0.3
    assert adsorption_sites(slab) != first
    assert len(searched) == 2
