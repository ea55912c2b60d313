"""What names a calculator: small validated models, the limits of each, and the record that goes into every result."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from ..errors import CapabilityError
from ..input_files.mistakes import first_mistake, nearest
from ..paths import expanded
from ..structures.elements import Element
from .devices import Device
from .dft.levels import PyscfSpec

SURROGATES = Path(__file__).resolve().parents[1] / "data" / "surrogates"
"""Where the surrogates are that come with the package."""


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Dispersion(_Spec):
    """Grimme's D3 correction by the s-dftd3 library, added to the energy, forces and stress of another calculator.

    A choice per system: layered hosts need it, but it shrinks c of hcp zinc from 5.0 to 4.4 angstrom.
    D3: 10.1063/1.3382344. Rational (Becke-Johnson) damping: 10.1002/jcc.21759.
    """

    functional: str = Field("pbe", description="density functional whose damping parameters are used")
    damping: Literal["d3bj", "d3zero", "d3bjm", "d3zerom"] = Field("d3bj", description="damping function")
    three_body: bool = Field(False, description="add the Axilrod-Teller-Muto term; published D3(BJ) numbers rarely do")


class Weights(_Spec):
    """One file of network weights; a plain string is read as its path."""

    path: str = Field(description="path of the file, or the name of a foundation model where mace-torch keeps it")
    sha256: str | None = Field(
        default=None, pattern="^[0-9a-f]{64}$", description="SHA-256 the file must have; none accepts any"
    )


def _as_weights(value: Any) -> Any:
    return {"path": str(value)} if isinstance(value, str | Path) else value


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str | Path | dict | Weights) else value


class ChgnetSpec(_Spec):
    """CHGNet, the universal potential whose weights are inside the ``chgnet`` package (10.1038/s42256-023-00716-3).

    ``r2scan`` is offered for comparison only: it gives hcp zinc c/a = 1.95 (experiment 1.86, version 0.3.0 1.88).
    """

    kind: Literal["chgnet"] = Field("chgnet", description="CHGNet")
    version: Literal["0.3.0", "r2scan"] = Field("0.3.0", description="weights")
    device: Device = Field("cpu", description="torch device: cpu, cuda, cuda:1, ...; auto is cuda if found, else cpu")
    dispersion: Dispersion | None = Field(default=None, description="D3 correction; none adds none")


class MaceSpec(_Spec):
    """MACE (arXiv:2206.07697): a foundation model by name, one file, or several files as a committee.

    ``azibflow calculators`` lists the names with their licences, some of which do not permit commercial use. A
    ``.model`` file is a Python pickle: loading it runs code from it. Only files named here are loaded, and a
    ``sha256`` refuses every other file.
    """

    kind: Literal["mace"] = Field("mace", description="MACE")
    models: Annotated[
        tuple[Annotated[Weights, BeforeValidator(_as_weights)], ...], BeforeValidator(_as_tuple), Field(min_length=1)
    ] = Field(description="model files, several make a committee; or one foundation model, such as medium-mpa-0")
    head: str | None = Field(
        default=None, description="head of a multi-head model; none takes the only or the default one"
    )
    dtype: Literal["float64", "float32"] = Field("float64", description="floating-point precision")
    device: Device = Field("cpu", description="torch device: cpu, cuda, cuda:1, ...; auto is cuda if found, else cpu")
    charges: tuple[int, ...] | None = Field(
        default=None,
        description="total charges the model was trained for, elementary charges; none takes those of the network's "
        "charge embedding, or 0 where it has none",
    )
    dispersion: Dispersion | None = Field(default=None, description="D3 correction; none adds none")


class SurrogateSpec(_Spec):
    """A surrogate with its card: one that comes with the package, by name, or one of the user's own.

    The first network of its committee moves the atoms; all members are asked about the structures that are reported,
    for error bars, and whether a structure is outside what they were trained for. The card pins the SHA-256 of every
    model file.
    """

    kind: Literal["surrogate"] = Field("surrogate", description="a trained committee of MACE networks with its card")
    card: str = Field(description="name of a surrogate of this package, or path of a card or of its folder")
    device: Device = Field("auto", description="torch device: cpu, cuda, cuda:1, ...; auto is cuda if found, else cpu")
    dispersion: Dispersion | None = Field(default=None, description="D3 correction; none adds none")


class AseSpec(_Spec):
    """Any ASE calculator by import path, so that CP2K, VASP, GPAW and others can be used.

    What it can do is the user's to declare: it is not known here.
    """

    kind: Literal["ase"] = Field("ase", description="an ASE calculator")
    calculator: str = Field(description="import path of the class, such as ase.calculators.emt:EMT")
    options: dict[str, Any] = Field(default_factory=dict, description="keyword arguments of the class")
    elements: tuple[Element, ...] | None = Field(default=None, description="elements it can compute; none means any")
    periodic: bool | None = Field(
        default=None, description="true: needs three periodic directions; false: molecules only; none: any"
    )
    charges: tuple[int, ...] | None = Field(
        default=None, description="total charges, elementary charges; none means any"
    )
    dispersion: Dispersion | None = Field(default=None, description="D3 correction; none adds none")


class XtbSpec(_Spec):
    """GFN2-xTB by tblite (10.1021/acs.jctc.8b01176): charged molecules in milliseconds, to find starting geometries.

    Its structures are sound, its energies of zinc hydrates are not to be quoted: preoptimise with it.
    """

    kind: Literal["xtb"] = Field("xtb", description="GFN2-xTB")
    method: Literal["GFN2-xTB", "GFN1-xTB"] = Field("GFN2-xTB", description="parametrisation")
    solvent: str | None = Field(None, description="ALPB implicit solvent by name, such as water; none is the gas phase")


class PyscfGammaSpec(_Spec):
    """Periodic PySCF at the zone centre, for neutral insulators in cells of 7 angstrom and more in every direction.

    No k-points, no metals, no charged cells, no stress, no hybrid functionals: for those take CP2K or a plane-wave
    code through ``ase``.
    """

    kind: Literal["pyscf-gamma"] = Field("pyscf-gamma", description="PySCF at the zone centre of a cell")
    functional: Literal["pbe", "blyp"] = Field("pbe", description="density functional, and that of pseudopotentials")
    basis: str = Field("gth-dzvp-molopt-sr", description="basis set for GTH pseudopotentials")
    cutoff: PositiveFloat = Field(175.0, description="kinetic-energy cutoff of the density grid, hartree")
    max_cycles: PositiveInt = Field(80, description="SCF cycles before damping is tried, and again after it")
    memory: PositiveInt = Field(4000, description="memory PySCF plans with, MB")
    dispersion: Dispersion | None = Field(default=None, description="D3 correction; none adds none")

    @property
    def pseudopotential(self) -> str:
        """Name of the GTH pseudopotentials."""
        return f"gth-{self.functional}"


AnySpec: TypeAlias = ChgnetSpec | MaceSpec | SurrogateSpec | PyscfSpec | PyscfGammaSpec | XtbSpec | AseSpec
CalculatorSpec: TypeAlias = Annotated[AnySpec, Field(discriminator="kind")]


def _one_method(value: Any) -> Any:
    """Let a method be written as a word or a mapping; one that is itself corrected is refused."""
    if isinstance(value, CorrectedSpec) or (isinstance(value, dict) and _is_corrected(value)):
        raise ValueError("a correction cannot be nested: surrogate and correct_with each name one method")
    if not isinstance(value, str):
        return value
    try:
        return parse_spec(value)
    except CapabilityError as error:
        raise ValueError(str(error)) from error


class CorrectedSpec(_Spec):
    """Two methods: structures and paths by the surrogate, energies of the states that decide by the better one.

    The better method is never asked to move an atom: it computes single points, one job each.
    """

    kind: Literal["corrected"] = Field(
        "corrected", description="a surrogate and the method that corrects it; may be left out"
    )
    surrogate: Annotated[CalculatorSpec, BeforeValidator(_one_method)] = Field(
        description="method of relaxations and paths: a word or a mapping, as any calculator"
    )
    correct_with: Annotated[CalculatorSpec, BeforeValidator(_one_method)] = Field(
        description="method of the single points: a word or a mapping, as any calculator"
    )
    when: Literal["always", "flagged"] = Field(
        "always", description="correct every sound row, or only where the surrogate flags its own result"
    )


AnyMethod: TypeAlias = AnySpec | CorrectedSpec
StudyCalculator: TypeAlias = Annotated[AnyMethod, Field(discriminator="kind")]
"""What a study may be computed with: one method, or a surrogate and the method that corrects it."""

_SPECS: dict[str, type[BaseModel]] = {
    "chgnet": ChgnetSpec,
    "mace": MaceSpec,
    "surrogate": SurrogateSpec,
    "pyscf": PyscfSpec,
    "pyscf-gamma": PyscfGammaSpec,
    "xtb": XtbSpec,
    "ase": AseSpec,
    "corrected": CorrectedSpec,
}


_ARGUMENTS = {"mace": "FILE_OR_NAME", "surrogate": "CARD", "ase": "IMPORT.PATH"}
"""What follows the colon where a calculator is written as a word, and cannot be left out."""


class Capabilities(BaseModel):
    """What a calculator can compute; the guard compares it with the atoms before anything is computed."""

    model_config = ConfigDict(frozen=True)

    elements: frozenset[str] | None = Field(description="chemical symbols; none means any")
    periodic: bool | None = Field(description="true: three periodic directions; false: none; none: any")
    charges: frozenset[int] | None = Field(description="total charges, elementary charges; none means any")
    reads_spin: bool = Field(False, description="the multiplicity is an input, and has to fit the number of electrons")
    multiplicities: frozenset[int] | None = Field(default=None, description="multiplicities 2S+1; none means any")
    properties: tuple[str, ...] = Field(description="ASE names of the properties")
    ion_charges: dict[str, int] | None = Field(
        default=None, description="charge of every atom of these elements, whose sum the total charge has to be"
    )
    cutoff: float | None = Field(
        default=None, description="angstrom; an atom without a neighbour this near is refused; none refuses no atom"
    )
    note: str = Field("", description="what to know before trusting it")


class WeightsRecord(BaseModel):
    """Which weights, or which other file, were used."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="file name")
    sha256: str = Field(description="SHA-256 of the file")


class CalculatorRecord(BaseModel):
    """Everything needed to know what computed a result; part of every result."""

    model_config = ConfigDict(frozen=True)

    spec: CalculatorSpec = Field(description="the calculator as asked for")
    versions: dict[str, str] = Field(description="versions of the libraries that computed")
    weights: tuple[WeightsRecord, ...] = Field((), description="network weights; several are a committee")
    files: tuple[WeightsRecord, ...] = Field(
        (), description="code of a calculator that is the user's own, and files that its options name"
    )
    device: str | None = Field(default=None, description="torch device that computed; none where torch did not")

    @model_validator(mode="after")
    def _one_record_per_model(self) -> CalculatorRecord:
        if isinstance(self.spec, MaceSpec) and len(self.weights) != len(self.spec.models):
            raise ValueError(f"{len(self.weights)} weights recorded for {len(self.spec.models)} models")
        return self


def parse_spec(value: str | dict[str, Any]) -> AnyMethod:
    """Read a spec from a campaign file or the command line.

    Args:
        value: a mapping with ``kind`` (or with ``surrogate`` and ``correct_with``), or a string: ``chgnet``,
            ``mace:FILE_OR_NAME``, ``pyscf:PRESET``, ``pyscf-gamma``, ``xtb``, ``ase:IMPORT.PATH``, ``surrogate:CARD``,
            or the name of a surrogate of this package.

    Returns:
        The validated spec.

    Raises:
        CapabilityError: the kind is unknown, or a field is missing, unknown or out of range.
    """
    data = _from_string(value) if isinstance(value, str) else with_kind(value)
    kind = str(data.get("kind"))
    if kind not in _SPECS:
        ours = bundled_surrogates()
        raise CapabilityError(
            f"unknown calculator kind {kind!r}: valid kinds are {', '.join(_SPECS)}; surrogates of this package are "
            f"{', '.join(ours)}{nearest(kind, [*_SPECS, *ours])}"
        )
    adapter: TypeAdapter[AnyMethod] = TypeAdapter(StudyCalculator)
    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        word = f"; as a word it is {kind}:{_ARGUMENTS[kind]}" if value == kind and kind in _ARGUMENTS else ""
        raise CapabilityError(f"calculator {kind}: {first_mistake(error, StudyCalculator, data)}{word}") from error


def with_kind(value: Any) -> Any:
    """Fill in the kind of a corrected calculator, which its keys give away."""
    if isinstance(value, dict) and "kind" not in value and _is_corrected(value):
        return {"kind": "corrected", **value}
    return value


def _is_corrected(value: dict[str, Any]) -> bool:
    return "correct_with" in value or value.get("kind") == "corrected"


def methods(spec: AnyMethod) -> tuple[AnySpec, ...]:
    """Return the single methods behind a calculator: itself, or the surrogate and the method that corrects it."""
    return (spec.surrogate, spec.correct_with) if isinstance(spec, CorrectedSpec) else (spec,)


def geometry_method(spec: AnyMethod) -> AnySpec:
    """Return the method of relaxations and paths: of a corrected calculator its surrogate."""
    return methods(spec)[0]


Named = TypeVar("Named", bound=AnyMethod)


def anchored(spec: Named, folder: Path) -> Named:
    """Make the weight files of a spec absolute, so that a job in another folder still finds them.

    Args:
        spec: any spec; only a ``MaceSpec`` and a ``SurrogateSpec`` name files, by themselves or in a ``CorrectedSpec``.
        folder: what relative paths are relative to.

    Returns:
        The spec with absolute paths; names of foundation models and of the package's surrogates stay names.
    """
    if isinstance(spec, SurrogateSpec):
        if spec.card in bundled_surrogates():
            return spec
        return spec.model_copy(update={"card": str(folder / expanded(spec.card))})
    if isinstance(spec, CorrectedSpec):
        update = {name: anchored(getattr(spec, name), folder) for name in ("surrogate", "correct_with")}
        return spec.model_copy(update=update)
    if not isinstance(spec, MaceSpec):
        return spec
    models = tuple(
        weights
        if is_foundation_name(weights.path)
        else Weights(path=str(folder / expanded(weights.path)), sha256=weights.sha256)
        for weights in spec.models
    )
    return spec.model_copy(update={"models": models})


def bundled_surrogates() -> list[str]:
    """Return the names of the surrogates that come with the package."""
    return sorted(path.parent.name for path in SURROGATES.glob("*/card.yaml"))


def is_foundation_name(path: str) -> bool:
    """Tell the name of a foundation model (``medium-mpa-0``) from a file: it has neither a folder nor an ending."""
    return Path(path).name == path and not Path(path).suffix


def _from_string(text: str) -> dict[str, Any]:
    kind, _, argument = text.partition(":")
    if kind == "mace" and argument:
        return {"kind": kind, "models": argument}
    if kind == "ase" and argument:
        return {"kind": kind, "calculator": argument}
    if kind == "pyscf" and argument:
        return {"kind": kind, "preset": argument}
    if kind == "surrogate" and argument:
        return {"kind": kind, "card": argument}
    if kind not in _SPECS and not argument and kind in bundled_surrogates():
        return {"kind": "surrogate", "card": kind}
    return {"kind": text}
