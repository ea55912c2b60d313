"""Barriers of an adatom on a surface: where it rests, and the bands between neighbouring places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, Response, job

from ...calculators.specs import CalculatorSpec, ChgnetSpec, StudyCalculator, geometry_method
from ...errors import StructureError
from ...structures.building import as_recipe, build_from_bulk
from ...structures.carried_sites import planned_document, planned_surface
from ...structures.documents import StructureDocument
from ...structures.recipes import StructureRecipe
from ..adsorption.placement import Placement
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.maker import StudyMaker
from ..common.relaxation_jobs import CellPolicy, RelaxationResult, relax_bulk, relax_structure
from ..common.results import RelaxSettings, StudyLabel
from ..common.shared_jobs import SharedJobs
from ..common.work import computing, light
from .adatoms import AdatomState, adatom_state
from .failed_hops import LOG, no_hop_job
from .flow import compute_hop, hop_flow
from .results import BandSettings, MigrationResult
from .surface_hops import SurfaceHops, adatom_placements, surface_hop_starts

if TYPE_CHECKING:
    from ase import Atoms


def surface_migration_study(
    surface: StructureRecipe | Atoms,
    ion: str = "Zn",
    calculator: StudyCalculator = ChgnetSpec(),  # noqa: B008 - frozen
    *,
    hops: SurfaceHops = SurfaceHops(),  # noqa: B008 - frozen
    band: BandSettings = BandSettings(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    cell: CellPolicy | None = None,
    folder: Path | None = None,
) -> list[MigrationResult]:
    """Compute the barriers of an adatom on a surface without Jobflow.

    Args:
        surface: recipe of the slab or sheet, whose bulk is relaxed first, or the slab itself.
        ion: chemical symbol of the adatom.
        calculator: spec of the calculator, or of a surrogate and what corrects it.
        hops: which mechanisms, sites and hops.
        band: images and convergence of the bands.
        settings: convergence targets of the relaxations.
        cell: cell policy of the bulk; chosen by the prototype when none.
        folder: where checkpoints and images go; none keeps no files.

    Returns:
        The same results as the flow of [`SurfaceMigrationMaker`][]: hops over the surface, shortest first, then
        exchanges.

    Raises:
        StructureError: the adatom rests nowhere, or there is no hop of the kind asked for.
    """
    recipe, surrogate = as_recipe(surface), geometry_method(calculator)
    bulk = relax_bulk(recipe.bulk, surrogate, settings, cell, folder)
    cut = build_from_bulk(recipe, bulk.structure.to_atoms())
    bare = relax_structure(cut, surrogate, settings, folder=folder)
    placed, left_out = adatom_placements(bare.structure.to_atoms(), ion, hops, planned_surface(recipe, cut))
    states = [
        attempted(f"{ion} at {one.site}", partial(adatom_state, one, surrogate, settings, folder)) for one in placed
    ]
    starts = surface_hop_starts(bare, placed, states, ion, hops, label=recipe.described, left_out=left_out)
    label = StudyLabel(study=f"{ion} on {recipe.label}")
    return [
        compute_hop(start, calculator, band=band, settings=settings, label=label, folder=folder) for start in starts
    ]


@job(output_schema=AdatomState)
def adatom_job(placement: Placement, calculator: CalculatorSpec, settings: RelaxSettings) -> AdatomState:
    """Relax an adatom from one site in the job's folder."""
    return adatom_state(placement, calculator, settings, folder=Path.cwd())


@job
def adatom_sites_job(
    bare: RelaxationResult | None,
    ion: str,
    hops: SurfaceHops,
    calculator: StudyCalculator,
    settings: RelaxSettings,
    band: BandSettings,
    label: StudyLabel,
    system: str,
    recipe: StructureRecipe | None = None,
    cut: StructureDocument | None = None,
) -> Response[list[MigrationResult]]:
    """Find the planned sites on the relaxed surface and replace itself by an adatom on each, and what follows."""
    surrogate = geometry_method(calculator)
    try:
        if bare is None:
            raise StructureError(f"the relaxation of the surface failed; {LOG}")
        planned = planned_document(recipe, cut)
        built = None if planned is None else planned.to_atoms()
        placed, left_out = adatom_placements(bare.structure.to_atoms(), ion, hops, built)
    except StructureError as error:
        return _none(system, ion, error, surrogate, band, label)
    jobs = []
    for one in placed:
        relaxed = computing(adatom_job(one, surrogate, settings), surrogate)
        relaxed.name = f"{label.study}: {one.site}"
        jobs.append(relaxed)
    states = [relaxed.output for relaxed in jobs]
    following = surface_hops_job(bare, placed, states, ion, hops, calculator, settings, band, label, system, left_out)
    following.name = f"{label.study}: hops"
    return Response(replace=Flow([*jobs, despite_failures(following)], output=following.output, name=label.study))


@job
def surface_hops_job(
    bare: RelaxationResult,
    placed: Sequence[Placement],
    states: list[AdatomState | None],
    ion: str,
    hops: SurfaceHops,
    calculator: StudyCalculator,
    settings: RelaxSettings,
    band: BandSettings,
    label: StudyLabel,
    system: str,
    left_out: str,
) -> Response[list[MigrationResult]]:
    """Find the hops between the places of rest and replace itself by the jobs of each, or by the row of none."""
    try:
        starts = surface_hop_starts(bare, placed, states, ion, hops, label=system, left_out=left_out)
    except StructureError as error:
        return _none(system, ion, error, geometry_method(calculator), band, label)
    flows = [
        hop_flow(start, calculator, settings, band, label.model_copy(update={"place": (*label.place, number)}))
        for number, start in enumerate(starts)
    ]
    return Response(replace=Flow(flows, output=[flow.output for flow in flows], name=label.study))


def _none(
    system: str, ion: str, error: StructureError, calculator: CalculatorSpec, band: BandSettings, label: StudyLabel
) -> Response[list[MigrationResult]]:
    none = light(no_hop_job(system, ion, str(error), calculator, band, label))
    none.name = f"{label.study}: no hop"
    return Response(replace=Flow([none], output=[none.output], name=label.study))


@dataclass
class SurfaceMigrationMaker(StudyMaker):
    """Migration barriers of an adatom on a surface.

    Steps: build and relax the bulk; cut and relax the slab, as for adsorption; relax an adatom on each distinct
    adsorption site to a minimum; keep distinct places; for each distinct hop between neighbours, and for each exchange
    where asked for, relax the endpoints and the band with a climbing image, as in a bulk.

    Attributes:
        ion: chemical symbol of the adatom.
        hops: which mechanisms, sites and hops.
        band: images and convergence of the bands.
        calculator: spec of the calculator.
        settings: convergence targets of the relaxations.
        cell: cell policy of the bulk; chosen by the prototype when none.
    """

    name: str = "surface migration"
    ion: str = "Zn"
    hops: SurfaceHops = field(default_factory=SurfaceHops)
    band: BandSettings = field(default_factory=BandSettings)
    calculator: StudyCalculator = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None

    def make(self, surface: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow for an adatom on a surface.

        Args:
            surface: recipe of the slab or sheet, or the slab itself.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is a list of [`MigrationResult`][]: hops over the surface, shortest first, then exchanges.
        """
        recipe, pool = as_recipe(surface), shared or SharedJobs()
        surrogate = geometry_method(self.calculator)
        bare = pool.relaxed_surface(recipe, surrogate, self.settings, self.cell)
        sites = adatom_sites_job(
            bare.output,
            self.ion,
            self.hops,
            self.calculator,
            self.settings,
            self.band,
            self.label(recipe),
            recipe.described,
            recipe,
            pool.cut_surface(recipe, surrogate, self.settings, self.cell).output,
        )
        own = [self.named(despite_failures(sites), "sites")]
        return self.flow(own, pool.jobs if shared is None else ())
