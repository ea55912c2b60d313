"""What the table of barriers says of hops joined to ways, of surfaces with adatoms, and of what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .building import cell_parameters, columns_of, times
from .model import Column, Value

if TYPE_CHECKING:
    from ...structures.percolation import Axis
    from ...workflows.migration.network import AdatomSurface
    from ...workflows.migration.results import MigrationResult
    from ...workflows.migration.ways import Way


def way_columns(results: Sequence[MigrationResult]) -> list[Column]:
    """Return the columns of bottlenecks; none where no result says in which crystal its hop is.

    Args:
        results: of the table.
    """
    if all(result.network is None for result in results):
        return []
    return [
        Column(key="bottleneck_of", head="bottleneck along", description="axes along whose way this hop is highest"),
        Column(
            key="way_barrier",
            head="E_m of the way",
            unit="eV",
            decimals=3,
            description="of the easiest way along these axes by the hops computed: the saddle of this hop above the "
            "lowest site that hops connect with it, eV",
            result=True,
        ),
    ]


def surface_columns(results: Sequence[MigrationResult]) -> list[Column]:
    """Return the columns of adatoms; none where no result is of a surface."""
    from ...workflows.migration.network import AdatomSurface
    from ...workflows.migration.results import MigrationResult

    if not any(map(_surface, results)):
        return []
    of, surface_of = columns_of(MigrationResult), columns_of(AdatomSurface)
    return [
        of("mechanism", "mechanism", detail=all(result.mechanism == "hop" for result in results)),
        surface_of("monolayers", "coverage", "ML", 3),
        surface_of("coverage", "per area", "1/nm^2", 2, detail=True),
        surface_of("layers", "layers"),
        surface_of("fixed_layers", "fixed layers"),
        surface_of("n_fixed", "fixed atoms", detail=True),
    ]


def surface_cells(result: MigrationResult) -> dict[str, Value]:
    """Return the cells of [`surface_columns`][]."""
    surface = _surface(result)
    return {} if surface is None else surface.model_dump(exclude={"sites"}) | {"mechanism": result.mechanism}


def way_cells(results: Sequence[MigrationResult]) -> list[dict[str, Value]]:
    """Return the cells of [`way_columns`][] for each result."""
    cells: list[dict[str, Value]] = [{} for _ in results]
    places = {id(result): number for number, result in enumerate(results)}
    for hops in _by_host(results):
        axes: dict[int, list[Axis]] = {}
        for axis, way in _ways(hops).items():
            axes.setdefault(places[id(way.hop)], []).append(axis)
            cells[places[id(way.hop)]]["way_barrier"] = way.barrier
        for place, found in axes.items():
            cells[place]["bottleneck_of"] = ", ".join(found)
    return cells


def way_notes(results: Sequence[MigrationResult]) -> list[str]:
    """Say for each host what its ways get over, what its surface is, and what was left out."""
    notes = []
    for hops in _by_host(results):
        where = hops[0].study
        notes += [note for note in (_ways_in_words(hops), _surface_in_words(hops)) if note]
        network = next((hop.network for hop in hops if hop.network is not None), None)
        if network is not None and network.left_out:
            notes.append(f"{where}: {network.left_out}.")
        notes += [
            f"{where}, {hop.hop}: a hop within one basin, no barrier of migration; "
            "hops: {choose: percolating} computes the ways through the host."
            for hop in hops
            if _within_a_basin(hop)
        ]
    return notes


def _ways_in_words(hops: Sequence[MigrationResult]) -> str:
    if all(hop.network is None for hop in hops):
        return ""
    ways = _ways(hops)
    axes = "ab" if _surface(hops[0]) else "abc"
    said = [f"along {axis} {way.barrier:.3f} eV ({way.hop.hop})" for axis, way in ways.items()]
    none = [axis for axis in axes if axis not in ways]
    if not said:
        return f"{hops[0].study}: the hops that are results lead on along no axis."
    others = f"; no way along {' and '.join(none)} by these hops" if none else ""
    missing = [hop.hop for hop in hops if hop.outcome != "ok"]
    without = f"; without {', '.join(missing)}, no result" if missing else ""
    return (
        f"{hops[0].study}: easiest way by the hops computed, with its bottleneck: {', '.join(said)}{others}{without}. "
        "Each is the highest saddle above the lowest site that hops connect with it."
    )


def _surface_in_words(hops: Sequence[MigrationResult]) -> str:
    surface = _surface(hops[0])
    if surface is None:
        return ""
    assert hops[0].network is not None
    slab = "a sheet or slab as given" if surface.layers is None else f"{surface.layers} layers"
    held = (
        f"{surface.n_fixed} atoms held fixed"
        if surface.fixed_layers is None
        else f"the lowest {surface.fixed_layers} held fixed"
    )
    sites = "; ".join(
        f"{site.site}: {site.fate or f'rests, {site.energy:.3f} eV above the lowest place'}" for site in surface.sites
    )
    cell = times(f"{length:.2f}" for length in cell_parameters(hops[0].network.crystal)[:2])
    return (
        f"{hops[0].study}: {cell} angstrom, {surface.monolayers:.3g} ML (adatoms per atom of the topmost plane), "
        f"{surface.coverage:.2f} per nm^2; {slab}, {held if surface.n_fixed else 'none held fixed'}. Sites: {sites}."
    )


def _within_a_basin(hop: MigrationResult) -> bool:
    from ...structures.percolation import BASIN

    bulk = hop.network is not None and hop.network.surface is None
    return bulk and hop.hop_distance is not None and hop.hop_distance < BASIN


def _surface(result: MigrationResult) -> AdatomSurface | None:
    return None if result.network is None else result.network.surface


def _ways(hops: Sequence[MigrationResult]) -> dict[Axis, Way]:
    from ...workflows.migration.ways import ways_by

    return ways_by(hops)


def _by_host(results: Sequence[MigrationResult]) -> list[list[MigrationResult]]:
    """Put hops of one study in one host together."""
    hosts: dict[tuple[str, ...], list[MigrationResult]] = {}
    for result in results:
        hosts.setdefault((result.study, result.given, result.host), []).append(result)
    return list(hosts.values())
