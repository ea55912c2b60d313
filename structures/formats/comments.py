"""Charge and multiplicity in the comment line of an XYZ file: stated by a key, or refused, never guessed from words."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ...errors import StructureError

CHARGE_KEYS = frozenset({"charge", "total_charge", "net_charge", "tot_charge", "molecular_charge", "system_charge"})
SPIN_KEYS = frozenset({"spin", "multiplicity", "mult", "spin_multiplicity"})
"""Keys that mean the multiplicity 2S+1; of others, such as total_spin, nobody knows whether they are S, 2S or 2S+1."""

_ADVICE = "write charge= (elementary charges) and spin= (multiplicity 2S+1)"
_NEEDED = {"lattice": "Lattice", "properties": "Properties", "pbc": "pbc"}
_SAID = re.compile(
    r"(?<![A-Za-z])(?P<name>charge|spin|mult|multiplicity)(?![A-Za-z_])[\"']?\s*(?:[=:]|of|is)?\s*[\"'\[(]?\s*"
    r"(?P<value>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)",
    re.I,
)


def stated(info: dict[str, Any], comment: str | None = None) -> dict[str, int]:
    """Return the charge and the multiplicity that the keys of a structure state.

    Args:
        info: the keys and values that ASE found; a word without a value is True there.
        comment: the comment line as it stands in the file, where there is one.

    Returns:
        ``charge`` (0 when not stated) and, when stated, ``spin``, the multiplicity 2S+1.

    Raises:
        StructureError: not a whole number; two keys that disagree; a key or a phrase that speaks of charge, spin or
            multiplicity in a way that is not read; a lattice that ASE overlooks.
    """
    values = {str(key): value for key, value in info.items() if not isinstance(value, (bool, np.bool_))}
    found = {"charge": _one(values, CHARGE_KEYS, "charge"), "spin": _one(values, SPIN_KEYS, "spin")}
    for key, value in values.items():
        if _unknown(key) and isinstance(value, (int, float, np.number)) and value != 0:
            raise StructureError(f"{key}={value} is not read; {_ADVICE}")
    if comment is not None:
        _check_words(comment, found)
    return {"charge": found["charge"] or 0} | ({} if found["spin"] is None else {"spin": found["spin"]})


def check_keys(comment: str, overlooked: bool) -> None:
    """Refuse a lattice, columns or periodicity that are written in a way that ASE overlooks.

    Args:
        comment: the comment line.
        overlooked: whether ASE found no cell.

    Raises:
        StructureError: there is one.
    """
    for key in re.findall(r"([A-Za-z]+)[\"']?\s*=", comment):
        if key.lower() in _NEEDED and key != _NEEDED[key.lower()]:
            raise StructureError(f"the comment line writes {key}=; the key is {_NEEDED[key.lower()]}=")
    if overlooked and re.search(r"Lattice\s*=", comment):
        raise StructureError("the lattice in the comment line cannot be read; a quotation mark is missing")


def _one(values: dict[str, Any], keys: frozenset[str], name: str) -> int | None:
    """Return the whole number that all of these keys state, upper and lower case alike."""
    stated = {key: whole(value, key) for key, value in values.items() if key.lower() in keys}
    if len(set(stated.values())) > 1:
        listed = ", ".join(f"{key}={value}" for key, value in stated.items())
        raise StructureError(f"{listed}: two values of the {name}; keep one")
    return next(iter(stated.values()), None)


def whole(value: Any, name: str) -> int:
    """Return a value as a whole number.

    Raises:
        StructureError: it is none.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not number.is_integer():
        raise StructureError(f"{name} is {value}, not an integer")
    return int(number)


def _unknown(key: str) -> bool:
    """Tell a key that speaks of charge or spin but is none of those that are read."""
    parts = re.split(r"[^a-z]+", key.lower())
    speaks = not {"charge", "spin", "multiplicity", "mult"}.isdisjoint(parts)
    return speaks and key.lower() not in CHARGE_KEYS | SPIN_KEYS


def _check_words(comment: str, found: dict[str, int | None]) -> None:
    for match in _SAID.finditer(comment):
        name = "charge" if match["name"].lower() == "charge" else "spin"
        value = float(match["value"])
        if value != found[name] and (value or found[name] is not None):
            raise StructureError(f"{match[0]!r} in the comment line is not read; {_ADVICE}")
