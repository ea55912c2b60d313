"""A surrogate from nothing to its use: trained, validated, compared, all by real programmes on small molecules."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import yaml
from jobflow import run_locally
from untrained import azibflow

from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.compared import compare_calculators
from azibflow.analysis.tables.surrogate import surrogates_table
from azibflow.calculators.factory import make_calculator
from azibflow.calculators.specs import SurrogateSpec, XtbSpec
from azibflow.calculators.surrogates.card import read_card
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.studies.surrogate import SurrogateStudy
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.surrogate.datasets import Dataset, Split, build_dataset
from azibflow.workflows.surrogate.frames import geometry_key, read_frames
from azibflow.workflows.surrogate.labels import ENERGY, FORCES, isolated_energies, label_frames
from azibflow.workflows.surrogate.maker import SurrogateMaker
from azibflow.workflows.surrogate.publication import SurrogateResult, write_compressed
from azibflow.workflows.surrogate.sampling import sample_frames
from azibflow.workflows.surrogate.settings import RattledSample, TrainingSettings
from azibflow.workflows.surrogate.study import surrogate_study
from azibflow.workflows.surrogate.training import train

pytest.importorskip("mace")

CAMPAIGN = """\
name: toy
calculator: xtb
studies:
  - kind: surrogate
    about: {name: toy-water, description: three molecules, charges: [0], limits: [a toy]}
    samples:
      - {how: rattled, system: H2O, frames: 8, amplitude: 0.1}
      - {how: rattled, system: H2O-H2O, frames: 4, amplitude: 0.08}
      - {how: rattled, system: "smiles:OO", frames: 4, amplitude: 0.08}
    split: {validation: [H2O-H2O], test: ["smiles:OO"]}
    atomic_energies: isolated
    seeds: [1, 2]
    training: {channels: 8, max_ell: 1, correlation: 1, cutoff: 4.0, epochs: 8, stage_two_epochs: 2, dtype: float64,
               device: cpu, half_weight_force: 2.0, stage_two_learning_rate: 0.0005}
"""
XTB = XtbSpec()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a training by the command line."""
    folder = tmp_path_factory.mktemp("toy")
    (folder / "toy.yaml").write_text(CAMPAIGN)
    words = ("surrogate", "train", folder / "toy.yaml", "--run-dir", folder / "run")
    assert azibflow(*words, "--workers", 1, "--threads", 1, "--output", folder / "made") == 0
    return folder / "run"


@pytest.fixture(scope="module")
def made(run: Path) -> Path:
    """The surrogate's folder."""
    return run.parent / "made" / "toy-water"


def test_the_folder_has_all_that_belongs_together(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(path.name for path in made.iterdir()) == [
        "card.yaml",
        "environments.npz",
        "labels.extxyz.xz",
        "seed-1.model",
        "seed-2.model",
    ]
    card = read_card(str(made))
    assert card.frames == {"training": {"H2O": 8}, "validation": {"H2O-H2O": 4}, "test": {"smiles:OO": 4}}
    assert (card.elements, card.charges, card.periodic) == (("H", "O"), (0,), False)
    assert card.atomic_energies == pytest.approx(isolated_energies(["H", "O"], {}, XTB), abs=1e-6)
    assert card.training["epochs"] == 8
    assert list(card.seconds) == ["labels not in a store", "training of seed 1", "training of seed 2"]
    assert azibflow("surrogate", "card", made) == 0
    printed = capsys.readouterr().out
    assert "toy-water: three molecules" in printed
    assert "limit: a toy" in printed
    assert "test: 4 frames: smiles:OO (4)" in printed


def test_it_learnt_something(made: Path) -> None:
    frames = [frame for frame in read_frames(made / "labels.extxyz.xz") if frame.info["role"] == "training"]
    calculator = make_calculator(SurrogateSpec(card=str(made)))
    errors = [np.abs(calculator.get_forces(frame) - frame.arrays[FORCES]).mean() for frame in frames]
    assert np.mean(errors) < 0.6 * np.mean([np.abs(frame.arrays[FORCES]).mean() for frame in frames])


@pytest.mark.slow
def test_without_jobflow_it_is_the_same_surrogate(made: Path, tmp_path: Path) -> None:
    study = SurrogateStudy.model_validate(yaml.safe_load(CAMPAIGN)["studies"][0])
    asked = SurrogateMaker(
        about=study.about,
        samples=study.samples,
        split=study.split,
        calculator=XTB,
        atomic_energies=study.atomic_energies,
        training=study.training,
        seeds=tuple(study.seeds),
    )
    systems = {sample.system: StructureRecipe(molecule=sample.system) for sample in study.samples}
    result = surrogate_study(asked, systems, tmp_path)
    card, kept = result.card, read_card(str(made))
    assert result.folder == "validate/toy-water"
    assert (card.frames, card.labels, card.training) == (kept.frames, kept.labels, kept.training)
    assert card.errors["all"].forces_rmse == pytest.approx(kept.errors["all"].forces_rmse, rel=1e-6)
    assert read_card(str(tmp_path / result.folder)) == card


def test_frames_with_large_forces_weigh_less(run: Path) -> None:
    from mace.data.utils import KeySpecification, config_from_atoms

    frames = read_frames(next(run.glob("jobs/*/training.extxyz")))
    forces = np.array([np.sqrt(np.mean(np.sum(frame.arrays[FORCES] ** 2, axis=1))) for frame in frames])
    weights = [config_from_atoms(frame, KeySpecification()).weight for frame in frames]
    assert weights == pytest.approx(1 / (1 + (forces / 2.0) ** 2))
    assert max(weights) > 2 * min(weights)


def test_stage_two_is_the_one_asked_for(run: Path) -> None:
    said = next(run.glob("jobs/*/training.log")).read_text()
    assert "Stage Two (after 6 epochs)" in said
    assert "energy weight : 1000.0, forces weight : 100.0 and learning rate : 0.0005" in said


def test_a_published_model_is_the_trained_one_in_fewer_bytes(run: Path, tmp_path: Path) -> None:
    import torch

    trained = next(run.glob("jobs/*/member_stagetwo.model"))
    for name in ("once.model", "again.model"):
        write_compressed(trained, tmp_path / name)
    assert (tmp_path / "once.model").read_bytes() == (tmp_path / "again.model").read_bytes()
    assert (tmp_path / "once.model").stat().st_size < 0.7 * trained.stat().st_size
    kept = torch.load(tmp_path / "once.model", weights_only=False).state_dict()
    for name, value in torch.load(trained, weights_only=False).state_dict().items():
        assert torch.equal(value, kept[name])


def test_validation_finds_the_numbers_of_the_card(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "parity.png"
    assert azibflow("surrogate", "validate", made, "--plot", picture) == 0
    assert "all numbers are those of the card" in capsys.readouterr().out
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_card_that_says_something_else_is_found_out(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(made, tmp_path / "boasting")
    card = yaml.safe_load((folder / "card.yaml").read_text())
    card["errors"]["all"]["forces_mae"] *= 0.5
    card["domain"]["force_deviation"] *= 1.5
    (folder / "card.yaml").write_text(yaml.safe_dump(card))
    assert azibflow("surrogate", "validate", folder) == 1
    captured = capsys.readouterr()
    assert len([line for line in captured.err.splitlines() if line.startswith("not as on the card: ")]) == 2
    assert "all, forces_mae" in captured.err
    assert "all numbers are those of the card" not in captured.out


def test_the_table_has_a_row_for_every_system_of_the_test(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (result,) = load_results([run], SurrogateResult)
    table = surrogates_table([result])
    assert [row.cells["system"] for row in table.rows] == ["all", "smiles:OO"]
    assert azibflow("table", "surrogate", run, "--format", "json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert rows[0]["forces_mae"] == pytest.approx(result.card.errors["all"].forces_mae, abs=1e-3)
    assert rows[0]["outcome"] == "ok"


def test_a_complete_run_is_not_trained_again(run: Path, made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (made / "seed-1.model").read_bytes()
    words = ("surrogate", "train", run.parent / "toy.yaml", "--run-dir", run, "--output", made.parent)
    assert azibflow(*words) == 0
    assert "holds a complete run" in capsys.readouterr().out
    assert (made / "seed-1.model").read_bytes() == before


def test_jobflow_alone_makes_the_same_frames_and_labels(run: Path, made: Path, tmp_path: Path) -> None:
    campaign = load_campaign(run / "source.yaml")
    (study,) = campaign.studies
    assert isinstance(study, SurrogateStudy)
    (flow,) = study.flows(campaign.contexts()[0])
    gather = next(job for job in flow.jobs if "gather labels" in job.name)
    flow.output = gather.output
    flow.remove_jobs([n for n, job in enumerate(flow.jobs) if ": train" in job.name or ": validate" in job.name])
    responses = run_locally(flow, log=False, create_folders=True, root_dir=tmp_path, ensure_success=True)
    dataset = responses[gather.uuid][1].output
    assert isinstance(dataset, Dataset)
    ours, theirs = dataset.read(tmp_path / "any"), read_frames(made / "labels.extxyz.xz")
    assert [geometry_key(frame) for frame in ours] == [geometry_key(frame) for frame in theirs]
    assert [frame.info["name"] for frame in ours] == [frame.info["name"] for frame in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.info[ENERGY] == pytest.approx(other.info[ENERGY], abs=1e-7)
        np.testing.assert_allclose(mine.arrays[FORCES], other.arrays[FORCES], atol=1e-7)
        assert mine.info["role"] == other.info["role"]


BINDING = """\
name: pair
calculator: xtb
studies:
  - {kind: binding, name: dimer, parts: [H2O, H2O], complex: H2O-H2O, molecule: {fmax: 1000}}
"""


def test_calculators_are_compared_side_by_side(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pair.yaml").write_text(BINDING)
    runs = tmp_path / "runs"
    name = f"surrogate:{made}"
    words = ("surrogate", "compare", tmp_path / "pair.yaml", name, "--run-dir", runs, "--workers", 1)
    status = azibflow(*words, "--threads", 1)
    printed = capsys.readouterr().out
    (ours,) = (path for path in runs.iterdir() if path.name != "campaign")
    table = compare_calculators({name: ours, "campaign": runs / "campaign"})
    (row,) = table.rows
    cells = row.cells
    assert cells[f"difference {name}"] == pytest.approx(cells[f"value {name}"] - cells["value campaign"])
    assert cells[f"error {name}"] > 0
    assert status == (1 if row.outcome == "outside domain" else 0)
    assert "Calculators compared" in printed
    assert "+-" in printed


def test_what_was_compared_goes_onto_the_card_of_a_surrogate_of_that_calculator(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(made, tmp_path / "mine")
    (tmp_path / "pair.yaml").write_text(BINDING)
    words = ("--run-dir", tmp_path / "runs", "--workers", 1, "--threads", 1, "--onto-card")
    for _ in range(2):  # the second time replaces what the first one wrote
        azibflow("surrogate", "compare", tmp_path / "pair.yaml", f"surrogate:{folder}", *words)
    (ours,) = (path for path in (tmp_path / "runs").iterdir() if path.name != "campaign")
    (cells,) = (
        row.cells for row in compare_calculators({"mine": ours, "campaign": tmp_path / "runs" / "campaign"}).rows
    )
    (quantity,) = read_card(str(folder)).quantities
    assert quantity.value == pytest.approx(cells["value mine"])
    assert quantity.standard_error == pytest.approx(cells["error mine"])
    assert quantity.expected == pytest.approx(cells["value campaign"])
    capsys.readouterr()
    assert azibflow("surrogate", "card", folder) == 0
    assert f"difference {quantity.value - quantity.expected:+.3f}" in capsys.readouterr().out
    assert azibflow("surrogate", "validate", folder) == 0, "the rest of the card is as it was"


def test_only_the_calculator_of_the_labels_is_compared_with_on_a_card(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pair.yaml").write_text(BINDING.replace("calculator: xtb", "calculator: pyscf:quick"))
    words = ("surrogate", "compare", tmp_path / "pair.yaml", "--run-dir", tmp_path / "runs", "--onto-card")
    assert azibflow(*words, f"surrogate:{made}") == 2
    assert "pyscf did not make the labels of toy-water, xtb did" in capsys.readouterr().err
    assert azibflow(*words, "xtb") == 2
    assert "none of the calculators is a surrogate" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_calculator_that_gave_nothing_shows_in_the_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pair.yaml").write_text(BINDING)
    broken = "ase:ase.calculators.eam:EAM"  # finds out too late that nobody gave it a potential
    words = ("surrogate", "compare", tmp_path / "pair.yaml", broken, "--run-dir", tmp_path / "runs")
    assert azibflow(*words, "--workers", 1, "--threads", 1) == 1
    assert "failed: " in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("keep", ["best", "last"])
def test_the_epoch_that_is_kept(keep: Literal["best", "last"], tmp_path: Path) -> None:
    settings = TrainingSettings(
        channels=8,
        max_ell=1,
        correlation=1,
        cutoff=4.0,
        epochs=6,
        stage_two_epochs=3,
        stage_two_learning_rate=1.0,  # far too large: validation loss rises from the first epoch of stage two
        device="cpu",
        keep=keep,
    )
    dataset = three_molecules(tmp_path)
    (tmp_path / "train").mkdir()
    train(dataset, settings, 1, tmp_path / "train")
    said = (tmp_path / "train" / "training.log").read_text()
    losses = [float(loss) for loss in re.findall(r"Epoch [345]: head: Default, loss=([\d.]+)", said)]
    assert losses[0] < losses[2]
    assert f"Loaded Stage two model from epoch {3 if keep == 'best' else 5} for" in said


TRAIN = """
import sys
from pathlib import Path
from typing import Literal
from azibflow.workflows.surrogate.datasets import Dataset
from azibflow.workflows.surrogate.settings import TrainingSettings
from azibflow.workflows.surrogate.training import train
dataset = Dataset.model_validate_json(Path("dataset.json").read_text())
settings = TrainingSettings(channels=8, max_ell=1, correlation=1, cutoff=4.0, epochs=40, stage_two_epochs=4,
                            dtype="float64", device="cpu")
print(train(dataset, settings, 3, Path.cwd()).model_dump_json())
"""


@pytest.mark.slow
def test_a_killed_training_takes_its_trainer_along_and_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    dataset = three_molecules(tmp_path)
    home = tmp_path / "train"
    home.mkdir()
    (home / "dataset.json").write_text(dataset.model_dump_json())
    log = home / "training.log"

    first = subprocess.Popen([sys.executable, "-c", TRAIN], cwd=home, stdout=subprocess.PIPE)
    wait_until(lambda: log.exists() and "Epoch 8:" in log.read_text(), first)
    children = Path(f"/proc/{first.pid}/task/{first.pid}/children").read_text().split()
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert children
    deadline = time.monotonic() + 30
    while any(alive(int(child)) for child in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(alive(int(child)) for child in children)

    reached = len(log.read_text())
    assert list((home / "checkpoints").glob("*.pt"))
    again = subprocess.run([sys.executable, "-c", TRAIN], cwd=home, capture_output=True, text=True, check=True)
    written = json.loads(again.stdout.splitlines()[-1])
    since = log.read_text()[reached:]
    assert "Loading checkpoint" in since
    epochs = [int(number) for number in re.findall(r"Epoch (\d+): head", since)]
    assert epochs[0] > 0
    assert epochs[-1] >= 36
    assert (home / written["path"]).is_file()


def three_molecules(folder: Path) -> Dataset:
    """Label four frames of each of three molecules."""
    labelled = []
    for number, molecule in enumerate(("H2O", "H2O-H2O", "smiles:OO")):
        for name in (f"sample-{number}", f"label-{number}"):
            (folder / name).mkdir()
        sample = RattledSample(how="rattled", system=molecule, frames=4, amplitude=0.1)
        frames = sample_frames(sample, StructureRecipe(molecule=molecule), XTB, folder / f"sample-{number}")
        labelled.append(label_frames(frames, XTB, folder / f"label-{number}"))
    (folder / "data").mkdir()
    split = Split(validation=["H2O-H2O"], test=["smiles:OO"])
    return build_dataset(labelled, split, isolated_energies(["H", "O"], {}, XTB), folder / "data")


def wait_until(true: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 300
    while not true():
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
