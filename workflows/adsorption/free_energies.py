"""Free energies of adsorbates: from vibrations on the surface and of the gases they are against, or by a constant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, model_validator

from ...calculators.bound_thermochemistry import LOWEST, BoundThermochemistry
from ...calculators.thermochemistry import Thermochemistry
from ...errors import StructureError
from ...structures.documents import StructureDocument
from ..common.references import COHESIVE_ENERGY, MOLECULAR_REFERENCE, ReferenceEnergy

if TYPE_CHECKING:
    from ase import Atoms

NORSKOV = 0.24
"""What zero-point energy and entropy make of the energy of H on metals, eV: Norskov et al., J. Electrochem. Soc. 2005,
152, J23, 10.1149/1.1856988."""
WATER_PRESSURE = 0.035
"""Vapour pressure of water, bar, at which gas and liquid have one free energy, near 300 K: Norskov et al., J. Phys.
Chem. B 2004, 108, 17886, 10.1021/jp047349j."""
ROOM, NEAR_ROOM = 298.15, 10.0
"""Temperature, K, that these two are for, and how far from it they are taken."""
BAR = 1e5
"""Pascal."""


class FreeEnergySettings(BaseModel):
    """How energies of adsorption become free energies."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    vibrations: Literal["adsorbate"] | PositiveFloat | None = Field(
        None,
        description="which atoms vibrate: those of the adsorbate, or also those of the surface within this distance of "
        "it, angstrom; none: adsorbate, unless there is a constant",
    )
    constant: float | None = Field(
        None,
        description="added to the energy instead of anything computed, eV, such as 0.24 for H on metals "
        "(10.1149/1.1856988)",
    )
    temperature: PositiveFloat = Field(ROOM, description="temperature, K")
    pressure: PositiveFloat = Field(1.0, description="pressure of H2 and other gases of the reference, bar")
    water_pressure: PositiveFloat | None = Field(
        None,
        description="pressure at which water vapour stands for liquid water, bar; none: 0.035, for room temperature "
        "(10.1021/jp047349j)",
    )
    lowest_mode: PositiveFloat = Field(
        LOWEST, description="wavenumber to which softer modes of an adsorbate are raised, cm-1; 12 and 50 are usual"
    )
    potential: float = Field(0.0, description="potential of the electrode, V against the standard hydrogen electrode")
    pH: float = Field(0.0, description="pH of the electrolyte", ge=-2.0, le=16.0)  # noqa: N815 - its name

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.constant is None:
            return self
        if self.vibrations is not None:
            raise ValueError("vibrations and constant are two ways to a free energy; leave one of them out")
        if abs(self.temperature - ROOM) > NEAR_ROOM:
            raise ValueError(
                f"a constant is for room temperature, and temperature is {self.temperature:g} K; compute vibrations"
            )
        return self

    @property
    def water(self) -> float:
        """Pressure of water vapour, bar."""
        return WATER_PRESSURE if self.water_pressure is None else self.water_pressure

    def problem(self, adsorbates: Sequence[str]) -> str | None:
        """Say why some adsorbates have no free energy of this kind, and what to do instead; none when all have.

        Args:
            adsorbates: names.
        """
        metals = [name for name in adsorbates if name in COHESIVE_ENERGY]
        if metals:
            return (
                f"free_energy is of what is adsorbed from gases or water, and {metals[0]} is against its metal; put "
                f"{metals[0]} into a study of its own without free_energy"
            )
        if self.constant is not None and len(adsorbates) > 1:
            return f"free_energy: a constant is that of one adsorbate, not of {', '.join(adsorbates)}; split the study"
        wet = [name for name in adsorbates if any(part == "H2O" for part, _ in MOLECULAR_REFERENCE.get(name, ()))]
        wet += [name for name in adsorbates if name == "H2O"]
        far = abs(self.temperature - ROOM) > NEAR_ROOM
        if wet and far and self.constant is None and self.water_pressure is None:
            return (
                f"free_energy: {wet[0]} is against liquid water, whose vapour pressure of {WATER_PRESSURE:g} bar is "
                f"that of room temperature; say water_pressure at {self.temperature:g} K"
            )
        return None

    def proton_electron(self) -> float:
        """Return by how much a pair of H+ and e- lies below half an H2, eV, by the computational hydrogen electrode.

        10.1021/jp047349j: e U + k T ln 10 pH.
        """
        from math import log

        from ase.units import kB

        return float(self.potential + kB * self.temperature * log(10) * self.pH)


class MoleculeVibrations(BaseModel):
    """The vibrations of one gas of a reference."""

    molecule: StructureDocument = Field(description="relaxed molecule in its box")
    weight: float = Field(description="multiple of its energy in the energy of the reference")
    frequencies: list[float] = Field(description="wavenumbers, cm-1, imaginary ones negative")
    force_calls: int = Field(description="evaluations of energy and forces")
    seconds: float = Field(description="wall time, s")


class ReferenceVibrations(BaseModel):
    """The vibrations of the gases that a reference is made of."""

    molecules: list[MoleculeVibrations] = Field(description="in the order of the reference")


class RowVibrations(BaseModel):
    """The vibrations of one adsorbate on its site."""

    vibrating: list[int] = Field(description="indices of the atoms that vibrate, those of the surface first")
    frequencies: list[float] = Field(description="wavenumbers, cm-1, ascending, imaginary ones negative")
    bare_frequencies: list[float] = Field(
        default_factory=list, description="those of the same atoms of the bare surface; empty where only others vibrate"
    )
    force_calls: int = Field(description="evaluations of energy and forces")
    seconds: float = Field(description="wall time, s")


class Gas(BaseModel):
    """One gas of a reference at its temperature and pressure."""

    name: str = Field(description="of the molecule")
    weight: float = Field(description="multiple of its free energy in that of the reference")
    liquid: bool = Field(False, description="whether it stands for the liquid, at its vapour pressure")
    thermochemistry: Thermochemistry = Field(description="of an ideal gas")


class FreeEnergies(BaseModel):
    """What the free energies of all rows of a result have in common."""

    settings: FreeEnergySettings = Field(description="as they were asked for")
    pairs: int = Field(description="pairs of H+ and e- that adsorption takes up; negative: that it sets free")
    gases: list[Gas] = Field(default_factory=list, description="of the reference; none with a constant")


class FreeEnergy(BaseModel):
    """What makes a free energy of the adsorption energy of one row, all in eV and against the reference."""

    zero_point: float | None = Field(None, description="change of the zero-point energy, eV")
    thermal: float | None = Field(None, description="change of the thermal energy, eV")
    entropy: float | None = Field(None, description="temperature times the change of the entropy, eV")
    correction: float = Field(description="free energy minus energy at 0 V and pH 0, eV")
    electrode: float = Field(description="what potential and pH add, eV")
    bound: BoundThermochemistry | None = Field(None, description="of the atoms that vibrate; none with a constant")
    bare: BoundThermochemistry | None = Field(None, description="of the same atoms of the bare surface")
    force_calls: int = Field(0, description="evaluations of energy and forces for its vibrations")
    seconds: float | None = Field(None, description="wall time of its vibrations, s")


def vibrating_atoms(atoms: Atoms, n_surface: int, settings: FreeEnergySettings) -> list[int]:
    """Choose the atoms that vibrate: those of the adsorbate, and free ones of the surface that are near it.

    Args:
        atoms: surface atoms first, then the adsorbate.
        n_surface: number of surface atoms.
        settings: how far the surface vibrates too.

    Returns:
        Indices, ascending.
    """
    from ase.constraints import FixAtoms

    own = list(range(n_surface, len(atoms)))
    if not isinstance(settings.vibrations, float):
        return own
    held = {int(i) for constraint in atoms.constraints if isinstance(constraint, FixAtoms) for i in constraint.index}
    free = [i for i in range(n_surface) if i not in held]
    near = [i for i in free if atoms.get_distances(i, own, mic=True).min() <= settings.vibrations]
    return [*near, *own]


def gases_of(vibrations: ReferenceVibrations, settings: FreeEnergySettings) -> list[Gas]:
    """Bring the gases of a reference to their temperature and pressure.

    Args:
        vibrations: of the molecules.
        settings: temperature and pressures.
    """
    from ...calculators.thermochemistry import thermochemistry

    found = []
    for one in vibrations.molecules:
        liquid = one.molecule.formula == "H2O"
        pressure = BAR * (settings.water if liquid else settings.pressure)
        atoms = one.molecule.to_atoms()
        atoms.pbc = False  # it lies whole in its box
        thermo = thermochemistry(atoms, np.array(one.frequencies), settings.temperature, pressure)
        name = one.molecule.label or one.molecule.formula
        found.append(Gas(name=name, weight=one.weight, liquid=liquid, thermochemistry=thermo))
    return found


def pairs_of(reference: ReferenceEnergy) -> int:
    """Return how many pairs of H+ and e- the adsorbate takes up: two for each H2 of a reference that stands for it.

    Raises:
        StructureError: the reference is no gas.
    """
    if reference.cohesive_energy is not None:
        raise StructureError(f"{reference.adsorbate} is against its metal; free energies are against gases or water")
    terms = MOLECULAR_REFERENCE.get(reference.adsorbate, ()) if reference.molecule is None else ()
    return round(sum(2 * weight for part, weight in terms if part == "H2"))


def by_constant(common: FreeEnergies) -> FreeEnergy:
    """Make the free energy of a row by a constant."""
    settings = common.settings
    return FreeEnergy(correction=settings.constant or 0.0, electrode=common.pairs * settings.proton_electron())


def by_vibrations(row: RowVibrations, common: FreeEnergies) -> FreeEnergy:
    """Make the free energy of a row from its vibrations and the gases of the reference.

    Args:
        row: vibrations.
        common: temperature, pressures, gases.
    """
    from ...calculators.bound_thermochemistry import bound_thermochemistry

    settings = common.settings
    bound = bound_thermochemistry(row.frequencies, settings.temperature, settings.lowest_mode)
    bare = bound_thermochemistry(row.bare_frequencies, settings.temperature, settings.lowest_mode)
    gases = [(gas.weight, gas.thermochemistry) for gas in common.gases]
    zero_point = bound.zero_point_energy - bare.zero_point_energy - sum(w * gas.zero_point_energy for w, gas in gases)
    thermal = (
        bound.thermal_energy
        - bare.thermal_energy
        - sum(w * (gas.enthalpy_correction - gas.zero_point_energy) for w, gas in gases)
    )
    entropy = settings.temperature * (bound.entropy - bare.entropy - sum(w * gas.entropy for w, gas in gases))
    return FreeEnergy(
        zero_point=zero_point,
        thermal=thermal,
        entropy=entropy,
        correction=zero_point + thermal - entropy,
        electrode=common.pairs * settings.proton_electron(),
        bound=bound,
        bare=bare if row.bare_frequencies else None,
        force_calls=row.force_calls,
        seconds=row.seconds,
    )
