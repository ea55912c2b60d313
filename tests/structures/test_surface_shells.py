"""Shells of water on surfaces: as many waters as asked, each at the ion, whole, and clear of everything else."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc111
from ase.data import atomic_numbers, covalent_radii
from hypothesis import given, settings
from hypothesis import strategies as st

from azibflow.errors import StructureError
from azibflow.structures.building import build
from azibflow.structures.clusters.solvation import ZINC_OXYGEN
from azibflow.structures.prototypes import prototype
from azibflow.structures.recipes import SlabRecipe, StructureRecipe
from azibflow.structures.surface_shells import surface_shells, without_each_water

ZN002 = build(StructureRecipe(prototype="Zn", slab=SlabRecipe(miller="(002)", layers=2, supercell=(3, 3))))
SHEET = prototype("graphene").repeat((4, 4, 1))


def distances_to_others(shell: Atoms, n_surface: int) -> np.ndarray:
    """Return all distances of atoms above the surface to atoms that are not of the same water, periodic."""
    apart = shell.get_all_distances(mic=True)[n_surface:]
    own = np.full(len(shell), -1)
    own[n_surface:] = (np.arange(len(shell) - n_surface) + 2) // 3
    return apart[own[n_surface:, None] != own[None, :]]


@settings(max_examples=4)
@given(st.sampled_from(["Zn", "Mg"]), st.integers(1, 6), st.integers(1, 4), st.integers(0, 99), st.sampled_from("ZS"))
def test_every_shell_is_whole_and_clear(ion: str, waters: int, count: int, seed: int, which: str) -> None:
    surface = ZN002 if which == "Z" else SHEET
    made = surface_shells(surface, ion, waters, count, seed=seed)
    assert len({shell.name for shell in made}) == len(made) == count
    longer = covalent_radii[atomic_numbers[ion]] - covalent_radii[atomic_numbers["Zn"]]
    for shell in made:
        atoms, at = shell.atoms, len(surface)
        assert atoms.get_chemical_symbols()[at:] == [ion, *["O", "H", "H"] * waters]
        np.testing.assert_allclose(atoms.positions[:at], surface.positions)
        oxygens = list(range(at + 1, len(atoms), 3))
        assert atoms.get_distances(at, oxygens) == pytest.approx(ZINC_OXYGEN[waters] + longer)
        for oxygen in oxygens:
            assert atoms.get_distances(oxygen, [oxygen + 1, oxygen + 2]) == pytest.approx(0.97)
        assert distances_to_others(atoms, at).min() > 1.55
        between = atoms.get_all_distances(mic=True)[np.ix_(oxygens, oxygens)]
        assert between[~np.eye(waters, dtype=bool)].min(initial=9.0) > 2.49
        assert atoms.positions[at:, 2].min() > surface.positions[:, 2].max() + 0.5
        assert atoms.info["charge"] == 0


def test_the_same_seed_makes_the_same_starts_and_another_does_not() -> None:
    first, again, other = (surface_shells(ZN002, "Zn", 3, 2, seed=seed) for seed in (0, 0, 1))
    assert [shell.atoms for shell in first] == [shell.atoms for shell in again]
    assert any(not np.allclose(a.atoms.positions, b.atoms.positions) for a, b in zip(first, other, strict=True))


def test_starts_go_round_the_kinds_of_sites_and_come_back_higher_and_turned() -> None:
    labels = [shell.name.split(" ")[0] for shell in surface_shells(ZN002, "Zn", 2, 6)]
    assert labels == ["top-Zn", "bridge-Zn-Zn", "hollow-fcc", "hollow-hcp", "top-Zn", "bridge-Zn-Zn"]
    low, high = surface_shells(ZN002, "Zn", 2, 2, sites=["top-Zn"])
    rise = high.atoms.positions[len(ZN002), 2] - low.atoms.positions[len(ZN002), 2]
    assert rise >= 1.0
    assert "turned 138" in high.name


def test_a_bare_ion_starts_once_on_each_site() -> None:
    names = [shell.name for shell in surface_shells(ZN002, "Zn", 0, 9)]
    assert names == ["top-Zn", "bridge-Zn-Zn", "hollow-fcc", "hollow-hcp"]


def test_a_full_shell_is_spread_as_far_as_the_surface_allows() -> None:
    (shell,) = surface_shells(SHEET, "Zn", 6, 1)
    arms = shell.atoms.positions[len(SHEET) + 1 :: 3] - shell.atoms.positions[len(SHEET)]
    cosines = np.sort((arms @ arms.T / 2.11**2)[np.triu_indices(6, 1)])
    assert cosines[-1] < np.cos(np.radians(70))  # 90 degrees in an octahedron
    assert (cosines[:3] < -0.85).all()  # three pairs nearly opposite each other
    assert cosines[3] > -0.6


def test_waters_with_the_same_surroundings_are_taken_away_once() -> None:
    surface = fcc111("Cu", (4, 4, 2), a=3.6, vacuum=10, periodic=True)
    (start,) = surface_shells(surface, "Zn", 1, 1, sites=["top-Cu"])
    shell, at = start.atoms, len(surface)
    ion = shell.positions[at]
    shell.positions[at + 1 :] = ion + np.array([(1.9, 0, 0.5), (2.5, 0.75, 0.5), (2.5, -0.75, 0.5)])
    for angle in (180, 90):  # opposite: the other side of a mirror; a quarter turn: not
        twin = shell[at + 1 : at + 4]
        twin.rotate(angle, "z", center=ion)
        both = shell.copy()
        both.extend(twin)
        left = without_each_water(both, at, "two")
        assert [one.name for one in left] == ["two without water 1", "two without water 2"][: 1 if angle == 180 else 2]
        assert left[0].atoms == both[[*range(at + 1), *range(at + 4, at + 7)]]


@pytest.mark.parametrize(
    ("surface", "sites", "message"),
    [
        (ZN002, ["top-Cu"], r"no adsorption site top-Cu on this surface; its sites are top-Zn, bridge-Zn-Zn, hollow"),
        (prototype("Zn"), None, r"Zn: the widest gap along c is .*; a surface needs 6.0 or more"),
        (prototype("graphene").repeat((2, 2, 1)), None, r"its cell leaves no room for Zn with 6 H2O.*; repeat the"),
    ],
)
def test_surfaces_without_sites_or_room_are_refused(surface: Atoms, sites: list[str] | None, message: str) -> None:
    with pytest.raises(StructureError, match=message):
        surface_shells(surface, "Zn", 6, 1, sites=sites)


def test_a_vacuum_that_the_waters_fill_is_refused() -> None:
    thin = build(
        StructureRecipe(prototype="Zn", slab=SlabRecipe(miller="(002)", supercell=(3, 3), layers=2, vacuum=8.0))
    )
    with pytest.raises(StructureError, match=r"6 H2O on this surface leave .* use more vacuum"):
        surface_shells(thin, "Zn", 6, 1)
