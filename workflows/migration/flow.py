"""Migration barriers of an ion between the sites of a host, by the nudged elastic band."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from jobflow import Flow, Maker, Response, job
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from ...calculators.specs import CalculatorSpec, ChgnetSpec, CorrectedSpec, StudyCalculator, geometry_method
from ...errors import StructureError
from ...structures.documents import StructureDocument, Vector
from ...structures.endpoints import PairedEndpoints, Pairing, pair_endpoints
from ...structures.hops import distinct_hops, hop_endpoints, hop_supercell, map_endpoint
from ...structures.recipes import StructureRecipe, as_recipe, build, build_bulk
from ..common.relaxation_jobs import CellPolicy, RelaxationResult, cell_policy, layer_axis, relax_structure
from ..common.results import RelaxSettings, StudyLabel
from ..common.shared_jobs import SharedJobs
from ..common.uses import HOST
from ..common.work import computing, light
from .barriers import BandSettings, HopStart, MigrationResult, migrate
from .correction import correct_barrier, correct_barrier_job
from .failed_hops import LOG, despite_failures, hop_failure_job, no_hop_job

if TYPE_CHECKING:
    from ase import Atoms

Direction = Literal["a", "b", "c"]


class HopSettings(BaseModel):
    """Which hops are computed, and in which supercell."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    direction: Direction | None = Field(None, description="only hops along this cell axis; none: every distinct hop")
    max_distance: PositiveFloat = Field(5.0, description="longest hop considered, angstrom")
    max_hops: PositiveInt | None = Field(1, description="shortest hops computed; none: all of them")
    sites: list[Vector] | None = Field(
        None, description="sites of the ion in fractional coordinates of the host; found from the host when none"
    )
    supercell: tuple[PositiveInt, PositiveInt, PositiveInt] | None = Field(
        None, description="repeats of the host along a, b, c; from min_length when none"
    )
    min_length: PositiveFloat = Field(8.0, description="least length of a supercell vector, angstrom")


def hop_starts(
    host: Atoms, ion: str, hops: HopSettings, *, label: str, policy: CellPolicy | None = None
) -> list[HopStart]:
    """Find the distinct hops of an ion in a host and build the endpoints of each.

    Args:
        host: relaxed host cell, without the ion.
        ion: chemical symbol.
        hops: which hops, in which supercell.
        label: name of the host.
        policy: which cell parameters of the host were relaxed, for the record.

    Returns:
        Endpoints with the ion last, shortest hop first.

    Raises:
        StructureError: the host has no site for the ion, or no hop of the kind asked for.
    """
    found = distinct_hops(host, ion, sites=hops.sites, max_distance=hops.max_distance, direction=hops.direction)
    starts = []
    for hop in found[: hops.max_hops]:
        supercell = hops.supercell or hop_supercell(host, hop, min_length=hops.min_length)
        initial, final = hop_endpoints(host, ion, hop, supercell)
        starts.append(
            HopStart(
                host=label,
                ion=ion,
                ion_index=len(initial) - 1,
                label=hop.label,
                hop=hop,
                supercell=supercell,
                cell_policy=policy,
                initial=StructureDocument.from_atoms(initial, label=f"{ion} in {label}, first endpoint"),
                final=StructureDocument.from_atoms(final, label=f"{ion} in {label}, second endpoint"),
            )
        )
    return starts


def hop_between(
    initial: Atoms,
    final: Atoms,
    *,
    ion: str | None = None,
    pairing: Pairing = "nearest",
    systems: tuple[str, str] = ("first", "second"),
    names: tuple[str, str] = ("the first endpoint", "the second endpoint"),
) -> HopStart:
    """Take two structures as the endpoints of a hop.

    Args:
        initial: first endpoint.
        final: second endpoint.
        ion: chemical symbol of the ion; the atom that moves farthest when none.
        pairing: how the atoms of the two are paired; see :func:`~azibflow.structures.endpoints.pair_endpoints`.
        systems: what the two are called in tables.
        names: what they are called in messages.

    Raises:
        StructureError: the two are no two states of one system, or it is not the ion that moves.
    """
    pair = pair_endpoints(initial, final, pairing=pairing, names=names)
    index = _moving_ion(pair, ion, names)
    symbol = initial.get_chemical_symbols()[index]
    rest = initial[[atom for atom in range(len(initial)) if atom != index]]
    return HopStart(
        host=rest.get_chemical_formula("metal"),
        ion=symbol,
        ion_index=index,
        label=f"{systems[0]} to {systems[1]}, {pair.lengths[index]:.2f} A" + (", as given" * (pairing == "as-given")),
        pairing=pair.pairing,
        initial=StructureDocument.from_atoms(initial),
        final=StructureDocument.from_atoms(pair.final),
    )


def _moving_ion(pair: PairedEndpoints, ion: str | None, names: tuple[str, str]) -> int:
    """Return the index of the atom that hops: that which moves farthest, of a given element where one is given."""
    farthest = int(pair.lengths.argmax())
    symbols = np.array(pair.initial.get_chemical_symbols())
    if ion is None:
        return farthest
    own = np.where(symbols == ion, pair.lengths, 0.0)
    if own.max() < pair.lengths[farthest] / 2:
        raise StructureError(
            f"ion: {ion} hardly moves between {names[0]} and {names[1]} ({own.max():.2f} angstrom); what moves "
            f"farthest is {symbols[farthest]} (atom {farthest}, {pair.lengths[farthest]:.2f} angstrom)"
        )
    return int(own.argmax())


def second_endpoint(
    start: HopStart,
    first: RelaxationResult,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    folder: Path | None = None,
) -> RelaxationResult:
    """Get the second endpoint: from the first by symmetry where there is one, else by its own relaxation.

    Args:
        start: the hop.
        first: the relaxed first endpoint.
        calculator: spec of the calculator.
        settings: convergence targets.
        folder: where checkpoints go; none keeps no files.
    """
    if start.hop is not None and start.supercell is not None:
        mapped = map_endpoint(first.structure.to_atoms(), start.final.to_atoms(), start.hop, start.supercell)
        if mapped is not None:
            structure = StructureDocument.from_atoms(mapped, label=start.final.label)
            return first.model_copy(update={"structure": structure, "steps": 0, "force_calls": 0, "seconds": 0.0})
    return relax_structure(start.final.to_atoms(), calculator, settings, folder=folder)


def migration_study(
    host: StructureRecipe | Atoms,
    ion: str = "Zn",
    calculator: StudyCalculator = ChgnetSpec(),  # noqa: B008 - frozen
    *,
    hops: HopSettings = HopSettings(),  # noqa: B008 - frozen
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
        hops: which hops, in which supercell.
        band: images and convergence of the bands.
        settings: convergence targets of the relaxations.
        cell: cell policy of the host; chosen by the prototype when none.
        folder: where checkpoints and images go; none keeps no files.

    Returns:
        The same results as the flow of :class:`MigrationMaker`, shortest hop first.
    """
    recipe = as_recipe(host)
    HOST.require(recipe)
    policy = cell or cell_policy(recipe)
    surrogate = geometry_method(calculator)
    relaxed = relax_structure(
        build_bulk(recipe.bulk), surrogate, settings, cell=policy, stacking_axis=layer_axis(recipe), folder=folder
    )
    starts = hop_starts(relaxed.structure.to_atoms(), ion, hops, label=recipe.described, policy=policy)
    label = StudyLabel(study=f"{ion} in {recipe.label}")
    results = []
    for start in starts:
        first = relax_structure(start.initial.to_atoms(), surrogate, settings, folder=folder)
        last = second_endpoint(start, first, surrogate, settings, folder)
        found = migrate(start, first, last, surrogate, band, label, folder)
        results.append(correct_barrier(found, calculator, folder) if isinstance(calculator, CorrectedSpec) else found)
    return results


@job(output_schema=RelaxationResult)
def first_endpoint_job(start: HopStart, calculator: CalculatorSpec, settings: RelaxSettings) -> RelaxationResult:
    """Relax the first endpoint in the job's folder."""
    return relax_structure(start.initial.to_atoms(), calculator, settings, folder=Path.cwd())


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
        _hop_flow(start, calculator, settings, band, label.model_copy(update={"place": (*label.place, number)}))
        for number, start in enumerate(starts)
    ]
    return Response(replace=Flow(flows, output=[flow.output for flow in flows], name=label.study))


def _hop_flow(
    start: HopStart,
    calculator: StudyCalculator,
    settings: RelaxSettings,
    band: BandSettings,
    label: StudyLabel,
) -> Flow:
    surrogate = geometry_method(calculator)
    first = computing(first_endpoint_job(start, surrogate, settings), surrogate)
    first.name = f"{label.study}: {start.label}, first endpoint"
    last = computing(second_endpoint_job(start, first.output, surrogate, settings), surrogate)
    last.name = f"{label.study}: {start.label}, second endpoint"
    path = computing(band_job(start, first.output, last.output, surrogate, band, label), surrogate)
    path.name = f"{label.study}: {start.label}, band"
    jobs = [first, last, path]
    if isinstance(calculator, CorrectedSpec):
        correction = light(correct_barrier_job(path.output, calculator))
        correction.name = f"{label.study}: {start.label}, correction"
        jobs.append(correction)
    result = jobs[-1].output
    failure = hop_failure_job(start, first.output, last.output, path.output, result, surrogate, band, label)
    failure.name = f"{label.study}: {start.label}, collect"
    jobs.append(despite_failures(failure))
    return Flow(jobs, output=result, name=f"{label.study}: {start.label}")


@dataclass
class MigrationMaker(Maker):
    """Migration barriers of an ion in a host, or between two given structures.

    Steps: build and relax the host; find its interstitial sites and distinct hops; for each hop relax the first
    endpoint, map the second by symmetry (or relax it), relax the band with a climbing image.

    Improved tangents (10.1063/1.1323224), climbing image (10.1063/1.1329672), IDPP start (10.1063/1.4878664).

    Attributes:
        name: name of the flow, of its jobs and of the study in tables.
        ion: chemical symbol of the ion.
        hops: which hops, in which supercell.
        band: images and convergence of the bands.
        calculator: spec of the calculator.
        settings: convergence targets of the relaxations.
        cell: cell policy of the host; chosen by the prototype when none.
        literature: keys of published values that tables put beside the result.
        place: place of the study in its campaign, for the order of tables.
    """

    name: str = "migration"
    ion: str = "Zn"
    hops: HopSettings = field(default_factory=HopSettings)
    band: BandSettings = field(default_factory=BandSettings)
    calculator: StudyCalculator = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None
    literature: list[str] = field(default_factory=list)
    place: tuple[int, ...] = ()

    def make(self, host: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow for an ion in a host.

        Args:
            host: recipe of the host without the ion, or the host itself.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is a list of :class:`MigrationResult`, shortest hop first.
        """
        recipe, pool = as_recipe(host), shared or SharedJobs()
        HOST.require(recipe)
        relaxed = pool.relaxed_bulk(recipe, geometry_method(self.calculator), self.settings, self.cell)
        hops = hops_job(
            relaxed.output,
            self.ion,
            self.hops,
            self.calculator,
            self.settings,
            self.band,
            StudyLabel.of(self, recipe),
            recipe.described,
        )
        hops.name = f"{self.name}: hops"
        despite_failures(hops)
        own = [hops] if shared is not None else [*pool.jobs, hops]
        return Flow(own, output=hops.output, name=self.name)

    def make_between(
        self, initial: StructureRecipe | Atoms, final: StructureRecipe | Atoms, *, pairing: Pairing = "nearest"
    ) -> Flow:
        """Make the flow for a hop between two given structures; the atom that moves farthest is the ion.

        Args:
            initial: first endpoint; relaxed at fixed cell.
            final: second endpoint, with the atoms of the first.
            pairing: how the atoms of the two are paired.

        Returns:
            Flow whose output is a :class:`MigrationResult`.

        Raises:
            StructureError: the two are no two states of the same system.
        """
        return self.make_hop(hop_between(build(as_recipe(initial)), build(as_recipe(final)), pairing=pairing))

    def make_hop(self, start: HopStart) -> Flow:
        """Make the flow for one hop whose endpoints are known.

        Args:
            start: the hop.

        Returns:
            Flow whose output is a :class:`MigrationResult`.
        """
        return _hop_flow(start, self.calculator, self.settings, self.band, StudyLabel.of(self, start))
