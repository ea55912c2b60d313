"""Surface energies: every termination of every facet asked for, at one or several thicknesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, Response, job

from ...calculators.specs import CalculatorSpec, ChgnetSpec
from ...calculators.surrogates.trust import combined
from ...structures.axes import OWN, Axes
from ...structures.building import as_recipe, intact_bonds, slab_axes
from ...structures.recipes import StructureRecipe
from ...structures.slabs import surface_area
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.maker import StudyMaker
from ..common.relaxation_jobs import CellPolicy, RelaxationResult, relax_bulk, relax_structure
from ..common.results import AS_BEFORE, Outcome, RelaxSettings, StudyLabel
from ..common.shared_jobs import SharedJobs
from ..common.uses import CRYSTAL
from ..common.work import computing, light
from .results import SurfaceResult, SurfaceRow, surface_energy
from .slabs import SlabStart, slab_starts

if TYPE_CHECKING:
    from ase import Atoms


def relax_slab(
    start: SlabStart,
    bulk: RelaxationResult,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    folder: Path | None = None,
) -> SurfaceRow:
    """Relax one slab and take its surface energy against the bulk.

    Args:
        start: the slab as cut.
        bulk: the relaxed bulk it was cut from.
        calculator: spec; the same as for the bulk.
        settings: convergence targets.
        folder: where checkpoints go; none keeps no files.
    """
    slab = start.structure.to_atoms()
    relaxed = relax_structure(slab, calculator, settings, folder=folder)
    outcome, reason = Outcome.OK, ""
    if not bulk.converged:
        outcome, reason = Outcome.UNCONVERGED, f"the bulk did not converge (fmax {bulk.fmax:.3f} eV/angstrom)"
    elif not relaxed.converged:
        outcome, reason = Outcome.UNCONVERGED, f"fmax {relaxed.fmax:.3f} eV/angstrom after {relaxed.steps} steps"
    trust = combined([(1.0, relaxed.trust), (-len(slab) / len(bulk.structure.symbols), bulk.trust)])
    if outcome is Outcome.OK and trust is not None and trust.flagged:
        outcome, reason = Outcome.OUTSIDE, trust.problem
    area = surface_area(slab)
    return SurfaceRow(
        **start.model_dump(exclude={"structure"}),
        n_atoms=len(slab),
        area=area,
        outcome=outcome,
        reason=reason,
        gamma=surface_energy(relaxed.energy, len(slab), bulk.energy_per_atom, area),
        energy=relaxed.energy,
        fmax=relaxed.fmax,
        steps=relaxed.steps,
        structure=relaxed.structure,
        trust=trust,
    )


def surface_study(
    bulk: StructureRecipe,
    millers: Sequence[Sequence[int]],
    calculator: CalculatorSpec = ChgnetSpec(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    layers: list[int] | None = None,
    vacuum: float = 15.0,
    cell: CellPolicy | None = None,
    folder: Path | None = None,
    broken_bonds: Sequence[str] = (),
) -> SurfaceResult:
    """Compute the surface energies of several facets without Jobflow.

    Args:
        bulk: recipe of the bulk.
        millers: Miller indices of the facets, three or for hexagonal crystals four.
        calculator: spec of the calculator.
        settings: convergence targets.
        layers: thicknesses in repeat layers; 8 when none.
        vacuum: empty space, angstrom.
        cell: cell policy of the bulk; chosen by the prototype when none.
        folder: where checkpoints go; none keeps no files.
        broken_bonds: bonds within the layers of a layered crystal that the facets may break, such as "Ti-S".

    Returns:
        The same result as the flow of [`SurfaceMaker`][].
    """
    CRYSTAL.require(bulk)
    relaxed = relax_bulk(bulk, calculator, settings, cell, folder)
    axes, bonds = slab_axes(bulk), intact_bonds(bulk, broken_bonds)
    starts = slab_starts(relaxed.structure.to_atoms(), millers, layers or [8], vacuum, bonds, axes)
    rows = [
        attempted(start.name, partial(relax_slab, start, relaxed, calculator, settings, folder)) for start in starts
    ]
    label = StudyLabel(study=f"surfaces of {bulk.label}")
    return collect_surfaces(rows, starts, relaxed, label, axes, bulk.described)


def collect_surfaces(
    rows: list[SurfaceRow | None],
    starts: list[SlabStart],
    bulk: RelaxationResult,
    label: StudyLabel,
    axes: Axes | None,
    bulk_name: str,
) -> SurfaceResult:
    """Put the rows of one bulk together.

    Args:
        rows: one for each start, none where its relaxation failed.
        starts: the slabs as cut.
        bulk: that they were cut from, relaxed.
        label: of the study.
        axes: of the cell that Miller indices refer to.
        bulk_name: name of the bulk.
    """
    gathered = [row or _failed(start) for row, start in zip(rows, starts, strict=True)]
    return SurfaceResult(
        **label.model_dump(),
        bulk=bulk,
        bulk_name=bulk_name,
        axes=axes,
        rows=gathered,
        calculator=bulk.calculator,
    )


def _failed(start: SlabStart) -> SurfaceRow:
    return SurfaceRow(
        **start.model_dump(exclude={"structure"}),
        n_atoms=len(start.structure.symbols),
        area=surface_area(start.structure.to_atoms()),
        outcome=Outcome.FAILED,
        reason="its job failed; the run's log says why",
    )


@job(output_schema=SurfaceRow)
def slab_job(
    start: SlabStart, bulk: RelaxationResult, calculator: CalculatorSpec, settings: RelaxSettings
) -> SurfaceRow:
    """Relax one slab in the job's folder."""
    return relax_slab(start, bulk, calculator, settings, folder=Path.cwd())


@job(output_schema=SurfaceResult)
def collect_surfaces_job(
    rows: list[SurfaceRow | None],
    starts: list[SlabStart],
    bulk: RelaxationResult,
    label: StudyLabel,
    axes: Axes | None = None,
    bulk_name: str = "",
) -> SurfaceResult:
    """Gather the rows; a row whose job failed stays in the table as failed."""
    return collect_surfaces(rows, starts, bulk, label, axes, bulk_name)


@job
def slabs_job(
    bulk: RelaxationResult,
    millers: list[tuple[int, ...]],
    layers: list[int],
    vacuum: float,
    bonds: dict[str, float] | None,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    label: StudyLabel,
    axes: Axes | None = None,
    bulk_name: str = "",
) -> Response[SurfaceResult]:
    """Cut the slabs from the relaxed bulk and replace itself by one job for each; without ``axes`` in its own cell."""
    pairs = None if bonds is None else {(a, b): length for key, length in bonds.items() for a, b in [key.split("-")]}
    starts = slab_starts(bulk.structure.to_atoms(), millers, layers, vacuum, pairs, axes or OWN)
    jobs = []
    for start in starts:
        row = computing(slab_job(start, bulk, calculator, settings), calculator)
        row.name = f"{label.study}: {start.name}"
        jobs.append(row)
    outputs = [row.output for row in jobs]
    collect = despite_failures(collect_surfaces_job(outputs, starts, bulk, label, axes, bulk_name))
    collect.name = f"{label.study}: collect"
    return Response(replace=Flow([*jobs, collect], output=collect.output, name=label.study))


@dataclass
class SurfaceMaker(StudyMaker):
    """Surface energies of facets of one bulk.

    Steps: build and relax the bulk; cut every termination of every facet at every thickness; relax each, one job each;
    collect gamma = (E_slab - N E_bulk) / 2A.

    Attributes:
        millers: Miller indices of the facets.
        layers: thicknesses in repeat layers; several of them show the convergence.
        vacuum: empty space, angstrom.
        calculator: spec of the calculator for bulk and slabs.
        settings: convergence targets of all relaxations.
        cell: cell policy of the bulk; chosen by the prototype when none.
        broken_bonds: bonds within the layers of a layered crystal that the facets may break, such as "Ti-S".
    """

    name: str = "surfaces"
    millers: Sequence[Sequence[int]] = field(default_factory=lambda: [(0, 0, 1)])
    layers: list[int] = field(default_factory=lambda: [8])
    vacuum: float = 15.0
    calculator: CalculatorSpec = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None
    broken_bonds: Sequence[str] = field(default=(), metadata={AS_BEFORE: ()})

    def make(self, bulk: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            bulk: recipe of the bulk, or the bulk itself.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is a [`SurfaceResult`][].
        """
        recipe = as_recipe(bulk)
        CRYSTAL.require(recipe)
        pool = shared or SharedJobs()
        relaxed = pool.relaxed_bulk(recipe, self.calculator, self.settings, self.cell)
        bonds = intact_bonds(recipe, self.broken_bonds)
        slabs = slabs_job(
            relaxed.output,
            [tuple(miller) for miller in self.millers],
            self.layers,
            self.vacuum,
            None if bonds is None else {"-".join(pair): length for pair, length in bonds.items()},
            self.calculator,
            self.settings,
            self.label(recipe),
            slab_axes(recipe),
            recipe.described,
        )
        return self.flow([self.named(light(slabs), "slabs")], pool.jobs if shared is None else ())
