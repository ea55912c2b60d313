"""Dissociation of water on surfaces: guided ends, one band between them, alone and beside other atoms."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, Response, job

from ...calculators.specs import ChgnetSpec, CorrectedSpec, StudyCalculator
from ...errors import StructureError
from ...structures.building import as_recipe
from ...structures.recipes import StructureRecipe
from ..adsorption.flow import AdsorptionMaker, adsorption_study
from ..adsorption.results import AdsorptionResult
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.maker import StudyMaker
from ..common.relaxation_jobs import CellPolicy, RelaxationResult, relax_job, relax_structure
from ..common.results import RelaxSettings, StudyLabel
from ..common.shared_jobs import SharedJobs
from ..common.work import computing
from ..migration.flow import MigrationMaker, compute_hop
from ..migration.results import BandSettings, MigrationResult
from .ends import (
    LOG,
    Asked,
    Prepared,
    Reactant,
    Start,
    finished,
    lowest_product,
    lowest_water,
    prepared,
    product_starts,
    products,
    split_hop,
    unfinished,
    water_starts,
)
from .results import DissociationResult, EndSettings, Product

if TYPE_CHECKING:
    from ase import Atoms
    from jobflow import Job

ADSORBATES = ("H2O", "OH", "H")
"""What is adsorbed alone first: the lowest water is where it begins, and the sites of OH and H are where it may end."""


def dissociation_study(
    surface: StructureRecipe,
    calculator: StudyCalculator = ChgnetSpec(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    beside: list[str] | None = None,
    ends: EndSettings = EndSettings(),  # noqa: B008 - frozen
    band: BandSettings = BandSettings(),  # noqa: B008 - frozen
    sites: list[str] | None = None,
    cell: CellPolicy | None = None,
    folder: Path | None = None,
) -> list[DissociationResult]:
    """Compute what it costs to take water apart on a surface, alone and beside other atoms, without Jobflow.

    Args:
        surface: recipe of the surface; its bulk is relaxed first.
        calculator: spec of the calculator, or of a surrogate and what corrects its barriers.
        settings: convergence targets of the relaxations.
        beside: chemical symbols of neutral atoms beside the water, each in a row of its own after water alone.
        ends: where the ends are looked for.
        band: images and convergence of the band.
        sites: labels of the adsorption sites tried; all when none.
        cell: cell policy of the bulk; chosen by the prototype when none.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The same results as the flow of [`DissociationMaker`][].
    """
    found = [
        adsorption_study(surface, name, without_refinement(calculator), settings, sites=sites, cell=cell, folder=folder)
        for name in ADSORBATES
    ]
    label = StudyLabel(study=f"H2O dissociation on {surface.label}")
    asked = [
        Asked(
            label=label,
            surface=surface.described,
            beside=element,
            calculator=calculator,
            relax=settings,
            band=band,
            ends=ends,
        )
        for element in ("", *(beside or []))
    ]
    return [dissociate(found, one, folder) for one in asked]


def dissociate(found: list[AdsorptionResult], asked: Asked, folder: Path | None = None) -> DissociationResult:
    """Compute one row without Jobflow.

    Args:
        found: adsorption of H2O, OH and H on the surface.
        asked: what the row is computed with.
        folder: where checkpoints go; none keeps no files.
    """
    known: Prepared | None = None
    rows: list[Product] = []
    try:
        known = prepared(*found)
        starts = water_starts(known, asked)
        reactant = lowest_water(known, starts, _relaxed(starts, asked, folder))
        ends = product_starts(known, reactant, asked)
        relaxed = _relaxed(ends, asked, folder)
        rows = products(known, reactant, ends, relaxed)
        chosen = lowest_product(rows)
    except StructureError as error:
        return unfinished(asked, known, str(error), rows)
    last = relaxed[chosen]
    assert last is not None
    hop = split_hop(reactant, ends[chosen], last, asked)
    path = compute_hop(hop, asked.calculator, band=asked.band, settings=asked.relax, label=asked.label, folder=folder)
    return finished(known, reactant, rows, chosen, ends[chosen], path, asked)


def without_refinement(calculator: StudyCalculator) -> StudyCalculator:
    """Return what computes adsorption energies: a better method corrects them and refines barriers alone."""
    refined = isinstance(calculator, CorrectedSpec) and calculator.refine is not None
    return calculator.model_copy(update={"refine": None}) if refined else calculator


def _relaxed(starts: list[Start], asked: Asked, folder: Path | None) -> list[RelaxationResult | None]:
    return [
        attempted(
            f"{asked.name}: {start.label}",
            partial(relax_structure, start.structure.to_atoms(), asked.geometry, asked.relax, folder=folder),
        )
        for start in starts
    ]


@job
def water_job(
    water: AdsorptionResult | None, hydroxyl: AdsorptionResult | None, hydrogen: AdsorptionResult | None, asked: Asked
) -> Response[DissociationResult]:
    """Replace itself by the relaxations of whole water and what follows, or by the row that says there is none."""
    known: Prepared | None = None
    try:
        if water is None or hydroxyl is None or hydrogen is None:
            raise StructureError(f"the adsorption of H2O, OH or H failed; {LOG}")
        known = prepared(water, hydroxyl, hydrogen)
        starts = water_starts(known, asked)
    except StructureError as error:
        return Response(output=unfinished(asked, known, str(error)))
    jobs = _relaxing(starts, asked)
    following = despite_failures(products_job(known, starts, [one.output for one in jobs], asked))
    following.name = f"{asked.name}: products"
    return Response(replace=Flow([*jobs, following], output=following.output, name=asked.name))


@job
def products_job(
    known: Prepared, starts: list[Start], relaxed: list[RelaxationResult | None], asked: Asked
) -> Response[DissociationResult]:
    """Choose the lowest water and replace itself by the relaxations of what it may fall into."""
    try:
        reactant = lowest_water(known, starts, relaxed)
        ends = product_starts(known, reactant, asked)
    except StructureError as error:
        return Response(output=unfinished(asked, known, str(error)))
    jobs = _relaxing(ends, asked)
    following = despite_failures(path_job(known, reactant, ends, [one.output for one in jobs], asked))
    following.name = f"{asked.name}: path"
    return Response(replace=Flow([*jobs, following], output=following.output, name=asked.name))


@job
def path_job(
    known: Prepared, reactant: Reactant, ends: list[Start], relaxed: list[RelaxationResult | None], asked: Asked
) -> Response[DissociationResult]:
    """Choose the lowest product and replace itself by the band to it and what reads the result off that."""
    rows = products(known, reactant, ends, relaxed)
    try:
        chosen = lowest_product(rows)
    except StructureError as error:
        return Response(output=unfinished(asked, known, str(error), rows))
    last = relaxed[chosen]
    assert last is not None
    hop = split_hop(reactant, ends[chosen], last, asked)
    maker = MigrationMaker(
        name=asked.name,
        ion="H",
        band=asked.band,
        calculator=asked.calculator,
        settings=asked.relax,
        place=asked.label.place,
    )
    path = maker.make_hop(hop)
    result = despite_failures(dissociation_job(known, reactant, rows, chosen, ends[chosen], path.output, asked))
    result.name = f"{asked.name}: collect"
    return Response(replace=Flow([path, result], output=result.output, name=asked.name))


@job(output_schema=DissociationResult)
def dissociation_job(
    known: Prepared,
    reactant: Reactant,
    rows: list[Product],
    chosen: int,
    end: Start,
    path: MigrationResult | None,
    asked: Asked,
) -> DissociationResult:
    """Read the result off the path; one that failed leaves its row with what is known."""
    if path is None:
        return unfinished(asked, known, f"the path failed; {LOG}", rows)
    return finished(known, reactant, rows, chosen, end, path, asked)


def _relaxing(starts: list[Start], asked: Asked) -> list[Job]:
    jobs = []
    for start in starts:
        one = computing(relax_job(start.structure, asked.geometry, asked.relax), asked.geometry)
        one.name = f"{asked.name}: {start.label or 'H2O'}"
        jobs.append(one)
    return jobs


@dataclass
class DissociationMaker(StudyMaker):
    """Water that falls into OH and H on a surface, alone and beside other atoms.

    Steps: H2O, OH and H on all distinct sites of the relaxed surface; for each row the lowest water, with an atom
    placed beside it where asked for; OH and H on neighbouring sites, each relaxed, the lowest kept; the band between
    the two with a climbing image.

    Attributes:
        beside: chemical symbols of neutral atoms beside the water, each in a row of its own after water alone.
        ends: where the ends are looked for.
        band: images and convergence of the band.
        calculator: spec of the calculator, or of a surrogate and what corrects its barriers.
        settings: convergence targets of the relaxations.
        cell: cell policy of the bulk; chosen by the prototype when none.
        sites: labels of the adsorption sites tried; all when none.
    """

    name: str = "dissociation"
    beside: list[str] = field(default_factory=list)
    ends: EndSettings = field(default_factory=EndSettings)
    band: BandSettings = field(default_factory=BandSettings)
    calculator: StudyCalculator = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None
    sites: list[str] | None = None

    def make(self, surface: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            surface: recipe of the surface (its bulk is relaxed first), or the surface itself.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is a list of [`DissociationResult`][], water alone first.
        """
        recipe, pool = as_recipe(surface), shared or SharedJobs()
        adsorbing = [self._adsorbing(name, number, recipe, pool) for number, name in enumerate(ADSORBATES)]
        label, rows = self.label(recipe), []
        for number, element in enumerate(("", *self.beside)):
            asked = Asked(
                label=label.model_copy(update={"place": (*self.place, number)}),
                surface=recipe.described,
                beside=element,
                calculator=self.calculator,
                relax=self.settings,
                band=self.band,
                ends=self.ends,
            )
            row = despite_failures(water_job(*(one.output for one in adsorbing), asked))
            row.name = f"{asked.name}: water"
            rows.append(row)
        made = pool.jobs if shared is None else ()
        return Flow([*made, *adsorbing, *rows], output=[row.output for row in rows], name=self.name)

    def _adsorbing(self, name: str, number: int, recipe: StructureRecipe, pool: SharedJobs) -> Flow:
        return AdsorptionMaker(
            name=f"{name} for {self.name}",
            adsorbate=name,
            calculator=without_refinement(self.calculator),
            settings=self.settings,
            cell=self.cell,
            sites=self.sites,
            place=(*self.place, number),
        ).make(recipe, pool)
