"""Names as they are printed: formulas with their indices below and their charges above, by characters, not by TeX.

Names are the user's and never read as TeX; these characters are in the font of figures and in those of browsers.
"""

from __future__ import annotations

import re

ANGSTROM = "Å"
BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
ABOVE = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
MOLECULES = ("H2", "N2", "O2", "F2", "Cl2", "Br2", "I2", "S8", "C60")
"""Of one element; other names of one element and a number are names of sites and facets more often than formulas."""
METHODS = ("BP86", "PW91")
"""Functionals whose names are made of symbols of elements."""

_TOKEN = re.compile(r"(?<!\w)[\[(]*[A-Z][A-Za-z0-9()\[\]]*(?:[+-](?!\w))?(?!\w)")
_CHARGED = re.compile(r"(.*?)(\d?[+-])?")
_PHASE = re.compile(r"(.*\w)(\([A-Za-z]+\))")
_PART = re.compile(r"([A-Z][a-z]?)([1-9]\d{0,2})?|[\[(]|[\])]([1-9]\d?)?")


def set_formulas(text: str) -> str:
    """Set the formulas of a name: V2O5/graphene with its indices below, [Zn(H2O)6]2+ with its charge above.

    Args:
        text: a name in which other words may stand; what is no formula stays as it is.
    """
    return _TOKEN.sub(lambda found: _set(found[0]), text)


def _set(token: str) -> str:
    phase = _PHASE.fullmatch(token)
    if phase is not None and not _elements(token):
        return _set(phase[1]) + phase[2]
    charged = _CHARGED.fullmatch(token)
    body, charge = (charged[1], charged[2] or "") if charged else (token, "")
    if len(charge) > 1 and not (body.endswith("]") or len(_PART.findall(body)) == 1 or body[-1:].isdigit()):
        body, charge = body + charge[0], charge[1]  # NH4+ is not NH with four charges
    elements = _elements(body)
    if not elements and len(charge) == 1:
        return body + charge.translate(ABOVE)  # EMIM+
    if token in METHODS or not elements:
        return token
    if len(elements) == 1 and body not in MOLECULES and not charge:
        return token
    return re.sub(r"\d+", lambda digits: digits[0].translate(BELOW), body) + charge.translate(ABOVE)


def _elements(formula: str) -> set[str]:
    """Return the elements of a formula; none where it is not one."""
    from ase.data import atomic_numbers

    found: set[str] = set()
    place, open_brackets = 0, 0
    while place < len(formula):
        part = _PART.match(formula, place)
        if part is None or (part[1] and part[1] not in atomic_numbers):
            return set()
        open_brackets += (part[0][0] in "[(") - (part[0][0] in "])")
        if open_brackets < 0:
            return set()
        found |= {part[1]} if part[1] else set()
        place = part.end()
    return found if open_brackets == 0 else set()
