"""What a campaign is going to compute, found out without computing: its jobs, structures, sizes and calculators."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..calculators.guard import check
from ..calculators.specs import AnyMethod, AnySpec, CorrectedSpec, geometry_method
from ..errors import AzibflowError, CampaignError
from ..structures.axes import describe_axes
from ..structures.documents import StructureDocument
from ..structures.heterostructures import film_and_support
from ..structures.recipes import build, build_bulk, build_from_bulk, intact_bonds, slab_axes
from ..workflows.adsorption.flow import placements
from ..workflows.breathing.flow import fullest
from ..workflows.common.references import COHESIVE_ENERGY, reference_structures
from ..workflows.common.relaxation_jobs import cell_policy, check_layers, layer_axis
from ..workflows.surfaces import slab_starts
from .corrections import corrected_structures
from .files import study_line
from .flow import study_calculator, study_settings
from .model import (
    AdsorptionStudy,
    BreathingStudy,
    Campaign,
    InterfaceStudy,
    MigrationStudy,
    MolecularStudy,
    Study,
    SurfaceStudy,
    SurrogateStudy,
)
from .molecular import molecular_structures
from .starts import migration_starts
from .surrogates import surrogate_structures
from .systems import system

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ase import Atoms

    from ..structures.axes import Axes
    from ..structures.recipes import StructureRecipe
    from ..workflows.common.relaxation_jobs import CellPolicy

RELAX_BULK = "relax bulk"
"""Task of a bulk, which systems made of it share."""


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
    planned: dict[tuple[str, ...], PlannedStructure] = {}
    for number, study in enumerate(campaign.studies, start=1):
        calculator = study_calculator(study, campaign)
        try:
            for method, task, atoms in _tasks(study, campaign, calculator):
                with system(campaign, str(atoms.info.get("label"))):
                    check(method, atoms)
                key = (*_identity(task, atoms), method.model_dump_json(), _settings(study, campaign))
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


def _identity(task: str, atoms: Atoms) -> tuple[str, str]:
    """Return what makes a calculation one of its own: system, what is done, atoms; of a bulk not the system."""
    what = task.rpartition(": ")[2]
    return what if what.startswith(RELAX_BULK) else task, StructureDocument.from_atoms(atoms).sha256()


def _settings(study: Study, campaign: Campaign) -> str:
    if isinstance(study, MolecularStudy):
        return study.molecule.model_dump_json()
    if isinstance(study, SurrogateStudy):
        return study.title
    return study_settings(study, campaign).model_dump_json()


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
        yield from _of_interface(study, campaign)
    elif isinstance(study, BreathingStudy):
        yield from _of_breathing(study, campaign)
    else:
        yield from _of_surface(study, campaign)


def _of_migration(study: MigrationStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    if study.endpoints is None:
        (name,) = study.systems
        with system(campaign, name) as host:
            yield _bulk(name, host, study.cell)
    for start in migration_starts(study, campaign):
        hop = f"{start.ion} in {study.system or start.host}, {start.label}"
        yield f"{hop}: relax endpoint", start.initial.to_atoms()
        if not start.symmetric:
            yield f"{hop}: relax second endpoint", start.final.to_atoms()
        pairing = "" if start.pairing is None else f"; {start.pairing}"
        yield f"{hop}: band of {study.band.images} images{pairing}", start.initial.to_atoms()


def _of_adsorption(study: AdsorptionStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    for name in study.system:
        with system(campaign, name) as recipe:
            task, bulk = _bulk(name, recipe, study.cell)
            yield task, bulk
            surface = build_from_bulk(recipe, bulk)
            cell = "" if recipe.slab is None else _indexed(bulk, slab_axes(recipe))
            yield f"{name}: relax surface{cell}", surface
            for adsorbate in study.adsorbate:
                source = campaign.adsorbate(adsorbate)
                what = RELAX_BULK if adsorbate in COHESIVE_ENERGY else "relax molecule"
                for part in reference_structures(source):
                    yield f"{part.info['label']}: {what}", part
                for start in placements(surface, source, study.sites):
                    yield f"{adsorbate} on {name}, {start.name}: relax", start.structure.to_atoms()


def _of_surface(study: SurfaceStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    name = study.system
    with system(campaign, name) as recipe:
        task, bulk = _bulk(name, recipe, study.cell)
        yield task, bulk
        axes = slab_axes(recipe)
        cell = _indexed(bulk, axes)
        for start in slab_starts(bulk, study.facets, study.layers, study.vacuum, intact_bonds(recipe), axes):
            facet = "({}{}{})".format(*start.miller)
            yield f"{name}{facet} t{start.termination}, {start.layers} layers{cell}: relax", start.structure.to_atoms()


def _of_interface(study: InterfaceStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    for name in study.system:
        with system(campaign, name) as recipe:
            host = build(recipe)
            film, support = film_and_support(host)
            yield f"{name}: relax", host
            yield f"{name}: relax film alone", host[film]
            yield f"{name}: relax support alone", host[support]


def _of_breathing(study: BreathingStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    name = study.system
    with system(campaign, name) as recipe:
        host = build(recipe)
        yield f"{name}: relax and anneal", host
        yield f"{name}: search up to n = {study.breathing.ions}", fullest(host, study.ion, study.breathing)
        for part in reference_structures(study.ion):
            yield f"{part.info['label']}: {RELAX_BULK}", part


def _indexed(bulk: Atoms, axes: Axes) -> str:
    """Say which cell Miller indices refer to, where it is not the one that was given."""
    cell = describe_axes(bulk, axes)
    return f", indices of the {cell}" if cell else ""


def _bulk(name: str, recipe: StructureRecipe, cell: CellPolicy | None) -> tuple[str, Atoms]:
    """Build a bulk; its task names a cell policy that is not the usual one, as such a bulk is one of its own."""
    unusual = "" if cell in (None, cell_policy(recipe)) else f", cell {cell}"
    bulk, axis = build_bulk(recipe.bulk), layer_axis(recipe)
    bulk.info["label"] = name
    if (cell or cell_policy(recipe)) == "layers-fixed":
        check_layers(bulk, 2 if axis is None else axis)
    return f"{name}: {RELAX_BULK}{unusual}", bulk
