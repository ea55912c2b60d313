"""Molecules computed without Jobflow: each geometry and each energy once, whoever asks, as the jobs of a flow are."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...structures.building import as_recipe
from ...structures.recipes import StructureRecipe
from ..common.attempts import attempted
from ..common.results import fingerprint
from ..common.uses import MOLECULE
from .energies import MoleculeResult, molecule_energy
from .geometries import GeometryResult, MoleculeSettings, at_geometry_level, optimize_molecule
from .molecules import assembled, starting_geometries

if TYPE_CHECKING:
    from ase import Atoms

    from ...calculators.specs import CalculatorSpec


@dataclass
class MoleculesHere:
    """The molecules computed so far, found again by their recipes; one whose calculation failed is none.

    Attributes:
        calculator: spec.
        settings: geometries and frequencies.
        folder: where checkpoints and orbitals go; none keeps no files.
    """

    calculator: CalculatorSpec
    settings: MoleculeSettings
    folder: Path | None = None
    _geometries: dict[str, GeometryResult | None] = field(default_factory=dict, repr=False)

    def geometry(self, recipe: StructureRecipe) -> GeometryResult | None:
        """Relax a molecule.

        Raises:
            CapabilityError: the calculator cannot treat it.
            StructureError: nobody knows the molecule, or it is periodic.
        """
        MOLECULE.require(recipe)
        recipe = as_recipe(recipe)
        starts = partial(starting_geometries, recipe, self.settings.starts)
        return self._relaxed(fingerprint(recipe), recipe.label, starts)

    def molecule(self, recipe: StructureRecipe, *, charge: int | None = None) -> MoleculeResult | None:
        """Relax a molecule and compute its final energy.

        Args:
            recipe: of the molecule.
            charge: another charge at the same geometry, for vertical ionisation.

        Raises:
            CapabilityError: the calculator cannot treat it.
            StructureError: nobody knows the molecule, or it is periodic.
        """
        return self._energy(as_recipe(recipe).label, self.geometry(recipe), charge)

    def complex(self, parts: list[StructureRecipe]) -> MoleculeResult | None:
        """Bring relaxed molecules together, relax the complex and compute its final energy."""
        parts = [as_recipe(part) for part in parts]
        relaxed = [self.geometry(part) for part in parts]
        known = [one.structure.to_atoms() for one in relaxed if one is not None]
        if len(known) < len(parts):
            return None
        title = " + ".join(part.label for part in parts)
        return self._energy(title, self._relaxed(fingerprint(*parts), title, partial(assembled, known)), None)

    def _relaxed(self, key: str, title: str, starts: partial[list[Atoms]]) -> GeometryResult | None:
        if key not in self._geometries:
            level = at_geometry_level(self.calculator)
            relax = partial(optimize_molecule, starts(), level, self.settings, self.folder)
            self._geometries[key] = attempted(f"the relaxation of {title}", relax)
        return self._geometries[key]

    def _energy(self, title: str, geometry: GeometryResult | None, charge: int | None) -> MoleculeResult | None:
        if geometry is None:
            return None
        compute = partial(molecule_energy, title, geometry, self.calculator, charge=charge, folder=self.folder)
        return attempted(f"the energy of {title}", compute)
