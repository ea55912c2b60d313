"""Equations of reactions as people write them: Zn + 2 CuI -> ZnI2 + 2 Cu."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat

from ..errors import StructureError

ELECTRON = "e-"
ARROW = re.compile(r"\s*(?:<?-+>|→|⇌|=)\s*")
PLUS = re.compile(r"\s+\+\s+")
TERM = re.compile(r"(?:(?P<number>\d+/\d+|\d+\.?\d*|\.\d+)(?P<space>\s*))?(?P<name>\S+(?:\s\S+)*)")
POLYTYPE = re.compile(r"\d+[HTRM]-")
"""2H-MoS2 is the name of a crystal, 2CuI two formula units."""
ION = re.compile(r"(?P<element>[A-Z][a-z]?)\^?(?P<charge>\d*)\+")
"""Zn2+, Zn^2+, H+: the digit is of the charge, not of the formula."""


class Term(BaseModel):
    """A species and how much of it there is."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    coefficient: PositiveFloat = Field(description="formula units")
    name: str = Field(description="of the species")

    def __str__(self) -> str:
        return self.name if self.coefficient == 1 else f"{_written(self.coefficient)} {self.name}"


class Equation(BaseModel):
    """A reaction."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    left: tuple[Term, ...] = Field(min_length=1, description="what reacts")
    right: tuple[Term, ...] = Field(min_length=1, description="what comes of it")

    def __str__(self) -> str:
        return " -> ".join(" + ".join(str(term) for term in side) for side in (self.left, self.right))

    @property
    def coefficients(self) -> dict[str, float]:
        """Formula units that the reaction makes of each species; what it uses up is negative."""
        found: dict[str, float] = {}
        for sign, side in ((-1.0, self.left), (1.0, self.right)):
            for term in side:
                found[term.name] = found.get(term.name, 0.0) + sign * term.coefficient
        return found


def parse_equation(text: str) -> Equation:
    """Read the equation of a reaction.

    Args:
        text: species with their coefficients before them (2, 1/2, 0.5), plus signs between spaces, and an arrow:
            ``->``, an equals sign, or the arrows of print. ``e-`` is an electron, ``Zn2+`` and ``H+`` are ions.

    Raises:
        StructureError: it is none; the message says where.
    """
    sides = ARROW.split(text.strip())
    if len(sides) != 2 or not all(sides):
        raise StructureError(f"{text!r} is no equation; write it as: Zn + 2 CuI -> ZnI2 + 2 Cu")
    left, right = (tuple(_term(part, text) for part in PLUS.split(side)) for side in sides)
    return Equation(left=left, right=right)


def unbalanced(content: dict[str, dict[str, float]], equation: Equation) -> str:
    """Say what an equation has more of on one side than on the other; empty where it is balanced.

    Args:
        content: of one formula unit of each species: atoms by element, and elementary charges by ``charge``.
        equation: the equation.
    """
    kinds = dict.fromkeys(kind for inside in content.values() for kind in inside)
    wrong = []
    for kind in kinds:
        left, right = (
            sum(term.coefficient * content[term.name].get(kind, 0.0) for term in side)
            for side in (equation.left, equation.right)
        )
        if abs(left - right) > 1e-6 * max(1.0, abs(left), abs(right)):
            wrong.append(f"{kind} {_written(left)} on the left and {_written(right)} on the right")
    return "; ".join(wrong)


def as_equation(value: Any) -> Any:
    """Let an equation in a model be written as a text."""
    if not isinstance(value, str):
        return value
    try:
        return parse_equation(value)
    except StructureError as error:
        raise ValueError(str(error)) from error


def _term(part: str, text: str) -> Term:
    found = TERM.fullmatch(part.strip())
    if found is None or found["name"].startswith("+ ") or found["name"].endswith(" +"):
        raise StructureError(f"{text!r}: there is a plus sign with nothing on one side of it")
    name, number = found["name"], found["number"]
    if number is not None and POLYTYPE.match(part.strip()):
        name, number = part.strip(), None
    if "+" in name.rstrip("+"):
        raise StructureError(f"{text!r}: {part!r} is no species; put spaces around the plus signs")
    return Term(coefficient=1.0 if number is None else _number(number, text), name=name)


def _number(written: str, text: str) -> float:
    try:
        number = float(Fraction(written))
    except ZeroDivisionError:
        number = 0.0
    if number <= 0:
        raise StructureError(f"{text!r}: {written} is no number of formula units")
    return number


def _written(number: float) -> str:
    """Write a number as short as it can be: 2, 1/2, 0.25."""
    if number == 0.5:
        return "1/2"
    return str(int(number)) if number.is_integer() else f"{number:.10g}"
