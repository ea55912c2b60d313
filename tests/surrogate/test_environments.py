"""Distances of an atom's surroundings from what was learned: by hand, thinned, on file, and in a real network."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from hypothesis import given, settings
from hypothesis import strategies as st

from azibflow.calculators.specs import SURROGATES, SurrogateSpec
from azibflow.calculators.surrogates.committee import environments, networks, opinions, training_environments
from azibflow.calculators.surrogates.environments import MOST, Environments, learned_environments
from azibflow.errors import WeightsError
from azibflow.structures.clusters import cluster
from azibflow.workflows.surrogate.validation import labelled_frames

pytest.importorskip("mace")

OXYGEN = np.array([8, 8, 8, 8])
CROSS = np.array([[-2.0, 0.0], [2.0, 0.0], [0.0, -0.5], [0.0, 0.5]])
"""Variances along the axes: 2 and 1/8."""


def test_distances_count_in_standard_deviations_along_each_axis() -> None:
    known = learned_environments([(OXYGEN[:1], CROSS[:1]), (OXYGEN[1:], CROSS[1:])])
    assert known.distance(OXYGEN, CROSS) == pytest.approx(0.0, abs=1e-12)
    assert known.distance(OXYGEN[:1], np.array([[5.0, 0.0]])) == pytest.approx(3.0 / math.sqrt(2.0))
    assert known.distance(OXYGEN[:1], np.array([[0.0, 1.5]])) == pytest.approx(1.0 / math.sqrt(1 / 8))
    # The atom farthest off counts.
    assert known.distance(OXYGEN[:2], np.array([[5.0, 0.0], [0.0, 1.5]])) == pytest.approx(math.sqrt(8.0))


def test_a_direction_without_variance_is_not_infinitely_sensitive() -> None:
    flat = np.column_stack([np.linspace(-1, 1, 5), np.zeros(5)])
    known = learned_environments([(np.full(5, 8), flat)])
    least = math.sqrt(1e-3 * 0.5)
    assert known.distance(OXYGEN[:1], np.array([[0.0, 0.1]])) == pytest.approx(0.1 / least)


def test_elements_have_environments_of_their_own() -> None:
    known = learned_environments([(OXYGEN, CROSS), (np.array([1, 1, 1, 1]), CROSS + 100.0)])
    assert known.distance(np.array([1]), np.array([[102.0, 100.0]])) == pytest.approx(0.0, abs=1e-9)
    assert known.distance(np.array([8]), np.array([[102.0, 100.0]])) > 50
    assert known.distance(np.array([8, 30]), np.zeros((2, 2))) == math.inf


def test_features_that_are_no_numbers_have_no_distance() -> None:
    known = learned_environments([(OXYGEN, CROSS), (np.array([1, 1, 1, 1]), CROSS)])
    for broken in (0, 1):
        features = np.zeros((2, 2))
        features[broken, 0] = math.nan
        assert math.isnan(known.distance(np.array([1, 8]), features))


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_thinning_keeps_what_is_far_from_the_rest(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(3 * MOST, 2))
    points[7] = (40.0, -40.0)
    known = learned_environments([(np.full(len(points), 8), points)])
    assert len(known.known[8]) == MOST
    assert known.distance(np.array([8]), points[[7]]) == pytest.approx(0.0, abs=1e-9)
    kept = known.known[8]
    apart = np.linalg.norm(kept[:, None] - kept[None], axis=2)[~np.eye(MOST, dtype=bool)].min()
    assert known.distance(np.full(len(points), 8), points) <= apart + 1e-9  # what was left out is nearer than any two


def test_they_survive_a_file(tmp_path: Path) -> None:
    known = learned_environments([(OXYGEN, CROSS), (np.array([30]), CROSS[:1])])
    known.write(tmp_path / "one.npz")
    known.write(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    again = Environments.read(tmp_path / "one.npz")
    assert again.known.keys() == again.axes.keys() == {8, 30}
    features = np.array([[3.0, 0.4]])
    for number in (8, 30):
        numbers = np.array([number])
        assert again.distance(numbers, features) == pytest.approx(known.distance(numbers, features), rel=1e-5)


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "environments.npz"
    if content is None:
        np.savez(path, known_8=np.array([{"a": "pickle"}], dtype=object))
    else:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"environments\.npz cannot be read"):
        Environments.read(path)


ZN_WATER = SurrogateSpec(card="zn-water")


@pytest.fixture
def hydrate() -> Atoms:
    atoms = cluster("[Zn(H2O)3]2+")
    atoms.rattle(0.05, seed=3)
    return atoms


def test_features_are_the_invariant_descriptors_of_mace(hydrate: Atoms) -> None:
    from mace.calculators import MACECalculator

    first = str(SURROGATES / "zn-water" / "seed-1.model")
    theirs = MACECalculator(model_paths=first, device="cpu", default_dtype="float64")
    found = opinions(ZN_WATER, hydrate).features
    np.testing.assert_allclose(found, theirs.get_descriptors(hydrate, invariants_only=True), atol=1e-9)
    turned = hydrate.copy()
    turned.rotate(40, (1, 2, 3))
    np.testing.assert_allclose(opinions(ZN_WATER, turned).features, found, atol=1e-9)


@pytest.mark.slow
def test_environments_of_a_surrogate_are_those_of_its_training_frames(hydrate: Atoms) -> None:
    frames = [frame for frame in labelled_frames("zn-water") if frame.info["role"] == "training"]
    again, kept = training_environments(networks(ZN_WATER)[0], frames), environments(ZN_WATER)
    features = opinions(ZN_WATER, hydrate).features
    distance = kept.distance(hydrate.numbers, features)
    assert 0.0 < distance < 100.0
    assert again.distance(hydrate.numbers, features) == pytest.approx(distance, rel=1e-3)
    alone = Atoms("Zn", info={"charge": 2})
    assert kept.distance(alone.numbers, opinions(ZN_WATER, alone).features) == pytest.approx(0.0, abs=1e-4)
