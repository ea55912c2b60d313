"""Sites, and the beam that a wider one contains."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.data import atomic_numbers, covalent_radii
from ase.geometry import get_distances
from hypothesis import given
from hypothesis import strategies as st

from azibflow.errors import StructureError
from azibflow.structures.documents import StructureDocument
from azibflow.structures.insertion_sites import APART, CLOSEST, FARTHEST, insertion_sites
from azibflow.structures.prototypes import prototype
from azibflow.workflows.breathing.search import SAME_ENERGY, Candidate, State, fill_beam


def state(energy: float, converged: bool = True) -> State:
    atoms = StructureDocument.from_atoms(Atoms("Zn", positions=[[energy, 0, 0]]))
    return State(structure=atoms, energy=energy, fmax=0.01, converged=converged)


CANDIDATES = st.lists(
    st.builds(
        lambda parent, energy, converged: Candidate(parent=parent, state=state(round(energy, 3), converged)),
        st.integers(0, 4),
        st.floats(-3, 3),
        st.booleans(),
    ),
    max_size=12,
)


@given(CANDIDATES, st.integers(1, 5), st.randoms())
def test_a_beam_holds_the_narrower_ones_in_any_order_of_candidates(candidates, width, random) -> None:
    beam = fill_beam(candidates, width)
    shuffled = list(candidates)
    random.shuffle(shuffled)
    assert fill_beam(shuffled, width) == beam
    for narrower in range(1, width):
        assert [one for one in beam if one.rank < narrower] == fill_beam(candidates, narrower)
    kept = [one.state.energy for one in beam]
    assert all(abs(a - b) > SAME_ENERGY for i, a in enumerate(kept) for b in kept[:i])


def test_a_rank_has_the_lowest_of_its_own_and_lower_parents() -> None:
    candidates = [Candidate(parent=p, state=state(e)) for p, e in ((0, -1.0), (0, -0.5), (1, -2.0), (2, -3.0))]
    assert [one.state.energy for one in fill_beam(candidates, 1)] == [-1.0]
    assert [one.state.energy for one in fill_beam(candidates, 2)] == [-1.0, -2.0]
    assert [one.state.energy for one in fill_beam(candidates, 3)] == [-1.0, -2.0, -3.0]


def test_what_did_not_converge_comes_last_and_nothing_is_no_state() -> None:
    candidates = [
        Candidate(parent=0, state=state(-5.0, converged=False)),
        Candidate(parent=0, state=state(-1.0)),
        Candidate(parent=0, state=None),
    ]
    assert [one.state.energy for one in fill_beam(candidates, 3)] == [-1.0, -5.0]


@pytest.fixture(scope="module")
def host() -> Atoms:
    return prototype("alpha-V2O5") * (1, 2, 1)


def test_sites_have_room_touch_an_anion_and_lie_apart(host: Atoms) -> None:
    places = insertion_sites(host, "Zn", 40)
    assert len(places) == 40
    _, distances = get_distances(places, host.positions, cell=host.cell, pbc=True)
    ratios = distances / (covalent_radii[host.numbers] + covalent_radii[atomic_numbers["Zn"]])
    assert ratios.min(axis=1).min() >= CLOSEST
    assert ratios.min(axis=1).max() <= FARTHEST
    assert ratios[:, host.numbers == 8].min(axis=1).max() < 1.2
    _, between = get_distances(places, places, cell=host.cell, pbc=True)
    assert between[~np.eye(40, dtype=bool)].min() >= APART - 1e-6


def test_the_gallery_of_v2o5_is_found(host: Atoms) -> None:
    # Zinc sits between the layers, eightfold between vanadyl oxygens; every sample of forty places comes near one.
    places = insertion_sites(host, "Zn", 60)
    gallery = np.array([[0.0, 0.25, 0.5], [0.5, 0.25, 0.5]]) @ host.cell.array
    _, distances = get_distances(gallery, places, cell=host.cell, pbc=True)
    assert distances.min(axis=1).max() < 1.5


def test_the_place_with_most_anions_at_bonding_distance_comes_first() -> None:
    # A triangle of oxygen around a place 1.98 angstrom from each, and a lone oxygen far away.
    angles = np.radians([0, 120, 240])
    triangle = 10 + 1.98 * np.array([np.cos(angles), np.sin(angles), 0 * angles]).T
    atoms = Atoms("O4", positions=[*triangle, (4, 4, 4)], cell=[20, 20, 20], pbc=True)
    first, *others = insertion_sites(atoms, "Zn", 30)
    assert np.linalg.norm(first - 10) < 0.5
    assert min(np.linalg.norm(place - 4) for place in others) < 2.2, "single bonds come later, and do come"


def test_the_order_of_atoms_does_not_matter_and_the_seed_does(host: Atoms) -> None:
    shuffled = host[np.random.default_rng(0).permutation(len(host))]
    np.testing.assert_allclose(insertion_sites(host, "Zn", 20), insertion_sites(shuffled, "Zn", 20), atol=1e-9)
    other = insertion_sites(host, "Zn", 20, seed=1)
    assert not np.allclose(other, insertion_sites(host, "Zn", 20))
    np.testing.assert_array_equal(other, insertion_sites(host, "Zn", 20, seed=1))


def test_a_full_host_and_one_without_anions_have_none() -> None:
    assert len(insertion_sites(bulk("Cu", cubic=True), "Zn", 10)) == 0
    assert len(insertion_sites(bulk("MgO", "rocksalt", a=4.2, cubic=True), "Zn", 10)) == 0
    with pytest.raises(StructureError, match="'Zz' is no chemical element"):
        insertion_sites(bulk("Cu"), "Zz", 1)
