"""The kinds of calculators: those of this package, and those that other packages add."""

from __future__ import annotations

from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, get_args, get_origin

from pydantic import Field, TypeAdapter, ValidationError

from ..errors import CapabilityError
from ..input_files.mistakes import first_mistake, nearest
from ..plugins import BrokenPlugin, broken_plugins, plugins, refuse
from .kinds.ase import AseSpec
from .kinds.base import Spec
from .kinds.chgnet import ChgnetSpec
from .kinds.cp2k import Cp2kSpec
from .kinds.espresso import EspressoSpec
from .kinds.gpaw import GpawSpec
from .kinds.mace import MaceSpec
from .kinds.pyscf import PyscfSpec
from .kinds.pyscf_gamma import PyscfGammaSpec
from .kinds.sevennet import SevennetSpec
from .kinds.surrogate import SurrogateSpec
from .kinds.vasp import VaspSpec
from .kinds.xtb import XtbSpec

GROUP = "azibflow.calculators"
"""Entry points of other packages, each of which names a subclass of [`Spec`][]."""

BUILT_IN: tuple[type[Spec], ...] = (
    ChgnetSpec,
    SevennetSpec,
    MaceSpec,
    SurrogateSpec,
    PyscfSpec,
    PyscfGammaSpec,
    Cp2kSpec,
    GpawSpec,
    EspressoSpec,
    VaspSpec,
    XtbSpec,
    AseSpec,
)
"""The kinds of this package, in the order in which they are listed."""

NOT_METHODS = ("corrected", "ensemble")
"""Words that are kinds in a campaign without being a single method."""


@cache
def calculator_kinds() -> dict[str, type[Spec]]:
    """Return the class of every kind of calculator, those of this package first."""
    kinds = {kind_of(spec): spec for spec in BUILT_IN}
    for plugin in plugins(GROUP):
        problem = _problem(plugin.value, kinds)
        if problem:
            refuse(GROUP, plugin.name, plugin.distribution, problem)
        else:
            kinds[kind_of(plugin.value)] = plugin.value
    return kinds


def kind_of(spec: type[Spec]) -> str:
    """Return the word that a class of specs has as its kind; empty where it has none."""
    field = spec.model_fields["kind"]
    words = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    return str(words[0]) if len(words) == 1 and field.default == words[0] else ""


def _problem(value: Any, kinds: dict[str, type[Spec]]) -> str:
    """Say why what an entry point names cannot be a kind of calculator; empty when it can."""
    if not (isinstance(value, type) and issubclass(value, Spec)):
        return f"it names a {type(value).__name__}, not a class derived from azibflow.calculators.kinds.base.Spec"
    kind = kind_of(value)
    if not kind:
        return f'{value.__name__} has no kind; write one as in kind: Literal["mine"] = "mine"'
    if kind in kinds or kind in NOT_METHODS:
        return f"there is a calculator of the kind {kind!r} already"
    if lacking := sorted(getattr(value, "__abstractmethods__", ())):
        return f"{value.__name__} does not say {', '.join(lacking)}"
    if value.word and value.word not in value.model_fields:
        return f"{value.__name__}: a word is to fill {value.word!r}, which is none of its fields"
    return ""


if TYPE_CHECKING:
    AnySpec: TypeAlias = Spec
    CalculatorSpec: TypeAlias = Spec
else:
    AnySpec = reduce(or_, calculator_kinds().values())
    CalculatorSpec = Annotated[AnySpec, Field(discriminator="kind")]
"""One method, of whatever kind."""


def method_of_word(text: str) -> AnySpec:
    """Read a single method from a word, such as ``mace:FILE``."""
    spec: AnySpec = validated(data_of_word(text), CalculatorSpec, list(calculator_kinds()), text)
    return spec


def data_of_word(text: str) -> dict[str, Any]:
    """Turn a word into a mapping with ``kind``; an unknown word becomes an unknown kind."""
    kind, _, argument = text.partition(":")
    spec = calculator_kinds().get(kind)
    if argument and spec is not None and spec.word:
        return {"kind": kind, spec.word: argument}
    for kind_of_name, named in calculator_kinds().items():
        if text in named.names():
            return {"kind": kind_of_name, named.word: text}
    return {"kind": text}


def validated(data: dict[str, Any], annotation: Any, valid: list[str], word: Any) -> Any:
    """Make the spec of a mapping.

    Args:
        data: the mapping, with its kind.
        annotation: union of the specs it may be of.
        valid: the kinds among them.
        word: as the user wrote it.

    Raises:
        CapabilityError: the kind is unknown, or a field is missing, unknown or out of range.
    """
    kind = str(data.get("kind"))
    if kind not in valid:
        raise CapabilityError(unknown_kind(kind, valid))
    try:
        return TypeAdapter(annotation).validate_python(data)
    except ValidationError as error:
        spec = calculator_kinds().get(kind)
        lacking = spec is not None and spec.word and spec.model_fields[spec.word].is_required() and word == kind
        advice = f"; as a word it is {kind}:{spec.word_means}" if spec is not None and lacking else ""
        raise CapabilityError(f"calculator {kind}: {first_mistake(error, annotation, data)}{advice}") from error


def broken_kinds() -> list[BrokenPlugin]:
    """Return the plug-ins that were to bring a calculator and cannot be used."""
    calculator_kinds()
    return [plugin for plugin in broken_plugins() if plugin.group == GROUP]


def unknown_kind(kind: str, valid: list[str]) -> str:
    """Say that there is no such kind, what there is, and which plug-ins might have brought it."""
    names = [name for spec in calculator_kinds().values() for name in spec.names()]
    broken = [f"; {plugin}" for plugin in broken_kinds()]
    return (
        f"unknown calculator kind {kind!r}: valid kinds are {', '.join(valid)}; surrogates of this package are "
        f"{', '.join(names)}{nearest(kind, [*valid, *names])}{''.join(broken)}"
    )
