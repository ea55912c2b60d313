"""Quantum ESPRESSO."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from ...errors import CapabilityError
from ...structures.elements import Element
from ..weights import WeightsRecord
from .periodic_dft import PeriodicDftSpec

if TYPE_CHECKING:
    from ase import Atoms


class EspressoSpec(PeriodicDftSpec):
    """Quantum ESPRESSO's pw.x (10.1088/1361-648X/aa8f79): plane waves and pseudopotentials, k-points, +U, stress.

    It is started by the command in AZIBFLOW_COMMAND_ESPRESSO, or found on the path; its pseudopotentials are in the
    folder that ESPRESSO_PSEUDO names. Density and orbitals are kept in the job's folder: the next geometry, and a run
    that goes on after a kill, begin with them.
    """

    cites: ClassVar[tuple[str, ...]] = ("espresso",)
    says: ClassVar[str] = "periodic DFT with plane waves and pseudopotentials, k-points, smearing, +U, stress"
    word: ClassVar[str] = "functional"
    word_means: ClassVar[str] = "FUNCTIONAL"
    costs: ClassVar[frozenset[str]] = frozenset({"max_cycles", "mixing"})
    tested: ClassVar[bool] = True

    kind: Literal["espresso"] = Field("espresso", description="Quantum ESPRESSO")
    functional: Literal["pbe", "pbesol", "lda"] = Field(
        "pbe", description="density functional, which has to be that of the pseudopotentials"
    )
    pseudopotentials: dict[Element, str] = Field(
        default_factory=dict,
        description="files by element, such as {V: V.pbe-spnl-kjpaw_psl.1.0.0.UPF}; other elements take the one file "
        "whose name begins with them",
    )
    cutoff: PositiveFloat = Field(80.0, description="cutoff of the wave functions, rydberg")
    density_ratio: float = Field(
        8.0,
        ge=4.0,
        description="cutoff of the density in units of that; 4 is enough where all pseudopotentials conserve the norm",
    )
    tolerance: PositiveFloat = Field(1e-7, description="error of the energy at convergence, eV")
    max_cycles: PositiveInt = Field(100, description="SCF cycles")
    mixing: float = Field(0.4, gt=0, le=1, description="share of the new density in the next cycle")

    def make(self) -> Any:
        """Make one calculator."""
        from ..codes.calculator import CodeCalculator
        from ..codes.espresso import Espresso

        return CodeCalculator(Espresso(self), "espresso")

    def check(self, atoms: Atoms) -> None:
        """Refuse an element without a pseudopotential of the functional, and +U on what has no d shell.

        Raises:
            NotInstalledError: pw.x or the folder of pseudopotentials is not here.
            CapabilityError: of these.
        """
        from ..codes.espresso import PROGRAMS
        from ..codes.espresso_input import d_shell
        from ..codes.program import command_of
        from ..codes.pseudopotentials import pseudopotential

        super().check(atoms)
        for element in sorted(set(atoms.symbols)):
            pseudopotential(element, self)
        for element in self.u_values(atoms):
            d_shell(element)
        command_of("espresso", PROGRAMS)

    def weights(self) -> tuple[WeightsRecord, ...]:
        """Hash the pseudopotentials of the folder, those of all elements together."""
        from ..codes.pseudopotentials import pseudo_folder, pseudopotential_files

        folder = pseudo_folder()
        return (WeightsRecord.of_set(f"pseudopotentials of {folder.name}", folder, pseudopotential_files()),)

    def versions(self) -> dict[str, str]:
        """Return the versions of what computes, pw.x's own as it says it."""
        from ..codes.espresso import version

        return super().versions() | {"pw.x": version()}

    @classmethod
    def missing(cls) -> str:
        """Say what is not installed; empty when it can be used."""
        from ..codes.espresso import PROGRAMS
        from ..codes.program import command_of

        try:
            command_of("espresso", PROGRAMS)
        except CapabilityError as error:
            return str(error)
        return ""
