"""The one place that makes calculators from specs, and the record of what they are."""

from __future__ import annotations

import hashlib
from importlib import import_module, metadata
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import CapabilityError
from .dependencies import code_records, unpinned
from .devices import resolved
from .dft.levels import PyscfSpec
from .specs import (
    AnySpec,
    AseSpec,
    CalculatorRecord,
    ChgnetSpec,
    Dispersion,
    MaceSpec,
    PyscfGammaSpec,
    SurrogateSpec,
    WeightsRecord,
    XtbSpec,
    bundled_surrogates,
)
from .weights import file_sha256

LIBRARIES = {
    "chgnet": ("chgnet", "torch"),
    "mace": ("mace-torch", "torch", "e3nn"),
    "surrogate": ("mace-torch", "torch", "e3nn"),
    "pyscf": ("pyscf", "pyscf-dispersion", "geometric"),
    "pyscf-gamma": ("pyscf",),
    "xtb": ("tblite",),
    "ase": (),
}
"""Distributions that compute, by kind of calculator; ASE itself is always recorded."""


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
        CapabilityError: a class, a library, a device or damping parameters are missing.
    """
    from .dispersion import with_dispersion

    calculator = with_dispersion(_bare_calculator(spec, checkpoint), _added_dispersion(spec))
    calculator.identity = identity(spec)
    return calculator


def record(spec: AnySpec) -> CalculatorRecord:
    """Describe a calculator completely, without loading it.

    Args:
        spec: the calculator.

    Returns:
        Spec, versions of the libraries, names and SHA-256 of weights and own code, and what ``device: auto`` is in this
        process.

    Raises:
        WeightsError: weights are missing, or not what their hash promises.
    """
    device = resolved(spec.device) if isinstance(spec, ChgnetSpec | MaceSpec | SurrogateSpec) else None
    return CalculatorRecord(
        spec=spec,
        versions=_versions(libraries(spec)),
        weights=_weights(spec),
        files=code_records(spec),
        device=device,
    )


def libraries(spec: AnySpec) -> list[str]:
    """Return the distributions that compute for a calculator, this one apart."""
    names = ["ase", *LIBRARIES[spec.kind]]
    if isinstance(spec, AseSpec):
        names.append(spec.calculator.split(".")[0].split(":")[0])
    return [*names, "dftd3"] if _added_dispersion(spec) is not None else names


def identity(spec: AnySpec) -> str:
    """Return the SHA-256 of spec, weights and own code: equal when the numbers should be.

    Whether a spec says itself which hash its weights have makes no difference.
    """
    files = "".join(file.sha256 for file in (*_weights(spec), *code_records(spec)))
    spec = unpinned(spec)
    return hashlib.sha256((spec.model_dump_json(exclude={"device", "memory"}) + files).encode()).hexdigest()


PYSCF_REMARK = "DFT of molecules and clusters of any charge; presets quick, standard, yang2025"
PYSCF_GAMMA_REMARK = "periodic DFT without k-points: neutral insulators in cells of at least 7 angstrom; no stress"
MACE_REMARK = "a foundation model by name (listed below), one model file, or a committee of several"


class Availability(NamedTuple):
    """Whether a kind of calculator can be used on this machine."""

    kind: str
    usable: bool
    remark: str


def available() -> list[Availability]:
    """List the kinds of calculators, whether they work here, and their limits; nothing is loaded."""
    from .chgnet_network import CAPABILITIES

    found = {name: find_spec(name) is not None for name in ("chgnet", "mace", "dftd3", "pyscf", "tblite")}
    chgnet = CAPABILITIES.note if found["chgnet"] else "not installed; pip install chgnet"
    mace = MACE_REMARK if found["mace"] else "not installed; pip install mace-torch (after torch)"
    names = ", ".join(bundled_surrogates()) or "none"
    surrogate = f"a trained committee with its card: surrogate:FOLDER, or one of this package ({names})"
    surrogate = surrogate if found["mace"] else "not installed; pip install mace-torch (after torch)"
    pyscf = PYSCF_REMARK if found["pyscf"] else "not installed; pip install pyscf pyscf-dispersion geometric"
    xtb = (
        "GFN2-xTB for charged molecules: starting geometries"
        if found["tblite"]
        else "not installed; pip install tblite"
    )
    d3 = "D3 on top of any of them, per system" if found["dftd3"] else "not installed; pip install dftd3"
    return [
        Availability("chgnet", found["chgnet"], chgnet),
        Availability("mace", found["mace"], mace),
        Availability("surrogate", found["mace"], surrogate),
        Availability("pyscf", found["pyscf"], pyscf),
        Availability("pyscf-gamma", found["pyscf"], PYSCF_GAMMA_REMARK if found["pyscf"] else pyscf),
        Availability("xtb", found["tblite"], xtb),
        Availability("ase", True, "any ASE calculator by import path; its limits are declared in the spec"),
        Availability("dispersion", found["dftd3"], d3),
    ]


def import_calculator(path: str) -> Any:
    """Import the class of an ``AseSpec``.

    Args:
        path: ``package.module:Class`` or ``package.module.Class``.

    Returns:
        The class.

    Raises:
        CapabilityError: the path is malformed, the module or the class is missing, or it is no ASE calculator.
    """
    module_name, _, class_name = path.partition(":") if ":" in path else path.rpartition(".")
    if not all(name.isidentifier() for name in [*module_name.split("."), class_name]):
        raise CapabilityError(f"ase: {path!r} is no import path; write one as in ase.calculators.emt:EMT")
    try:
        found = getattr(import_module(module_name), class_name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # importing runs code of others, which may do anything, even exit
        raise CapabilityError(f"ase: cannot import calculator {path!r}: {_said(error)}") from error
    if not isinstance(found, type) or not all(hasattr(found, name) for name in _CALCULATOR_HAS):
        raise CapabilityError(f"ase: {path!r} is no class of an ASE calculator")
    return found


def declared_properties(spec: AseSpec) -> tuple[str, ...]:
    """Return what the class of an ``AseSpec`` says it computes, after a look at the options; nothing is computed.

    Args:
        spec: names the class.

    Raises:
        CapabilityError: the class cannot be imported, or does not take these options.
    """
    calculator = import_calculator(spec.calculator)
    try:
        signature(calculator).bind(**spec.options)
    except TypeError as error:
        raise CapabilityError(f"ase: {spec.calculator} does not take these options: {error}") from error
    except ValueError:
        pass  # compiled code that does not tell
    declared = calculator.implemented_properties
    return tuple(declared) if isinstance(declared, list | tuple) else ("energy", "forces")


_CALCULATOR_HAS = ("implemented_properties", "get_property", "get_potential_energy", "get_forces")


def _said(error: BaseException) -> str:
    """Return what an error of other people's code says, in one line."""
    words = " ".join(str(error).split())
    return words if isinstance(error, ImportError | AttributeError) and words else f"{type(error).__name__}: {words}"


def _bare_calculator(spec: AnySpec, checkpoint: Path | None) -> Any:
    if isinstance(spec, AseSpec):
        calculator = import_calculator(spec.calculator)
        try:
            return calculator(**spec.options)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # code of others
            raise CapabilityError(f"ase: {spec.calculator} does not take these options: {_said(error)}") from error
    if isinstance(spec, PyscfSpec):
        from .dft.calculator import PyscfCalculator

        return PyscfCalculator(spec, checkpoint=checkpoint)
    if isinstance(spec, PyscfGammaSpec):
        from .dft.periodic import PyscfGammaCalculator

        return PyscfGammaCalculator(spec)
    if isinstance(spec, XtbSpec):
        from .xtb import XtbCalculator

        return XtbCalculator(spec)
    if isinstance(spec, MaceSpec):
        from .mace_network import mace_calculator

        return mace_calculator(spec)
    if isinstance(spec, SurrogateSpec):
        from .surrogates.committee import SurrogateCalculator

        return SurrogateCalculator(spec)
    from .chgnet_network import ChgnetCalculator

    return ChgnetCalculator(spec)


def _added_dispersion(spec: AnySpec) -> Dispersion | None:
    """Return the dispersion that comes on top of a calculator; PySCF and xTB have theirs built in."""
    return None if isinstance(spec, PyscfSpec | XtbSpec) else spec.dispersion


def _weights(spec: AnySpec) -> tuple[WeightsRecord, ...]:
    if isinstance(spec, ChgnetSpec):
        from .chgnet_network import weights_file

        path = weights_file(spec.version)
        return (WeightsRecord(name=path.name, sha256=file_sha256(path)),)
    if isinstance(spec, MaceSpec):
        from .mace_network import model_file, verified_sha256

        return tuple(WeightsRecord(name=model_file(w).name, sha256=verified_sha256(w)) for w in spec.models)
    if isinstance(spec, SurrogateSpec):
        from .surrogates.committee import mace_spec

        return _weights(mace_spec(spec))
    return ()


def _versions(names: list[str]) -> dict[str, str]:
    from .. import __version__

    versions = {"azibflow": __version__}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "unknown"
    return versions
