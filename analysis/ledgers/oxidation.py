"""Formal oxidation states, and how many electrons the metal of a host can take."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from ...errors import AzibflowError
from .formulas import composition

FIXED_STATES = {
    **dict.fromkeys(("H", "Li", "Na", "K", "Rb", "Cs", "Ag"), 1),
    **dict.fromkeys(("Mg", "Ca", "Sr", "Ba", "Zn"), 2),
    **dict.fromkeys(("Al", "La", "Y"), 3),
    **dict.fromkeys(("Si",), 4),
    **dict.fromkeys(("P",), 5),
    **dict.fromkeys(("F", "Cl", "Br", "I"), -1),
    **dict.fromkeys(("O", "S", "Se", "Te"), -2),
    **dict.fromkeys(("N",), -3),
}
"""Formal states of what is not the redox metal; sulfur only where there is no oxygen, nitrogen as nitride or NH4."""

ROWS_OF_METALS = (
    ("Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu"),
    ("Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd"),
    ("Hf", "Ta", "W", "Re", "Os", "Ir", "Pt", "Au"),
)
TRANSITION_METALS = frozenset(metal for row in ROWS_OF_METALS for metal in row)
"""What can be the redox metal of a host; silver and zinc have one state."""


class Limits(NamedTuple):
    """How far down and up a metal goes.

    Attributes:
        usual: lowest state known from discharged cathodes of zinc-ion batteries.
        usual_source: the compound that shows it.
        lowest: lowest state that zinc metal can reduce the aqueous ion to.
        lowest_source: the couples on both sides of zinc.
        highest: its number of valence electrons.
    """

    usual: int
    usual_source: str
    lowest: int
    lowest_source: str
    highest: int


LIMITS = {
    "V": Limits(
        usual=3,
        usual_source="the spinel ZnV2O4",
        lowest=2,
        lowest_source="V3+/V2+ -0.255 V lies above Zn2+/Zn -0.762 V, V2+/V -1.175 V below",
        highest=5,
    ),
    "Mn": Limits(
        usual=3,
        usual_source="the spinel ZnMn2O4; Mn2+ dissolves",
        lowest=2,
        lowest_source="Mn3+/Mn2+ +1.54 V lies above Zn2+/Zn -0.762 V, Mn2+/Mn -1.185 V below",
        highest=7,
    ),
    "Ti": Limits(
        usual=3,
        usual_source="A+TiS2, one electron per Ti",
        lowest=3,
        lowest_source="Ti3+/Ti2+ -0.9 V lies below Zn2+/Zn -0.762 V",
        highest=4,
    ),
}
"""Standard potentials against SHE: CRC Handbook of Chemistry and Physics, 97th ed. (2016), Electrochemical Series."""


class Supply(StrEnum):
    """Whether the metal of a host can take the electrons of a charge."""

    OXIDISED = "up to its highest state"
    USUAL = "down to a usual state"
    LOW = "only below the lowest usual state"
    IMPOSSIBLE = "not by the metal alone"
    UNKNOWN = "no limit known"


class MetalBudget(BaseModel):
    """The electrons that a charge asks of the metal of a host."""

    model_config = ConfigDict(frozen=True)

    metal: str = Field(description="the redox metal")
    atoms: float = Field(description="its atoms per host formula")
    electrons_per_atom: float = Field(description="electrons asked of each")
    start: float = Field(description="formal oxidation state of the host, from its composition")
    end: float = Field(description="formal oxidation state that the charge would leave")
    usual_limit: int | None = Field(description="lowest state known from discharged cathodes")
    lowest_limit: int | None = Field(description="lowest state that zinc metal can reduce the aqueous ion to")
    highest_limit: int | None = Field(None, description="highest state, of all valence electrons")
    supply: Supply = Field(description="whether the metal can take the electrons")
    source: str = Field(description="where the limits come from")

    @property
    def statement(self) -> str:
        """The budget in one sentence."""
        change = f"{self.metal}({_signed(self.start)}) -> {self.metal}({_signed(self.end)})"
        asked = f"{abs(self.electrons_per_atom):.3g} e per {self.metal}, {change}"
        if self.supply is Supply.UNKNOWN:
            return f"{asked}: no limit of {self.metal} is known here"
        if self.end > self.start and self.supply is Supply.IMPOSSIBLE:
            return f"{asked}: not by {self.metal} alone, whose highest state is {self.metal}({self.highest_limit:+d})"
        verdict = {
            Supply.OXIDISED: f"possible up to {self.metal}({self.highest_limit or 0:+d}), its highest state",
            Supply.USUAL: f"possible down to {self.metal}({self.usual_limit:+d}), the lowest usual state",
            Supply.LOW: (
                f"possible down to {self.metal}({self.lowest_limit:+d}), "
                f"below the lowest usual state {self.metal}({self.usual_limit:+d})"
            ),
            Supply.IMPOSSIBLE: (
                f"not by {self.metal} alone, which zinc reduces to {self.metal}({self.lowest_limit:+d}) at most"
            ),
        }[self.supply]
        return f"{asked}: {verdict}"


def oxidation_state(formula: str, metal: str) -> float:
    """Return the mean formal oxidation state of one element, all others in their usual one.

    Raises:
        AzibflowError: the formula lacks the element, or another of its elements has no one usual state.
    """
    atoms = composition(formula)
    if metal not in atoms:
        raise AzibflowError(f"the formula {formula!r} has no {metal}")
    others = [element for element in atoms if element != metal]
    unknown = [element for element in others if element not in FIXED_STATES]
    if unknown or ("O" in others and {"S", "Se", "Te"} & set(others)):
        what = ", ".join(unknown) or "sulfur beside oxygen"
        raise AzibflowError(f"the formula {formula!r} leaves the state of {metal} open: {what} has no one usual state")
    return -sum(FIXED_STATES[element] * atoms[element] for element in others) / atoms[metal]


def metal_budget(formula: str, electrons: float) -> MetalBudget | None:
    """Hold the electrons of a charge against what the metal of a host can take.

    Args:
        formula: the host.
        electrons: electrons per host formula; negative where the host is oxidised.

    Returns:
        The budget; none for a host without a transition metal, with several, or whose composition leaves its state
        open.

    Raises:
        AzibflowError: the formula cannot be read.
    """
    atoms = composition(formula)
    metals = [element for element in atoms if element in TRANSITION_METALS]
    if len(metals) != 1:
        return None
    metal = metals[0]
    try:
        start = oxidation_state(formula, metal)
    except AzibflowError:
        return None
    each = electrons / atoms[metal]
    limits = LIMITS.get(metal)
    return MetalBudget(
        metal=metal,
        atoms=atoms[metal],
        electrons_per_atom=each,
        start=start,
        end=start - each,
        usual_limit=limits.usual if limits else None,
        lowest_limit=limits.lowest if limits else None,
        highest_limit=limits.highest if limits else None,
        supply=_supply(start, start - each, limits),
        source=_source(metal, limits),
    )


def _supply(start: float, end: float, limits: Limits | None) -> Supply:
    slack = 1e-9  # sums of fractions such as 0.85 are not exact
    if limits is None:
        return Supply.UNKNOWN
    if end > start:
        return Supply.OXIDISED if end <= limits.highest + slack else Supply.IMPOSSIBLE
    if end >= limits.usual - slack:
        return Supply.USUAL
    return Supply.LOW if end >= limits.lowest - slack else Supply.IMPOSSIBLE


def _source(metal: str, limits: Limits | None) -> str:
    if limits is None:
        return ""
    return (
        f"{metal}({limits.usual:+d}) is known from {limits.usual_source}; zinc reduces to {metal}({limits.lowest:+d}) "
        f"at most: {limits.lowest_source} (SHE; CRC Handbook, 97th ed.)"
    )


def _signed(state: float) -> str:
    return f"{state:+.3g}"
