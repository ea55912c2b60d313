"""GPAW."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from ...errors import CapabilityError
from ..weights import WeightsRecord
from .periodic_dft import PeriodicDftSpec

if TYPE_CHECKING:
    from ase import Atoms

    from ..costs.size import Size


MOVING_CELL = 600.0
"""Least cutoff, eV, for a cell that relaxes: 1.3 times that for fixed ones, as is usual for the stress."""


class GpawSpec(PeriodicDftSpec):
    """GPAW (10.1063/5.0182685): plane waves and PAW setups, k-points, smearing, +U, stress.

    It computes in the Python that has it: started by the command in AZIBFLOW_COMMAND_GPAW (such as ``mpiexec gpaw
    python``), or by ``gpaw python`` where that is on the path. Wave functions are kept in the job's folder: the
    next geometry, and a run that goes on after a kill, begin with them.
    """

    cites: ClassVar[tuple[str, ...]] = ("gpaw",)
    says: ClassVar[str] = "periodic DFT with plane waves and PAW setups, k-points, smearing, +U, stress"
    word: ClassVar[str] = "functional"
    word_means: ClassVar[str] = "FUNCTIONAL"
    costs: ClassVar[frozenset[str]] = frozenset({"max_cycles", "mixing"})
    tested: ClassVar[bool] = True

    kind: Literal["gpaw"] = Field("gpaw", description="GPAW")
    functional: Literal["pbe", "rpbe", "pbesol", "lda"] = Field("pbe", description="density functional")
    cutoff: PositiveFloat = Field(450.0, description="cutoff of the plane waves, eV")
    tolerance: PositiveFloat = Field(1e-5, description="change of the energy at convergence, eV per valence electron")
    max_cycles: PositiveInt = Field(200, description="SCF cycles")
    mixing: PositiveFloat | None = Field(
        None,
        exclude_if=lambda mixing: mixing is None,
        description="part of a new density that goes into the next; none: 0.25 without smearing, with it GPAW's own, "
        "0.05, which large cells that are nearly insulators need not",
    )

    def make(self) -> Any:
        """Make one calculator."""
        from ..codes.calculator import CodeCalculator
        from ..codes.gpaw import Gpaw

        return CodeCalculator(Gpaw(self), "gpaw")

    def check(self, atoms: Atoms) -> None:
        """Refuse an element without a setup.

        Raises:
            NotInstalledError: GPAW is not here.
            CapabilityError: there is none.
        """
        from ..codes.gpaw import setup_file

        super().check(atoms)
        for element in sorted(set(atoms.symbols)):
            setup_file(element, self.functional)

    def size(self, atoms: Atoms) -> Size:
        """Say how large a self-consistent field is."""
        from ..codes.gpaw import valence_electrons
        from ..costs.size import SPARE_BANDS, Size, computed_kpoints, plane_waves

        electrons = sum(valence_electrons(element, self.functional) for element in atoms.symbols)
        volume, spins = atoms.get_volume(), 2 if self.initial_moments(atoms).any() else 1
        return Size(
            method="gpaw" if spins == 1 else "gpaw, open shells",
            atoms=len(atoms),
            electrons=electrons,
            spins=spins,
            kpoints=computed_kpoints(self.mesh(atoms)),
            bands=math.ceil(SPARE_BANDS * electrons / 2) + 1,
            functions=plane_waves(volume, self.cutoff),
            # The density has twice the wave vectors of the orbitals.
            grid=plane_waves(volume, 4 * self.cutoff),
        )

    def check_moving_cell(self) -> None:
        """Refuse a cutoff at which plane waves do not carry the stress: the fewer there are, the shorter the cell ends.

        Raises:
            CapabilityError: it is too low.
        """
        if self.cutoff < MOVING_CELL:
            raise CapabilityError(
                f"gpaw: a cutoff of {self.cutoff:g} eV is too low for a cell that relaxes (at 450 eV that of MgO ends "
                f"6 % too short); say cutoff: {MOVING_CELL:g} or more, as azibflow converge tells, or cell: fixed"
            )

    def weights(self) -> tuple[WeightsRecord, ...]:
        """Hash its setups, all of the functional together."""
        from ..codes.gpaw import setup_files

        files = setup_files(self.functional)
        return (WeightsRecord.of_set(f"setups for {self.functional}", files[0].parent, files),)

    def versions(self) -> dict[str, str]:
        """Return the versions of what computes."""
        from ..codes.gpaw import facts

        return super().versions() | {"gpaw": facts()["gpaw"], "ase beside gpaw": facts()["ase"]}

    @classmethod
    def missing(cls) -> str:
        """Say what is not installed; empty when it can be used."""
        from ..codes.gpaw import facts

        try:
            facts()
        except CapabilityError as error:
            return str(error)
        return ""
