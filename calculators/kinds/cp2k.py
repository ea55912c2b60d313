"""CP2K."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ase.units import Rydberg
from pydantic import Field, PositiveFloat, PositiveInt

from ...errors import CapabilityError
from ..weights import WeightsRecord
from .periodic_dft import PeriodicDftSpec

if TYPE_CHECKING:
    from pathlib import Path

    from ase import Atoms

    from ..costs.size import Size


class Cp2kSpec(PeriodicDftSpec):
    """CP2K (10.1063/5.0007045): GTH pseudopotentials and MOLOPT basis sets, k-points, smearing, +U, stress.

    It is started by the command in AZIBFLOW_COMMAND_CP2K, or found on the path; its basis sets and pseudopotentials
    are in CP2K_DATA_DIR, or where packages put them. Orbitals are kept in the job's folder: the next geometry, and a
    run that goes on after a kill, begin with them.
    """

    cites: ClassVar[tuple[str, ...]] = ("cp2k",)
    says: ClassVar[str] = "periodic DFT with Gaussians and plane waves, k-points, smearing, +U, stress"
    word: ClassVar[str] = "functional"
    word_means: ClassVar[str] = "FUNCTIONAL"
    costs: ClassVar[frozenset[str]] = frozenset({"max_cycles"})
    accuracy: ClassVar[Mapping[str, Literal["larger", "smaller"]]] = {
        **PeriodicDftSpec.accuracy,
        "relative_cutoff": "larger",
    }
    tested: ClassVar[bool] = True

    kind: Literal["cp2k"] = Field("cp2k", description="CP2K")
    functional: Literal["pbe", "blyp", "pade"] = Field("pbe", description="density functional, and pseudopotentials")
    basis: str = Field("DZVP-MOLOPT-SR-GTH", description="basis set in CP2K's file BASIS_MOLOPT")
    cutoff: PositiveFloat = Field(400.0, description="cutoff of the finest density grid, rydberg")
    relative_cutoff: PositiveFloat = Field(50.0, description="cutoff that decides the grid of a Gaussian, rydberg")
    tolerance: PositiveFloat = Field(1e-6, description="of the SCF, CP2K's EPS_SCF")
    max_cycles: PositiveInt = Field(150, description="SCF cycles")
    empty_bands: PositiveInt = Field(30, description="empty orbitals that smearing may fill")

    @property
    def pseudopotential(self) -> str:
        """Name of the GTH pseudopotentials."""
        return f"GTH-{self.functional.upper()}"

    def make(self) -> Any:
        """Make one calculator."""
        from ..codes.calculator import CodeCalculator
        from ..codes.cp2k import Cp2k

        return CodeCalculator(Cp2k(self), "cp2k")

    def check(self, atoms: Atoms) -> None:
        """Refuse an element without basis or pseudopotential, and +U with k-points, which CP2K cannot do.

        Raises:
            NotInstalledError: CP2K or its data is not here.
            CapabilityError: of these.
        """
        from ..codes.cp2k import BASES, POTENTIALS, PROGRAMS, data_folder, require_entry
        from ..codes.program import command_of

        super().check(atoms)
        data = data_folder()
        for element in sorted(set(atoms.symbols)):
            require_entry(data / BASES, element, self.basis)
            require_entry(data / POTENTIALS, element, self.pseudopotential)
        mesh = self.mesh(atoms)
        if self.u_values(atoms) and mesh != (1, 1, 1):
            raise CapabilityError(
                f"cp2k: +U with the k-points {mesh} is beyond CP2K; take a supercell that one k-point samples "
                "(kpoints: [1, 1, 1]), or another code"
            )
        command_of("cp2k", PROGRAMS)

    def size(self, atoms: Atoms) -> Size:
        """Say how large a self-consistent field is."""
        from ..codes.cp2k import BASES, POTENTIALS, data_folder
        from ..codes.cp2k_data import atom_basis, products_on_grid, valence_electrons
        from ..costs.size import Size, computed_kpoints, plane_waves

        data, mesh, volume = data_folder(), self.mesh(atoms), float(atoms.get_volume())
        bases = [atom_basis(data / BASES, element, self.basis) for element in atoms.symbols]
        electrons = sum(
            valence_electrons(data / POTENTIALS, element, self.pseudopotential) for element in atoms.symbols
        )
        spins, grid = 2 if self.initial_moments(atoms).any() else 1, plane_waves(volume, self.cutoff * Rydberg)
        return Size(
            method=f"cp2k, {self._algorithm(mesh)}{', open shells' if spins == 2 else ''}",
            atoms=len(atoms),
            electrons=electrons,
            spins=spins,
            kpoints=computed_kpoints(mesh),
            bands=math.ceil(electrons / 2) + (0 if self.smearing is None else self.empty_bands),
            functions=sum(basis.functions for basis in bases),
            grid=grid,
            products=products_on_grid(bases, volume, grid / volume),
        )

    def _algorithm(self, mesh: tuple[int, int, int]) -> str:
        if mesh != (1, 1, 1):
            return "diagonalisation at several k-points"
        return "orbital transformation" if self.smearing is None else "diagonalisation at one k-point"

    def weights(self) -> tuple[WeightsRecord, ...]:
        """Hash its files of basis sets and pseudopotentials."""
        return tuple(map(WeightsRecord.of, self.files()))

    def files(self) -> list[Path]:
        """Return its files of basis sets and pseudopotentials."""
        from ..codes.cp2k import BASES, POTENTIALS, data_folder

        return [data_folder() / name for name in (BASES, POTENTIALS)]

    def versions(self) -> dict[str, str]:
        """Return the versions of what computes, CP2K's own as it says it."""
        from ..codes.cp2k import version

        return super().versions() | {"cp2k": version()}

    @classmethod
    def missing(cls) -> str:
        """Say what is not installed; empty when it can be used."""
        from ..codes.cp2k import PROGRAMS, data_folder
        from ..codes.program import command_of

        try:
            command_of("cp2k", PROGRAMS)
            data_folder()
        except CapabilityError as error:
            return str(error)
        return ""
