"""Published values beside computed rows: columns, cells and footnotes."""

from __future__ import annotations

from collections.abc import Iterable

from ...data.literature import UNKNOWN, PublishedValue, Quantity, nearest_keys, published_values
from .model import Column, Value

SHARED_COLUMNS = (
    Column(key="published_key", head="key", description="keys of the published values; the footnotes describe them"),
    Column(key="published_species", head="species", description="ion or adsorbate of the published value", detail=True),
    Column(key="published_doi", head="DOI", description="DOI of the paper that prints the value", detail=True),
    Column(key="published_locator", head="locator", description="where in the paper", detail=True),
    Column(key="published_method", head="method", description="published method, as named", detail=True),
)


def published_columns(quantity: Quantity | str, unit: str) -> list[Column]:
    """Return the columns that hold published values of one quantity.

    Only barriers get a difference: they are relative to their own initial state. The reference states of published
    adsorption and surface energies are printed instead, since most papers do not state them.
    """
    value = Column(key="published", head="published", unit=unit, description="published number; several in one cell")
    ordering = Column(
        key="published_ordering", head="ordering", description="published ordering, without a number", detail=True
    )
    reference = Column(
        key="published_reference",
        head="published reference",
        description=f"reference state of the published value; {UNKNOWN}: compare orderings only",
        detail=quantity is Quantity.MIGRATION_BARRIER,
    )
    delta = Column(
        key="difference",
        head="difference",
        unit=unit,
        decimals=3,
        description="computed minus published; only against one number for the same ion",
        result=True,
    )
    return [value, ordering, reference, *SHARED_COLUMNS, *([delta] if quantity is Quantity.MIGRATION_BARRIER else [])]


def published_cells(keys: Iterable[str], quantity: Quantity | str) -> dict[str, Value]:
    """Return the cells of one row; several published values share a cell."""
    found = _of_quantity(keys, quantity)
    numbers = [entry.value for entry in found if entry.value is not None]
    return {
        "published": numbers[0] if len(numbers) == 1 else _joined(f"{number:g}" for number in numbers),
        "published_ordering": _joined(entry.ordering for entry in found if entry.ordering is not None),
        "published_reference": _joined(entry.reference_state for entry in found),
        "published_key": _joined(entry.key for entry in found),
        "published_species": _joined(entry.species for entry in found),
        "published_doi": _joined(entry.source.doi or entry.source.citation for entry in found),
        "published_locator": _joined(entry.locator for entry in found),
        "published_method": _joined(entry.method for entry in found),
    }


def published_numbers(keys: Iterable[str], quantity: Quantity | str) -> list[PublishedValue]:
    """Return the published values of a quantity that are numbers, in the order of their keys."""
    return [entry for entry in _of_quantity(keys, quantity) if entry.value is not None]


def barrier_difference(barrier: float | None, ion: str, keys: Iterable[str]) -> float | None:
    """Return computed minus published barrier, eV; none unless there is one number for the same ion."""
    found = published_numbers(keys, Quantity.MIGRATION_BARRIER)
    if barrier is None or len(found) != 1 or found[0].value is None or found[0].species != ion:
        return None
    return barrier - found[0].value


def published_notes(keys: Iterable[str], *quantities: Quantity | str) -> list[str]:
    """Describe every published value of some quantities once, and every key that could not be shown."""
    values = published_values()
    notes = []
    for key in dict.fromkeys(keys):
        if key not in values:
            notes.append(f"No published value has the key {key}; {nearest_keys(key)}.")
        elif values[key].quantity not in quantities:
            notes.append(f"Published value {key} gives another quantity ({_words(values[key].quantity)}).")
        else:
            notes.append(_described(values[key]))
    return notes


def _described(entry: PublishedValue) -> str:
    parts = [
        f"Published {entry.key}: {_words(entry.quantity)}, {entry.system}: {entry.statement}",
        entry.method,
        f"{entry.source.citation}" + (f", {entry.source.doi}" if entry.source.doi else ""),
        entry.locator,
    ]
    if entry.reference_state == UNKNOWN:
        parts.append("reference state unknown: compare orderings only")
    else:
        parts.append(f"reference state: {entry.reference_state}")
    return "; ".join([*parts, *([entry.note] if entry.note else [])]) + "."


def _of_quantity(keys: Iterable[str], quantity: Quantity | str) -> list[PublishedValue]:
    values = published_values()
    return [values[key] for key in keys if key in values and values[key].quantity == quantity]


def _joined(texts: Iterable[str]) -> str | None:
    return "; ".join(texts) or None


def _words(quantity: Quantity | str) -> str:
    return quantity.replace("_", " ")
