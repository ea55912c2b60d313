"""Validation on frames whose errors are known: scales, coverage, groups, the edge of the domain."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms

from azibflow.calculators.surrogates.card import Domain
from azibflow.calculators.surrogates.committee import Opinions
from azibflow.calculators.surrogates.environments import Environments
from azibflow.errors import LabelError
from azibflow.workflows.surrogate.labels import ENERGY, FORCES
from azibflow.workflows.surrogate.validation import (
    Judged,
    calibration,
    energy_differences,
    errors_by_element,
    errors_of,
    validate,
)

MEMBERS = 4
LEARNED = Environments({8: np.zeros((1, 1)), 1: np.zeros((1, 1))}, {8: np.ones((1, 1)), 1: np.ones((1, 1))})
"""One environment each of oxygen and hydrogen; features are distances."""


def judged(
    system: str,
    energy: float,
    said: list[float],
    symbols: str = "OH",
    forces: np.ndarray | None = None,
    said_forces: np.ndarray | None = None,
) -> Judged:
    atoms = Atoms(symbols, info={"system": system, ENERGY: energy})
    atoms.arrays[FORCES] = np.zeros((len(atoms), 3)) if forces is None else forces
    opinion = np.zeros((len(said), len(atoms), 3)) if said_forces is None else said_forces
    return Judged(atoms, Opinions(np.array(said), opinion, np.zeros((len(atoms), 1))))


def drawn(seed: int, frames: int, scale: float) -> list[Judged]:
    """Frames whose errors, of energies and forces, are ``scale`` times what the members' spread says."""
    generator = np.random.default_rng(seed)
    pattern = np.array([-1.0, 1.0, -1.0, 1.0])
    pattern /= pattern.std(ddof=1)  # spreads are exactly those drawn
    found = []
    for number in range(frames):  # each beside one whose energy all members know exactly
        spread = generator.uniform(0.01, 0.3)
        energy = generator.uniform(0.0, 5.0)
        error = scale * spread * generator.normal()
        energies = energy + error + spread * (pattern - pattern[0])
        force_spreads = generator.uniform(0.02, 0.2, size=(2, 3))
        force_errors = scale * force_spreads * generator.normal(size=(2, 3))
        forces = force_errors + force_spreads * (pattern - pattern[0])[:, None, None]
        found.append(judged(f"s{number}", energy, energies.tolist(), said_forces=forces))
        found.append(judged(f"s{number}", -1000.0, [-1000.0] * MEMBERS, said_forces=forces))
    return found


@pytest.mark.parametrize("scale", [0.5, 4.0])
def test_the_scale_is_that_of_the_errors_and_covers_what_one_sigma_covers(scale: float) -> None:
    held_out, test = drawn(1, 4000, scale), drawn(2, 4000, scale)
    found = calibration(held_out, test)
    assert found.energy_scale == pytest.approx(scale, rel=0.05)
    assert found.forces_scale == pytest.approx(scale, rel=0.05)
    assert found.energy_coverage == pytest.approx(0.6827, abs=4 * np.sqrt(0.68 * 0.32 / 4000))
    assert found.forces_coverage == pytest.approx(0.6827, abs=0.03)


def test_coverage_is_counted_on_the_test_and_not_on_what_was_fitted() -> None:
    found = calibration(drawn(1, 2000, scale=1.0), drawn(2, 2000, scale=3.0))
    assert found.energy_scale == pytest.approx(1.0, rel=0.08)
    within_a_third = 0.261  # share of a normal distribution within a third of sigma
    assert found.energy_coverage == pytest.approx(within_a_third, abs=0.05)
    assert found.forces_coverage == pytest.approx(within_a_third, abs=0.03)


def test_differences_are_those_between_any_two_frames_with_the_same_atoms() -> None:
    frames = [
        judged("a", 1.0, [1.5, 1.7]),
        judged("a", 0.0, [0.1, 0.4]),
        judged("a", 2.0, [-1.0, -1.0]),
        judged("a", -50.0, [0.0, 9.0], symbols="OH2"),  # other atoms: alone
        judged("b", -7.0, [-7.5, -7.5]),
        judged("b", -6.0, [-6.5, -6.5]),
    ]
    found = energy_differences(frames)
    assert [one.error for one in found] == pytest.approx([0.5 - 0.1, 0.5 + 3.0, 0.1 + 3.0, -0.5 + 0.5])
    spreads = [np.std(pair, ddof=1) for pair in ([1.4, 1.3], [2.5, 2.7], [1.1, 1.4])]
    assert [one.spread for one in found] == pytest.approx([*spreads, 1e-6])


def test_the_order_of_atoms_does_not_matter_but_their_number_does() -> None:
    frames = [judged("a", 0.0, [0.0, 0.0], "OHH"), judged("a", 1.0, [1.0, 1.0], "HOH"), judged("a", 9.0, [9.0, 9.0])]
    assert len(energy_differences(frames)) == 1


def test_errors_by_hand() -> None:
    said = np.zeros((2, 2, 3))
    said[0, 0] = (0.3, 0.0, 0.0)
    said[0, 1] = (0.0, 0.0, -0.6)
    frames = [judged("a", 0.0, [0.02, 9.0], said_forces=said), judged("a", 1.0, [0.9, 9.0])]
    found = errors_of(frames)
    assert found.frames == 2
    assert found.energy_mae == pytest.approx(1000 * (0.02 + 0.1) / 2 / 2)
    assert found.relative_energy_mae == pytest.approx(0.12)
    assert found.forces_mae == pytest.approx(0.9 / 12)
    assert found.forces_rmse == pytest.approx(np.sqrt(0.45 / 12))
    by_element = errors_by_element(frames)
    assert by_element == pytest.approx({"H": np.sqrt(0.36 / 6), "O": np.sqrt(0.09 / 6)})


def labelled(system: str, role: str, number: int) -> Atoms:
    atoms = Atoms("OH", positions=[(0, 0, 0), (0, 0, 0.9 + 0.01 * number)])
    atoms.info |= {"system": system, "role": role, ENERGY: float(number)}
    atoms.arrays[FORCES] = np.full((2, 3), 0.1)
    return atoms


@pytest.mark.parametrize("what", ["forces", "features"])
def test_the_domain_ends_at_the_quantile_of_the_held_out_frames(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """What members say stands in for networks here, so that every deviation is known; ``ask`` has tests of its own."""
    frames = [labelled("v", "validation", n) for n in range(41)] + [labelled("t", "test", n) for n in range(10)]
    frames += [labelled("r", "training", 99)]

    def said(_: object, atoms: Atoms) -> Opinions:
        number = (atoms.get_distance(0, 1) - 0.9) / 0.01
        if atoms.info.get("role") == "test":
            number *= 5.0
        forces, features = np.zeros((2, 2, 3)), np.zeros((2, 1))
        if what == "forces":
            forces[0, 0, 0], forces[1, 0, 0] = number, -number  # deviation: the number itself
            features[:] = 0.5 * (atoms.info.get("role") == "validation")
        else:
            features[1, 0] = number
            forces[0, 0, 0], forces[1, 0, 0] = (0.5, -0.5) if atoms.info.get("role") == "validation" else (0.0, 0.0)
        return Opinions(np.array([number, 1.1 * number]), forces, features)

    monkeypatch.setattr("azibflow.workflows.surrogate.validation.ask", said)
    found = validate([object(), object()], frames, LEARNED)
    limits = {"forces": found.domain.force_deviation, "features": found.domain.environment_distance}
    assert limits.pop(what) == pytest.approx(np.quantile(np.arange(41), 0.975))
    assert limits.popitem()[1] == pytest.approx(0.5)
    assert found.domain.false_alarms == pytest.approx(0.2)  # 40 and 45 of 0, 5, ..., 45
    assert found.domain.detected["unknown element"] == 1.0
    assert set(found.errors) == {"all", "t"}
    assert found.errors["all"].frames == 10
    assert isinstance(found.domain, Domain)


@pytest.mark.parametrize("alone", ["validation", "test"])
def test_single_frames_cannot_be_compared_and_say_so(monkeypatch: pytest.MonkeyPatch, alone: str) -> None:
    monkeypatch.setattr(
        "azibflow.workflows.surrogate.validation.ask",
        lambda _, atoms: Opinions(
            np.array([0.0, 1.0]), np.random.default_rng(1).random((2, len(atoms), 3)), np.zeros((len(atoms), 1))
        ),
    )
    frames = [labelled(f"{role} {n}", role, n) for role in ("validation", "test") for n in range(3)]
    for frame in frames:
        if frame.info["role"] != alone:
            frame.info["system"] = "together"
    with pytest.raises(LabelError, match=f"{alone}: no two frames have the same atoms"):
        validate([object(), object()], frames, LEARNED)
