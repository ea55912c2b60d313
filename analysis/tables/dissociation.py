"""The table of water dissociation: how surfaces hold OH and H, and what it costs to take water apart on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...data.literature import Quantity
from .building import ANGSTROM, Entry, columns_of, make_table, named_in_study, values
from .model import Column, Table

if TYPE_CHECKING:
    from ...workflows.dissociation.results import DissociationResult, Product


def dissociation_table(results: Sequence[DissociationResult], *, literature: bool = False) -> Table:
    """Tabulate the dissociation of water, one row per surface and what stands beside the water.

    Args:
        results: in the order of the table.
        literature: put published adsorption energies of OH beside the rows of the studies that name them.

    Returns:
        The table.
    """
    columns = _columns(results)
    entries = [
        Entry(
            result,
            result,
            f"beside {result.beside}" if result.beside else "alone",
            values(result, columns)
            | {
                "beside": result.beside or "nothing",
                "change": _change(result, results),
                "tried": len(result.products),
                "force_calls": None if result.path is None else result.path.force_calls,
            },
        )
        for result in results
    ]
    published = Quantity.ADSORPTION_ENERGY if literature else None
    return make_table("Dissociation of water", columns, entries, _notes(results), published=published, unit="eV")


def _change(result: DissociationResult, results: Sequence[DissociationResult]) -> float | None:
    """Return by how much an atom beside the water changes the barrier, eV."""
    alone = [
        one.barrier_forward
        for one in results
        if not one.beside and (one.study, one.place[:-1]) == (result.study, result.place[:-1]) and one.outcome == "ok"
    ]
    if not result.beside or result.barrier_forward is None or len(alone) != 1 or alone[0] is None:
        return None
    return result.barrier_forward - alone[0]


def _columns(results: Sequence[DissociationResult]) -> list[Column]:
    from ...workflows.dissociation.results import DissociationResult

    of = columns_of(DissociationResult)
    return [
        of("study", "study"),
        of("surface", "surface", detail=named_in_study(results, "surface")),
        of("beside", "beside"),
        of("e_hydroxyl", "E(OH)", "eV", 3),
        of("e_hydrogen", "E(H)", "eV", 3),
        of("e_water", "E(H2O)", "eV", 3),
        of("barrier_forward", "barrier", "eV", 3, result=True),
        of("barrier_backward", "back", "eV", 3, result=True),
        of("reaction_energy", "dE", "eV", 3, result=True),
        Column(
            key="change",
            head="change",
            unit="eV",
            decimals=3,
            description="barrier minus that of water alone on the same surface, eV",
            result=True,
        ),
        of("distance_initial", "X-O", ANGSTROM, 2, result=True),
        of("distance_saddle", "X-O, saddle", ANGSTROM, 2, result=True),
        of("length_saddle", "O-H, saddle", ANGSTROM, 2, result=True),
        of("water_site", "water from", detail=True),
        of("beside_site", "X from", detail=True),
        of("product", "ends from"),
        Column(key="tried", head="ends tried", description="pairs of OH and H that were relaxed", detail=True),
        of("distance_final", "X-O, end", ANGSTROM, 2, result=True, detail=True),
        Column(key="force_calls", head="force calls", description="of the band", detail=True),
    ]


def _notes(results: Sequence[DissociationResult]) -> Iterator[str]:
    yield (
        "H2O* to OH* + H*, both on the surface: barrier = E[saddle] - E[H2O*], back = E[saddle] - E[OH* + H*], dE = "
        "barrier - back; energies without vibrations."
    )
    yield "E(OH) is against H2O(g) - 1/2 H2(g), E(H) against 1/2 H2(g), E(H2O) against H2O(g); each alone on a surface."
    neighbours = dict.fromkeys(result.beside for result in results if result.beside)
    if neighbours:
        distances = ", ".join(dict.fromkeys(f"{result.settings.distance:g}" for result in results if result.beside))
        yield (
            f"X ({', '.join(neighbours)}): a neutral atom in a neutral cell, begun {distances} angstrom from O along "
            "the surface and relaxed with the water; change is against water alone."
        )
    for result in results:
        if len(result.products) > 1:
            tried = "; ".join(f"{one.label}: {_ended(one)}" for one in result.products)
            beside = f", beside {result.beside}" if result.beside else ""
            yield f"{result.study}{beside}, ends tried: {tried}."
    for result in results:
        if result.better is not None and result.path is not None and result.path.single_points is not None:
            method = result.path.single_points.calculator.spec.in_words()
            own = result.calculator.spec.in_words()
            yield f"{result.study}: the barriers are those of {method} on the path of {own}."
    for result in results:
        if result.path is not None:
            band = result.path.band
            yield f"Bands: {band.images} images, one of them climbs, largest force below {band.fmax:g} eV/angstrom."


def _ended(product: Product) -> str:
    energy = "" if product.energy is None else f"{product.energy:+.3f} eV"
    return energy if product.outcome == "ok" else (product.reason or str(product.outcome))
