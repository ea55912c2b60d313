"""What all studies of molecules have: how molecules are brought to their minimum, and where they start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from ...calculators.specs import PyscfSpec
from ...workflows.molecular.geometries import MoleculeSettings
from ...workflows.molecular.molecules import starting_geometries
from .base import Study

if TYPE_CHECKING:
    from ase import Atoms

    from ...calculators.specs import AnyMethod
    from .context import Context


class MolecularStudy(Study):
    """A study of molecules and clusters, which may be named without being among the systems."""

    molecule: MoleculeSettings = Field(
        default_factory=MoleculeSettings, description="how every molecule is brought to its minimum"
    )

    @model_validator(mode="after")
    def _conditions_need_frequencies(self) -> Self:
        for key in ("temperature", "pressure"):
            usual = MoleculeSettings.model_fields[key].default
            if not self.molecule.frequencies and getattr(self.molecule, key) != usual:
                raise ValueError(f"molecule.{key} belongs to Gibbs energies; set molecule.frequencies, or remove {key}")
        return self

    def settings(self, context: Context) -> str:
        """Return what tells the calculations of one structure apart."""
        del context
        return self.molecule.model_dump_json()

    def maker_fields(self, context: Context) -> dict[str, Any]:
        """Return what every maker of molecules is given."""
        return {
            "name": self.title,
            "calculator": context.calculator,
            "settings": self.molecule,
            "literature": self.literature,
            "place": (context.number,),
        }


def first_start(context: Context, name: str) -> Atoms:
    """Build the starting geometry of a molecule that is tried first.

    Raises:
        StructureError: nobody knows the molecule, or the system of that name is periodic.
    """
    with context.system(name) as recipe:
        return starting_geometries(recipe, wanted=1)[0]


def needs_wave_function(calculator: AnyMethod) -> str | None:
    """Say why a calculator has no orbitals to look at; none when it has."""
    if isinstance(calculator, PyscfSpec):
        return None
    return (
        f"needs a wave function, and calculator {calculator.kind} has none; set its calculator, as in "
        "calculator: pyscf:standard"
    )


def counterpoise_has_no_meaning(calculator: AnyMethod) -> str | None:
    """Say why energies of a calculator cannot be corrected for basis-set superposition; none when they can."""
    if not isinstance(calculator, PyscfSpec):
        return (
            "counterpoise corrects for the basis functions of the other part, and calculator "
            f"{calculator.kind} has none; leave it away, or set calculator: pyscf:standard"
        )
    if calculator.energy.solvent is not None:
        return (
            "counterpoise is defined in the gas phase, and this study's final energies are in a solvent; leave "
            "counterpoise away, or the solvent of the energy level"
        )
    return None
