"""Naming a surrogate: specs, names of the package's own, paths relative to the campaign file, training settings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ase.build import molecule
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from untrained import azibflow

from azibflow.calculators.factory import make_calculator
from azibflow.calculators.guard import check
from azibflow.calculators.specs import MaceSpec, SurrogateSpec, bundled_surrogates, parse_spec
from azibflow.calculators.surrogates import card as cards
from azibflow.campaigns.files import dump_campaign, load_campaign
from azibflow.campaigns.model import Campaign
from azibflow.campaigns.studies.surrogate import SurrogateStudy
from azibflow.errors import CampaignError, CapabilityError, WeightsError
from azibflow.workflows.surrogate.settings import TrainingSettings

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)


@settings(deadline=None)
@given(TEXTS, st.sampled_from(["cpu", "cuda", "cuda:1"]), st.sampled_from([None, "pbe", "pbe0"]))
def test_a_spec_survives_its_dump(card: str, device: str, functional: str | None) -> None:
    data = {"kind": "surrogate", "card": card, "device": device}
    if functional is not None:
        data["dispersion"] = {"functional": functional}
    spec = parse_spec(data)
    assert isinstance(spec, SurrogateSpec)
    assert parse_spec(spec.model_dump()) == spec
    assert parse_spec(spec.model_dump(mode="json")) == spec
    assert SurrogateSpec.model_validate_json(spec.model_dump_json()) == spec


@settings(deadline=None)
@given(TEXTS)
def test_words_name_a_card(card: str) -> None:
    assert parse_spec(f"surrogate:{card}") == SurrogateSpec(card=card)


def test_a_mistake_in_a_spec_is_named() -> None:
    with pytest.raises(CapabilityError, match="calculator surrogate: unknown key 'crad'; did you mean 'card'"):
        parse_spec({"kind": "surrogate", "card": "x", "crad": "y"})
    with pytest.raises(CapabilityError, match="calculator surrogate: key 'card' is missing"):
        parse_spec({"kind": "surrogate"})
    with pytest.raises(CapabilityError, match=r"unknown calculator kind 'surogate:x'.*did you mean 'surrogate'"):
        parse_spec("surogate:x")


@pytest.fixture
def packaged(surrogate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a surrogate that stands where those of the package do."""
    shutil.copytree(surrogate, tmp_path / "package" / "zn-toy")
    monkeypatch.setattr(cards, "SURROGATES", tmp_path / "package")
    return "zn-toy"


def test_a_surrogate_of_the_package_goes_by_its_name(
    packaged: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bundled_surrogates() == [packaged]
    spec = parse_spec(packaged)
    assert spec == SurrogateSpec(card=packaged)
    assert spec.anchored(tmp_path) == spec
    check(spec, molecule("H2O"))
    assert make_calculator(spec).get_potential_energy(molecule("H2O")) < 0
    path = tmp_path / "campaign.yaml"
    path.write_text(f"name: c\ncalculator: {packaged}\nstudies:\n  - {{kind: desolvation, waters: [1, 0]}}\n")
    campaign = load_campaign(path)
    assert campaign.calculator == spec
    path.write_text(dump_campaign(campaign))
    assert load_campaign(path).calculator == spec
    assert azibflow("run", path, "--dry-run") == 0
    assert "surrogate" in capsys.readouterr().out
    assert azibflow("surrogate", "card", packaged) == 0
    assert "each Zn carries +2" in capsys.readouterr().out


def test_an_unknown_name_lists_those_there_are(packaged: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("surrogate", "card", "zn-toi") == 2
    printed = capsys.readouterr().err
    assert "'zn-toi' is no surrogate of this package (zn-toy)" in printed
    with pytest.raises(CapabilityError, match=r"unknown calculator kind 'zn-toi'.* are zn-toy; did you mean 'zn-toy'"):
        parse_spec("zn-toi")


def test_paths_are_relative_to_the_campaign_file(
    surrogate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    shutil.copytree(surrogate, tmp_path / "here" / "mine")
    (tmp_path / "here" / "c.yaml").write_text(
        "name: c\ncalculator: surrogate:mine\nstudies:\n"
        "  - {kind: desolvation, calculator: {kind: surrogate, card: mine/card.yaml}, waters: [1, 0]}\n"
    )
    monkeypatch.chdir(tmp_path)
    campaign = load_campaign(Path("here/c.yaml"))
    assert campaign.calculator == SurrogateSpec(card=str(tmp_path / "here" / "mine"))
    assert campaign.studies[0].calculator == SurrogateSpec(card=str(tmp_path / "here" / "mine" / "card.yaml"))
    make_calculator(campaign.calculator)
    absolute = SurrogateSpec(card=str(surrogate), device="cpu")
    assert absolute.anchored(tmp_path) == absolute


def test_a_home_folder_is_a_home_folder(surrogate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(surrogate.parent))
    spec = SurrogateSpec(card=f"~/{surrogate.name}").anchored(tmp_path)
    assert spec == SurrogateSpec(card=str(surrogate))
    model = MaceSpec(models=f"~/{surrogate.name}/seed-1.model").anchored(tmp_path)
    assert isinstance(model, MaceSpec)
    assert model.models[0].path == str(surrogate / "seed-1.model")


def test_a_missing_card_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=rf"no card at {tmp_path}/none, and .* is no surrogate of this package"):
        check(SurrogateSpec(card=str(tmp_path / "none")), molecule("H2O"))


STUDY = """\
name: toy
calculator: xtb
studies:
  - kind: surrogate
    about: {name: toy-water}
    sampler: {kind: surrogate, card: cheap}
    labels: kept/labels.extxyz.xz
    samples:
      - {how: rattled, system: H2O}
      - {how: dynamics, system: H2, temperature: 300}
      - {how: rattled, system: O2}
    split: {validation: [H2], test: [O2]}
    seeds: [1, 2]
"""


def test_a_study_keeps_its_files_beside_the_campaign_and_survives_its_dump(tmp_path: Path) -> None:
    path = tmp_path / "toy.yaml"
    path.write_text(STUDY)
    campaign = load_campaign(path)
    (study,) = campaign.studies
    assert isinstance(study, SurrogateStudy)
    assert study.labels == tmp_path / "kept" / "labels.extxyz.xz"
    assert study.sampler == SurrogateSpec(card=str(tmp_path / "cheap"))
    assert study.title == "toy-water"
    (tmp_path / "again").mkdir()
    again = tmp_path / "again" / "toy.yaml"
    again.write_text(dump_campaign(campaign))
    assert load_campaign(again) == campaign
    assert Campaign.model_validate_json(campaign.model_dump_json()) == campaign


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("validation: [H2]", "validation: []", "split.validation: names no system"),
        ("test: [O2]", "test: [O3]", "split.test: O3 is sampled nowhere"),
        ("test: [O2]", "test: [O2, H2]", "split: H2 is in both validation and test"),
        ("seeds: [1, 2]", "seeds: [1]", "at least 2"),
        ("seeds: [1, 2]", "seeds: [2, 2]", "two members of the same seed are one network"),
        ("how: dynamics", "how: dynamic", "dynamic"),
        ("temperature: 300", "temperature: -300", "greater than 0"),
        ("name: toy-water}", "name: ../toy}", "'../toy' does not fit: name of the surrogate"),
        ("seeds: [1, 2]", "training: {epochs: 20}", "stage_two_epochs: 25 of 20 epochs leave none before them"),
        ("seeds: [1, 2]", "training: {epoch: 20}", "did you mean|not permitted|unknown"),
    ],
)
def test_a_study_that_cannot_work_is_refused(
    tmp_path: Path, old: str, new: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert old in STUDY
    path = tmp_path / "toy.yaml"
    path.write_text(STUDY.replace(old, new))
    with pytest.raises(CampaignError, match=message):
        load_campaign(path)
    for command in (("run", path), ("surrogate", "train", path)):
        assert azibflow(*command, "--run-dir", tmp_path / "run") == 2
        assert "toy.yaml" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_two_surrogates_of_one_name_would_share_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "toy.yaml"
    path.write_text(STUDY + STUDY[STUDY.index("  - kind") :].replace("seeds: [1, 2]", "name: other"))
    with pytest.raises(CampaignError, match="two surrogates are called 'toy-water'"):
        load_campaign(path)


def test_training_needs_a_surrogate_in_the_campaign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("name: c\ncalculator: xtb\nstudies:\n  - {kind: desolvation, waters: [1, 0]}\n")
    assert azibflow("surrogate", "train", path, "--run-dir", tmp_path / "run") == 2
    assert "none is of kind surrogate" in capsys.readouterr().err


def test_a_folder_that_is_no_surrogate_is_never_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "toy.yaml"
    path.write_text(
        STUDY.replace("    sampler: {kind: surrogate, card: cheap}\n    labels: kept/labels.extxyz.xz\n", "")
    )
    precious = tmp_path / "here" / "toy-water" / "precious.txt"
    precious.parent.mkdir(parents=True)
    precious.write_text("mine")
    words = ("surrogate", "train", path, "--run-dir", tmp_path / "run", "--output", tmp_path / "here")
    assert azibflow(*words) == 2
    assert "toy-water exists and is no surrogate, so it is not replaced" in capsys.readouterr().err
    assert precious.read_text() == "mine"
    assert not (tmp_path / "run").exists()


def test_stage_two_takes_the_last_epochs() -> None:
    assert TrainingSettings(epochs=10, stage_two_epochs=9).stage_two_epochs == 9
    TrainingSettings(epochs=1, stage_two_epochs=0)
    with pytest.raises(ValidationError, match="stage_two_epochs: 10 of 10"):
        TrainingSettings(epochs=10, stage_two_epochs=10)


def test_comparing_needs_a_calculator_to_compare_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("surrogate", "compare", tmp_path / "c.yaml") == 2
    assert "Missing argument 'CALCULATOR...'" in capsys.readouterr().err
