"""MACE: finding, checking and loading model files, once per process; committees of several."""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CapabilityError, WeightsError
from .specs import Capabilities, MaceSpec, Weights, is_foundation_name
from .weights import file_sha256

if TYPE_CHECKING:
    from types import ModuleType


def mace_calculator(spec: MaceSpec) -> Any:
    """Make a MACE calculator around the shared networks.

    Args:
        spec: models, head, precision, device.

    Returns:
        ``mace.calculators.MACECalculator``; of a committee, energy and forces are the mean, and
        ``results["energy_comm"]`` and ``results["forces_comm"]`` hold every member's.

    Raises:
        WeightsError: a model is missing, unreadable, not what its hash promises, or unlike the rest of its committee.
        CapabilityError: mace-torch is not installed, or the models have no such head.
    """
    networks = load_committee(spec)
    heads = list(getattr(networks[0], "heads", ["Default"]))
    if spec.head is not None and spec.head not in heads:
        raise CapabilityError(f"mace: {spec.models[0].path} has no head {spec.head!r}; it has {', '.join(heads)}")
    if spec.head is None and len(heads) > 1 and "default" not in [head.lower() for head in heads]:
        raise CapabilityError(f"mace: {spec.models[0].path} has several heads, name one: {', '.join(heads)}")
    options = {} if spec.head is None else {"head": spec.head}
    return _import_mace().MACECalculator(models=list(networks), device=spec.device, default_dtype=spec.dtype, **options)


def mace_capabilities(spec: MaceSpec) -> Capabilities:
    """Read from the networks what they can compute.

    Args:
        spec: models, and the charges their user declares.

    Returns:
        Elements of the networks, any boundary conditions, the declared charges.

    Raises:
        WeightsError: as ``mace_calculator``.
    """
    from ase.data import chemical_symbols

    numbers = load_committee(spec)[0].atomic_numbers
    return Capabilities(
        elements=frozenset(chemical_symbols[int(z)] for z in numbers),
        periodic=None,
        charges=frozenset(spec.charges),
        properties=("energy", "forces", "stress"),
        note="a model is as good as the structures it was trained on; a committee shows where its members disagree",
    )


def load_committee(spec: MaceSpec) -> tuple[Any, ...]:
    """Load the networks of a spec; each file only once per process, device and precision.

    Args:
        spec: models, precision, device.

    Returns:
        The networks, in the order of ``spec.models``.

    Raises:
        WeightsError: as ``mace_calculator``.
    """
    networks = tuple(_load(str(model_file(w)), verified_sha256(w), spec.device, spec.dtype) for w in spec.models)
    first = networks[0]
    for weights, network in zip(spec.models, networks, strict=True):
        if network.atomic_numbers.tolist() != first.atomic_numbers.tolist() or float(network.r_max) != float(
            first.r_max
        ):
            raise WeightsError(
                f"mace: {weights.path} and {spec.models[0].path} differ in elements or cutoff; "
                "a committee needs models of the same"
            )
    return networks


def model_file(weights: Weights) -> Path:
    """Find the file of one model.

    Args:
        weights: a path, or the name of a foundation model, which is looked for in mace-torch's cache only.

    Returns:
        Path of an existing file.

    Raises:
        WeightsError: there is none; the message names the path looked for and what to do.
    """
    if is_foundation_name(weights.path):
        path = foundation_file(weights.path)
        advice = f"get it on a machine with internet: azibflow calculators --fetch {weights.path}, then copy the file"
    else:
        path = Path(weights.path).expanduser().absolute()
        advice = "check the path"
    if not path.is_file():
        raise WeightsError(f"mace: no model file at {path}; {advice}")
    return path


def verified_sha256(weights: Weights) -> str:
    """Hash a model file before anything of it is loaded.

    Args:
        weights: file and, optionally, the hash it must have.

    Returns:
        SHA-256 of the file.

    Raises:
        WeightsError: the file is missing, or its hash is not the promised one.
    """
    path = model_file(weights)
    found = file_sha256(path)
    if weights.sha256 not in (None, found):
        raise WeightsError(f"mace: {path} has SHA-256 {found}, not {weights.sha256}; it was not loaded")
    return found


def foundation_file(name: str) -> Path:
    """Say where mace-torch keeps a foundation model, without network access.

    Args:
        name: such as ``medium-mpa-0``.

    Returns:
        The path, whether or not the file is there.

    Raises:
        WeightsError: mace-torch knows no such model.
        CapabilityError: mace-torch is not installed.
    """
    from difflib import get_close_matches

    _import_mace()
    from mace.calculators.foundations_models import mace_mp_urls
    from mace.tools.utils import get_cache_dir

    if name not in mace_mp_urls:
        near = get_close_matches(name, mace_mp_urls, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise WeightsError(f"mace: {name!r} is no foundation model of mace-torch ({', '.join(mace_mp_urls)}){hint}")
    file_name = "".join(c for c in mace_mp_urls[name].rsplit("/", 1)[-1] if c.isalnum() or c == "_")
    return Path(get_cache_dir()) / file_name


def fetch_foundation(name: str) -> Path:
    """Download a foundation model into mace-torch's cache; the only function here that uses the network.

    Args:
        name: such as ``medium-mpa-0``.

    Returns:
        Path of the file.

    Raises:
        WeightsError: the name is unknown or the download failed.
    """
    path = foundation_file(name)
    from mace.calculators.foundations_models import download_mace_mp_checkpoint

    try:
        download_mace_mp_checkpoint(name)
    except (OSError, RuntimeError) as error:
        raise WeightsError(f"mace: {name} could not be downloaded to {path}: {error}") from error
    return path


@lru_cache(maxsize=16)
def _load(path: str, sha256: str, device: str, dtype: str) -> Any:
    """Load one network; the hash is an argument so that a changed file is loaded anew."""
    import pickle

    import torch

    _import_mace()
    try:
        network = torch.load(path, map_location=device, weights_only=False)
    except (RuntimeError, EOFError, pickle.UnpicklingError, ModuleNotFoundError, AttributeError) as error:
        raise WeightsError(f"mace: {path} (SHA-256 {sha256[:12]}...) is no readable MACE model: {error}") from error
    if not hasattr(network, "atomic_numbers") or not hasattr(network, "r_max"):
        raise WeightsError(f"mace: {path} holds a {type(network).__name__}, not a MACE model")
    return network.to(device=device, dtype=getattr(torch, dtype)).eval()


def _import_mace() -> ModuleType:
    """Import mace.calculators quietly, and undo what that does to the environment.

    The import sets TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD, which would let every later ``torch.load`` of the process, and of
    its children, unpickle anything.
    """
    variable = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"
    before = os.environ.get(variable)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.filterwarnings("ignore", f"Environment variable {variable}", UserWarning)
            return import_module("mace.calculators")
    except ImportError as error:
        raise CapabilityError(
            "mace-torch is not installed; install it with: pip install mace-torch (after torch)"
        ) from error
    finally:
        if before is None:
            os.environ.pop(variable, None)
