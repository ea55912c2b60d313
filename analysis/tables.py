"""The three tables: migration barriers, adsorption energies, surface energies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .comparison import barrier_difference
from .literature import Quantity
from .table_building import Entry, columns_of, distinct, make_table, named_in_study, relaxation_note, times, values
from .table_model import Column, Table, Value

if TYPE_CHECKING:
    from ..structures.documents import StructureDocument
    from ..workflows.adsorption import AdsorptionResult
    from ..workflows.migration import MigrationResult
    from ..workflows.surfaces import SurfaceResult, SurfaceRow

ANGSTROM = "angstrom"
FORCE = "eV/angstrom"

MOST_STABLE = Column(
    key="most_stable", head="most stable", description="lowest among the rows it competes with that are results"
)


def barriers_table(results: Sequence[MigrationResult], *, literature: bool = False) -> Table:
    """Tabulate migration barriers, one row per hop.

    Args:
        results: the hops, in the order of the table.
        literature: put published barriers beside the rows that name them.

    Returns:
        The table.
    """
    from ..workflows.migration import MigrationResult

    of = columns_of(MigrationResult)
    all_climbing = all(result.saddle_kind in ("climbing image", None) for result in results)
    columns = [
        of("study", "study"),
        of("host", "host", detail=named_in_study(results, "host")),
        of("ion", "ion", detail=named_in_study(results, "ion")),
        of("hop", "hop"),
        of("barrier_forward", "E_m forward", "eV", 3, result=True),
        of("barrier_backward", "E_m backward", "eV", 3, result=True),
        of("reaction_energy", "dE reaction", "eV", 3, result=True),
        of("saddle_kind", "saddle", detail=all_climbing),
        of("interpolated_barrier", "interpolated E_m", "eV", 3, result=True, detail=True),
        of("path_length", "path", ANGSTROM, 2, result=True),
        of("hop_distance", "distance", ANGSTROM, 2, result=True),
        of("coordination_initial", "CN initial"),
        of("coordination_saddle", "CN saddle", result=True),
        Column(key="cell", head="cell", unit=ANGSTROM, description="lengths a x b x c of the supercell, angstrom"),
        Column(
            key="angles", head="angles", unit="degrees", description="alpha, beta, gamma of the supercell", detail=True
        ),
        of("supercell", "supercell", detail=True),
        of("cell_policy", "cell policy"),
        of("n_atoms", "atoms", detail=True),
        Column(key="images", head="images", description="moving images of the band", detail=True),
        of("fmax", "fmax", FORCE, 3),
        of("endpoint_fmax", "endpoint fmax", FORCE, 3, detail=True),
        of("final_endpoint", "final endpoint", detail=True),
        of("force_calls", "force calls", detail=True),
    ]

    def cells(result: MigrationResult) -> dict[str, Value]:
        return values(result, columns) | {
            "cell": times(f"{length:.2f}" for length in result.cell[:3]),
            "angles": ", ".join(f"{angle:.2f}" for angle in result.cell[3:]),
            "supercell": None if result.supercell is None else times(str(n) for n in result.supercell),
            "images": result.band.images,
            "difference": barrier_difference(result.barrier_forward, result.ion, result.literature),
        }

    notes = [
        "E_m forward = E[saddle] - E[initial], E_m backward = E[saddle] - E[final], dE = E[final] - E[initial].",
        "The cell is that of the band; its policy says which parameters of the empty host were relaxed before.",
        *distinct(
            f"Bands: {result.band.images} moving images, largest force below {result.band.fmax:g} eV/angstrom, "
            f"springs {result.band.spring:g} eV/angstrom^2."
            for result in results
        ),
    ]
    entries = [Entry(result, result, result.hop, cells(result)) for result in results]
    published = Quantity.MIGRATION_BARRIER if literature else None
    return make_table("Migration barriers", columns, entries, notes, published=published, unit="eV")


def adsorption_table(results: Sequence[AdsorptionResult], *, literature: bool = False) -> Table:
    """Tabulate adsorption energies, one row per site and orientation.

    Args:
        results: one per surface and adsorbate, in the order of the table.
        literature: put published adsorption energies beside the rows of the studies that name them.

    Returns:
        The table.
    """
    from ..workflows.adsorption import AdsorptionResult, AdsorptionRow

    of, row_of = columns_of(AdsorptionResult), columns_of(AdsorptionRow)
    metals = distinct(r.adsorbate for r in results if r.reference.cohesive_energy is not None)
    molecules = distinct(r.reference.state for r in results if r.reference.cohesive_energy is None)
    columns = [
        of("study", "study"),
        of("surface", "surface", detail=named_in_study(results, "surface")),
        of("adsorbate", "adsorbate", detail=named_in_study(results, "adsorbate")),
        row_of("site", "site"),
        row_of("orientation", "orientation"),
        row_of("multiplicity", "multiplicity", detail=True),
        row_of("e_ads_vs_bulk", f"E_ads vs {_only([_metal(m) for m in metals], 'bulk metal')}", "eV", 3, result=True),
        row_of("e_ads_vs_atom", f"E_ads vs {_only(metals, 'metal')} atom", "eV", 3, result=True),
        row_of("e_ads_vs_molecule", f"E_ads vs {_only(molecules, 'molecules')}", "eV", 3, result=True),
        MOST_STABLE,
        Column(
            key="reference",
            head="reference",
            description="reference state of the adsorbate",
            detail=max(len(metals), len(molecules)) < 2,
        ),
        row_of("height", "height", ANGSTROM, 2, result=True),
        row_of("nearest_distance", "nearest distance", ANGSTROM, 2, result=True, detail=True),
        row_of("surface_displacement", "surface displacement", ANGSTROM, 2, result=True, detail=True),
        of("coverage", "coverage", "1/nm^2", 2),
        Column(
            key="cell",
            head="cell",
            unit=ANGSTROM,
            description="lengths of the two surface vectors, angstrom",
            detail=True,
        ),
        row_of("fmax", "fmax", FORCE, 3),
        row_of("energy", "E[S+X]", "eV", 6, result=True, detail=True),
        Column(
            key="energy_surface", head="E[S]", unit="eV", decimals=6, description="energy of the surface", detail=True
        ),
        Column(
            key="energy_reference",
            head="E[X]",
            unit="eV",
            decimals=6,
            description="energy of X in its reference state",
            detail=True,
        ),
        row_of("force_calls", "force calls", detail=True),
    ]
    entries = []
    for result in results:
        shared = values(result, columns) | {
            "reference": result.reference.state,
            "cell": times(f"{length:.2f}" for length in _cell_parameters(result.bare.structure)[:2]),
            "energy_surface": result.bare.energy,
            "energy_reference": result.reference.energy,
        }
        best = result.best if len(result.rows) > 1 else None
        for row in result.rows:
            most_stable = {"most_stable": True} if row is best else {}
            entries.append(
                Entry(result, row, f"{row.site} {row.orientation}", shared | values(row, columns) | most_stable)
            )
    notes = ["E_ads = E[S+X] - E[S] - E[X]; negative binds."]
    for result in results:
        notes.append(f"E[X] of {result.adsorbate}: {result.reference.state}.")
        if result.reference.cohesive_energy is not None:
            notes.append(
                f"The free {result.adsorbate} atom is that state plus {result.reference.cohesive_energy:g} eV, the "
                "measured cohesive energy; no calculator was asked for a lone atom."
            )
    notes += [relaxation_note(result.bare.settings) for result in results]
    published = Quantity.ADSORPTION_ENERGY if literature else None
    return make_table("Adsorption energies", columns, entries, notes, published=published, unit="eV")


def surfaces_table(results: Sequence[SurfaceResult], *, literature: bool = False) -> Table:
    """Tabulate surface energies, one row per facet, termination and thickness.

    Args:
        results: one per bulk, in the order of the table.
        literature: put published surface energies beside the rows of the studies that name them.

    Returns:
        The table.
    """
    from ..workflows.surfaces import SurfaceResult, SurfaceRow

    of, row_of = columns_of(SurfaceResult), columns_of(SurfaceRow)
    change = Column(
        key="gamma_change",
        head="change",
        unit="J/m^2",
        decimals=3,
        description="gamma minus that of the next thinner slab of the same facet and termination",
        result=True,
    )
    columns = [
        of("study", "study"),
        Column(key="facet", head="facet", description="Miller indices, for hexagonal crystals also Miller-Bravais"),
        row_of("termination", "termination"),
        row_of("layers", "layers"),
        row_of("n_atoms", "atoms"),
        row_of("area", "area", "angstrom^2", 2),
        row_of("gamma", "gamma", "J/m^2", 3, result=True),
        change,
        MOST_STABLE,
        row_of("symmetric", "equal faces"),
        row_of("fmax", "fmax", FORCE, 3),
        row_of("energy", "E_slab", "eV", 6, result=True, detail=True),
        Column(
            key="energy_bulk",
            head="E_bulk",
            unit="eV/atom",
            decimals=6,
            description="energy of the bulk per atom",
            detail=True,
        ),
    ]
    entries = [
        Entry(
            result,
            row,
            f"{facet_label(row.miller)} termination {row.termination}, {row.layers} layers",
            values(result, columns)
            | values(row, columns)
            | {
                "facet": facet_label(row.miller, hexagonal=_is_hexagonal(result.bulk.structure)),
                "gamma_change": _change(row, result.rows),
                "most_stable": True if _is_stablest_termination(row, result.rows) else None,
                "energy_bulk": result.bulk.energy_per_atom,
            },
        )
        for result in results
        for row in result.rows
    ]
    notes = ["gamma = (E_slab - N E_bulk) / 2A, the mean of both faces where they are not equal."]
    if any(entry.cells["gamma_change"] is not None for entry in entries):
        notes.append("change = gamma minus that of the next thinner slab of the same facet and termination.")
    for result in results:
        a, b, c, *_ = _cell_parameters(result.bulk.structure)
        notes.append(
            f"Bulk {result.bulk.structure.label} of {result.study}: a {a:.3f}, b {b:.3f}, c {c:.3f} angstrom, "
            f"cell policy {result.bulk.cell_policy}."
        )
    notes += [relaxation_note(result.bulk.settings) for result in results]
    published = Quantity.SURFACE_ENERGY if literature else None
    return make_table("Surface energies", columns, entries, notes, published=published, unit="J/m^2")


def facet_label(miller: tuple[int, int, int], *, hexagonal: bool = False) -> str:
    """Write a facet as (hkl), and for a hexagonal crystal also as (hkil)."""
    h, k, m = miller
    plain = _parenthesised((h, k, m))
    return f"{plain} = {_parenthesised((h, k, -h - k, m))}" if hexagonal else plain


def _parenthesised(indices: tuple[int, ...]) -> str:
    separator = " " if any(abs(index) > 9 for index in indices) else ""
    return "(" + separator.join(str(index) for index in indices) + ")"


def _cell_parameters(structure: StructureDocument) -> list[float]:
    """Return lengths (angstrom) and angles (degrees) of the cell."""
    from ase.cell import Cell

    return [float(parameter) for parameter in Cell(structure.cell).cellpar()]


def _is_hexagonal(bulk: StructureDocument) -> bool:
    """Tell whether the cell has the shape that four indices are defined for: a = b, gamma = 120 degrees."""
    a, b, _, alpha, beta, gamma = _cell_parameters(bulk)
    return abs(a - b) < 1e-2 and max(abs(alpha - 90), abs(beta - 90), abs(gamma - 120)) < 0.1


def _change(row: SurfaceRow, rows: Sequence[SurfaceRow]) -> float | None:
    """Return gamma minus that of the next thinner slab of the same facet and termination, J/m^2."""
    thinner = [
        other
        for other in rows
        if (other.miller, other.termination) == (row.miller, row.termination)
        and other.layers < row.layers
        and other.outcome == "ok"
    ]
    before = max(thinner, key=lambda other: other.layers, default=None)
    if before is None or before.gamma is None or row.gamma is None:
        return None
    return row.gamma - before.gamma


def _is_stablest_termination(row: SurfaceRow, rows: Sequence[SurfaceRow]) -> bool:
    """Tell whether a row has the lowest gamma of several terminations of one facet at one thickness."""
    rivals = [other for other in rows if (other.miller, other.layers) == (row.miller, row.layers)]
    sound = [other for other in rivals if other.outcome == "ok" and other.gamma is not None]
    return len(rivals) > 1 and row is min(sound, key=lambda other: other.gamma or 0.0, default=None)


def _metal(symbol: str) -> str:
    return {"Zn": "hcp Zn"}.get(symbol, f"bulk {symbol}")


def _only(names: list[str], several: str) -> str:
    """Return the one name, or a word for several."""
    return names[0] if len(names) == 1 else several
