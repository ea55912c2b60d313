"""Desolvation studies on surfaces: their flows, and what they begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import StructureError
from ...structures.building import build_bulk, build_from_bulk, slab_axes
from ...structures.surface_shells import surface_shells
from ...workflows.common.references import check_reference, reference_structures
from ...workflows.common.shared_jobs import SharedJobs
from ...workflows.surface_ladders.flow import WATER, SurfaceDesolvationMaker
from .solids import RELAX_BULK, bulk_task, indexed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ase import Atoms
    from jobflow import Flow

    from .base import Task
    from .context import Context
    from .desolvation import DesolvationStudy


def check_ion(ion: str) -> None:
    """Refuse an ion without a bulk metal as its reference, where it is written."""
    try:
        check_reference(ion)
    except StructureError as error:
        raise ValueError(f"ion: {error}") from error


def ladder_flows(study: DesolvationStudy, context: Context) -> list[Flow]:
    """Make one flow for each surface; slabs and references are shared with other studies of the campaign."""
    most, fewest = study.waters
    return [
        SurfaceDesolvationMaker(
            name=_name(study, system),
            ion=study.ion,
            most=most,
            fewest=fewest,
            calculator=context.calculator,
            settings=context.relax,
            shells=study.shells,
            cell=study.cell,
            literature=study.literature,
            place=(context.number, number),
        ).make(context.recipe(system), context.shared.of(SharedJobs))
        for number, system in enumerate(study.systems)
    ]


def ladder_structures(study: DesolvationStudy, context: Context) -> Iterator[Task]:
    """Build the bulks, the surfaces, the references and the shells built anew; those handed down follow in the run."""
    for system in study.systems:
        with context.system(system) as recipe:
            task, bulk = bulk_task(system, recipe, study.cell)
            yield task, bulk
            surface = build_from_bulk(recipe, bulk)
            cell = "" if recipe.slab is None else indexed(bulk, slab_axes(recipe))
            yield f"{system}: relax surface{cell}", surface
            yield from _references(study.ion)
            for waters in _numbers(study):
                for start in _shells(study, surface, waters, study.shells.starts):
                    yield f"{study.ion} with {waters} H2O on {system}, {start[0]}: relax", start[1]


def ladder_single_points(study: DesolvationStudy, context: Context) -> Iterator[Task]:
    """Build water and one arrangement of every member, of which the run corrects the lowest."""
    (water,) = reference_structures(WATER)
    yield f"{WATER}: single point", water
    for system in study.systems:
        with context.system(system) as recipe:
            surface = build_from_bulk(recipe, build_bulk(recipe.bulk))
            for waters in _numbers(study):
                ((_, atoms),) = _shells(study, surface, waters, 1)
                yield f"{study.ion} with {waters} H2O on {system}: single point", atoms


def _references(ion: str) -> Iterator[Task]:
    for name, what in ((WATER, "relax molecule"), (ion, RELAX_BULK)):
        for part in reference_structures(name):
            yield f"{part.info['label']}: {what}", part


def _shells(study: DesolvationStudy, surface: Atoms, waters: int, count: int) -> list[tuple[str, Atoms]]:
    shells = study.shells
    made = surface_shells(surface, study.ion, waters, count, sites=shells.sites, seed=shells.seed)
    return [(start.name, start.atoms) for start in made]


def _numbers(study: DesolvationStudy) -> range:
    most, fewest = study.waters
    return range(most, fewest - 1, -1)


def _name(study: DesolvationStudy, system: str) -> str:
    if study.name is None:
        return f"desolvation of {study.ion} on {system}"
    return study.name if len(study.systems) == 1 else f"{study.name}: {system}"
