"""What codes of periodic DFT have in common: k-points by spacing, smearing, initial moments, +U, slabs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from ...errors import CapabilityError
from ..capabilities import Capabilities
from ..codes.kpoints import across_vacuum, mesh_by_spacing
from ..dispersion import Dispersion
from .base import Spec, Work
from .materials_project import MOMENTS, WORD, Hubbard, HubbardU, Moments

if TYPE_CHECKING:
    from typing import Self

    from ase import Atoms

KSPACING = 0.25
"""Distance of k-points, 1/angstrom, where nothing is said."""
WHOLE = 0.01
"""By how much moments may miss the whole number of a multiplicity."""


class PeriodicDftSpec(Spec):
    """Periodic DFT by a code of its own, with k-points; every kind of it has a cutoff."""

    accuracy: ClassVar[Mapping[str, Literal["larger", "smaller"]]] = {"cutoff": "larger", "kspacing": "smaller"}

    fixes_moment: ClassVar[bool] = True
    """Whether the total moment stays that of the initial moments where there is no smearing."""

    kspacing: PositiveFloat | None = Field(
        None,
        description="largest distance of k-points, 1/angstrom with 2 pi as VASP's KSPACING, one across a vacuum; none: "
        f"{KSPACING}, unless kpoints says a mesh",
    )
    kpoints: tuple[PositiveInt, PositiveInt, PositiveInt] | None = Field(
        None, description="mesh of k-points; none: by kspacing"
    )
    smearing: PositiveFloat | None = Field(
        None, description="width of the Fermi function, eV, for metals; none: an insulator, with whole occupations"
    )
    moments: Moments = Field(
        default_factory=dict,
        description="initial moments by element, Bohr magnetons, of atoms that bring none of their own, or "
        "`materials-project`; without any the spins are paired",
    )
    hubbard: Hubbard = Field(
        default_factory=dict,
        description="effective U on d shells by element, eV, or `materials-project`: its values, beside O and F alone",
    )
    dispersion: Dispersion | None = Field(default=None, description="D3 correction; none adds none")

    @model_validator(mode="after")
    def _one_mesh(self) -> Self:
        if self.kpoints is not None and self.kspacing is not None:
            raise ValueError("kpoints and kspacing both say how many k-points there are; name one of them")
        return self

    @model_validator(mode="after")
    def _moments_can_settle(self) -> Self:
        if self.fixes_moment and self.smearing is None and self.moments == MOMENTS:
            raise ValueError(
                f"moments: {WORD} are high spins to begin with, and without smearing their sum would be kept; "
                "name smearing, such as 0.05, or the moments by element"
            )
        return self

    def queue(self) -> Work:
        """Say which work it is."""
        return "dft"

    def writes_files(self) -> bool:
        """Say that it does."""
        return True

    def extensive(self) -> bool:
        """A doubled cell has twice the energy only with half the k-points, which a spacing sees to but for rounding."""
        return False

    def capabilities(self) -> Capabilities:
        """Say what it can compute."""
        return Capabilities(
            elements=None,
            periodic=True,
            charges=None,
            reads_spin=True,
            properties=("energy", "free_energy", "forces", "stress"),
            note="periodic DFT; a charged cell is neutralised by a background",
        )

    def check(self, atoms: Atoms) -> None:
        """Refuse a multiplicity that the initial moments are not those of: the codes take the spin from the moments.

        Raises:
            CapabilityError: they disagree.
        """
        spin, total = atoms.info.get("spin"), float(self.initial_moments(atoms).sum())
        if spin is not None and abs(abs(total) - (int(spin) - 1)) > WHOLE:
            raise CapabilityError(
                f"{self.kind}: multiplicity {spin} wants initial moments that add up to {int(spin) - 1}, not "
                f"{total:g}; say them by moments, or give the atoms theirs"
            )

    def accuracy_of(self, key: str) -> float:
        """Return the value of a key of its accuracy."""
        return self.kspacing or KSPACING if key == "kspacing" else super().accuracy_of(key)

    def mesh(self, atoms: Atoms) -> tuple[int, int, int]:
        """Return the mesh of k-points of a cell."""
        return self.kpoints or mesh_by_spacing(atoms, self.kspacing or KSPACING)

    def for_cell(self, atoms: Atoms) -> Self:
        """Return itself with its mesh of k-points written out: another mesh is another energy."""
        return self.model_copy(update={"kpoints": self.mesh(atoms), "kspacing": None})

    def initial_moments(self, atoms: Atoms) -> Any:
        """Return the moments that the SCF begins with, Bohr magnetons: those of the atoms, else those by element.

        A molecule in a box that says its multiplicity has moments that add up to it, such as the O2 that adsorbed
        oxygen is compared with beside a surface whose moments say nothing of it.
        """
        own = atoms.get_initial_magnetic_moments()
        if own.ndim == 1 and own.any():
            return own
        by_element = np.array([self.moments.get(symbol, 0.0) for symbol in atoms.symbols])
        if (spin := atoms.info.get("spin")) is None or self.sampled(atoms).any():
            return by_element
        shares = by_element if by_element.sum() > 0 else np.ones(len(atoms))
        return shares * ((int(spin) - 1) / shares.sum())

    def u_values(self, atoms: Atoms) -> dict[str, float]:
        """Return U of the elements that are there, eV."""
        known = self.hubbard.beside(atoms) if isinstance(self.hubbard, HubbardU) else self.hubbard
        return {element: value for element, value in known.items() if element in set(atoms.symbols) and value}

    def sampled(self, atoms: Atoms) -> Any:
        """Tell for each cell vector whether matter goes on along it."""
        return np.array([bool(atoms.pbc[axis]) and not across_vacuum(atoms, axis) for axis in range(3)])

    def dipole_correction(self, atoms: Atoms) -> bool:
        """Tell whether it is a slab whose dipole the periodic images across the vacuum must not feel."""
        return bool(self.sampled(atoms).sum() == 2) and not atoms.info.get("charge", 0)
