"""What a campaign is going to compute, found out without computing: its jobs, structures, sizes and calculators."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..calculators.guard import check
from ..calculators.specs import AnyMethod, AnySpec, CorrectedSpec, geometry_method
from ..errors import AzibflowError, CampaignError
from ..structures.heterostructures import film_and_support
from ..structures.recipes import build, build_bulk, build_from_bulk, intact_bonds
from ..workflows.adsorption import placements
from ..workflows.breathing import fullest
from ..workflows.references import COHESIVE_ENERGY, reference_structures
from ..workflows.surfaces import slab_starts
from .corrections import corrected_structures
from .files import study_line
from .flow import study_calculator
from .model import (
    AdsorptionStudy,
    BreathingStudy,
    Campaign,
    InterfaceStudy,
    MigrationStudy,
    MolecularStudy,
    Study,
    SurrogateStudy,
)
from .molecular import molecular_structures
from .starts import migration_starts
from .surrogates import surrogate_structures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ase import Atoms


class PlannedStructure(NamedTuple):
    """One structure that is going to be computed."""

    study: str
    task: str
    atoms: Atoms
    calculator: AnySpec


def plan(campaign: Campaign, file: Path | None = None) -> list[PlannedStructure]:
    """Build every starting structure of a campaign and check its calculator against it; nothing is computed.

    Sites and hops are those of the unrelaxed structures; relaxation keeps their symmetry, so their number stays.

    Args:
        campaign: with absolute paths.
        file: that the campaign was read from, to be named in messages with the line of the study.

    Returns:
        Structures in the order of the studies; what studies share appears with the first of them.

    Raises:
        StructureError: a structure cannot be built, or has no site or hop of the kind asked for.
        CapabilityError: a calculator cannot treat a structure.
        AzibflowError: of the kind that fits, where something else is missing.
    """
    planned: dict[tuple[str, str, str], PlannedStructure] = {}
    for number, study in enumerate(campaign.studies, start=1):
        calculator = study_calculator(study, campaign)
        try:
            for method, task, atoms in _tasks(study, campaign, calculator):
                check(method, atoms)
                key = (task, atoms.get_chemical_formula(), method.model_dump_json())
                planned.setdefault(key, PlannedStructure(_title(study), task, atoms, method))
        except (AzibflowError, OSError) as error:
            kind = type(error) if isinstance(error, AzibflowError) else CampaignError
            place = "" if file is None else f"{file}, line {study_line(file, number)}: "
            raise kind(f"{place}study {number} ({study.kind}): {error}") from error
    return list(planned.values())


def _title(study: Study) -> str:
    if isinstance(study, MolecularStudy | SurrogateStudy):
        return study.title
    return study.name or f"{study.kind} {', '.join(study.systems)}"


def _tasks(study: Study, campaign: Campaign, calculator: AnyMethod) -> Iterator[tuple[AnySpec, str, Atoms]]:
    """Yield what each method computes: everything once, then the single points of the better one."""
    for task, atoms in _structures(study, campaign):
        yield geometry_method(calculator), task, atoms
    if isinstance(calculator, CorrectedSpec):
        for task, atoms in corrected_structures(study, campaign):
            yield calculator.correct_with, task, atoms


def _structures(study: Study, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    if isinstance(study, MolecularStudy):
        yield from molecular_structures(study, campaign)
    elif isinstance(study, SurrogateStudy):
        yield from surrogate_structures(study, campaign)
    elif isinstance(study, MigrationStudy):
        yield from _of_migration(study, campaign)
    elif isinstance(study, AdsorptionStudy):
        yield from _of_adsorption(study, campaign)
    elif isinstance(study, InterfaceStudy):
        for name in study.system:
            host = build(campaign.systems[name])
            film, support = film_and_support(host)
            yield f"{name}: relax", host
            yield f"{name}: relax film alone", host[film]
            yield f"{name}: relax support alone", host[support]
    elif isinstance(study, BreathingStudy):
        yield from _of_breathing(study, campaign)
    else:
        recipe = campaign.systems[study.system]
        bulk = build_bulk(recipe)
        yield f"{recipe.label}: relax bulk", bulk
        for start in slab_starts(bulk, study.facets, study.layers, study.vacuum, intact_bonds(recipe)):
            facet = "({}{}{})".format(*start.miller)
            yield (
                f"{recipe.label}{facet} t{start.termination}, {start.layers} layers: relax",
                start.structure.to_atoms(),
            )


def _of_migration(study: MigrationStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    if study.endpoints is None:
        (host,) = (campaign.systems[name] for name in study.systems)
        yield f"{host.label}: relax bulk", build_bulk(host)
    for start in migration_starts(study, campaign):
        name = f"{start.ion} in {start.host}, {start.label}"
        yield f"{name}: relax endpoint", start.initial.to_atoms()
        if not start.symmetric:
            yield f"{name}: relax second endpoint", start.final.to_atoms()
        pairing = "" if start.pairing is None else f"; {start.pairing}"
        yield f"{name}: band of {study.band.images} images{pairing}", start.initial.to_atoms()


def _of_breathing(study: BreathingStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    host = build(campaign.systems[study.system])
    yield f"{study.system}: relax and anneal", host
    yield f"{study.system}: search up to n = {study.breathing.ions}", fullest(host, study.ion, study.breathing)
    for part in reference_structures(study.ion):
        yield f"{part.info['label']}: relax bulk", part


def _of_adsorption(study: AdsorptionStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    for name in study.system:
        recipe = campaign.systems[name]
        bulk = build_bulk(recipe)
        yield f"{recipe.label.split('(')[0]}: relax bulk", bulk
        surface = build_from_bulk(recipe, bulk)
        yield f"{recipe.label}: relax surface", surface
        for adsorbate in study.adsorbate:
            for part in reference_structures(adsorbate):
                yield f"{part.info['label']}: relax {'bulk' if adsorbate in COHESIVE_ENERGY else 'molecule'}", part
            for start in placements(surface, adsorbate, study.sites):
                yield f"{adsorbate} on {recipe.label}, {start.name}: relax", start.structure.to_atoms()
