"""A Morse potential as a calculator of campaigns."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, PositiveFloat

from azibflow.calculators.capabilities import Capabilities
from azibflow.calculators.kinds.base import Spec, Work


class MorseSpec(Spec):
    """A Morse potential between all pairs of atoms: a toy with a known answer."""

    says: ClassVar[str] = "a Morse potential between all pairs of atoms"
    word: ClassVar[str] = "depth"
    word_means: ClassVar[str] = "DEPTH"

    kind: Literal["morse"] = Field("morse", description="a Morse potential")
    depth: PositiveFloat = Field(0.3, description="depth of the well, eV")
    distance: PositiveFloat = Field(2.8, description="distance of a pair at rest, angstrom")

    def queue(self) -> Work:
        """Seconds on one core."""
        return "surrogate"

    def make(self) -> Any:
        """Make ASE's calculator, cut off smoothly between two and three distances."""
        from ase.calculators.morse import MorsePotential

        return MorsePotential(epsilon=self.depth, r0=self.distance, rho0=6.0, rcut1=2.0, rcut2=2.7)

    def capabilities(self) -> Capabilities:
        """Any neutral atoms."""
        return Capabilities(
            elements=None,
            periodic=None,
            charges=frozenset({0}),
            properties=("energy", "forces", "stress"),
            note="pairs only: no angles, no charges",
        )
