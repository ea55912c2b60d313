"""Migration barriers of an ion between the sites of a host, by the nudged elastic band."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, Response, job

from ...calculators.specs import CalculatorSpec, ChgnetSpec, StudyCalculator, geometry_method
from ...errors import StructureError
from ...structures.building import as_recipe, build
from ...structures.endpoints import Pairing
from ...structures.recipes import StructureRecipe
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.corrections import correct, correction_jobs
from ..common.maker import StudyMaker
from ..common.relaxation_jobs import CellPolicy, RelaxationResult, relax_bulk
from ..common.results import RelaxSettings, StudyLabel
from ..common.shared_jobs import SharedJobs
from ..common.uses import REPEATED_HOST
from ..common.work import computing, light
from .barriers import migrate, relaxed_endpoint, second_endpoint
from .failed_hops import LOG, failed_hop, hop_failure_job, no_hop_job
from .hops import WAYS_THROUGH, HopSettings, HopStart, hop_between, hop_starts
from .results import BandSettings, MigrationResult

if TYPE_CHECKING:
    from ase import Atoms


def migration_study(
    host: StructureRecipe | Atoms,
    ion: str = "Zn",
    calculator: StudyCalculator = ChgnetSpec(),  # noqa: B008 - frozen
    *,
    hops: HopSettings = WAYS_THROUGH,
    band: BandSettings = BandSettings(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    cell: CellPolicy | None = None,
    folder: Path | None = None,
) -> list[MigrationResult]:
    """Compute the barriers of an ion in a host without Jobflow.

    Args:
        host: recipe or atoms of the host without the ion; it is relaxed first.
        ion: chemical symbol.
        calculator: spec of the calculator, or of a surrogate and what corrects it.
        hops: which hops, in which supercell; those of the widest ways through the host unless said.
        band: images and convergence of the bands.
        settings: convergence targets of the relaxations.
        cell: cell policy of the host; chosen by the prototype when none.
        folder: where checkpoints and images go; none keeps no files.

    Returns:
        The same results as the flow of [`MigrationMaker`][], shortest hop first.
    """
    recipe = as_recipe(host)
    REPEATED_HOST.require(recipe)
    relaxed = relax_bulk(recipe, geometry_method(calculator), settings, cell, folder)
    hops = hops.placed(recipe)
    starts = hop_starts(relaxed.structure.to_atoms(), ion, hops, label=recipe.described, policy=relaxed.cell_policy)
    label = StudyLabel(study=f"{ion} in {recipe.label}")
    return [
        compute_hop(start, calculator, band=band, settings=settings, label=label, folder=folder) for start in starts
    ]


def compute_hop(
    start: HopStart,
    calculator: StudyCalculator,
    *,
    band: BandSettings = BandSettings(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    label: StudyLabel | None = None,
    folder: Path | None = None,
) -> MigrationResult:
    """Compute one hop whose endpoints are known without Jobflow.

    Args:
        start: the hop, such as [`hop_between`][] takes two structures for.
        calculator: spec of the calculator, or of a surrogate and what corrects it.
        band: images and convergence of the band.
        settings: convergence targets of the relaxations.
        label: of the study; the ion and its host when none.
        folder: where checkpoints and images go; none keeps no files.

    Returns:
        The same result as the flow of [`MigrationMaker.make_hop`][].
    """
    study = label or StudyLabel(study=f"{start.ion} in {start.host}")
    surrogate = geometry_method(calculator)

    def compute() -> MigrationResult:
        first = relaxed_endpoint(start.initial, surrogate, settings, folder)
        last = second_endpoint(start, first, surrogate, settings, folder)
        return migrate(start, first, last, surrogate, band, study, folder)

    found = attempted(f"{study.study}: {start.label}", compute)
    if found is None:
        return failed_hop(start, f"an endpoint or the band failed; {LOG}", surrogate, band, study)
    return correct(found, calculator, folder)


@job(output_schema=RelaxationResult)
def first_endpoint_job(start: HopStart, calculator: CalculatorSpec, settings: RelaxSettings) -> RelaxationResult:
    """Relax the first endpoint in the job's folder."""
    return relaxed_endpoint(start.initial, calculator, settings, folder=Path.cwd())


@job(output_schema=RelaxationResult)
def second_endpoint_job(
    start: HopStart, first: RelaxationResult, calculator: CalculatorSpec, settings: RelaxSettings
) -> RelaxationResult:
    """Map or relax the second endpoint in the job's folder."""
    return second_endpoint(start, first, calculator, settings, folder=Path.cwd())


@job(output_schema=MigrationResult)
def band_job(
    start: HopStart,
    first: RelaxationResult,
    last: RelaxationResult,
    calculator: CalculatorSpec,
    settings: BandSettings,
    label: StudyLabel,
) -> MigrationResult:
    """Relax the band in the job's folder."""
    return migrate(start, first, last, calculator, settings, label, folder=Path.cwd())


@job
def hops_job(
    host: RelaxationResult | None,
    ion: str,
    hops: HopSettings,
    calculator: StudyCalculator,
    settings: RelaxSettings,
    band: BandSettings,
    label: StudyLabel,
    system: str = "",
) -> Response[list[MigrationResult]]:
    """Find the hops in the relaxed host and replace itself by the jobs of each, or by the row that says there is none.

    The host is none when its relaxation failed; ``system`` is its name.
    """
    try:
        if host is None:
            raise StructureError(f"the relaxation of the host failed; {LOG}")
        starts = hop_starts(
            host.structure.to_atoms(), ion, hops, label=system or host.structure.label, policy=host.cell_policy
        )
    except StructureError as error:
        none = light(no_hop_job(system, ion, str(error), geometry_method(calculator), band, label))
        none.name = f"{label.study}: no hop"
        return Response(replace=Flow([none], output=[none.output], name=label.study))
    flows = [
        hop_flow(start, calculator, settings, band, label.model_copy(update={"place": (*label.place, number)}))
        for number, start in enumerate(starts)
    ]
    return Response(replace=Flow(flows, output=[flow.output for flow in flows], name=label.study))


def hop_flow(
    start: HopStart,
    calculator: StudyCalculator,
    settings: RelaxSettings,
    band: BandSettings,
    label: StudyLabel,
) -> Flow:
    """Make the flow of one hop: both endpoints, the band, and what corrects it.

    Args:
        start: the hop.
        calculator: spec of the calculator, or of a surrogate and what corrects it.
        settings: convergence targets of the relaxations.
        band: images and convergence of the band.
        label: the study.
    """
    surrogate = geometry_method(calculator)
    first = computing(first_endpoint_job(start, surrogate, settings), surrogate)
    first.name = f"{label.study}: {start.label}, first endpoint"
    last = computing(second_endpoint_job(start, first.output, surrogate, settings), surrogate)
    last.name = f"{label.study}: {start.label}, second endpoint"
    path = computing(band_job(start, first.output, last.output, surrogate, band, label), surrogate, band.images)
    path.name = f"{label.study}: {start.label}, band"
    jobs = [first, last, path]
    for correction in correction_jobs(path, calculator):
        correction.name = f"{label.study}: {start.label}, correction"
        jobs.append(correction)
    result = jobs[-1].output
    failure = hop_failure_job(start, first.output, last.output, path.output, result, surrogate, band, label)
    failure.name = f"{label.study}: {start.label}, collect"
    jobs.append(despite_failures(failure))
    return Flow(jobs, output=result, name=f"{label.study}: {start.label}")


@dataclass
class MigrationMaker(StudyMaker):
    """Migration barriers of an ion in a host, or between two given structures.

    Steps: build and relax the host; find its interstitial sites and distinct hops; for each hop relax the first
    endpoint, map the second by symmetry (or relax it), relax the band with a climbing image.

    Improved tangents (10.1063/1.1323224), climbing image (10.1063/1.1329672), IDPP start (10.1063/1.4878664).

    Attributes:
        ion: chemical symbol of the ion.
        hops: which hops, in which supercell; those of the widest ways through the host unless said.
        band: images and convergence of the bands.
        calculator: spec of the calculator.
        settings: convergence targets of the relaxations.
        cell: cell policy of the host; chosen by the prototype when none.
    """

    name: str = "migration"
    ion: str = "Zn"
    hops: HopSettings = WAYS_THROUGH
    band: BandSettings = field(default_factory=BandSettings)
    calculator: StudyCalculator = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None

    def make(self, host: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow for an ion in a host.

        Args:
            host: recipe of the host without the ion, or the host itself.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is a list of [`MigrationResult`][], shortest hop first.
        """
        recipe, pool = as_recipe(host), shared or SharedJobs()
        REPEATED_HOST.require(recipe)
        relaxed = pool.relaxed_bulk(recipe, geometry_method(self.calculator), self.settings, self.cell)
        hops = hops_job(
            relaxed.output,
            self.ion,
            self.hops.placed(recipe),
            self.calculator,
            self.settings,
            self.band,
            self.label(recipe),
            recipe.described,
        )
        own = [self.named(despite_failures(hops), "hops")]
        return self.flow(own, pool.jobs if shared is None else ())

    def make_between(
        self, initial: StructureRecipe | Atoms, final: StructureRecipe | Atoms, *, pairing: Pairing = "nearest"
    ) -> Flow:
        """Make the flow for a hop between two given structures; the atom that moves farthest is the ion.

        Args:
            initial: first endpoint; relaxed at fixed cell.
            final: second endpoint, with the atoms of the first.
            pairing: how the atoms of the two are paired.

        Returns:
            Flow whose output is a [`MigrationResult`][].

        Raises:
            StructureError: the two are no two states of the same system.
        """
        return self.make_hop(hop_between(build(as_recipe(initial)), build(as_recipe(final)), pairing=pairing))

    def make_hop(self, start: HopStart) -> Flow:
        """Make the flow for one hop whose endpoints are known.

        Args:
            start: the hop.

        Returns:
            Flow whose output is a [`MigrationResult`][].
        """
        return hop_flow(start, self.calculator, self.settings, self.band, self.label(start))
