"""What the names in the equation of a reaction stand for: systems, metals, crystals, molecules, ions, electrons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import gcd
from typing import TYPE_CHECKING

from ase.data import atomic_numbers
from ase.formula import Formula
from pydantic import BaseModel, ConfigDict, Field

from ...errors import StructureError
from ...structures.building import build
from ...structures.documents import StructureDocument
from ...structures.molecules import adsorbate, in_box, is_known
from ...structures.prototypes import find
from ...structures.reactions import ELECTRON, ION, Equation, unbalanced
from ...structures.recipes import StructureRecipe
from ..common.electrodes import ELECTRODES, proton_shift
from ..common.references import COHESIVE_ENERGY

if TYPE_CHECKING:
    from ase import Atoms

CHARGE = "charge"
WATER_SPLITTING = 4.92
"""Measured free energy of 2 H2O -> O2 + 2 H2, eV: by it O2, which density functionals and potentials get wrong, is
water less hydrogen (Norskov et al., J. Phys. Chem. B 2004, 108, 17886, 10.1021/jp047349j)."""


class Part(BaseModel):
    """Something that is computed, and how much of it is in one formula unit of a species."""

    model_config = ConfigDict(frozen=True)

    weight: float = Field(description="multiple of its energy: of a structure per cell, of a metal per atom")
    key: str = Field(description="name under which its energy is kept; of a metal or a molecule its own")
    recipe: StructureRecipe | None = Field(None, description="the structure; none for a metal or a molecule")


class Species(BaseModel):
    """One species of a reaction."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="as the equation has it")
    state: str = Field(description="what stands for it, in words")
    parts: tuple[Part, ...] = Field((), description="what is computed for it")
    constant: float = Field(0.0, description="what is added to a formula unit, eV")
    content: dict[str, float] = Field(description="atoms by element, and elementary charges, of a formula unit")


def species_of(
    equation: Equation, systems: Mapping[str, StructureRecipe], names: Mapping[str, str], ph: float | None
) -> list[Species]:
    """Find what the names of an equation stand for, and check the balance.

    Args:
        equation: the equation.
        systems: recipes by name; they come before everything else of their names.
        names: names of systems by names in the equation, where these differ.
        ph: of the electrolyte; 0 when none.

    Returns:
        One for each name, in the order of the equation.

    Raises:
        StructureError: a name is unknown, or the equation is not balanced.
    """
    if unused := [name for name in names if name not in equation.coefficients]:
        raise StructureError(f"species: {unused[0]} is not in the equation {equation}")
    found = [_species(name, systems, names, ph or 0.0) for name in equation.coefficients]
    wrong = unbalanced({one.name: one.content for one in found}, equation)
    if wrong:
        raise StructureError(f"the equation {equation} is not balanced: {wrong}")
    return found


def _species(name: str, systems: Mapping[str, StructureRecipe], names: Mapping[str, str], ph: float) -> Species:
    if name in names and names[name] not in systems:
        raise StructureError(f"species: {name} is to be the system {names[name]!r}, and there is no such system")
    if (system := names.get(name, name)) in systems:
        return _structure(name, systems[system].named(system), f"system {system}")
    if (built_in := _built_in(name, ph)) is not None:
        return built_in
    if _is_prototype(name):
        return _structure(name, StructureRecipe(prototype=name), f"prototype {name}")
    if is_known(name) and name not in atomic_numbers:
        return _sum(name, f"{name}(g)", {name: 1.0}, adsorbate(name).get_chemical_symbols())
    raise StructureError(
        f"the equation names {name!r}, which is neither a system, a prototype, a molecule that is known, nor an ion of "
        f"{', '.join(ELECTRODES)}; add it to systems, or say by species which system it is"
    )


def _built_in(name: str, ph: float) -> Species | None:
    """Return a species that is no structure of its own: a metal, an electron, an ion, or oxygen."""
    acid = proton_shift(ph)
    at_ph = f" at pH {ph:g}"
    if name == ELECTRON:
        return Species(name=name, state="an electron at 0 V against SHE", content={CHARGE: -1.0})
    if name in COHESIVE_ENERGY:
        return _sum(name, f"bulk {name}", {name: 1.0}, [name])
    if name == "OH-":
        return _sum(name, f"H2O - 1/2 H2{at_ph}", {"H2O": 1.0, "H2": -0.5}, ["O", "H"], acid, charge=-1)
    if name == "O2":
        return _sum(name, "2 H2O - 2 H2 + 4.92 eV", {"H2O": 2.0, "H2": -2.0}, ["O", "O"], WATER_SPLITTING)
    ion = ION.fullmatch(name)
    if ion is None or ion["element"] not in ELECTRODES:
        return None
    element, kind = ion["element"], ELECTRODES[ion["element"]]
    if int(ion["charge"] or 1) != kind.charge:
        raise StructureError(f"the equation names {name}; the ion of {element} has {kind.charge} positive charges")
    if element == "H":
        return _sum(name, f"1/2 H2{at_ph}", {"H2": 0.5}, ["H"], -acid, charge=1)
    shift = kind.charge * kind.potential
    return _sum(name, f"bulk {element} {shift:+.3f} eV", {element: 1.0}, [element], shift, charge=kind.charge)


def _sum(
    name: str, state: str, parts: Mapping[str, float], symbols: Sequence[str], constant: float = 0.0, charge: int = 0
) -> Species:
    """Make a species of metals and molecules."""
    content: dict[str, float] = {element: float(number) for element, number in Counter(symbols).items()}
    return Species(
        name=name,
        state=state,
        parts=tuple(Part(weight=weight, key=key) for key, weight in parts.items()),
        constant=constant,
        content=content | ({CHARGE: float(charge)} if charge else {}),
    )


def _structure(name: str, recipe: StructureRecipe, state: str) -> Species:
    """Make a species of a structure, its formula unit as the name says it or else the smallest one."""
    atoms = build(recipe)
    if recipe.molecule is not None or not atoms.pbc.any():
        boxed = StructureDocument.from_atoms(in_box(atoms), label=recipe.label)
        recipe = StructureRecipe(document=boxed).named(recipe.label)
        units = 1.0
    else:
        units = _formula_units(atoms, name)
    counts = Counter(atoms.get_chemical_symbols())
    content = {element: number / units for element, number in counts.items()}
    charge = int(atoms.info.get("charge", 0))
    return Species(
        name=name,
        state=state if units == 1.0 else f"{state}, 1/{units:g} of its cell",
        parts=(Part(weight=1.0 / units, key=f"structure {recipe.label}", recipe=recipe),),
        content=content | ({CHARGE: charge / units} if charge else {}),
    )


def _formula_units(atoms: Atoms, name: str) -> float:
    """Return how many formula units a cell holds: of the formula that the name is, or of the smallest whole one."""
    counts = Counter(atoms.get_chemical_symbols())
    try:
        written = Formula(name).count()
    except ValueError:
        written = {}
    if written.keys() == counts.keys():
        ratios = [counts[element] / written[element] for element in counts]
        if max(ratios) == min(ratios):
            return float(ratios[0])
    return float(gcd(*counts.values()))


def _is_prototype(name: str) -> bool:
    try:
        find(name)
    except StructureError:
        return False
    return True
