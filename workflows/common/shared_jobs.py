"""The jobs that studies of solids share: bulks, surfaces and references, each relaxed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...structures.documents import StructureDocument
from ...structures.molecules import embedded, molecule_label
from ...structures.recipes import NamedRecipe, StructureRecipe
from .pool import JobPool
from .references import COHESIVE_ENERGY, metal_reference_job, molecular_reference_job
from .relaxation_jobs import (
    CellPolicy,
    build_bulk_job,
    build_from_bulk_job,
    cell_policy,
    is_bulk,
    layer_axis,
    relax_job,
    whole_policy,
)
from .results import RelaxSettings, fingerprint
from .work import computing, light

if TYPE_CHECKING:
    from jobflow import Job

    from ...calculators.specs import CalculatorSpec


class SharedJobs(JobPool):
    """The jobs of solids made so far, found again by their inputs.

    A relaxed bulk serves its slabs, its surface energies and the chemical potential; a slab serves every adsorbate.
    """

    def relaxed_bulk(
        self,
        recipe: StructureRecipe,
        calculator: CalculatorSpec,
        settings: RelaxSettings,
        cell: CellPolicy | None = None,
    ) -> Job:
        """Build and relax the bulk of a recipe, with its edits; ``cell`` none lets the prototype choose.

        Systems of one bulk share it, whatever they are called; the job has the name of the first. What is edited is
        made of that and relaxed at its lattice; edits of a slab are none of the bulk.
        """
        if recipe.is_edited_bulk:
            return self.relaxed_surface(recipe, calculator, settings, cell)
        return self._relaxed_source(recipe, calculator, settings, cell)

    def _relaxed_source(
        self, recipe: StructureRecipe, calculator: CalculatorSpec, settings: RelaxSettings, cell: CellPolicy | None
    ) -> Job:
        bulk = recipe.bulk
        name = recipe.label if isinstance(recipe, NamedRecipe) else bulk.label
        policy = cell or cell_policy(recipe)
        key = fingerprint(bulk, calculator, settings) + policy
        built = self._job(f"build {key}", f"{name}: build", lambda: light(build_bulk_job(bulk)))
        return self._job(
            f"relax {key}",
            f"{name}: relax bulk",
            lambda: computing(relax_job(built.output, calculator, settings, policy, layer_axis(recipe)), calculator),
        )

    def relaxed_surface(
        self,
        recipe: StructureRecipe,
        calculator: CalculatorSpec,
        settings: RelaxSettings,
        cell: CellPolicy | None = None,
    ) -> Job:
        """Relax the bulk of a recipe, cut the slab (or repeat the sheet), edit it and relax that at fixed cell."""
        cut = self.cut_surface(recipe, calculator, settings, cell)
        key = _surface_key(recipe, calculator, settings, cell)
        return self._job(
            f"surface {key}",
            f"{recipe.label}: relax {'edited bulk' if recipe.is_edited_bulk else 'surface'}",
            lambda: computing(relax_job(cut.output, calculator, settings), calculator),
        )

    def cut_surface(
        self,
        recipe: StructureRecipe,
        calculator: CalculatorSpec,
        settings: RelaxSettings,
        cell: CellPolicy | None = None,
    ) -> Job:
        """Relax the bulk of a recipe, cut the slab (or repeat the sheet) and edit it; it is not relaxed itself."""
        bulk = self._relaxed_source(recipe, calculator, settings, cell)
        return self._job(
            f"cut {_surface_key(recipe, calculator, settings, cell)}",
            f"{recipe.label}: cut",
            lambda: light(build_from_bulk_job(recipe, bulk.output.structure)),
        )

    def relaxed_whole(
        self,
        recipe: StructureRecipe,
        calculator: CalculatorSpec,
        settings: RelaxSettings,
        cell: CellPolicy | None = None,
    ) -> Job:
        """Relax what a recipe says, whatever it is: a bulk, a slab at fixed cell, or a supercell by the cell policy."""
        if is_bulk(recipe):
            return self.relaxed_bulk(recipe, calculator, settings, cell)
        policy = whole_policy(recipe, cell)
        if policy == "fixed":
            return self.relaxed_surface(recipe, calculator, settings, cell)
        bulk = self._relaxed_source(recipe, calculator, settings, cell)
        key = fingerprint(recipe, calculator, settings) + policy
        made = self._job(
            f"repeat {key}",
            f"{recipe.label}: repeat",
            lambda: light(build_from_bulk_job(recipe, bulk.output.structure)),
        )
        return self._job(
            f"repeated {key}",
            f"{recipe.label}: relax supercell",
            lambda: computing(relax_job(made.output, calculator, settings, policy, layer_axis(recipe)), calculator),
        )

    def reference(self, adsorbate: str | StructureDocument, calculator: CalculatorSpec, settings: RelaxSettings) -> Job:
        """Compute the reference state of an adsorbate; a molecule that is named by its file goes along as data."""
        source = embedded(adsorbate)
        what = fingerprint(source) if isinstance(source, StructureDocument) else source
        key = f"reference {what} {fingerprint(calculator, settings)}"
        name = f"{molecule_label(source)}: reference"
        if isinstance(source, str) and source in COHESIVE_ENERGY:
            bulk = self.relaxed_bulk(StructureRecipe(prototype=source), calculator, settings)
            return self._job(key, name, lambda: light(metal_reference_job(source, bulk.output)))
        return self._job(
            key, name, lambda: computing(molecular_reference_job(source, calculator, settings), calculator)
        )


def _surface_key(
    recipe: StructureRecipe, calculator: CalculatorSpec, settings: RelaxSettings, cell: CellPolicy | None
) -> str:
    return fingerprint(recipe, calculator, settings) + str(cell)
