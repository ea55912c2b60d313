"""Training one member of a committee by mace-torch's own programme."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ase.data import atomic_numbers
from jobflow import job
from pydantic import BaseModel, Field

from ...calculators.devices import usable
from ...calculators.weights import file_sha256
from ...errors import TrainingError
from .datasets import ROLE, Dataset
from .frames import write_frames
from .labels import ENERGY, FORCES
from .settings import TrainingSettings

if TYPE_CHECKING:
    from ase import Atoms

logger = logging.getLogger(__name__)

LAST_RATE = 0.03
"""Learning rate of the last epoch as a fraction of the first; it falls exponentially."""
PROGRAM = """
import ctypes, runpy, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
runpy.run_module("mace.cli.run_train", run_name="__main__", alter_sys=True)
"""
"""Trains, and dies with the process that started it: an orphan would write the checkpoints of the one that goes on."""


class Member(BaseModel):
    """One trained network."""

    folder: str = Field(description="name of the folder of the job, beside those of the other jobs")
    path: str = Field(description="model file, relative to that folder")
    sha256: str = Field(description="SHA-256 of the model file")
    seed: int = Field(description="of the initial weights and of the order of frames")
    seconds: float = Field(description="wall time of the training, s; that of the last part after an interruption")
    device: str = Field(description="torch device it was trained on")
    dtype: Literal["float64", "float32"] = Field(description="floating-point precision")

    def file(self, here: Path) -> Path:
        """Return the path of the model file; ``here`` is the folder of the reading job.

        Raises:
            TrainingError: the file is missing or was changed.
        """
        path = here.parent / self.folder / self.path
        if not path.is_file():
            raise TrainingError(f"the model of seed {self.seed} is not at {path}; run that job again")
        if file_sha256(path) != self.sha256:
            raise TrainingError(f"{path}: was changed after its training")
        return path


def train(dataset: Dataset, settings: TrainingSettings, seed: int, folder: Path) -> Member:
    """Train one network on the frames for training; those for validation decide which epoch is kept, if one is.

    Args:
        dataset: labelled frames.
        settings: network and training.
        seed: of the initial weights and of the order of frames.
        folder: where data, checkpoints and the model go; a killed training goes on from its last checkpoint.

    Returns:
        The network.

    Raises:
        TrainingError: mace-torch is missing or its training failed; the message ends with what it said last.
    """
    frames = dataset.read(folder)
    for role, name in (("training", "training"), ("validation", "validation")):
        chosen = [_weighted(frame, settings.half_weight_force) for frame in frames if frame.info[ROLE] == role]
        write_frames(folder / f"{name}.extxyz", chosen)
    device = usable(settings.device)
    began = time.perf_counter()
    run_mace(mace_arguments(dataset, settings, seed, device), folder, settings.epochs)
    model = _written_model(folder)
    return Member(
        folder=folder.name,
        path=str(model.relative_to(folder)),
        sha256=file_sha256(model),
        seed=seed,
        seconds=time.perf_counter() - began,
        device=device,
        dtype=settings.dtype,
    )


def mace_arguments(dataset: Dataset, settings: TrainingSettings, seed: int, device: str) -> list[str]:
    """Return the arguments of ``mace_run_train``.

    The model is mace-torch's ``MACE``: unlike ``ScaleShiftMACE`` it gives a free atom exactly its atomic energy, which
    a ladder that ends at the bare ion needs.

    Args:
        dataset: atomic energies are taken from it.
        settings: network and training.
        seed: of the initial weights and of the order of frames.
        device: torch device.
    """
    energies = {atomic_numbers[symbol]: energy for symbol, energy in dataset.atomic_energies.items()}
    hidden = "+".join(f"{settings.channels}x{order}{'eo'[order % 2]}" for order in range(settings.max_l + 1))
    options: dict[str, object] = {
        "name": "member",
        "model": "MACE",
        "seed": seed,
        "device": device,
        "default_dtype": settings.dtype,
        "train_file": "training.extxyz",
        "valid_file": "validation.extxyz",
        "E0s": repr(energies),
        "hidden_irreps": hidden,
        "max_ell": settings.max_ell,
        "correlation": settings.correlation,
        "radial_MLP": list(settings.radial_mlp),
        "r_max": settings.cutoff,
        "batch_size": settings.batch,
        "valid_batch_size": settings.batch,
        "max_num_epochs": settings.epochs,
        "lr": settings.learning_rate,
        "scheduler": "ExponentialLR",
        "lr_scheduler_gamma": LAST_RATE ** (1 / settings.epochs),
        "energy_weight": settings.energy_weight,
        "forces_weight": settings.forces_weight,
        "clip_grad": settings.gradient_clip,
        "ema_decay": 0.99,
        "eval_interval": max(1, settings.epochs // 20),
        "pin_memory": device != "cpu",
        "plot": False,
        "error_table": "PerAtomMAE",
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    arguments += ["--ema", "--restart_latest", "--save_cpu"]
    if settings.keep == "last":
        arguments.append("--save_all_checkpoints")  # the model is that of the latest checkpoint, which is else the best
    if settings.stage_two_epochs:
        arguments += [
            "--stage_two",
            f"--start_stage_two={settings.epochs - settings.stage_two_epochs}",
            f"--stage_two_energy_weight={settings.stage_two_energy_weight}",
            f"--stage_two_forces_weight={settings.forces_weight}",
            f"--stage_two_lr={settings.stage_two_learning_rate}",
        ]
    return arguments


def run_mace(arguments: list[str], folder: Path, epochs: int) -> None:
    """Run mace-torch's training in a process of its own, telling the log how far it is.

    It is a process of its own because importing its command line changes how torch unpickles files.

    Args:
        arguments: of ``mace_run_train``.
        folder: its working folder; ``training.log`` keeps what it says.
        epochs: in all, for the progress.

    Raises:
        TrainingError: it failed.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB")}
    command = [sys.executable, "-c", PROGRAM, *arguments]
    log = folder / "training.log"
    with log.open("a") as file:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, arguments from validated settings
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            assert process.stdout is not None
            for line in process.stdout:
                file.write(line)
                file.flush()
                if "Epoch" in line:
                    logger.info("%s of %d: %s", *_epoch(line, epochs))
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
    if process.returncode:
        said = [line for line in log.read_text().splitlines() if line.strip()][-3:]
        raise TrainingError(f"mace-torch's training failed ({log}): {' | '.join(said)}")


def _epoch(line: str, epochs: int) -> tuple[str, int, str]:
    text = line[line.index("Epoch") :].strip()
    number, _, rest = text.partition(":")
    return number, epochs, rest.strip()


def _written_model(folder: Path) -> Path:
    """Find the model: that of stage two where there is one."""
    for name in ("member_stagetwo.model", "member_swa.model", "member.model"):
        if (folder / name).is_file():
            return folder / name
    raise TrainingError(f"mace-torch's training left no model in {folder}; see training.log there")


def _weighted(frame: Atoms, half_weight_force: float | None) -> Atoms:
    """Keep what mace-torch reads, with the frame's weight in the loss: 1 / (1 + (F / F_half)^2), F the RMS force."""
    copy = frame.copy()
    copy.info = {ENERGY: frame.info[ENERGY], "config_type": frame.info["system"]}
    if half_weight_force is not None:
        mean_square = float((frame.arrays[FORCES] ** 2).sum(axis=1).mean())
        copy.info["config_weight"] = 1.0 / (1.0 + mean_square / half_weight_force**2)
    return copy


@job(output_schema=Member)
def train_job(dataset: Dataset, settings: TrainingSettings, seed: int) -> Member:
    """Train one network in the job's folder."""
    return train(dataset, settings, seed, Path.cwd())
