"""Insertion of ions into a host: energy, voltage and swelling, for every number of ions that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobflow import Flow, Response, job
from pydantic import BaseModel, Field

from ...calculators.specs import CalculatorSpec, ChgnetSpec
from ...errors import StructureError
from ...structures.documents import StructureDocument
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.electrodes import Correction
from ..common.maker import StudyMaker
from ..common.references import ReferenceEnergy, reference_energy
from ..common.relaxation_jobs import CellPolicy, RelaxationResult, relax_job, relax_structure, relax_whole
from ..common.results import RelaxSettings, StudyLabel
from ..common.shared_jobs import SharedJobs
from ..common.uses import INSERTION_HOST
from ..common.work import computing, light
from .results import Insertion, InsertionResult, InsertionState
from .sites import SiteSettings, filled_hosts, starting_sites
from .task import InsertionTask

if TYPE_CHECKING:
    from jobflow import Job

    from ...structures.recipes import StructureRecipe


class Starts(BaseModel):
    """Where a number of ions are put to begin with."""

    n: int = Field(description="ions per cell")
    structures: dict[str, StructureDocument] = Field(description="loaded hosts, not relaxed, by site")
    no_room: str = Field("", description="why there are none")


class Loaded(BaseModel):
    """A host with a number of ions, relaxed from every start."""

    n: int = Field(description="ions per cell")
    relaxed: dict[str, RelaxationResult | None] = Field(description="by site; none where the relaxation failed")
    no_room: str = Field("", description="why there are none")


def insertion_starts(host: StructureDocument, task: InsertionTask) -> tuple[list[Starts], list[str]]:
    """Put every number of ions into a host.

    Args:
        host: relaxed, without the ions.
        task: which ion, how many, on which sites.

    Returns:
        The starts by number of ions, and the labels of the sites that are not tried.
    """
    atoms = host.to_atoms()
    atoms.info["label"] = task.host_name
    try:
        sites = starting_sites(atoms, task.ion, task.sites, task.region, task.places)
    except StructureError as error:
        return [Starts(n=n, structures={}, no_room=str(error)) for n in task.numbers], []
    starts = []
    for n in task.numbers:
        try:
            hosts = filled_hosts(atoms, task.ion, n, sites, task.sites)
        except StructureError as error:
            starts.append(Starts(n=n, structures={}, no_room=str(error)))
        else:
            documents = {name: StructureDocument.from_atoms(loaded) for name, loaded in hosts.items()}
            starts.append(Starts(n=n, structures=documents))
    return starts, [site.label for site in sites[task.sites.max_sites :]]


def insertion_study(
    host: StructureRecipe,
    ion: str = "Zn",
    calculator: CalculatorSpec = ChgnetSpec(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    numbers: Sequence[int] = (1,),
    sites: SiteSettings = SiteSettings(),  # noqa: B008 - frozen
    ph: float | None = None,
    correction: Correction | None = None,
    cell: CellPolicy | None = None,
    folder: Path | None = None,
) -> InsertionResult:
    """Compute the insertion of an ion into a host without Jobflow.

    Args:
        host: recipe of the host: a crystal, a slab, a heterostructure.
        ion: chemical symbol.
        calculator: spec of the calculator for everything, so that errors cancel.
        settings: convergence targets of all relaxations.
        numbers: of ions per cell.
        sites: which sites are tried.
        ph: of the protons that H comes from; 1/2 H2 when none.
        correction: added to each ion in the host.
        cell: cell policy of the host with and without ions; chosen by the prototype when none.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The same result as the flow of [`InsertionMaker`][].

    Raises:
        StructureError: no reference for the ion is known, or the host cannot be built.
        CalculationError: the host without ions, or where the ions come from, failed.
    """
    INSERTION_HOST.require(host)
    task = InsertionTask.of(host, ion, tuple(numbers), sites, calculator, settings, ph=ph, correction=correction)
    empty = relax_whole(host, calculator, settings, cell, folder)
    reference = reference_energy(ion, calculator, settings, folder)
    starts, left_out = insertion_starts(empty.structure, task)
    relax = partial(
        relax_structure,
        calculator=calculator,
        settings=settings,
        cell=empty.cell_policy,
        stacking_axis=task.stacking_axis,
        folder=folder,
    )
    loaded = [
        Loaded(
            n=start.n,
            no_room=start.no_room,
            relaxed={
                name: attempted(f"{start.n} {ion} from {name}", partial(relax, structure.to_atoms()))
                for name, structure in start.structures.items()
            },
        )
        for start in starts
    ]
    return collect_insertion(task, empty, reference, loaded, left_out, StudyLabel(study=f"{ion} in {host.label}"))


def collect_insertion(
    task: InsertionTask,
    empty: RelaxationResult,
    reference: ReferenceEnergy,
    loaded: Sequence[Loaded],
    left_out: Sequence[str],
    label: StudyLabel,
) -> InsertionResult:
    """Put an insertion study together.

    Args:
        task: what was asked.
        empty: the host without ions.
        reference: where the ions come from.
        loaded: the host with ions, by their number.
        left_out: labels of the sites that were not tried.
        label: of the study.
    """
    alone = InsertionState.of("empty", empty)
    return InsertionResult(
        **label.model_dump(),
        host_name=task.host_name,
        ion=task.ion,
        ph=task.ph,
        correction=task.correction,
        loadings=[
            Insertion(
                ion=task.ion,
                n_ions=some.n,
                empty=alone,
                filled=[InsertionState.of(name, one) for name, one in some.relaxed.items()],
                metal=reference,
                calculator=empty.calculator,
                no_room=some.no_room,
            )
            for some in loaded
        ],
        left_out=list(left_out),
        cell=empty.cell_policy,
        region=task.region,
        stacking_axis=task.stacking_axis,
        settings=task.settings,
        calculator=empty.calculator,
    )


@job(output_schema=InsertionResult)
def collect_insertion_job(
    task: InsertionTask,
    empty: RelaxationResult,
    reference: ReferenceEnergy,
    loaded: list[dict[str, Any]],
    left_out: list[str],
    label: StudyLabel,
) -> InsertionResult:
    """Put an insertion study together; starts whose job failed are marked."""
    return collect_insertion(task, empty, reference, [Loaded(**some) for some in loaded], left_out, label)


@job
def loadings_job(
    host: RelaxationResult, reference: ReferenceEnergy, task: InsertionTask, label: StudyLabel
) -> Response[InsertionResult]:
    """Replace itself by the relaxations of the host with ions."""
    starts, left_out = insertion_starts(host.structure, task)
    jobs: list[Job] = []
    loaded: list[dict[str, Any]] = []
    for start in starts:
        relaxed = {}
        for name, structure in start.structures.items():
            made = relax_job(structure, task.calculator, task.settings, host.cell_policy, task.stacking_axis)
            computing(made, task.calculator).name = f"{label.study}: n = {start.n}, from {name}"
            jobs.append(made)
            relaxed[name] = made.output
        loaded.append({"n": start.n, "relaxed": relaxed, "no_room": start.no_room})
    collect = despite_failures(collect_insertion_job(task, host, reference, loaded, left_out, label))
    collect.name = f"{label.study}: collect"
    return Response(replace=Flow([*jobs, collect], output=collect.output, name=label.study))


@dataclass
class InsertionMaker(StudyMaker):
    """Energy, voltage and swelling on insertion of an ion into a host.

    Steps: relax the host; put the ions on distinct sites, several ions as far apart as they go; relax each; the lowest
    of each number of ions counts. Hosts with and without ions share the cell policy.

    Attributes:
        ion: chemical symbol.
        numbers: of ions per cell.
        sites: which sites are tried.
        ph: of the protons that H comes from; 1/2 H2 when none.
        added: energy added to each ion in the host.
        calculator: spec of the calculator for everything.
        settings: convergence targets of all relaxations.
        cell: cell policy of the host; chosen by the prototype when none.
    """

    name: str = "insertion"
    ion: str = "Zn"
    numbers: tuple[int, ...] = (1,)
    sites: SiteSettings = field(default_factory=SiteSettings)
    ph: float | None = None
    added: Correction | None = None
    calculator: CalculatorSpec = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None

    def make(self, host: StructureRecipe, shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            host: recipe of the host: a crystal, a slab, a heterostructure.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is an [`InsertionResult`][].

        Raises:
            StructureError: no reference for the ion is known.
        """
        INSERTION_HOST.require(host)
        task = InsertionTask.of(
            host,
            self.ion,
            self.numbers,
            self.sites,
            self.calculator,
            self.settings,
            ph=self.ph,
            correction=self.added,
        )
        pool = shared or SharedJobs()
        relaxed = pool.relaxed_whole(host, self.calculator, self.settings, self.cell)
        reference = pool.reference(self.ion, self.calculator, self.settings)
        loadings = light(loadings_job(relaxed.output, reference.output, task, self.label(host)))
        return self.flow([self.named(loadings, "sites")], pool.jobs if shared is None else ())
