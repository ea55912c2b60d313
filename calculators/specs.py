"""What names a calculator, for the other layers: the types, and how a campaign's words become one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import Field

from ..errors import CapabilityError
from .capabilities import Capabilities
from .dispersion import Dispersion
from .kinds.ase import AseSpec
from .kinds.chgnet import ChgnetSpec
from .kinds.corrected import CorrectedSpec
from .kinds.cp2k import Cp2kSpec
from .kinds.ensemble import EnsembleSpec
from .kinds.espresso import EspressoSpec
from .kinds.gpaw import GpawSpec
from .kinds.mace import MaceSpec
from .kinds.pyscf import PyscfSpec, pyscf_preset
from .kinds.pyscf_gamma import PyscfGammaSpec
from .kinds.sevennet import SevennetSpec
from .kinds.several import with_kind_of_several
from .kinds.surrogate import SurrogateSpec
from .kinds.vasp import VaspSpec
from .kinds.xtb import XtbSpec
from .records import CalculatorRecord
from .registry import (
    NOT_METHODS,
    AnySpec,
    CalculatorSpec,
    broken_kinds,
    calculator_kinds,
    data_of_word,
    unknown_kind,
    validated,
)
from .surrogates.card import SURROGATES, bundled_surrogates
from .weights import Weights, WeightsRecord

__all__ = [
    "SURROGATES",
    "AnyMethod",
    "AnySpec",
    "AseSpec",
    "CalculatorRecord",
    "CalculatorSpec",
    "Capabilities",
    "ChgnetSpec",
    "CorrectedSpec",
    "Cp2kSpec",
    "Dispersion",
    "EnsembleSpec",
    "EspressoSpec",
    "GpawSpec",
    "MaceSpec",
    "PyscfGammaSpec",
    "PyscfSpec",
    "SevennetSpec",
    "StudyCalculator",
    "SurrogateSpec",
    "VaspSpec",
    "Weights",
    "WeightsRecord",
    "XtbSpec",
    "bundled_surrogates",
    "geometry_method",
    "methods",
    "parse_spec",
    "pyscf_preset",
    "with_kind",
]

AnyMethod: TypeAlias = AnySpec | CorrectedSpec | EnsembleSpec
if TYPE_CHECKING:
    StudyCalculator: TypeAlias = AnySpec | CorrectedSpec | EnsembleSpec
else:
    StudyCalculator = Annotated[AnyMethod, Field(discriminator="kind")]
"""What a study may be computed with: one method, a surrogate and the method that corrects it, or an ensemble."""


def parse_spec(value: str | dict[str, Any]) -> AnyMethod:
    """Read a spec from a campaign file or the command line.

    Args:
        value: a mapping with ``kind`` (or with ``surrogate`` and ``correct_with``, or ``ensemble``), or a string:
            ``chgnet``, ``mace:FILE_OR_NAME``, ``pyscf:PRESET``, ``pyscf-gamma``, ``xtb``, ``ase:IMPORT.PATH``,
            ``surrogate:CARD``, or the name of a surrogate of this package.

    Returns:
        The validated spec.

    Raises:
        CapabilityError: the kind is unknown, or a field is missing, unknown or out of range.
    """
    data = data_of_word(value) if isinstance(value, str) else with_kind(value)
    spec: AnyMethod = validated(data, StudyCalculator, _valid_kinds(), value)
    return spec


def _valid_kinds() -> list[str]:
    return [*calculator_kinds(), *NOT_METHODS]


def with_kind(value: Any) -> Any:
    """Fill in the kind of a calculator of several methods, which its keys give away.

    Raises:
        CapabilityError: the kind is unknown and a plug-in that may have brought it cannot be used.
    """
    kind = value.get("kind") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind not in (valid := _valid_kinds()) and broken_kinds():
        raise CapabilityError(unknown_kind(kind, valid))
    return with_kind_of_several(value)


def methods(spec: AnyMethod) -> tuple[AnySpec, ...]:
    """Return the single methods behind a calculator: itself, the surrogate and what corrects it, or the members."""
    return spec.methods()


def geometry_method(spec: AnyMethod) -> AnySpec:
    """Return the method of relaxations and paths: of a corrected calculator its surrogate, of an ensemble the first."""
    return spec.methods()[0]
