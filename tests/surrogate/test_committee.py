"""The calculator of a surrogate against MACE's own, its forces against finite differences, its lone atoms."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from untrained import ATOMIC_ENERGIES, card_of, make_surrogate, sha256, write_network

from azibflow.calculators.factory import identity, make_calculator, record
from azibflow.calculators.specs import Dispersion, MaceSpec, SurrogateSpec
from azibflow.calculators.surrogates.card import read_card, write_card
from azibflow.calculators.surrogates.committee import SurrogateCalculator, networks, opinions
from azibflow.calculators.surrogates.trust import assess

pytest.importorskip("mace")


def spec_of(folder: Path, **options: object) -> SurrogateSpec:
    return SurrogateSpec.model_validate({"card": str(folder), **options})


@pytest.fixture
def oxide() -> Atoms:
    atoms = bulk("ZnO", "wurtzite", a=3.25, c=5.2)
    atoms.rattle(0.1, seed=1)
    return atoms


@pytest.fixture
def hydrate() -> Atoms:
    atoms = molecule("H2O") + Atoms("Zn", positions=[(0.1, 0.2, 2.1)])
    atoms.info["charge"] = 2
    return atoms


def theirs(folder: Path, seed: int):
    from mace.calculators import MACECalculator

    return MACECalculator(model_paths=str(folder / f"seed-{seed}.model"), device="cpu", default_dtype="float64")


def test_energy_forces_and_stress_are_those_of_the_leading_network(
    surrogate: Path, oxide: Atoms, hydrate: Atoms
) -> None:
    ours, first = make_calculator(spec_of(surrogate)), theirs(surrogate, 1)
    for atoms in (oxide, hydrate):
        assert ours.get_potential_energy(atoms) == pytest.approx(first.get_potential_energy(atoms), abs=1e-8)
        np.testing.assert_allclose(ours.get_forces(atoms), first.get_forces(atoms), atol=1e-8)
        assert np.abs(ours.get_forces(atoms)).max() > 1e-4
    np.testing.assert_allclose(ours.get_stress(oxide), first.get_stress(oxide), atol=1e-8)
    assert np.abs(ours.get_stress(oxide)).max() > 1e-5


def test_opinions_are_those_of_every_member(surrogate: Path, oxide: Atoms, hydrate: Atoms) -> None:
    for atoms in (oxide, hydrate):
        said = opinions(spec_of(surrogate), atoms)
        members = [theirs(surrogate, seed) for seed in (1, 2, 3)]
        np.testing.assert_allclose(said.energies, [one.get_potential_energy(atoms) for one in members], atol=1e-8)
        np.testing.assert_allclose(said.forces, [one.get_forces(atoms) for one in members], atol=1e-8)
        assert np.ptp(said.energies) > 1e-3
        assert said.force_deviation > 1e-3


def test_the_plain_committee_of_the_same_files_agrees(surrogate: Path, hydrate: Atoms) -> None:
    paths = tuple(str(surrogate / f"seed-{seed}.model") for seed in (1, 2, 3))
    committee = make_calculator(MaceSpec(models=paths, charges=(0, 2)))
    said = opinions(spec_of(surrogate), hydrate)
    assert committee.get_potential_energy(hydrate) == pytest.approx(said.energies.mean(), abs=1e-8)


def test_stress_is_computed_only_when_it_is_asked_for(
    surrogate: Path, oxide: Atoms, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azibflow.calculators.surrogates import committee

    asked: list[bool] = []
    evaluate = committee._evaluate

    def counted(network: object, graph: dict[str, object], *, stress: bool) -> dict[str, object]:
        asked.append(stress)
        return evaluate(network, graph, stress=stress)

    monkeypatch.setattr(committee, "_evaluate", counted)
    ours = SurrogateCalculator(spec_of(surrogate))
    forces = ours.get_forces(oxide)
    ours.get_potential_energy(oxide)
    assert asked == [False]
    assert "stress" not in ours.results
    ours.get_stress(oxide)
    np.testing.assert_allclose(ours.get_forces(oxide), forces, atol=1e-10)
    assert asked == [False, True]
    oxide.positions[0, 0] += 0.01
    ours.get_forces(oxide)
    assert asked == [False, True, False]


def test_forces_are_the_slope_of_the_energy(surrogate: Path, hydrate: Atoms) -> None:
    ours, step = make_calculator(spec_of(surrogate)), 1e-4
    forces = ours.get_forces(hydrate)
    for atom, axis in ((0, 2), (1, 1), (3, 0), (3, 2)):
        energies = []
        for sign in (1, -1):
            moved = hydrate.copy()
            moved.positions[atom, axis] += sign * step
            energies.append(ours.get_potential_energy(moved))
        assert forces[atom, axis] == pytest.approx(-(energies[0] - energies[1]) / (2 * step), abs=1e-6)


def test_stress_is_the_slope_of_the_energy(surrogate: Path, oxide: Atoms) -> None:
    ours, step = make_calculator(spec_of(surrogate)), 1e-5
    energies = []
    for sign in (1, -1):
        strained = oxide.copy()
        strain = np.eye(3)
        strain[2, 2] += sign * step
        strained.set_cell(oxide.cell.array @ strain, scale_atoms=True)
        energies.append(ours.get_potential_energy(strained))
    slope = (energies[0] - energies[1]) / (2 * step) / oxide.get_volume()
    assert ours.get_stress(oxide)[2] == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize("symbol", ["Zn", "O", "H"])
def test_a_lone_atom_has_its_atomic_energy_and_no_force(surrogate: Path, symbol: str) -> None:
    ours = make_calculator(spec_of(surrogate))
    atom = Atoms(symbol, info={"charge": 2 if symbol == "Zn" else 0})
    assert ours.get_potential_energy(atom) == pytest.approx(ATOMIC_ENERGIES[symbol], abs=1e-8)
    np.testing.assert_allclose(ours.get_forces(atom), 0.0, atol=1e-12)
    found = assess(spec_of(surrogate), atom)
    assert found is not None
    assert found.member_energies == pytest.approx([ATOMIC_ENERGIES[symbol]] * 3, abs=1e-8)
    assert found.standard_error < 1e-8
    assert not found.flagged


def test_an_atom_far_from_all_others_adds_its_atomic_energy(surrogate: Path) -> None:
    ours, water = make_calculator(spec_of(surrogate)), molecule("H2O")
    apart = water + Atoms("Zn", positions=[(0, 0, 40.0)])
    expected = ours.get_potential_energy(water) + ATOMIC_ENERGIES["Zn"]
    assert ours.get_potential_energy(apart) == pytest.approx(expected, abs=1e-7)
    assert np.abs(ours.get_forces(apart)[3]).max() == 0.0


def test_assessment_takes_scale_and_limit_from_the_card(surrogate: Path, hydrate: Atoms) -> None:
    found, said = assess(spec_of(surrogate), hydrate), opinions(spec_of(surrogate), hydrate)
    assert found is not None
    assert found.member_energies == pytest.approx(said.energies)
    assert (found.energy_scale, found.largest_known) == (2.0, 100.0)
    assert found.force_deviation == pytest.approx(said.force_deviation)
    assert found.standard_error == pytest.approx(2.0 * np.std(said.energies, ddof=1))


def test_single_precision_is_what_the_card_says(tmp_path: Path, surrogate: Path, hydrate: Atoms) -> None:
    single = make_surrogate(tmp_path / "single", dtype="float32")
    exact = opinions(spec_of(surrogate), hydrate)
    rough = opinions(spec_of(single), hydrate)
    assert rough.energies.tolist() != exact.energies.tolist()
    np.testing.assert_allclose(rough.forces, exact.forces, atol=1e-3)


def test_networks_are_loaded_once_and_a_changed_card_is_read_again(tmp_path: Path, hydrate: Atoms) -> None:
    folder = make_surrogate(tmp_path / "changing", seeds=(1, 2))
    spec = spec_of(folder)
    first, again = make_calculator(spec), make_calculator(spec)
    assert first is not again
    assert first.network is again.network is networks(spec)[0]
    before = assess(spec, hydrate)
    third = write_network(folder / "seed-3.model", 3)
    models = [folder / "seed-2.model", third]
    path = write_card(card_of(folder, models), folder)
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 10**9))
    after = assess(spec, hydrate)
    assert before is not None
    assert after is not None
    assert after.member_energies[0] == pytest.approx(before.member_energies[1])
    assert make_calculator(spec).network is not first.network


def test_the_record_names_every_model_and_the_identity_follows_them(surrogate: Path, tmp_path: Path) -> None:
    spec = spec_of(surrogate)
    written = record(spec)
    assert [(one.name, one.sha256) for one in written.weights] == [
        (f"seed-{seed}.model", sha256(surrogate / f"seed-{seed}.model")) for seed in (1, 2, 3)
    ]
    assert {"azibflow", "ase", "mace-torch", "torch", "e3nn"} <= written.versions.keys()
    assert type(written).model_validate_json(written.model_dump_json()) == written
    assert make_calculator(spec).identity == identity(spec)
    assert identity(spec_of(surrogate, device="cuda")) == identity(spec)
    assert identity(spec_of(make_surrogate(tmp_path / "other", seeds=(4, 5)))) != identity(spec)


def test_dispersion_comes_on_top(surrogate: Path) -> None:
    pytest.importorskip("dftd3")
    water = molecule("H2O")
    bare, corrected = spec_of(surrogate), spec_of(surrogate, dispersion=Dispersion(functional="pbe0"))
    added = make_calculator(corrected).get_potential_energy(water) - make_calculator(bare).get_potential_energy(water)
    alone = make_calculator(MaceSpec(models=str(surrogate / "seed-1.model"), dispersion=corrected.dispersion))
    plain = make_calculator(MaceSpec(models=str(surrogate / "seed-1.model")))
    assert added == pytest.approx(alone.get_potential_energy(water) - plain.get_potential_energy(water), abs=1e-9)
    assert added < 0


def test_a_card_survives_its_file(surrogate: Path, tmp_path: Path) -> None:
    card = read_card(str(surrogate))
    assert read_card(str(surrogate / "card.yaml")) == card
    write_card(card, tmp_path)
    assert read_card(str(tmp_path)) == card
    assert [path.name for path in tmp_path.iterdir()] == ["card.yaml"]
