"""PySCF for molecules and clusters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, PositiveInt, Tag, model_validator

from ..capabilities import Capabilities
from ..dependencies import named_files
from ..dft.levels import PRESETS, Level
from ..weights import WeightsRecord
from .base import Spec, Work
from .xtb import XtbSpec

if TYPE_CHECKING:
    from ase import Atoms


def _xtb_by_name(geometry: Any) -> Any:
    return {"kind": "xtb"} if geometry == "xtb" else geometry


def _form(geometry: Any) -> str:
    """Tell the two apart, so that a mistake is answered for the one that was meant."""
    by_kind = isinstance(geometry, XtbSpec) or (isinstance(geometry, dict) and "kind" in geometry)
    return "xtb" if by_kind else "level"


GeometryMethod = Annotated[
    Annotated[Level, Tag("level")] | Annotated[XtbSpec, Tag("xtb")],
    Discriminator(_form),
    BeforeValidator(_xtb_by_name, json_schema_input_type=Level | XtbSpec | Literal["xtb"]),
]
"""What structures and frequencies come from; the word is GFN2-xTB in the gas phase."""


class PyscfSpec(Spec):
    """Kohn-Sham or Hartree-Fock by PySCF (10.1063/5.0006074) for molecules and clusters of any charge and spin.

    A preset fixes two levels of theory: ``geometry`` for structures and frequencies, ``energy`` for final energies,
    orbitals and densities. Keys of a level given beside the preset change both; those under ``geometry`` or
    ``energy`` change one. Without a preset, ``functional`` and ``basis`` have to be given. ``geometry: xtb`` takes the
    structures of GFN2-xTB, which are there in seconds.
    """

    cites: ClassVar[tuple[str, ...]] = ("pyscf",)
    says: ClassVar[str] = "DFT of molecules and clusters of any charge; presets quick, standard, yang2025"
    modules: ClassVar[tuple[str, ...]] = ("pyscf",)
    install: ClassVar[str] = "pip install pyscf pyscf-dispersion geometric"
    libraries: ClassVar[tuple[str, ...]] = ("pyscf", "pyscf-dispersion", "geometric")
    word: ClassVar[str] = "preset"
    word_means: ClassVar[str] = "PRESET"
    costs: ClassVar[frozenset[str]] = frozenset({"memory"})
    preoptimised: ClassVar[bool] = True
    tested: ClassVar[bool] = True

    kind: Literal["pyscf"] = Field("pyscf", description="PySCF")
    preset: Literal["quick", "standard", "yang2025"] | None = Field(
        None, description="levels to begin with; none when functional and basis are given"
    )
    geometry: GeometryMethod = Field(description="level of structures and frequencies, or xtb")
    energy: Level = Field(description="level of final energies, orbitals and densities")
    reference: Literal["restricted", "unrestricted"] | None = Field(
        None, description="orbitals; none: restricted for singlets, unrestricted for everything else"
    )
    max_cycles: PositiveInt = Field(80, description="SCF cycles before the rescue ladder takes its next rung")
    memory: PositiveInt = Field(4000, description="memory PySCF plans with, MB")

    @model_validator(mode="before")
    @classmethod
    def _fill_levels(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        data = dict(data)
        if not {"preset", "functional", "geometry"} & set(data):
            data["preset"] = "standard"
        shared = {key: data.pop(key) for key in Level.model_fields if key in data}
        # An unknown preset is a mistake by itself; what it leaves open is none.
        preset = {} if data.get("preset") is None else PRESETS.get(str(data["preset"]), PRESETS["standard"])
        for level in ("geometry", "energy"):
            given = _xtb_by_name(data.get(level) or {})
            if isinstance(given, Level):
                given = given.model_dump()
            if _form(given) == "xtb":
                continue
            if isinstance(given, dict):
                data[level] = {**preset.get(level, {}), **shared, **given}
        return data

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels at which PySCF computes: of structures, unless another method finds them, and of energies."""
        return (self.energy,) if isinstance(self.geometry, XtbSpec) else (self.geometry, self.energy)

    @property
    def has_single_point(self) -> bool:
        """Whether final energies need a calculation of their own."""
        return self.geometry != self.energy

    def queue(self) -> Work:
        """Say which work it is."""
        return "dft"

    def medium(self) -> str:
        """Name the continuum of final energies."""
        return "gas phase" if self.energy.solvent is None else self.energy.solvent.title

    def in_words(self) -> str:
        """Name the level of geometries."""
        return self.geometry.title + ("" if isinstance(self.geometry, XtbSpec) else " by PySCF")

    def at_geometry_level(self) -> Self | XtbSpec:
        """Leave out the level of energies, so that studies share geometries."""
        if isinstance(self.geometry, XtbSpec):
            return self.geometry
        return self.model_copy(update={"preset": None, "energy": self.geometry})

    def make(self) -> Any:
        """Make one calculator at the level of geometries."""
        from ..dft.calculator import PyscfCalculator

        return self.geometry.make() if isinstance(self.geometry, XtbSpec) else PyscfCalculator(self)

    def make_resuming(self, checkpoint: Path) -> Any:
        """Make one that keeps the orbitals of its running SCF in a file."""
        from ..dft.calculator import PyscfCalculator

        if isinstance(self.geometry, XtbSpec):
            return self.geometry.make()
        return PyscfCalculator(self, checkpoint=checkpoint)

    def capabilities(self) -> Capabilities:
        """Say what it can compute."""
        from ..dft.calculator import PyscfCalculator

        return Capabilities(
            elements=None,
            periodic=False,
            charges=None,
            reads_spin=True,
            properties=PyscfCalculator.implemented_properties,
            note="elements as the basis has them",
        )

    def check(self, atoms: Atoms) -> None:
        """Refuse an unknown functional or solvent, and elements without the basis."""
        from ..dft.molecule import basis_of_elements
        from ..dft.scf import check_functional
        from ..dft.solvation import dielectric

        for level in self.levels:
            check_functional(level.functional)
            if level.solvent is not None:
                dielectric(level.solvent)
            basis_of_elements(level, atoms.get_chemical_symbols())

    def code(self) -> tuple[WeightsRecord, ...]:
        """Hash the files that basis sets name."""
        return tuple(map(WeightsRecord.of, self.files()))

    def files(self) -> list[Path]:
        """Return the files that basis sets name."""
        return list(named_files(self.model_dump()))


def pyscf_preset(name: Literal["quick", "standard", "yang2025"]) -> PyscfSpec:
    """Return the spec of a preset."""
    return PyscfSpec.model_validate({"preset": name})
