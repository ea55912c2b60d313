"""Chemical formulas as people write them, fractions and water of crystallisation included, and their molar masses."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from difflib import get_close_matches

from ...errors import AzibflowError

TOKEN = re.compile(r"([A-Z][a-z]?|\(|\)|\[|\])(\d+\.?\d*|\.\d+)?")
NUMBER = re.compile(r"\d+\.?\d*|\.\d+")
TWO_READINGS = re.compile(r"[A-Za-z)\]]\d*(\.)(\d+\.?\d*)H2O$")
"""V5O12.6H2O: six water, or 12.6 oxygen and a water."""


def composition(formula: str) -> dict[str, float]:
    """Count the atoms of a formula.

    Args:
        formula: elements and numbers, with brackets, and water after "·" or "*": V8O16, Zn0.25V2O5*1.6H2O,
            Zn4(OH)6SO4·5H2O.

    Returns:
        Atoms by element, in the order of the formula.

    Raises:
        AzibflowError: it is no formula, names an unknown element, can be read in two ways, or holds no atom.
    """
    text = "".join(formula.split())
    if point := TWO_READINGS.search(text):
        start = point.start(1)
        raise AzibflowError(
            f"{formula!r} can be read in two ways; write {text[:start]}*{text[start + 1 :]} if the point stands "
            f"before the water, or put the water first"
        )
    atoms: dict[str, float] = defaultdict(float)
    for part in re.split(r"[·⋅*]|\.(?=[A-Z(])", text):
        leading = NUMBER.match(part)
        factor = float(leading.group()) if leading else 1.0
        for element, number in _atoms(part[leading.end() :] if leading else part, formula).items():
            atoms[element] += factor * number
    found = {element: number for element, number in atoms.items() if number > 0}
    if not found:
        raise AzibflowError(f"the formula {formula!r} has no atoms, and so no mass")
    return found


def molar_mass(formula: str) -> float:
    """Return the molar mass of a formula from the IUPAC standard atomic weights, g/mol.

    Raises:
        AzibflowError: as for [`composition`][].
    """
    from ase.data import atomic_masses, atomic_numbers

    return math.fsum(
        number * float(atomic_masses[atomic_numbers[element]]) for element, number in composition(formula).items()
    )


def same_substance(first: str, second: str) -> bool:
    """Tell whether two formulas count the same atoms, in whatever order they are written."""
    one, other = composition(first), composition(second)
    return one.keys() == other.keys() and all(math.isclose(one[element], other[element]) for element in one)


def _atoms(part: str, formula: str) -> dict[str, float]:
    """Count the atoms between two separators; brackets may nest."""
    levels: list[dict[str, float]] = [defaultdict(float)]
    position = 0
    while position < len(part):
        token = TOKEN.match(part, position)
        if token is None:
            raise AzibflowError(_unreadable(formula, part[position:]))
        position = token.end()
        symbol, number = token.group(1), float(token.group(2) or 1)
        if symbol in "([":
            levels.append(defaultdict(float))
        elif symbol in ")]":
            if len(levels) == 1:
                raise AzibflowError(f"the formula {formula!r} closes a bracket that it does not open")
            for element, inner in levels.pop().items():
                levels[-1][element] += inner * number
        else:
            levels[-1][_known(symbol, formula)] += number
    if len(levels) > 1:
        raise AzibflowError(f"the formula {formula!r} opens a bracket that it does not close")
    return levels[0]


def _known(symbol: str, formula: str) -> str:
    from ase.data import atomic_numbers

    if symbol == "X" or symbol not in atomic_numbers:
        near = get_close_matches(symbol, [name for name in atomic_numbers if name != "X"], n=3, cutoff=0.4)
        hint = f"; near names: {', '.join(near)}" if near else ""
        raise AzibflowError(f"the formula {formula!r} names an unknown element {symbol!r}{hint}")
    return symbol


def _unreadable(formula: str, rest: str) -> str:
    if re.fullmatch(r"\^?\d*[+-]\d*", rest):
        return f"the formula {formula!r} carries a charge; write it without, and give the charge by itself"
    return f"the formula {formula!r} cannot be read from {rest!r} on; write it like V8O16 or Zn0.25V2O5*1.6H2O"
