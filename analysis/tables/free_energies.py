"""Columns and footnotes of free energies of adsorption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...data.literature import Quantity, published_values
from .building import columns_of, values
from .model import Column, Value

if TYPE_CHECKING:
    from ...workflows.adsorption.free_energies import FreeEnergies, FreeEnergy, FreeEnergySettings
    from ...workflows.adsorption.results import AdsorptionResult, AdsorptionRow

FORMULA = "dG = dE + dZPE + dU - TdS"


def free_energy_columns(results: Sequence[AdsorptionResult]) -> list[Column]:
    """Return the columns of free energies, when any result has them.

    Args:
        results: of the table.
    """
    if all(result.free_energies is None for result in results):
        return []
    from ...workflows.adsorption.free_energies import FreeEnergy

    of = columns_of(FreeEnergy)
    return [
        Column(
            key="delta_g",
            head="dG",
            unit="eV",
            decimals=3,
            description="free energy of adsorption at the potential and pH of the footnotes, eV",
            result=True,
        ),
        of("zero_point", "dZPE", "eV", 3, result=True),
        of("thermal", "dU", "eV", 3, result=True),
        of("entropy", "TdS", "eV", 3, result=True),
        Column(
            key="modes",
            head="modes",
            unit="cm-1",
            description="wavenumbers of the vibrations, softest first; i: imaginary, *: raised",
        ),
        of("electrode", "eU + pH", "eV", 3, detail=True),
        Column(key="vibration_calls", head="force calls of vibrations", description="for this row", detail=True),
    ]


def free_energy_cells(row: AdsorptionRow) -> dict[str, Value]:
    """Return the cells of one row; nothing where it has no free energy."""
    found = row.free_energy
    if found is None:
        return {}
    from ...workflows.adsorption.free_energies import FreeEnergy

    keys = [columns_of(FreeEnergy)(key, key) for key in ("zero_point", "thermal", "entropy", "electrode")]
    return values(found, keys) | {
        "delta_g": row.delta_g,
        "modes": modes_in_words(found),
        "vibration_calls": found.force_calls,
    }


def modes_in_words(free_energy: FreeEnergy) -> str:
    """Write the wavenumbers of an adsorbate, cm-1: imaginary ones with an i, raised ones with a star."""
    bound = free_energy.bound
    if bound is None:
        return ""
    words = []
    for place, wavenumber in enumerate(bound.frequencies):
        raised = place >= bound.imaginary and abs(wavenumber) < bound.lowest
        words.append(f"{abs(wavenumber):.0f}{'i' * (wavenumber < 0)}{'*' * raised}")
    return ", ".join(words)


def free_energy_notes(results: Sequence[AdsorptionResult]) -> Iterator[str]:
    """Say how free energies were made.

    Args:
        results: of the table.
    """
    for result in results:
        if result.free_energies is not None:
            yield from _notes(result.adsorbate, result.free_energies)


def quantity_published(results: Sequence[AdsorptionResult]) -> Quantity:
    """Return what published values stand beside the rows: free energies of H where studies name any."""
    known = published_values()
    named = {known[key].quantity for result in results for key in result.literature if key in known}
    return Quantity.HYDROGEN_FREE_ENERGY if Quantity.HYDROGEN_FREE_ENERGY in named else Quantity.ADSORPTION_ENERGY


def _notes(adsorbate: str, common: FreeEnergies) -> Iterator[str]:
    settings = common.settings
    if settings.constant is not None:
        yield (
            f"dG of {adsorbate}: dE {settings.constant:+g} eV, a constant, nothing of which was computed here; "
            f"+0.24 eV is that of H on metals (10.1149/1.1856988)."
        )
    else:
        which = (
            "of the adsorbate"
            if not isinstance(settings.vibrations, float)
            else (
                f"of the adsorbate and the surface within {settings.vibrations:g} angstrom of it, less those of the "
                "bare surface"
            )
        )
        yield (
            f"{FORMULA} at {settings.temperature:g} K; harmonic vibrations {which}, modes below "
            f"{settings.lowest_mode:g} cm-1 raised to that (*). A row with imaginary modes (i) is no minimum."
        )
        gases = ", ".join(
            f"{gas.name} at {gas.thermochemistry.pressure / 1e5:g} bar{' for the liquid' if gas.liquid else ''}"
            for gas in common.gases
        )
        yield f"Gases of {adsorbate}, ideal, with their own vibrations by the same calculator: {gases}."
    if common.pairs:
        yield _electrode(adsorbate, common.pairs, settings)


def _electrode(adsorbate: str, pairs: int, settings: FreeEnergySettings) -> str:
    said = {1: "takes up one pair", -1: "sets free one pair", -2: "sets free two pairs"}.get(pairs, f"{pairs:+d} pairs")
    return (
        f"{adsorbate} {said} of H+ and e-, each half an H2 less eU + kT ln 10 pH (10.1021/jp047349j): dG is at "
        f"{settings.potential:g} V against the standard hydrogen electrode and pH {settings.pH:g}."
    )
