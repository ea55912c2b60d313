"""VASP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from ...errors import CapabilityError
from ...structures.elements import Element
from ..weights import WeightsRecord
from .periodic_dft import PeriodicDftSpec

if TYPE_CHECKING:
    from ase import Atoms


class VaspSpec(PeriodicDftSpec):
    """VASP (10.1103/PhysRevB.54.11169): plane waves and PAW potentials, k-points, smearing, +U, stress.

    It is started by the command in AZIBFLOW_COMMAND_VASP, or found on the path; its potentials are below VASP_PP_PATH,
    as for ASE. WAVECAR is kept in the job's folder: the next geometry, and a run that goes on after a kill, begin with
    it.
    """

    cites: ClassVar[tuple[str, ...]] = ("vasp",)
    says: ClassVar[str] = "periodic DFT with plane waves and PAW potentials, k-points, smearing, +U, stress"
    word: ClassVar[str] = "functional"
    word_means: ClassVar[str] = "FUNCTIONAL"
    costs: ClassVar[frozenset[str]] = frozenset({"max_cycles"})
    tested: ClassVar[bool] = True
    fixes_moment: ClassVar[bool] = False

    kind: Literal["vasp"] = Field("vasp", description="VASP")
    functional: Literal["pbe", "rpbe", "pbesol", "r2scan", "lda"] = Field("pbe", description="density functional")
    potentials: dict[Element, str] = Field(
        default_factory=dict, description="potentials by element, such as {V: V_pv}; others are called as the element"
    )
    cutoff: PositiveFloat = Field(520.0, description="cutoff of the plane waves, eV")
    tolerance: PositiveFloat = Field(1e-6, description="change of the energy at convergence, eV")
    max_cycles: PositiveInt = Field(100, description="SCF cycles")
    algorithm: Literal["Normal", "Fast", "VeryFast", "All", "Damped"] = Field(
        "Normal", description="electronic minimisation"
    )

    def make(self) -> Any:
        """Make one calculator."""
        from ..codes.calculator import CodeCalculator
        from ..codes.vasp import Vasp

        return CodeCalculator(Vasp(self), "vasp")

    def check(self, atoms: Atoms) -> None:
        """Refuse an element without a potential.

        Raises:
            NotInstalledError: VASP or its potentials are not here.
            CapabilityError: there is none.
        """
        from ..codes.program import command_of
        from ..codes.vasp import PROGRAMS, potential_file

        super().check(atoms)
        for element in sorted(set(atoms.symbols)):
            potential_file(element, self)
        command_of("vasp", PROGRAMS)

    def weights(self) -> tuple[WeightsRecord, ...]:
        """Hash the potentials that it takes, those of all elements together."""
        from ..codes.vasp import SETS, potential_files

        files = potential_files(self)
        name = f"potentials of {SETS[self.functional]}"
        return (WeightsRecord.of_set(name, files[0].parents[1], files),) if files else ()

    @classmethod
    def missing(cls) -> str:
        """Say what is not installed; empty when it can be used."""
        from ..codes.program import command_of
        from ..codes.vasp import PROGRAMS

        try:
            command_of("vasp", PROGRAMS)
        except CapabilityError as error:
            return str(error)
        return ""
