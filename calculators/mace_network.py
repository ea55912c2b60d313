"""MACE: checking and loading model files, once per process; committees of several; what the networks can compute."""

from __future__ import annotations

import shlex
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CapabilityError, WeightsError
from ..paths import expanded, is_file
from .capabilities import Capabilities
from .devices import usable
from .mace_foundations import foundation, import_mace
from .weights import Weights, file_sha256

if TYPE_CHECKING:
    from .kinds.mace import MaceSpec

BLIND = frozenset({0})
"""Charges of a network that takes none as input: it was trained on neutral structures, unless its user knows better."""

NOTE = "a model is as good as the structures it was trained on; a committee shows where its members disagree"
HEADS_NOTE = "; which of its heads saw charges is not in the file"

POLAR_MODULE = "graph_longrange"
# Its releases 0.4.3 and 0.4.4 no longer have an argument that mace-torch 0.3.16 gives.
POLAR_ADVICE = "for MACE-Polar with mace-torch 0.3.16: pip install graph_longrange==0.4.0"


def mace_calculator(spec: MaceSpec) -> Any:
    """Make a MACE calculator around the shared networks.

    Args:
        spec: models, head, precision, device.

    Returns:
        A ``mace.calculators.MACECalculator``; of a committee, energy and forces are the mean, and
        ``results["energy_comm"]`` and ``results["forces_comm"]`` hold every member's.

    Raises:
        WeightsError: a model is missing, unreadable, not what its hash promises, or unlike the rest of its committee.
        CapabilityError: mace-torch or the device is not here, or the models have no such head.
    """
    device = usable(spec.device)
    networks = load_committee(spec, device)
    kind = {"model_type": "PolarMACE"} if _is_polar(networks[0]) else {}
    head = {} if spec.head is None else {"head": spec.head}
    from .mace_calculator import MaceCalculator

    return MaceCalculator(models=list(networks), device=device, default_dtype=spec.dtype, **head, **kind)


def mace_capabilities(spec: MaceSpec) -> Capabilities:
    """Read from the networks what they can compute; on the processor, so that a node without GPU can ask.

    A network with an embedding of the total charge takes the charges of that embedding; any other network, neutral
    structures. Charges that the spec declares narrow the former and replace the latter.

    Args:
        spec: models, and perhaps the charges their user declares.

    Returns:
        Elements of the networks, any boundary conditions, charges and multiplicities.

    Raises:
        WeightsError: as ``mace_calculator``.
        CapabilityError: as ``mace_calculator``, but for the device; or the network cannot read a declared charge.
    """
    from ase.data import chemical_symbols

    network = load_committee(spec, "cpu")[0]
    reads_charge, embedded = _embedded(network, "total_charge")
    reads_spin, multiplicities = _embedded(network, "total_spin")
    charges = embedded if reads_charge else BLIND
    if spec.charges is not None:
        charges = frozenset(spec.charges)
        if embedded is not None and not charges <= embedded:
            raise CapabilityError(
                f"mace: charges {sorted(charges - embedded)} are declared, but {spec.models[0].path} reads "
                f"{min(embedded):+d} to {max(embedded):+d} only"
            )
    read = [name for name, is_read in (("total charge", reads_charge), ("multiplicity", reads_spin)) if is_read]
    note = f"the network reads {' and '.join(read)} from the structure; {NOTE}" if read else NOTE
    return Capabilities(
        elements=frozenset(chemical_symbols[int(z)] for z in network.atomic_numbers),
        periodic=None,
        charges=charges,
        reads_spin=reads_spin,
        multiplicities=None if multiplicities is None else frozenset(m for m in multiplicities if m > 0),
        properties=("energy", "forces", "stress"),
        note=note + HEADS_NOTE if reads_charge and len(_heads(network)) > 1 else note,
    )


def load_committee(spec: MaceSpec, device: str) -> tuple[Any, ...]:
    """Load the networks of a spec; each file only once per process, device and precision.

    Args:
        spec: models, head, precision.
        device: torch device, whatever the spec says.

    Returns:
        The networks, in the order of ``spec.models``.

    Raises:
        WeightsError: as ``mace_calculator``.
        CapabilityError: mace-torch is not installed, or the models have no such head.
    """
    networks = tuple(_load(str(model_file(w)), verified_sha256(w), device, spec.dtype) for w in spec.models)
    first = _traits(networks[0])
    for weights, network in zip(spec.models, networks, strict=True):
        unlike = [name for name, trait in _traits(network).items() if trait != first[name]]
        if unlike:
            raise WeightsError(
                f"mace: {weights.path} and {spec.models[0].path} differ in {' and '.join(unlike)}; "
                "a committee needs models of the same"
            )
    _check_head(spec, _heads(networks[0]))
    return networks


def model_file(weights: Weights) -> Path:
    """Find the file of one model.

    Args:
        weights: a path, or the name of a foundation model, which is looked for where mace-torch
            keeps it, never downloaded.

    Returns:
        Path of an existing file.

    Raises:
        WeightsError: there is none; the message names the path looked for and what to do.
    """
    if weights.is_name:
        path = foundation(weights.path).file
        fetch = f"azibflow calculators --fetch {shlex.quote(weights.path)}"
        advice = f"get it on a machine with internet: {fetch}, then copy the file"
    else:
        path = expanded(weights.path).absolute()
        advice = "check the path"
    if not is_file(path):
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


@lru_cache(maxsize=16)
def _load(path: str, sha256: str, device: str, dtype: str) -> Any:
    """Load one network; the hash is an argument so that a changed file is loaded anew."""
    import pickle

    import torch

    import_mace()
    try:
        network = torch.load(path, map_location=device, weights_only=False)
    except ModuleNotFoundError as error:
        raise _module_missing(path, str(error.name)) from error
    except (RuntimeError, EOFError, pickle.UnpicklingError, ImportError, AttributeError, ValueError) as error:
        raise WeightsError(f"mace: {path} (SHA-256 {sha256[:12]}...) is no readable MACE model: {error}") from error
    if not all(hasattr(network, name) for name in ("atomic_numbers", "r_max", "atomic_energies_fn")):
        raise WeightsError(f"mace: {path} holds a {type(network).__name__}, not a MACE model of energies")
    if _is_polar(network) and find_spec(POLAR_MODULE) is None:
        raise WeightsError(
            f"mace: {path} needs the Python module {POLAR_MODULE}, which is not installed ({POLAR_ADVICE})"
        )
    return network.to(device=device, dtype=getattr(torch, dtype)).eval()


def _module_missing(path: str, module: str) -> WeightsError:
    advice = f" ({POLAR_ADVICE})" if module == POLAR_MODULE else ""
    return WeightsError(f"mace: {path} needs the Python module {module}, which is not installed{advice}")


def _traits(network: Any) -> dict[str, Any]:
    """Return what the members of a committee share: they compute the same graph of the same atoms."""
    return {
        "elements": network.atomic_numbers.tolist(),
        "cutoff": float(network.r_max),
        "heads": _heads(network),
        "charges": _embedded(network, "total_charge"),
        "multiplicities": _embedded(network, "total_spin"),
    }


def _heads(network: Any) -> list[str]:
    return list(getattr(network, "heads", ["Default"]))


def _check_head(spec: MaceSpec, heads: list[str]) -> None:
    """Refuse a head that is not there; mace-torch would take the last one instead."""
    if spec.head is not None and spec.head not in heads:
        raise CapabilityError(f"mace: {spec.models[0].path} has no head {spec.head!r}; it has {', '.join(heads)}")
    if spec.head is None and len(heads) > 1 and "default" not in [head.lower() for head in heads]:
        raise CapabilityError(f"mace: {spec.models[0].path} has several heads, name one: {', '.join(heads)}")


def _embedded(network: Any, quantity: str) -> tuple[bool, frozenset[int] | None]:
    """Say whether ``total_charge`` or ``total_spin`` is an input of a network, and of which values; none means any."""
    if _is_polar(network):
        return True, None
    embedding = (getattr(network, "embedding_specs", None) or {}).get(quantity)
    if embedding is None:
        return False, None
    if embedding["type"] != "categorical":
        return True, None
    first = -int(embedding.get("offset", 0))
    return True, frozenset(range(first, first + int(embedding["num_classes"])))


def _is_polar(network: Any) -> bool:
    """Tell MACE-Polar, whose equations contain charge and spin: no embedding says so, only its class."""
    return type(network).__name__ == "PolarMACE"
