"""Surface energies: every termination of every facet asked for, at one or several thicknesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, Response, job
from pydantic import BaseModel, Field

from ..calculators.specs import CalculatorRecord, CalculatorSpec, ChgnetSpec
from ..calculators.surrogates.trust import Trust, combined
from ..structures.axes import OWN, Axes
from ..structures.documents import StructureDocument
from ..structures.recipes import StructureRecipe, as_recipe, build_bulk, intact_bonds, slab_axes, three_indices
from ..structures.slabs import build_slabs, surface_area
from .common.attempts import attempted
from .common.collecting import despite_failures
from .common.maker import StudyMaker
from .common.relaxation_jobs import CellPolicy, RelaxationResult, cell_policy, layer_axis, relax_structure
from .common.results import Outcome, RelaxSettings, StudyLabel
from .common.shared_jobs import SharedJobs
from .common.uses import CRYSTAL
from .common.work import computing, light

if TYPE_CHECKING:
    from ase import Atoms

J_PER_M2 = 16.02176634
"""1 eV/angstrom^2 in J/m^2."""

Miller = tuple[int, int, int]


class SlabStart(BaseModel):
    """A slab before its relaxation."""

    miller: Miller = Field(description="Miller indices of the facet, reduced")
    termination: int = Field(description="number of the termination, from 0")
    layers: int = Field(description="thickness in repeat layers of the bulk")
    symmetric: bool = Field(description="whether both faces are equivalent; if not, gamma is their mean")
    structure: StructureDocument = Field(description="the slab as cut")

    @property
    def name(self) -> str:
        """Facet, termination and thickness."""
        return "({}{}{})".format(*self.miller) + f" t{self.termination} {self.layers} layers"


class SurfaceRow(BaseModel):
    """The surface energy of one facet, termination and thickness."""

    miller: Miller = Field(description="Miller indices of the facet, reduced")
    termination: int = Field(description="number of the termination, from 0")
    layers: int = Field(description="thickness in repeat layers of the bulk")
    symmetric: bool = Field(description="whether both faces are equivalent; if not, gamma is their mean")
    n_atoms: int = Field(description="atoms in the slab")
    area: float = Field(description="area of one face, angstrom^2")
    outcome: Outcome = Field(description="ok, or why this row is not a result")
    reason: str = Field("", description="what happened, in words")
    gamma: float | None = Field(None, description="surface energy, (E_slab - N E_bulk) / 2A, J/m^2")
    energy: float | None = Field(None, description="energy of the slab, eV, on the calculator's own zero")
    fmax: float | None = Field(None, description="largest remaining force, eV/angstrom")
    steps: int = Field(0, description="optimizer steps")
    structure: StructureDocument | None = Field(None, description="relaxed slab")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of E_slab - N E_bulk")


class SurfaceResult(StudyLabel):
    """All rows of one bulk."""

    bulk: RelaxationResult = Field(description="the relaxed bulk that the slabs were cut from")
    axes: Axes | None = Field(
        None,
        description="vectors of the cell that Miller indices refer to, in units of those of the bulk; none in results "
        "of early versions, whose indices refer to the bulk's own cell",
    )
    rows: list[SurfaceRow] = Field(description="one per facet, termination and thickness")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")


def surface_energy(e_slab: float, n_atoms: int, e_bulk_per_atom: float, area: float) -> float:
    """Return gamma = (E_slab - N E_bulk) / 2A of a stoichiometric slab.

    Args:
        e_slab: energy of the slab, eV.
        n_atoms: atoms in the slab.
        e_bulk_per_atom: energy of the bulk per atom, eV.
        area: area of one face, angstrom^2.

    Returns:
        The mean over both faces, J/m^2.
    """
    return (e_slab - n_atoms * e_bulk_per_atom) / (2.0 * area) * J_PER_M2


def slab_starts(
    bulk: Atoms,
    millers: Sequence[Sequence[int]],
    layers: list[int],
    vacuum: float,
    bonds: dict[tuple[str, str], float] | None,
    axes: Axes | None = None,
) -> list[SlabStart]:
    """Cut every termination of every facet at every thickness.

    Args:
        bulk: the crystal, relaxed or not.
        millers: Miller indices, three or for hexagonal crystals four.
        layers: thicknesses in repeat layers.
        vacuum: empty space, angstrom.
        bonds: that no cut may break, see :func:`build_slabs`.
        axes: the cell that the indices refer to, likewise.

    Raises:
        StructureError: a facet cannot be cut.
    """
    starts = []
    for miller in millers:
        for thickness in layers:
            slabs = build_slabs(bulk, miller, layers=thickness, vacuum=vacuum, intact_bonds=bonds, axes=axes)
            for number, slab in enumerate(slabs):
                starts.append(
                    SlabStart(
                        miller=three_indices(miller),
                        termination=number,
                        layers=thickness,
                        symmetric=bool(slab.info["symmetric"]),
                        structure=StructureDocument.from_atoms(slab),
                    )
                )
    return starts


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
    folder: Path | None = None,
) -> SurfaceResult:
    """Compute the surface energies of several facets without Jobflow.

    Args:
        bulk: recipe of the bulk.
        millers: Miller indices of the facets, three or for hexagonal crystals four.
        calculator: spec of the calculator.
        settings: convergence targets.
        layers: thicknesses in repeat layers; 8 when none.
        vacuum: empty space, angstrom.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The same result as the flow of :class:`SurfaceMaker`.
    """
    CRYSTAL.require(bulk)
    relaxed = relax_structure(
        build_bulk(bulk), calculator, settings, cell=cell_policy(bulk), stacking_axis=layer_axis(bulk), folder=folder
    )
    axes = slab_axes(bulk)
    starts = slab_starts(relaxed.structure.to_atoms(), millers, layers or [8], vacuum, intact_bonds(bulk), axes)
    rows = [
        attempted(start.name, partial(relax_slab, start, relaxed, calculator, settings, folder)) for start in starts
    ]
    return collect_surfaces(rows, starts, relaxed, StudyLabel(study=f"surfaces of {bulk.label}"), axes)


def collect_surfaces(
    rows: list[SurfaceRow | None],
    starts: list[SlabStart],
    bulk: RelaxationResult,
    label: StudyLabel,
    axes: Axes | None,
) -> SurfaceResult:
    """Put the rows of one bulk together.

    Args:
        rows: one for each start, none where its relaxation failed.
        starts: the slabs as cut.
        bulk: that they were cut from, relaxed.
        label: of the study.
        axes: of the cell that Miller indices refer to.
    """
    gathered = [row or _failed(start) for row, start in zip(rows, starts, strict=True)]
    return SurfaceResult(**label.model_dump(), bulk=bulk, axes=axes, rows=gathered, calculator=bulk.calculator)


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
) -> SurfaceResult:
    """Gather the rows; a row whose job failed stays in the table as failed."""
    return collect_surfaces(rows, starts, bulk, label, axes)


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
) -> Response[SurfaceResult]:
    """Cut the slabs from the relaxed bulk and replace itself by one job for each; without ``axes`` in its own cell."""
    pairs = None if bonds is None else {(a, b): length for key, length in bonds.items() for a, b in [key.split("-")]}
    starts = slab_starts(bulk.structure.to_atoms(), millers, layers, vacuum, pairs, axes or OWN)
    jobs = []
    for start in starts:
        row = computing(slab_job(start, bulk, calculator, settings), calculator)
        row.name = f"{label.study}: {start.name}"
        jobs.append(row)
    collect = despite_failures(collect_surfaces_job([row.output for row in jobs], starts, bulk, label, axes))
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
    """

    name: str = "surfaces"
    millers: Sequence[Sequence[int]] = field(default_factory=lambda: [(0, 0, 1)])
    layers: list[int] = field(default_factory=lambda: [8])
    vacuum: float = 15.0
    calculator: CalculatorSpec = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None

    def make(self, bulk: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            bulk: recipe of the bulk, or the bulk itself.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is a :class:`SurfaceResult`.
        """
        recipe = as_recipe(bulk)
        CRYSTAL.require(recipe)
        pool = shared or SharedJobs()
        relaxed = pool.relaxed_bulk(recipe, self.calculator, self.settings, self.cell)
        bonds = intact_bonds(recipe)
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
        )
        return self.flow([self.named(light(slabs), "slabs")], pool.jobs if shared is None else ())
