"""The jobs that molecular studies share: each geometry and each energy is computed once, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobflow import job

from ...errors import StructureError
from ...structures.building import as_recipe, build, build_from_bulk
from ...structures.clusters import find_cluster, starts
from ...structures.docking import docked
from ...structures.documents import StructureDocument
from ...structures.recipes import StructureRecipe
from ..common.pool import JobPool
from ..common.results import fingerprint
from ..common.uses import MOLECULE
from ..common.work import computing, light
from .energies import molecule_energy_job
from .geometries import GeometryResult, MoleculeSettings, at_geometry_level, optimize_molecule_job

if TYPE_CHECKING:
    from ase import Atoms
    from jobflow import Job

    from ...calculators.specs import CalculatorSpec

STARTS_TRIED = 8
"""Starting geometries built for each one that is wanted: GFN2-xTB sorts them."""


def starting_geometries(recipe: StructureRecipe, wanted: int) -> list[Atoms]:
    """Build the starting geometries of a molecule.

    Args:
        recipe: of the molecule.
        wanted: distinct minima to look for; with one, the geometry of the recipe is the only start.

    Returns:
        Geometries, that of the recipe first; a file or a document has no other.

    Raises:
        StructureError: nobody knows the molecule, or it is periodic.
    """
    first = build(recipe)
    if first.pbc.any():
        raise StructureError(
            f"{recipe.label} is periodic; this study wants a molecule or a cluster (ladders on a surface name it as "
            "surface)"
        )
    if wanted == 1 or recipe.molecule is None or find_cluster(recipe.molecule) is None:
        return [first]
    return [build_from_bulk(recipe, atoms) for atoms in starts(recipe.molecule, STARTS_TRIED * wanted)]


@job
def starting_geometries_job(recipe: StructureRecipe, wanted: int) -> list[StructureDocument]:
    """Build the starting geometries of a molecule."""
    return [StructureDocument.from_atoms(atoms) for atoms in starting_geometries(recipe, wanted)]


@job
def docked_starts_job(parts: list[GeometryResult]) -> list[StructureDocument]:
    """Bring relaxed molecules together in many ways."""
    return [StructureDocument.from_atoms(atoms) for atoms in assembled([part.structure.to_atoms() for part in parts])]


def assembled(parts: list[Atoms]) -> list[Atoms]:
    """Dock molecules one after the other: every way for the last, the first way for those before."""
    together = parts[0]
    for part in parts[1:-1]:
        together = docked(together, part)[0]
    return docked(together, parts[-1])


class MoleculeJobs(JobPool):
    """The jobs made so far, found again by their inputs: a water molecule serves every ladder and every pair.

    Geometries are found by their own level of theory, so that a ladder in the gas phase and one with a solvent in its
    final energies share them.
    """

    def geometry(self, recipe: StructureRecipe, calculator: CalculatorSpec, settings: MoleculeSettings) -> Job:
        """Relax a molecule; the output is a [`GeometryResult`][]."""
        MOLECULE.require(recipe)
        recipe = as_recipe(recipe)
        built = self._job(
            f"build {fingerprint(recipe)} {settings.starts}",
            f"{recipe.label}: build",
            lambda: light(starting_geometries_job(recipe, settings.starts)),
        )
        return self._relaxed(recipe.label, built, fingerprint(recipe), calculator, settings)

    def molecule(
        self,
        recipe: StructureRecipe,
        calculator: CalculatorSpec,
        settings: MoleculeSettings,
        *,
        charge: int | None = None,
        name: str = "",
    ) -> Job:
        """Relax a molecule and compute its final energy; the output is a ``MoleculeResult``.

        Args:
            recipe: of the molecule.
            calculator: spec.
            settings: geometry and frequencies.
            charge: another charge at the same geometry, for vertical ionisation.
            name: in tables; the label of the recipe when empty.
        """
        recipe = as_recipe(recipe)
        geometry = self.geometry(recipe, calculator, settings)
        return self._energy(name or recipe.label, geometry, fingerprint(recipe), calculator, settings, charge)

    def complex(
        self, parts: list[StructureRecipe], calculator: CalculatorSpec, settings: MoleculeSettings, name: str = ""
    ) -> Job:
        """Bring molecules together, relax the complex and compute its final energy."""
        parts = [as_recipe(part) for part in parts]
        title = name or " + ".join(part.label for part in parts)
        key = "complex " + fingerprint(*parts)
        relaxed = [self.geometry(part, calculator, settings) for part in parts]
        built = self._job(
            f"dock {key} {fingerprint(at_geometry_level(calculator), settings)}",
            f"{title}: dock",
            lambda: light(docked_starts_job([part.output for part in relaxed])),
        )
        geometry = self._relaxed(title, built, key, calculator, settings)
        return self._energy(title, geometry, key, calculator, settings, None)

    def _relaxed(self, title: str, built: Job, key: str, calculator: CalculatorSpec, settings: MoleculeSettings) -> Job:
        level = at_geometry_level(calculator)
        return self._job(
            f"relax {key} {fingerprint(level, settings)}",
            f"{title}: relax",
            lambda: computing(optimize_molecule_job(built.output, level, settings), calculator),
        )

    def _energy(
        self,
        title: str,
        geometry: Job,
        key: str,
        calculator: CalculatorSpec,
        settings: MoleculeSettings,
        charge: int | None,
    ) -> Job:
        state = "" if charge is None else f" at charge {charge:+d}"
        return self._job(
            f"energy {key} {fingerprint(calculator, settings)} {charge}",
            f"{title}: energy{state}",
            lambda: computing(molecule_energy_job(title, geometry.output, calculator, charge), calculator),
        )
