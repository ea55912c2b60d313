"""Periodic PySCF without k-points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from ..capabilities import Capabilities
from ..dispersion import Dispersion
from .base import Spec, Work

if TYPE_CHECKING:
    from ase import Atoms


class PyscfGammaSpec(Spec):
    """Periodic PySCF at the zone centre, for neutral insulators in cells of 7 angstrom and more in every direction.

    No k-points, no metals, no charged cells, no stress, no hybrid functionals: for those take CP2K or a plane-wave
    code through ``ase``.
    """

    cites: ClassVar[tuple[str, ...]] = ("pyscf",)
    says: ClassVar[str] = "periodic DFT without k-points: neutral insulators in cells of at least 7 angstrom; no stress"
    modules: ClassVar[tuple[str, ...]] = ("pyscf",)
    install: ClassVar[str] = "pip install pyscf pyscf-dispersion geometric"
    libraries: ClassVar[tuple[str, ...]] = ("pyscf",)
    costs: ClassVar[frozenset[str]] = frozenset({"memory"})
    accuracy: ClassVar[Mapping[str, Literal["larger", "smaller"]]] = {"cutoff": "larger"}
    tested: ClassVar[bool] = True

    kind: Literal["pyscf-gamma"] = Field("pyscf-gamma", description="PySCF at the zone centre of a cell")
    functional: Literal["pbe", "blyp"] = Field("pbe", description="density functional, and that of pseudopotentials")
    basis: str = Field("gth-dzvp-molopt-sr", description="basis set for GTH pseudopotentials")
    cutoff: PositiveFloat = Field(175.0, description="kinetic-energy cutoff of the density grid, hartree")
    max_cycles: PositiveInt = Field(80, description="SCF cycles before damping is tried, and again after it")
    memory: PositiveInt = Field(4000, description="memory PySCF plans with, MB")
    dispersion: Dispersion | None = Field(default=None, description="D3 correction; none adds none")

    @property
    def pseudopotential(self) -> str:
        """Name of the GTH pseudopotentials."""
        return f"gth-{self.functional}"

    def queue(self) -> Work:
        """Say which work it is."""
        return "dft"

    def make(self) -> Any:
        """Make one calculator."""
        from ..dft.periodic import PyscfGammaCalculator

        return PyscfGammaCalculator(self)

    def capabilities(self) -> Capabilities:
        """Say what it can compute."""
        from ..dft.periodic import PyscfGammaCalculator

        return Capabilities(
            elements=None,
            periodic=True,
            charges=frozenset({0}),
            reads_spin=True,
            properties=PyscfGammaCalculator.implemented_properties,
            note="insulators in cells of at least 7 angstrom; no k-points, no stress",
        )

    def check(self, atoms: Atoms) -> None:
        """Refuse a cell too small to do without k-points, and an element without basis or pseudopotential."""
        from ..dft.periodic import check_cell

        check_cell(self, atoms)
