"""Active learning: the frames that a committee disputes most are asked about, and debris is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase.build import molecule
from hypothesis import given
from hypothesis import strategies as st
from untrained import sha256, write_network

from azibflow.calculators.mace_network import load_committee
from azibflow.calculators.surrogates.committee import ask
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.surrogate.exploration import HOPELESS, committee_spec, explore, most_disputed
from azibflow.workflows.surrogate.sampling import sample_frames
from azibflow.workflows.surrogate.settings import RattledSample
from azibflow.workflows.surrogate.training import Member

pytest.importorskip("mace")


@given(st.lists(st.floats(0.0, 3 * HOPELESS), max_size=12), st.integers(1, 5))
def test_the_most_disputed_are_chosen_largest_first(deviations: list[float], most: int) -> None:
    pairs = []
    for number, deviation in enumerate(deviations):
        atoms = molecule("H2O")
        atoms.info["number"] = number
        pairs.append((deviation, atoms))
    chosen = [deviations[atoms.info["number"]] for atoms in most_disputed(pairs, most)]
    assert chosen == sorted((d for d in deviations if d < HOPELESS), reverse=True)[:most]


@pytest.fixture
def members(tmp_path: Path) -> list[Member]:
    made = []
    for seed in (1, 2):
        home = tmp_path / f"train-{seed}"
        home.mkdir()
        path = write_network(home / "member.model", seed)
        made.append(
            Member(
                folder=home.name,
                path=path.name,
                sha256=sha256(path),
                seed=seed,
                seconds=1.0,
                device="cpu",
                dtype="float64",
            )
        )
    return made


def test_a_committee_explores_and_keeps_what_it_disputes(members: list[Member], tmp_path: Path) -> None:
    sample = RattledSample(how="rattled", system="H2O", frames=6, amplitude=0.1)
    here, there = tmp_path / "explore", tmp_path / "sample"
    here.mkdir()
    there.mkdir()
    recipe = StructureRecipe(molecule="H2O")
    kept = explore(sample, recipe, members, (0,), 2, here)
    everything = sample_frames(sample, recipe, committee_spec(members[:1], (0,), there), there).read(there)
    committee = load_committee(committee_spec(members, (0,), there), "cpu")
    deviations = {frame.info["name"]: ask(committee, frame).force_deviation for frame in everything}
    worst = sorted((name for name in deviations if deviations[name] < HOPELESS), key=deviations.__getitem__)[::-1]
    assert [frame.info["name"] for frame in kept.read(here)] == worst[:2]
    assert kept.origin == "rattled by the committee"
