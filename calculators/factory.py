"""The one place that makes calculators from specs, and the record of what they are."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import NotInstalledError
from ..light_jobs import running_light_job
from ..plugins import plugins
from .contract import require_contract
from .dependencies import versions
from .devices import resolved
from .dispersion import with_dispersion
from .folders import next_folder, write_into
from .records import CalculatorRecord
from .registry import GROUP, AnySpec, calculator_kinds


def make_calculator(spec: AnySpec, checkpoint: Path | None = None) -> Any:
    """Make one calculator; the network behind it is loaded once per process and shared by all.

    Give every image of a band its own: a shared calculator is evaluated about four times as often.

    Args:
        spec: the calculator.
        checkpoint: file in which a PySCF calculator keeps the orbitals of its running SCF; none keeps none.

    Returns:
        ASE calculator, with ``identity`` (SHA-256 of spec, weights and own code) as an extra attribute.

    Raises:
        WeightsError: weights are missing, unreadable, or not what their hash promises.
        CapabilityError: a class, a library, a device or damping parameters are missing; or a calculator that this
            package does not know breaks the contract.
        RuntimeError: the running job is marked as one that does not compute.
    """
    _refuse_in_light_job()
    known_as = identity(spec)
    require_contract(spec, known_as)
    bare = spec.make() if checkpoint is None else spec.make_resuming(checkpoint)
    if spec.writes_files():
        write_into(bare, next_folder(bare))
    calculator = with_dispersion(bare, spec.added_dispersion())
    calculator.identity = known_as
    return calculator


def record(spec: AnySpec) -> CalculatorRecord:
    """Describe a calculator completely, without loading it.

    Args:
        spec: the calculator.

    Returns:
        Spec, versions of the libraries, names and SHA-256 of weights and own code, and what ``device: auto`` is in this
        process. Of a code that is not here, as on a login node where the row of a failure is written, only the spec.

    Raises:
        WeightsError: weights are missing, or not what their hash promises.
    """
    device = getattr(spec, "device", None)
    try:
        known_versions, weights = spec.versions(), spec.weights()
    except NotInstalledError:
        known_versions, weights = versions(["ase"]), ()
    return CalculatorRecord(
        spec=spec,
        versions=known_versions,
        weights=weights,
        files=spec.code(),
        device=None if device is None else resolved(device),
    )


def identity(spec: AnySpec) -> str:
    """Return the SHA-256 of spec, weights and own code: equal when the numbers should be.

    Whether a spec says itself which hash its weights have makes no difference.
    """
    files = "".join(file.sha256 for file in (*spec.weights(), *spec.code()))
    text = spec.unpinned().model_dump_json(exclude=set(spec.costs))
    return hashlib.sha256((text + files).encode()).hexdigest()


class Availability(NamedTuple):
    """Whether a kind of calculator can be used on this machine.

    Attributes:
        kind: as campaigns write it.
        usable: whether what it needs is installed.
        remark: what it is, or what to install.
        package: that brings it, with its version; empty for this one.
    """

    kind: str
    usable: bool
    remark: str
    package: str = ""


def available() -> list[Availability]:
    """List the kinds of calculators, whether they work here, and their limits; nothing is loaded."""
    packages = {plugin.value: f"{plugin.distribution} {plugin.version}".strip() for plugin in plugins(GROUP)}
    listed = []
    for kind, spec in calculator_kinds().items():
        missing, names = spec.missing(), ", ".join(spec.names())
        says = f"{spec.says} ({names})" if names else spec.says
        listed.append(Availability(kind, not missing, missing or says, packages.get(spec, "")))
    d3 = find_spec("dftd3") is not None
    remark = "D3 on top of any of them, per system" if d3 else "not installed; pip install dftd3"
    return [*listed, Availability("dispersion", d3, remark)]


def _refuse_in_light_job() -> None:
    """Refuse to compute in a job that a cluster may run on its login node.

    Raises:
        RuntimeError: the running job is marked light.
    """
    if (name := running_light_job()) is not None:
        raise RuntimeError(f"the job {name!r} makes a calculator but is marked light; mark it computing")
