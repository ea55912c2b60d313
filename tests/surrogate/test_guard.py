"""What a surrogate cannot compute, and files that are none: one clear message, before anything is computed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from ase import Atoms
from ase.build import bulk, molecule
from ase.io import write
from untrained import azibflow, card_of, make_surrogate, write_network

from azibflow.calculators.factory import make_calculator
from azibflow.calculators.guard import check
from azibflow.calculators.specs import SurrogateSpec, Weights
from azibflow.calculators.surrogates.card import read_card, write_card
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.plan import plan
from azibflow.errors import AzibflowError, CapabilityError, WeightsError
from azibflow.structures.clusters import cluster

pytest.importorskip("mace")


def one_line(printed: str) -> str:
    """The only line that a command printed to the error stream."""
    (line,) = printed.splitlines()
    assert line.startswith("azibflow: ")
    return line


def hydrate(charge: int) -> Atoms:
    atoms = molecule("H2O") + Atoms("Zn", positions=[(0, 0, 2.1)])
    atoms.info.update(charge=charge, label="aqua")
    return atoms


def test_what_the_card_declares_passes(surrogate: Path) -> None:
    spec = SurrogateSpec(card=str(surrogate))
    check(spec, molecule("H2O"))
    check(spec, hydrate(2))
    check(spec, Atoms("Zn", info={"charge": 2}))
    check(spec, cluster("[Zn(H2O)6]2+"))
    limits = spec.capabilities()
    assert limits.elements == {"H", "O", "Zn"}
    assert limits.ion_charges == {"Zn": 2}
    assert "stress" in limits.properties


def test_what_it_does_not_is_refused(surrogate: Path) -> None:
    spec = SurrogateSpec(card=str(surrogate))
    for atoms, message in (
        (hydrate(1), r"aqua: total charge \+1, but calculator surrogate knows only 0, \+2"),
        (
            hydrate(0),
            r"aqua: total charge 0, but calculator surrogate knows only Zn of charge \+2 beside .* makes \+2",
        ),
        (
            Atoms("OH2", info={"charge": 2}),
            r"H2O: total charge \+2, but .* knows only Zn of charge \+2",
        ),
        (molecule("CH4"), r"CH4: calculator surrogate has never seen C \(elements it covers: H, O, Zn\)"),
        (
            Atoms("OH2", cell=[9, 9, 9], pbc=(True, True, False)),
            "is periodic, but calculator surrogate computes molecules only",
        ),
    ):
        with pytest.raises(CapabilityError, match=message):
            check(spec, atoms)


def test_two_ions_make_a_charge_of_four(tmp_path: Path) -> None:
    folder = make_surrogate(tmp_path / "ions", seeds=(1, 2), charges=(0, 2, 4))
    pair = hydrate(4) + Atoms("Zn", positions=[(0, 3, 0)])
    pair.info.update(charge=4)
    check(SurrogateSpec(card=str(folder)), pair)
    pair.info.update(charge=2)
    with pytest.raises(CapabilityError, match=r"which makes \+4 here"):
        check(SurrogateSpec(card=str(folder)), pair)


def test_a_surrogate_of_crystals_needs_three_periodic_directions(tmp_path: Path) -> None:
    folder = make_surrogate(tmp_path / "crystals", seeds=(1, 2), periodic=True, charges=(0,), ion_charges={})
    check(SurrogateSpec(card=str(folder)), bulk("Zn", a=2.66, c=5.0))
    with pytest.raises(CapabilityError, match="H2O: calculator surrogate needs three periodic directions"):
        check(SurrogateSpec(card=str(folder)), molecule("H2O"))


BINDING = """\
name: refused
calculator: surrogate:untrained
systems:
  neutral: {molecule: "[Zn(H2O)]2+", charge: 0}
  zn: {prototype: Zn}
studies:
  - {kind: binding, parts: [H2O, H2O], complex: H2O-H2O}
"""
LADDER = "{kind: desolvation, waters: [1, 0]}"


@pytest.mark.parametrize(
    ("study", "card", "message"),
    [
        (
            LADDER,
            {"charges": (0,)},
            r"study 2 \(desolvation\): \[Zn\(H2O\)\]2\+: total charge \+2, but calculator surrogate",
        ),
        (
            "{kind: binding, parts: [neutral, H2O], complex: '[Zn(H2O)2]2+'}",
            {},
            r"study 2 \(binding\): .*total charge 0, but calculator surrogate knows only Zn of charge \+2",
        ),
        (
            "{kind: binding, parts: [CH4, H2O]}",
            {},
            r"study 2 \(binding\): CH4: calculator surrogate has never seen C",
        ),
        (
            "{kind: surface, system: zn, facets: [(002)]}",
            {"ion_charges": {}},
            r"study 2 \(surface\): .*computes molecules only",
        ),
        (LADDER, {"periodic": True}, "needs three periodic directions"),
    ],
)
def test_a_campaign_that_a_surrogate_cannot_compute_is_refused(
    tmp_path: Path,
    study: str,
    card: dict[str, object],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_surrogate(tmp_path / "untrained", seeds=(1, 2), **card)
    path = tmp_path / "refused.yaml"
    path.write_text(BINDING if "True" in str(card) else f"{BINDING}  - {study}\n")
    with pytest.raises(AzibflowError, match=message):
        plan(load_campaign(path))
    assert azibflow("run", path, "--run-dir", tmp_path / "run") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    with pytest.raises(AzibflowError, match=message):
        raise AzibflowError(one_line(captured.err))
    assert not (tmp_path / "run").exists()


def test_a_dry_run_says_what_would_be_computed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_surrogate(tmp_path / "untrained", seeds=(1, 2))
    (tmp_path / "c.yaml").write_text(f"{BINDING}  - {LADDER}\n")
    assert azibflow("run", tmp_path / "c.yaml", "--dry-run") == 0
    assert "[Zn(H2O)]2+: relax: H2OZn, 4 atoms, charge +2, multiplicity 1, surrogate" in capsys.readouterr().out


def text_for_model(folder: Path) -> None:
    (folder / "seed-2.model").write_text("no network")
    write_card(card_of(folder, sorted(folder.glob("*.model"))), folder)


def another_pickle(folder: Path) -> None:
    import torch

    torch.save({"a": 1}, folder / "seed-2.model")
    write_card(card_of(folder, sorted(folder.glob("*.model"))), folder)


def changed_model(folder: Path) -> None:
    with (folder / "seed-1.model").open("ab") as file:
        file.write(b"x")


def missing_model(folder: Path) -> None:
    (folder / "seed-2.model").unlink()


def missing_environments(folder: Path) -> None:
    (folder / "here.npz").unlink()


def text_for_environments(folder: Path) -> None:
    (folder / "here.npz").write_text("no archive")


def changed_environments(folder: Path) -> None:
    rewritten(folder, environments={"path": "here.npz", "sha256": "0" * 64})


def other_elements(folder: Path) -> None:
    write_network(folder / "seed-2.model", 2, elements=("H", "O", "Cu"))
    write_card(card_of(folder, sorted(folder.glob("*.model"))), folder)


def other_cutoff(folder: Path) -> None:
    write_network(folder / "seed-2.model", 2, r_max=5.0)
    write_card(card_of(folder, sorted(folder.glob("*.model"))), folder)


def wrong_key(folder: Path) -> None:
    rewritten(folder, elemnts=["H"])


def wrong_value(folder: Path) -> None:
    rewritten(folder, calibration={"energy_scale": -1.0})


def one_member(folder: Path) -> None:
    rewritten(folder, models=yaml.safe_load((folder / "card.yaml").read_text())["models"][:1])


def rewritten(folder: Path, **changes: object) -> None:
    data = yaml.safe_load((folder / "card.yaml").read_text())
    (folder / "card.yaml").write_text(yaml.safe_dump(data | changes))


def no_card(folder: Path) -> None:
    (folder / "card.yaml").unlink()


def no_yaml(folder: Path) -> None:
    (folder / "card.yaml").write_text("name: [")


def a_list(folder: Path) -> None:
    (folder / "card.yaml").write_text("- name\n")


MODELS = [
    (text_for_model, r"seed-2\.model .*is no readable MACE model"),
    (another_pickle, r"seed-2\.model holds a dict, not a MACE model"),
    (changed_model, r"seed-1\.model has SHA-256 \w{64}, not \w{64}; it was not loaded"),
    (missing_model, r"no model file at .*seed-2\.model"),
    (missing_environments, r"no environments at .*here\.npz"),
    (text_for_environments, r"here\.npz cannot be read"),
    (changed_environments, r"here\.npz has SHA-256 \w{64}, not 0{64} as the card says"),
    (other_elements, r"seed-2\.model and .*seed-1\.model differ in "),
    (other_cutoff, r"seed-2\.model and .*seed-1\.model differ in "),
]
CARDS = [
    (wrong_key, r"card\.yaml: unknown key 'elemnts'; did you mean 'elements'"),
    (wrong_value, r"card\.yaml: calibration\.energy_scale: must be greater than 0"),
    (one_member, r"card\.yaml: models: must have at least 2 items, not 1"),
    (no_card, r"no card at .*card\.yaml, and .* is no surrogate of this package"),
    (no_yaml, r"card\.yaml cannot be read"),
    (a_list, r"card\.yaml: must be a mapping, not \['name'\]"),
]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_surrogate(tmp_path_factory.mktemp("pair") / "pair", seeds=(1, 2))


@pytest.fixture
def broken(pair: Path, tmp_path: Path) -> Callable[[Callable[[Path], None]], Path]:
    def make(spoil: Callable[[Path], None]) -> Path:
        folder = shutil.copytree(pair, tmp_path / "pair")
        spoil(folder)
        return folder

    return make


@pytest.mark.parametrize(("spoil", "message"), MODELS, ids=[spoil.__name__ for spoil, _ in MODELS])
def test_files_that_are_not_what_the_card_says(
    broken: Callable[..., Path], spoil: Callable[[Path], None], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = broken(spoil)
    read_card(str(folder))
    with pytest.raises(WeightsError, match=message):
        make_calculator(SurrogateSpec(card=str(folder)))
    assert azibflow("surrogate", "validate", folder) == 2
    with pytest.raises(AzibflowError, match=message):
        raise AzibflowError(one_line(capsys.readouterr().err))
    assert azibflow("surrogate", "card", folder) == 0  # a card can be read without its models


@pytest.mark.parametrize(("spoil", "message"), CARDS, ids=[spoil.__name__ for spoil, _ in CARDS])
def test_cards_that_are_none(
    broken: Callable[..., Path], spoil: Callable[[Path], None], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = broken(spoil)
    for refused in (lambda: read_card(str(folder)), lambda: check(SurrogateSpec(card=str(folder)), molecule("H2O"))):
        with pytest.raises(WeightsError, match=message):
            refused()
    for command in ("card", "validate"):
        assert azibflow("surrogate", command, folder) == 2
        with pytest.raises(AzibflowError, match=message):
            raise AzibflowError(one_line(capsys.readouterr().err))


def test_a_changed_model_is_never_unpickled(broken: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    folder = broken(changed_model)
    monkeypatch.setattr(torch, "load", lambda *args, **options: pytest.fail("the file was loaded"))
    with pytest.raises(WeightsError, match="it was not loaded"):
        make_calculator(SurrogateSpec(card=str(folder)))


def test_a_missing_or_changed_label_store_is_refused(
    pair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(pair, tmp_path / "pair")
    assert azibflow("surrogate", "validate", folder) == 2
    assert "pair: no label store at" in one_line(capsys.readouterr().err)
    (folder / "labels.extxyz.xz").write_bytes(b"x")
    card = read_card(str(folder))
    write_card(card.model_copy(update={"labels": Weights(path="labels.extxyz.xz", sha256="0" * 64)}), folder)
    assert azibflow("surrogate", "validate", folder) == 2
    assert "not " + "0" * 64 + " as the card says" in one_line(capsys.readouterr().err)


def test_a_campaign_with_a_broken_surrogate_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.yaml").write_text(BINDING)
    with pytest.raises(WeightsError, match=f"no card at {tmp_path}/untrained"):
        plan(load_campaign(tmp_path / "c.yaml"))
    assert azibflow("run", tmp_path / "c.yaml", "--run-dir", tmp_path / "run") == 2
    assert "no card at" in one_line(capsys.readouterr().err)
    assert not (tmp_path / "run").exists()


STUDY = """\
name: early
calculator: {calculator}
studies:
  - kind: surrogate
    about: {{name: early, charges: [0, 2], ion_charges: {{Zn: 2}}}}
    samples:
      - {{how: rattled, system: H2O}}
      - {{how: rattled, system: H2O-H2O}}
      - {{how: rattled, system: "[Zn(H2O)]2+"}}
    split: {{validation: [H2O], test: [H2O-H2O]}}
    {more}
"""


@pytest.mark.parametrize(
    ("calculator", "more", "message"),
    [
        ("xtb", "labels: labels.extxyz", "labels.extxyz: water 1: its energy is not a finite number"),
        ("xtb", "labels: none.extxyz", "none.extxyz: is no readable extended XYZ file"),
        ("chgnet", "atomic_energies: isolated", r"calculator chgnet"),
        ("xtb", "atomic_energies: {Zn: -48000.0, Zm: 1.0}", "early: atomic_energies: Zm is in none of the systems"),
    ],
)
def test_labels_and_free_atoms_are_looked_at_before_anything_is_computed(
    tmp_path: Path, calculator: str, more: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    water = molecule("H2O")
    water.info |= {"name": "water 1", "REF_energy": float("nan")}
    water.arrays["REF_forces"] = np.zeros((3, 3))
    write(tmp_path / "labels.extxyz", water, format="extxyz", write_results=False)
    path = tmp_path / "early.yaml"
    path.write_text(STUDY.format(calculator=calculator, more=more))
    with pytest.raises(AzibflowError, match=message):
        plan(load_campaign(path))
    assert azibflow("run", path, "--run-dir", tmp_path / "run") == 2
    assert re.search(message, one_line(capsys.readouterr().err))
    assert not (tmp_path / "run").exists()
