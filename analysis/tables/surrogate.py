"""The table of trained surrogates: their errors on systems kept from training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .building import Entry, columns_of, make_table
from .model import Column, Table

if TYPE_CHECKING:
    from ...calculators.surrogates.card import Calibration, Domain
    from ...workflows.surrogate.publication import SurrogateResult


def surrogates_table(results: Sequence[SurrogateResult], *, literature: bool = False) -> Table:  # noqa: ARG001
    """Tabulate the errors of surrogates, one row per system of the test and one for all of them.

    Args:
        results: the surrogates, in the order of the table.
        literature: of no use here; errors of a surrogate have no published value.

    Returns:
        The table.
    """
    entries = [
        Entry(
            result,
            result,
            system,
            {"surrogate": result.card.name, "system": system, "method": result.card.method, **errors.model_dump()},
        )
        for result in results
        for system, errors in result.card.errors.items()
    ]
    notes = [
        "Errors of the leading network against labels, on systems kept from training. Relative energies: "
        "differences between any two frames with the same atoms."
    ]
    for result in results:
        card = result.card
        notes.append(
            f"{card.name}: labels by {card.method}; {sum(card.frames['training'].values())} frames for training, "
            f"{sum(card.frames['validation'].values())} for validation; {len(card.models)} members; kept in "
            f"jobs/{result.folder}."
        )
        notes += [calibration_note(card.name, card.calibration), domain_note(card.name, card.domain)]
        notes += [f"{card.name}: no label for {refusal}." for refusal in result.refused]
    return make_table("Surrogates", _columns(), entries, notes, published=None, unit="eV")


def calibration_note(name: str, calibration: Calibration) -> str:
    """Say how the error bars were calibrated and how they did on the test frames."""
    return (
        f"{name}: one sigma is {calibration.energy_scale:.2f} times the members' standard deviation of an energy "
        f"difference and {calibration.forces_scale:.2f} times that of a force component, fitted to the systems of "
        f"validation; of the test it covers {100 * calibration.energy_coverage:.0f} % of energy differences and "
        f"{100 * calibration.forces_coverage:.0f} % of force components (68 % when perfect)."
    )


def domain_note(name: str, domain: Domain) -> str:
    """Say where the domain ends and how well it is guarded."""
    found = ", ".join(f"{kind} {100 * share:.0f} %" for kind, share in domain.detected.items())
    return (
        f"{name}: a structure is outside where the members' forces differ by more than {domain.force_deviation:.3f} "
        f"eV/angstrom on an atom, or an atom's surroundings are more than {domain.environment_distance:.1f} standard "
        f"deviations from all it learned; false alarms {100 * domain.false_alarms:.0f} % of the test frames; found "
        f"among foreign structures: {found or 'none was tried'}."
    )


def _columns() -> list[Column]:
    from ...calculators.surrogates.card import Errors

    of = columns_of(Errors)
    return [
        Column(key="surrogate", head="surrogate", description="name of the surrogate"),
        Column(key="system", head="test system", description="system kept from training; all of them together"),
        of("frames", "frames"),
        of("energy_mae", "energy MAE", "meV/atom", 1, result=True),
        of("relative_energy_mae", "relative energy MAE", "eV", 3, result=True),
        of("forces_mae", "force MAE", "eV/angstrom", 3, result=True),
        of("forces_rmse", "force RMSE", "eV/angstrom", 3, result=True),
        Column(key="method", head="labels by", description="what made the labels", detail=True),
    ]
