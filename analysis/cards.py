"""A surrogate's card for people, and how what was computed again compares with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .tables.surrogate import calibration_note, domain_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..calculators.surrogates.card import Errors, Quantity, SurrogateCard
    from ..workflows.surrogate.validation import Validation


def card_lines(card: SurrogateCard) -> list[str]:
    """Write a card as lines of text.

    Args:
        card: the card.
    """
    charges = ", ".join(f"{charge:+d}" if charge else "0" for charge in card.charges)
    ions = "".join(f"; each {symbol} carries {charge:+d}" for symbol, charge in card.ion_charges.items())
    kind = {True: "three periodic directions", False: "molecules and clusters only", None: "crystals and molecules"}
    lines = [
        f"{card.name}: {card.description}",
        f"labels by {card.method}; licence {card.licence}",
        f"elements {', '.join(card.elements)}; total charges {charges}{ions}; {kind[card.periodic]}",
        f"{len(card.models)} MACE networks, cutoff {card.cutoff:g} angstrom, {card.dtype}; the first one leads",
    ]
    for role, systems in card.frames.items():
        counted = ", ".join(f"{system} ({number})" for system, number in systems.items())
        lines.append(f"{role}: {sum(systems.values())} frames: {counted}")
    lines += errors_lines(card.errors)
    by_element = ", ".join(f"{symbol} {error:.3f}" for symbol, error in card.errors_by_element.items())
    lines.append(f"force RMSE by element, eV/angstrom: {by_element}")
    lines += [calibration_note(card.name, card.calibration), domain_note(card.name, card.domain)]
    lines += quantity_lines(card.quantities, card.method)
    lines += [f"limit: {limit}" for limit in card.limits]
    lines += [f"{model.path}: SHA-256 {model.sha256}" for model in card.models]
    hours = ", ".join(f"{what} {seconds / 60:.1f} min" for what, seconds in card.seconds.items())
    versions = ", ".join(f"{name} {version}" for name, version in card.versions.items())
    return [*lines, f"wall time: {hours}", f"made with {versions}"]


def errors_lines(errors: dict[str, Errors]) -> list[str]:
    """Write errors, one line per system."""
    width = max(len(system) for system in errors)
    return [
        f"{system:<{width}}  {one.frames:4d} frames  energy {one.energy_mae:6.1f} meV/atom  "
        f"relative energy {one.relative_energy_mae:.3f} eV  forces {one.forces_mae:.3f} (RMSE {one.forces_rmse:.3f}) "
        "eV/angstrom"
        for system, one in errors.items()
    ]


def quantity_lines(quantities: Sequence[Quantity], method: str) -> list[str]:
    """Write the numbers that users want beside those of the calculator that made the labels, one line each."""
    width = max((len(one.name) for one in quantities), default=0)
    return [
        f"{one.name:<{width}}  {one.value:8.3f}"
        + ("" if one.standard_error is None else f" +- {one.standard_error:.3f}")
        + f" {one.unit}; {method}: {one.expected:.3f}, difference {one.value - one.expected:+.3f}"
        + (f"; {one.problem}" if one.problem else "")
        for one in quantities
    ]


def validation_lines(name: str, validation: Validation) -> list[str]:
    """Write what a validation found, in the words of the card.

    Args:
        name: of the surrogate.
        validation: computed again from labels and models.
    """
    by_element = ", ".join(f"{symbol} {error:.3f}" for symbol, error in validation.errors_by_element.items())
    return [
        "errors on systems kept from training, computed again:",
        *errors_lines(validation.errors),
        f"force RMSE by element, eV/angstrom: {by_element}",
        calibration_note(name, validation.calibration),
        domain_note(name, validation.domain),
    ]


SAME = 0.02
"""Relative difference up to which an error computed again is that of the card: other processors round differently."""


def disagreements(card: SurrogateCard, validation: Validation) -> list[str]:
    """Return which numbers of a card are not what was computed again.

    Args:
        card: the card.
        validation: computed again.
    """
    printed, found = _numbers(card), _numbers(validation)
    return [
        f"{what}: the card says {printed.get(what)}, computed again {value:.4g}"
        for what, value in found.items()
        if what not in printed or not abs(printed[what] - value) <= SAME * abs(value) + 1e-6
    ]


def _numbers(source: SurrogateCard | Validation) -> dict[str, float]:
    numbers = {
        f"{system}, {quantity}": value
        for system, errors in source.errors.items()
        for quantity, value in errors.model_dump().items()
    }
    numbers |= {f"force RMSE of {symbol}": value for symbol, value in source.errors_by_element.items()}
    return numbers | source.calibration.model_dump() | source.domain.model_dump(exclude={"detected"})
