"""The table of migration barriers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...data.literature import Quantity
from ...structures.host_classes import host_class
from ..benchmarks.barriers import ION, worth, worth_in_words
from .building import (
    ANGSTROM,
    FORCE,
    Entry,
    columns_of,
    error_cell,
    error_columns,
    make_table,
    named_in_study,
    times,
    values,
)
from .corrections import correction_cells, correction_columns, correction_notes
from .ensembles import Question, ensemble_columns, ensemble_notes, with_opinions
from .model import Column, Table, Value
from .published import barrier_difference
from .refinement import refinement_cells, refinement_columns, refinement_notes
from .ways import surface_cells, surface_columns, way_cells, way_columns, way_notes

if TYPE_CHECKING:
    from ...workflows.migration.results import MigrationResult

POLICIES = {
    "fixed": "as given",
    "relaxed": "relaxed",
    "layers-fixed": "relaxed but for the stacking axis",
}
APART = 0.01
"""Tops of a path that differ by more than this (eV) are both shown."""
CORRECTED = ("barrier_forward", "barrier_backward", "reaction_energy")
QUESTION = Question(signs=CORRECTED, ranked=("barrier_forward",), best="lowest")
ENDPOINTS = {"symmetry": "by symmetry", "relaxed": "relaxed"}


def barriers_table(results: Sequence[MigrationResult], *, literature: bool = False) -> Table:
    """Tabulate migration barriers, one row per hop.

    Args:
        results: the hops, in the order of the table.
        literature: put published barriers beside the rows that name them.

    Returns:
        The table.
    """
    columns = _columns(results)
    barriers = [column for column in columns if column.key in CORRECTED]
    columns += correction_columns(results, barriers, changes=("barrier_forward",))
    columns += refinement_columns(results, barriers)
    columns += ensemble_columns(results, barriers, asked=("barrier_forward",))

    def cells(result: MigrationResult) -> dict[str, Value]:
        return (
            values(result, columns)
            | correction_cells(result, barriers)
            | refinement_cells(result, barriers)
            | error_cell(result)
            | {
                **_cell(result),
                **surface_cells(result),
                "images": result.band.images,
                "host_class": _host_class(result),
                "difference": barrier_difference(result.barrier_forward, result.ion, result.literature),
            }
        )

    entries = [
        Entry(result, result, result.hop, cells(result) | joined)
        for result, joined in zip(results, way_cells(results), strict=True)
    ]
    notes = [
        "E_m forward = E[saddle] - E[initial], E_m backward = E[saddle] - E[final], dE = E[final] - E[initial].",
        *(_circumstances(result) for result in results),
        *way_notes(results),
        *(note for result in results for note in _tops(result)),
        *(
            f"Bands: {result.band.images} moving images, largest force below {result.band.fmax:g} eV/angstrom, "
            f"springs {result.band.spring:g} eV/angstrom^2."
            for result in results
        ),
        *correction_notes(results),
        *refinement_notes(results),
        *(
            worth_in_words(calculator)
            for result in results
            if result.ion == ION
            for calculator in (result.calculator, *(member.calculator for member in result.ensemble))
        ),
        *ensemble_notes(entries, barriers, QUESTION),
    ]
    entries = with_opinions(entries, barriers, QUESTION)
    published = Quantity.MIGRATION_BARRIER if literature else None
    return make_table("Migration barriers", columns, entries, notes, published=published, unit="eV")


def _cell(result: MigrationResult) -> dict[str, Value]:
    """Return the cells that say in what cell a barrier was computed; nothing for a host without a hop."""
    if result.cell is None:
        return {}
    return {
        "cell": times(f"{length:.2f}" for length in result.cell[:3]),
        "angles": ", ".join(f"{angle:.2f}" for angle in result.cell[3:]),
        "supercell": None if result.supercell is None else times(str(n) for n in result.supercell),
        # The cell of given endpoints is nobody's policy: that is why the result has none.
        "cell_policy": "as given" if result.supercell is None else result.cell_policy,
    }


def _host_class(result: MigrationResult) -> str | None:
    """Return the class of a host where that decides an error bar: of zinc, by a potential that was measured."""
    if result.initial is None or result.ion != ION or worth(result.calculator) is None:
        return None
    return host_class(result.initial.to_atoms(), result.ion) or None


def _tops(result: MigrationResult) -> list[str]:
    """Say where the curve through the images tells of more than the barrier: a higher top, or a minimum between two."""
    where, notes = f"{result.study}, {result.hop}", []
    if _rises(result):
        notes.append(
            f"{where}: a curve through energies and forces of the images rises to {result.interpolated_barrier:.3f} "
            f"eV, more than {APART:g} eV above the barrier; more images tell whether there is a higher top."
        )
    if result.intermediate_minimum is not None:
        notes.append(
            f"{where}: two hops in a row, of which the barrier is the higher; in between the path dips to "
            f"{result.intermediate_minimum:.3f} eV."
        )
    return notes


def _rises(result: MigrationResult) -> bool:
    top, barrier = result.interpolated_barrier, result.barrier_forward
    return top is not None and barrier is not None and top > barrier + APART


def _circumstances(result: MigrationResult) -> str:
    """Say in what cell a barrier was computed, along what path and how well converged: it means little without."""
    if result.cell is None:
        return f"{result.study}: {result.ion} in {result.host}, no hop."
    lengths = times(f"{length:.2f}" for length in result.cell[:3])
    on_surface = result.network is not None and result.network.surface is not None
    repeats = (
        ""
        if result.supercell is None or on_surface
        else f", {times(str(n) for n in result.supercell)} cells of {result.host}"
    )
    policy = "" if result.cell_policy is None else f", cell of the empty host {POLICIES[result.cell_policy]}"
    path = "" if result.path_length is None else f"; path {result.path_length:.2f} angstrom"
    force = "" if result.fmax is None else f", largest force left {result.fmax:.3f} eV/angstrom"
    if result.left_open is not None:
        meant = "less than 0.1" if result.left_open < 1e-4 else f"about {1e3 * result.left_open:.1f}"
        force += f" (forces leave {meant} meV of the barrier open)"
    endpoint = "" if result.final_endpoint is None else f", second endpoint {ENDPOINTS[result.final_endpoint]}"
    pairing = "" if result.pairing is None else f"; {result.pairing}"
    return f"{result.study}, {result.hop}: {lengths} angstrom{repeats}{policy}{path}{endpoint}{force}{pairing}."


def _columns(results: Sequence[MigrationResult]) -> list[Column]:
    from ...workflows.migration.results import MigrationResult

    of = columns_of(MigrationResult)
    all_climbing = all(result.saddle_kind in ("climbing image", None) for result in results)
    return [
        of("study", "study"),
        of("host", "host", detail=named_in_study(results, "host")),
        of("ion", "ion", detail=named_in_study(results, "ion")),
        of("hop", "hop"),
        of("barrier_forward", "E_m forward", "eV", 3, result=True),
        *error_columns(results),
        of("barrier_backward", "E_m backward", "eV", 3, result=True),
        of("reaction_energy", "dE reaction", "eV", 3, result=True),
        *way_columns(results),
        *surface_columns(results),
        of("saddle_kind", "saddle", detail=all_climbing),
        of("interpolated_barrier", "interpolated E_m", "eV", 3, result=True, detail=not any(map(_rises, results))),
        of("intermediate_minimum", "minimum between", "eV", 3, result=True),
        of("path_length", "path", ANGSTROM, 2, result=True, detail=True),
        of("hop_distance", "distance", ANGSTROM, 2, result=True, detail=True),
        of("host_displacement", "host moves", ANGSTROM, 2, result=True),
        of("coordination_initial", "CN initial"),
        of("coordination_saddle", "CN saddle", result=True),
        Column(
            key="cell",
            head="cell",
            unit=ANGSTROM,
            description="lengths a x b x c of the supercell, angstrom",
            detail=True,
        ),
        Column(
            key="angles", head="angles", unit="degrees", description="alpha, beta, gamma of the supercell", detail=True
        ),
        of("supercell", "supercell", detail=True),
        of("cell_policy", "cell policy", detail=True),
        of("n_atoms", "atoms", detail=True),
        Column(key="images", head="images", description="moving images of the band", detail=True),
        of("fmax", "fmax", FORCE, 3, detail=True),
        of("endpoint_fmax", "endpoint fmax", FORCE, 3, detail=True),
        of("left_open", "left open", "eV", 4, detail=True),
        of("final_endpoint", "final endpoint", detail=True),
        of("pairing", "pairing", detail=True),
        Column(
            key="host_class",
            head="host class",
            description="class of the host, where errors of the calculator over published barriers are known by class",
            detail=True,
        ),
        of("force_calls", "force calls", detail=True),
        of("seconds", "band time", "s", 1, detail=True),
        of("endpoint_force_calls", "endpoint force calls", detail=True),
        of("endpoint_seconds", "endpoint time", "s", 1, detail=True),
    ]
