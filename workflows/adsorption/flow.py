"""Adsorption energies on all distinct sites of one surface, against references that carry their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jobflow import Flow, Response, job

from ...calculators.specs import (
    CalculatorSpec,
    ChgnetSpec,
    StudyCalculator,
    geometry_method,
)
from ...structures.building import as_recipe, build_from_bulk
from ...structures.carried_sites import planned_document, planned_surface
from ...structures.documents import StructureDocument
from ...structures.molecules import molecule_label
from ...structures.recipes import StructureRecipe
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.corrections import correct
from ..common.maker import StudyMaker
from ..common.references import ReferenceEnergy, reference_energy
from ..common.relaxation_jobs import CellPolicy, RelaxationResult, relax_bulk, relax_structure
from ..common.results import AS_BEFORE, Outcome, RelaxSettings, StudyLabel
from ..common.shared_jobs import SharedJobs
from ..common.work import computing, light
from .adsorbing import adsorb
from .free_energies import FreeEnergySettings
from .placement import Placement, capped_placements
from .results import AdsorptionResult, AdsorptionRow, mark_merged
from .vibrating import free_energies, free_energies_job

if TYPE_CHECKING:
    from ase import Atoms


def adsorption_study(
    surface: StructureRecipe,
    name: str | StructureDocument = "Zn",
    calculator: StudyCalculator = ChgnetSpec(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    sites: list[str] | None = None,
    max_starts: int | None = None,
    cell: CellPolicy | None = None,
    free_energy: FreeEnergySettings | None = None,
    folder: Path | None = None,
) -> AdsorptionResult:
    """Compute the adsorption energies of one adsorbate on all distinct sites of a surface, without Jobflow.

    Args:
        surface: recipe of the surface; its bulk is relaxed first.
        name: adsorbate.
        calculator: spec of the calculator, or of a surrogate and what corrects it.
        settings: convergence targets.
        sites: labels of the sites wanted; all when none.
        max_starts: most starts, sites times orientations; all when none.
        cell: cell policy of the bulk; chosen by the prototype when none.
        free_energy: how energies become free energies; none leaves that out.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The same result as the flow of [`AdsorptionMaker`][].
    """
    surrogate = geometry_method(calculator)
    bulk = relax_bulk(surface.bulk, surrogate, settings, cell, folder)
    cut = build_from_bulk(surface, bulk.structure.to_atoms())
    planned = planned_surface(surface, cut)
    bare = relax_structure(cut, surrogate, settings, folder=folder)
    reference = reference_energy(name, surrogate, settings, folder)
    starts, left_out = capped_placements(bare.structure.to_atoms(), reference.source, sites, max_starts, planned)
    rows = [
        attempted(start.name, partial(adsorb, start, bare, reference, surrogate, settings, folder)) for start in starts
    ]
    label = StudyLabel(study=f"{molecule_label(name)} on {surface.label}")
    kept = StructureDocument.from_atoms(planned)
    result = collect_adsorption(rows, starts, bare, reference, label, surface.described, left_out, kept)
    corrected = correct(result, calculator, folder)
    return corrected if free_energy is None else free_energies(corrected, surrogate, free_energy, folder)


def collect_adsorption(
    rows: list[AdsorptionRow | None],
    starts: list[Placement],
    bare: RelaxationResult,
    reference: ReferenceEnergy,
    label: StudyLabel,
    described: str,
    left_out: str = "",
    planned: StructureDocument | None = None,
) -> AdsorptionResult:
    """Put the rows of one adsorbate on one surface together.

    Args:
        rows: one for each start, none where its relaxation failed.
        starts: where the adsorbate began.
        bare: the surface.
        reference: of the adsorbate.
        label: of the study.
        described: name of the surface.
        left_out: what a cap on the starts left out, in words.
        planned: the surface as it was planned, whose sites are meant; none: those of ``bare``.
    """
    surface = bare.structure.to_atoms()
    area = np.linalg.norm(np.cross(surface.cell[0], surface.cell[1]))
    return AdsorptionResult(
        **label.model_dump(),
        surface=described or bare.structure.label,
        adsorbate=molecule_label(reference.source),
        bare=bare,
        planned=planned,
        reference=reference,
        coverage=float(100.0 / area),
        rows=mark_merged([row or _failed(start) for row, start in zip(rows, starts, strict=True)], len(surface)),
        left_out=left_out,
        calculator=bare.calculator,
    )


def _failed(start: Placement) -> AdsorptionRow:
    return AdsorptionRow(
        **start.model_dump(exclude={"structure"}),
        outcome=Outcome.FAILED,
        reason="its job failed; the run's log says why",
    )


@job(output_schema=AdsorptionRow)
def adsorb_job(
    placement: Placement,
    bare: RelaxationResult,
    reference: ReferenceEnergy,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
) -> AdsorptionRow:
    """Relax one adsorbate on its site in the job's folder."""
    return adsorb(placement, bare, reference, calculator, settings, folder=Path.cwd())


@job(output_schema=AdsorptionResult)
def collect_adsorption_job(
    rows: list[AdsorptionRow | None],
    starts: list[Placement],
    bare: RelaxationResult,
    reference: ReferenceEnergy,
    label: StudyLabel,
    surface: str = "",
    left_out: str = "",
    planned: StructureDocument | None = None,
) -> AdsorptionResult:
    """Gather the rows; a row whose job failed stays in the table as failed."""
    return collect_adsorption(rows, starts, bare, reference, label, surface, left_out, planned)


@job
def adsorption_sites_job(
    bare: RelaxationResult,
    reference: ReferenceEnergy,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    sites: list[str] | None,
    label: StudyLabel,
    surface: str = "",
    max_starts: int | None = None,
    recipe: StructureRecipe | None = None,
    cut: StructureDocument | None = None,
) -> Response[AdsorptionResult]:
    """Find the planned sites on the relaxed surface and replace itself by one job for each."""
    planned = planned_document(recipe, cut)
    built = None if planned is None else planned.to_atoms()
    starts, left_out = capped_placements(bare.structure.to_atoms(), reference.source, sites, max_starts, built)
    jobs = []
    for start in starts:
        row = computing(adsorb_job(start, bare, reference, calculator, settings), calculator)
        row.name = f"{label.study}: {start.name}"
        jobs.append(row)
    collect = despite_failures(
        collect_adsorption_job([row.output for row in jobs], starts, bare, reference, label, surface, left_out, planned)
    )
    collect.name = f"{label.study}: collect"
    return Response(replace=Flow([*jobs, collect], output=collect.output, name=label.study))


@dataclass
class AdsorptionMaker(StudyMaker):
    """Adsorption energies of one adsorbate on all distinct sites of one surface.

    Steps: build the bulk; relax it (cell as ``cell`` says); cut and relax the slab, once; compute the reference, once;
    find the distinct sites; relax the adsorbate on each in every orientation, one job each; collect.

    Attributes:
        adsorbate: ``Zn``, ``H``, ``O``, ``OH``, a molecule that ASE knows, a molecule file, or a molecule as data.
        calculator: spec of the calculator for everything, so that errors cancel; or of a surrogate and what corrects
            its rows.
        settings: convergence targets of all relaxations.
        cell: cell policy of the bulk; chosen by the prototype when none.
        sites: labels of the sites wanted; all when none.
        max_starts: most starts, sites times orientations; all when none.
        free_energy: how energies become free energies; none leaves that out.
    """

    name: str = "adsorption"
    adsorbate: str | StructureDocument = "Zn"
    calculator: StudyCalculator = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None
    sites: list[str] | None = None
    max_starts: int | None = field(default=None, metadata={AS_BEFORE: None})
    free_energy: FreeEnergySettings | None = field(default=None, metadata={AS_BEFORE: None})

    def make(self, surface: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            surface: recipe of the surface (its bulk is relaxed first), or the surface itself.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is an [`AdsorptionResult`][].
        """
        recipe = as_recipe(surface)
        pool = shared or SharedJobs()
        surrogate = geometry_method(self.calculator)
        bare = pool.relaxed_surface(recipe, surrogate, self.settings, self.cell)
        reference = pool.reference(self.adsorbate, surrogate, self.settings)
        sites = adsorption_sites_job(
            bare.output,
            reference.output,
            surrogate,
            self.settings,
            self.sites,
            self.label(recipe),
            recipe.described,
            self.max_starts,
            recipe,
            pool.cut_surface(recipe, surrogate, self.settings, self.cell).output,
        )
        own = [self.named(light(sites), "sites"), *self.correction(sites, self.calculator)]
        if self.free_energy is not None:
            free = free_energies_job(own[-1].output, surrogate, self.free_energy)
            own.append(self.named(light(free), "free energies"))
        return self.flow(own, pool.jobs if shared is None else ())
