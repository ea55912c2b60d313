"""Surrogates that nobody trained: real networks of a few hundred weights, and a card that suits them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from ase.data import atomic_numbers

from azibflow.calculators.mace_foundations import import_mace
from azibflow.calculators.specs import Weights
from azibflow.calculators.surrogates.card import Calibration, Domain, Errors, SurrogateCard, write_card
from azibflow.calculators.surrogates.environments import Environments
from azibflow.cli.main import main

ATOMIC_ENERGIES = {"H": -13.6, "O": -2041.8, "Zn": -48400.25}

NARROW = {"force_deviation": 1e-9, "environment_distance": 100.0, "false_alarms": 0.0}
"""Domain of a surrogate that knows nothing."""


def azibflow(*words: object) -> int:
    """Run a command and return its exit status."""
    try:
        main([str(word) for word in words])
    except SystemExit as ending:
        return int(ending.code or 0)
    raise AssertionError("the command did not exit")


def write_network(path: Path, seed: int, *, elements: tuple[str, ...] = ("H", "O", "Zn"), r_max: float = 4.0) -> Path:
    """Write an untrained network of mace-torch's ``MACE`` class, the one that training makes."""
    import torch

    network = _network(elements, r_max)
    torch.manual_seed(seed)
    with torch.no_grad():
        for weights in network.parameters():
            weights.normal_()
    torch.save(network, path)
    return path


@cache
def _network(elements: tuple[str, ...], r_max: float) -> Any:
    """Make a network, which takes a second; its weights are drawn anew for each file."""
    import torch

    import_mace()  # before e3nn, whose constants torch refuses to load without it
    from e3nn import o3
    from mace.modules import MACE, interaction_classes

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return MACE(
            r_max=r_max,
            num_bessel=4,
            num_polynomial_cutoff=3,
            max_ell=1,
            interaction_cls=interaction_classes["RealAgnosticResidualInteractionBlock"],
            interaction_cls_first=interaction_classes["RealAgnosticInteractionBlock"],
            num_interactions=2,
            num_elements=len(elements),
            hidden_irreps=o3.Irreps("4x0e"),
            MLP_irreps=o3.Irreps("4x0e"),
            atomic_energies=np.array([ATOMIC_ENERGIES.get(symbol, -1.0) for symbol in elements]),
            avg_num_neighbors=4.0,
            atomic_numbers=[atomic_numbers[symbol] for symbol in elements],
            correlation=1,
            gate=torch.nn.functional.silu,
            radial_MLP=[8],
        )
    finally:
        torch.set_default_dtype(before)


def card_of(folder: Path, models: list[Path], **changes: Any) -> SurrogateCard:
    """Return a card for model files; changes replace its fields."""
    fields: dict[str, Any] = {
        "name": folder.name,
        "description": "nobody trained it",
        "method": "nothing",
        "labels_by": {"kind": "xtb"},
        "elements": ("H", "O", "Zn"),
        "charges": (0, 2),
        "ion_charges": {"Zn": 2},
        "periodic": False,
        "models": tuple(Weights(path=model.name, sha256=sha256(model)) for model in models),
        "dtype": "float64",
        "cutoff": 4.0,
        "labels": Weights(path="labels.extxyz.xz"),
        "frames": {"training": {"H2O": 1}, "validation": {"H2O": 1}, "test": {"H2O": 1}},
        "atomic_energies": ATOMIC_ENERGIES,
        "training": {},
        "versions": {},
        "seconds": {"labels": 60.0},
        "errors": {"all": Errors(frames=1, energy_mae=1, relative_energy_mae=1, forces_mae=1, forces_rmse=1)},
        "errors_by_element": {"H": 1.0},
        "calibration": Calibration(energy_scale=2.0, forces_scale=3.0, energy_coverage=0.7, forces_coverage=0.7),
        "environments": everywhere(folder),
        "domain": Domain(force_deviation=100.0, environment_distance=100.0, false_alarms=0.0),
        "licence": "CC0-1.0",
    }
    return SurrogateCard.model_validate(fields | changes)


def everywhere(folder: Path) -> Weights:
    """Write environments to which no atom has any distance: its features are multiplied by zero."""
    features = 8
    numbers = [atomic_numbers[symbol] for symbol in ATOMIC_ENERGIES]
    known = {number: np.zeros((1, features)) for number in numbers}
    Environments(known, {number: np.zeros((features, features)) for number in numbers}).write(folder / "here.npz")
    return Weights(path="here.npz")


def make_surrogate(folder: Path, seeds: tuple[int, ...] = (1, 2, 3), **changes: Any) -> Path:
    """Write a committee and its card into a new folder; changes replace fields of the card."""
    folder.mkdir(parents=True)
    models = [write_network(folder / f"seed-{seed}.model", seed) for seed in seeds]
    write_card(card_of(folder, models, **changes), folder)
    return folder


def sha256(path: Path) -> str:
    """Hash a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
