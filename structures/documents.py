"""A structure as a plain document: what the store keeps, what jobs hand to each other."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from ase import Atoms

Vector = tuple[float, float, float]


class StructureDocument(BaseModel):
    """Atoms as data: everything a calculation needs, nothing of a calculator.

    Total charge and spin multiplicity travel in ``atoms.info["charge"]`` and ``atoms.info["spin"]``; both are fields
    here, so that no conversion can drop them silently.
    """

    model_config = ConfigDict(extra="forbid")

    symbols: list[str] = Field(description="chemical symbols")
    positions: list[Vector] = Field(description="Cartesian positions, angstrom")
    cell: tuple[Vector, Vector, Vector] = Field(description="cell vectors, rows, angstrom")
    pbc: tuple[bool, bool, bool] = Field(description="periodic along each cell vector")
    charge: int = Field(0, description="total charge, elementary charges")
    spin: int | None = Field(None, description="spin multiplicity 2S+1; none when not specified")
    fixed: list[int] = Field(default_factory=list, description="indices of atoms held fixed in relaxations")
    tags: list[int] | None = Field(None, description="ASE tags, one per atom (layer numbers in slabs)")
    magmoms: list[float] | None = Field(None, description="initial magnetic moments, Bohr magnetons")
    label: str = Field("", description="what this structure is, for people")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        from ase.data import atomic_numbers

        count = len(self.symbols)
        for name in ("positions", "tags", "magmoms"):
            values = getattr(self, name)
            if values is not None and len(values) != count:
                raise ValueError(f"{name} are {len(values)}, but there are {count} symbols")
        unknown = [symbol for symbol in self.symbols if symbol not in atomic_numbers]
        if unknown:
            raise ValueError(f"symbols: {unknown[0]!r} is no element")
        if any(not 0 <= index < count for index in self.fixed):
            raise ValueError(f"fixed: indices of atoms run from 0 to {count - 1}")
        return self

    @classmethod
    def from_atoms(cls, atoms: Atoms, label: str = "") -> Self:
        """Copy atoms into a document.

        Args:
            atoms: structure; its calculator is ignored, of its constraints only ``FixAtoms`` are kept.
            label: what the structure is; ``atoms.info["label"]`` when empty.

        Returns:
            The document.

        Raises:
            StructureError: a constraint other than ``FixAtoms`` would be lost.
        """
        from ase.constraints import FixAtoms

        from ..errors import StructureError

        fixed: set[int] = set()
        for constraint in atoms.constraints:
            if not isinstance(constraint, FixAtoms):
                label = label or str(atoms.info.get("label") or atoms.symbols)
                raise StructureError(
                    f"{label}: constraint {type(constraint).__name__} cannot be stored; only FixAtoms, atoms held in "
                    "every direction, can"
                )
            fixed.update(int(i) for i in constraint.index)
        magmoms = atoms.get_initial_magnetic_moments()
        tags = atoms.get_tags()
        spin = atoms.info.get("spin")
        return cls(
            symbols=atoms.get_chemical_symbols(),
            positions=[_vector(row) for row in atoms.positions],
            cell=(_vector(atoms.cell[0]), _vector(atoms.cell[1]), _vector(atoms.cell[2])),
            pbc=(bool(atoms.pbc[0]), bool(atoms.pbc[1]), bool(atoms.pbc[2])),
            charge=int(atoms.info.get("charge", 0)),
            spin=None if spin is None else int(spin),
            fixed=sorted(fixed),
            tags=[int(t) for t in tags] if tags.any() else None,
            magmoms=[float(m) for m in magmoms] if magmoms.any() else None,
            label=label or str(atoms.info.get("label", "")),
        )

    def to_atoms(self) -> Atoms:
        """Return new ASE atoms with charge, spin and label in ``info`` and fixed atoms constrained."""
        from ase import Atoms
        from ase.constraints import FixAtoms

        atoms = Atoms(self.symbols, positions=self.positions, cell=self.cell, pbc=self.pbc, tags=self.tags)
        if self.magmoms is not None:
            atoms.set_initial_magnetic_moments(self.magmoms)
        if self.fixed:
            atoms.set_constraint(FixAtoms(self.fixed))
        atoms.info["charge"] = self.charge
        if self.spin is not None:
            atoms.info["spin"] = self.spin
        if self.label:
            atoms.info["label"] = self.label
        return atoms

    @property
    def formula(self) -> str:
        """Hill formula."""
        from ase.formula import Formula

        return str(Formula.from_list(self.symbols).format("hill"))

    @property
    def is_finite(self) -> bool:
        """Whether every coordinate, cell vector and moment is a finite number."""
        return all(math.isfinite(x) for row in [*self.positions, *self.cell, self.magmoms or ()] for x in row)

    def sha256(self) -> str:
        """Return the hash of everything but the label: equal for equal atoms, on every machine."""
        return hashlib.sha256(self.model_dump_json(exclude={"label"}).encode()).hexdigest()


def _vector(row: object) -> Vector:
    x, y, z = (float(v) for v in row)  # type: ignore[attr-defined]
    return (x, y, z)
