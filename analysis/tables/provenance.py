"""What computed a set of results, in words that fit into a footnote."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ...calculators.specs import CalculatorRecord


class Computed(Protocol):
    """A result that says what computed it."""

    @property
    def calculator(self) -> CalculatorRecord:
        """What computed it."""


def provenance(results: Iterable[Computed]) -> list[str]:
    """Describe every calculator of some results once, in the order of first use."""
    return list(dict.fromkeys(describe(result.calculator) for result in results))


def describe(record: CalculatorRecord) -> str:
    """Put a calculator into words: kind and settings, library versions, SHA-256 of the weights.

    Paths of weight files are left out; name and hash say which file it was, on any machine.
    """
    settings = record.spec.model_dump(exclude={"kind", "models"}, exclude_none=True)
    if record.device is not None:
        settings["device"] = record.device  # what "auto" was
    named = [f"{name}={_plain(value)}" for name, value in settings.items() if value not in ({}, ())]
    parts = [" ".join([record.spec.kind, *named])]
    if record.versions:
        parts.append("with " + ", ".join(f"{name} {version}" for name, version in sorted(record.versions.items())))
    parts += [f"weights {weights.name} (SHA-256 {weights.sha256})" for weights in record.weights]
    parts += [f"file {file.name} (SHA-256 {file.sha256})" for file in record.files]
    return "; ".join(parts)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + " ".join(f"{name}={_plain(item)}" for name, item in sorted(value.items())) + "}"
    if isinstance(value, list | tuple):
        return "[" + " ".join(_plain(item) for item in value) + "]"
    return str(value)
