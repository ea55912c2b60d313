"""A campaign becomes one Jobflow Flow."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from jobflow import Flow

from ..calculators.dependencies import pinned
from ..calculators.specs import geometry_method
from ..structures.recipes import embed_file
from ..workflows.adsorption.flow import AdsorptionMaker
from ..workflows.breathing.flow import BreathingMaker
from ..workflows.common.shared_jobs import SharedJobs
from ..workflows.interfaces import InterfaceMaker
from ..workflows.migration.flow import MigrationMaker
from ..workflows.molecular.molecules import MoleculeJobs
from ..workflows.surfaces import SurfaceMaker
from .model import (
    AdsorptionStudy,
    BreathingStudy,
    Campaign,
    InterfaceStudy,
    MigrationStudy,
    SolidStudy,
    Study,
    SurrogateStudy,
)
from .molecular import molecular_flow
from .starts import migration_starts
from .surrogates import surrogate_flow

if TYPE_CHECKING:
    from ..calculators.specs import AnyMethod
    from ..workflows.common.results import RelaxSettings


def campaign_flow(campaign: Campaign) -> Flow:
    """Make the graph of a whole campaign; jobs that studies share appear in it once.

    Args:
        campaign: with absolute paths, as :func:`load_campaign` returns it.

    Returns:
        Flow named after the campaign, its studies in order after the jobs they share.

    Raises:
        StructureError: a structure file cannot be read.
    """
    systems = {name: embed_file(recipe) for name, recipe in campaign.systems.items()}
    campaign = _pinned(campaign.model_copy(update={"systems": systems}))
    shared, molecules = SharedJobs(), MoleculeJobs()
    studies: list[Flow] = []
    for number, study in enumerate(campaign.studies):
        if isinstance(study, SolidStudy):
            studies += _solid_flows(number, study, campaign, shared)
        elif isinstance(study, SurrogateStudy):
            studies.append(surrogate_flow(number, study, campaign))
        else:
            studies.append(molecular_flow(number, study, campaign, molecules))
    return Flow([*shared.jobs, *molecules.jobs, *studies], name=campaign.name)


def study_calculator(study: Study, campaign: Campaign) -> AnyMethod:
    """Return the calculator of a study: its own, or the campaign's."""
    return study.calculator or campaign.calculator


def study_settings(study: SolidStudy, campaign: Campaign) -> RelaxSettings:
    """Return the relaxation targets of a study: its own, or the campaign's."""
    return study.relax or campaign.relax


def _pinned(campaign: Campaign) -> Campaign:
    """Give every model file its hash: a job may run long after its flow was made."""
    studies = []
    for study in campaign.studies:
        update = {"calculator": study.calculator and pinned(study.calculator)}
        if isinstance(study, SurrogateStudy):
            update["sampler"] = study.sampler and pinned(study.sampler)
        studies.append(study.model_copy(update=update))
    return campaign.model_copy(update={"studies": studies, "calculator": pinned(campaign.calculator)})


def _solid_flows(number: int, study: SolidStudy, campaign: Campaign, shared: SharedJobs) -> list[Flow]:
    calculator, settings = study_calculator(study, campaign), study_settings(study, campaign)
    only = geometry_method(calculator)  # campaigns refuse to correct other studies than migration and adsorption
    if isinstance(study, MigrationStudy):
        return [_migration_flow(number, study, campaign, shared)]
    if isinstance(study, InterfaceStudy):
        return [
            InterfaceMaker(
                name=study.name if study.name is not None and len(study.system) == 1 else system,
                calculator=only,
                settings=settings,
                literature=study.literature,
                place=(number, place),
            ).make(campaign.recipe(system))
            for place, system in enumerate(study.system)
        ]
    if isinstance(study, BreathingStudy):
        return [
            BreathingMaker(
                name=study.name or f"{study.ion} in {study.system}",
                ion=study.ion,
                calculator=only,
                relax=settings,
                settings=study.breathing,
                literature=study.literature,
                place=(number,),
            ).make(campaign.recipe(study.system), shared)
        ]
    if isinstance(study, AdsorptionStudy):
        return [
            AdsorptionMaker(
                name=_pair_name(study, adsorbate, system),
                adsorbate=campaign.adsorbate(adsorbate),
                calculator=calculator,
                settings=settings,
                cell=study.cell,
                sites=study.sites,
                literature=study.literature,
                place=(number, pair),
            ).make(campaign.recipe(system), shared)
            for pair, (system, adsorbate) in enumerate(product(study.system, study.adsorbate))
        ]
    return [
        SurfaceMaker(
            name=study.name or f"surfaces of {study.system}",
            millers=study.facets,
            layers=study.layers,
            vacuum=study.vacuum,
            calculator=only,
            settings=settings,
            cell=study.cell,
            literature=study.literature,
            place=(number,),
        ).make(campaign.recipe(study.system), shared)
    ]


def _migration_flow(number: int, study: MigrationStudy, campaign: Campaign, shared: SharedJobs) -> Flow:
    between = migration_starts(study, campaign)[0] if study.endpoints is not None else None
    ion = study.hopping_ion if between is None else between.ion
    where = f"in {study.systems[0]}" if between is None else f"from {study.systems[0]} to {study.systems[1]}"
    maker = MigrationMaker(
        name=study.name or f"{ion} {where}",
        ion=ion,
        hops=study.hops,
        band=study.band,
        calculator=study_calculator(study, campaign),
        settings=study_settings(study, campaign),
        cell=study.cell,
        literature=study.literature,
        place=(number,),
    )
    if between is not None:
        return maker.make_hop(between)
    return maker.make(campaign.recipe(study.systems[0]), shared)


def _pair_name(study: AdsorptionStudy, adsorbate: str, system: str) -> str:
    pair = f"{adsorbate} on {system}"
    if study.name is None:
        return pair
    return study.name if len(study.adsorbate) * len(study.system) == 1 else f"{study.name}: {pair}"
