"""Published values to stand beside computed ones: facts with DOI and locator, in the words of this project."""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ..errors import AzibflowError
from ..plugins import plugins, refuse

GROUP = "azibflow.literature"
"""Entry points of other packages, each of which names a file like ``literature.yaml``: its path, or a resource."""

UNKNOWN = "unknown"
"""What a reference state is called that its paper does not state."""


class Quantity(StrEnum):
    """What a published value is a value of."""

    MIGRATION_BARRIER = "migration_barrier"
    ADSORPTION_ENERGY = "adsorption_energy"
    SURFACE_ENERGY = "surface_energy"
    DESOLVATION_BARRIER = "desolvation_barrier"
    HYDRATION_ENTHALPY = "hydration_enthalpy"
    INSERTION_ENERGY = "insertion_energy"
    LAYER_SPACING = "layer_spacing"
    REACTION_ENERGY = "reaction_energy"
    ACTIVATION_ENERGY = "activation_energy"
    ORBITAL_ENERGY = "orbital_energy"
    HYDROGEN_FREE_ENERGY = "hydrogen_free_energy"
    BINDING_ENERGY = "binding_energy"
    WORK_OF_ADHESION = "work_of_adhesion"
    HOMO_ENERGY = "homo_energy"
    LUMO_ENERGY = "lumo_energy"
    ORBITAL_GAP = "orbital_gap"
    POTENTIAL_SPREAD = "potential_spread"
    STORAGE_LIMIT = "storage_limit"
    CAPACITY = "capacity"
    MASS_PER_CHARGE = "mass_per_charge"
    COORDINATION_NUMBER = "coordination_number"
    DIFFUSION_COEFFICIENT = "diffusion_coefficient"
    CONDUCTIVITY = "conductivity"
    IONIC_RADIUS = "ionic_radius"
    PAIR_DISTANCE = "pair_distance"


class Source(BaseModel):
    """A paper."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    citation: str = Field(description="authors, title or journal, year")
    doi: str | None = Field(None, description="DOI without resolver; none where no DOI is known")


class Ordered(BaseModel):
    """A system that a paper puts into an order, under the name that it has there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: str = Field(description="name of the system, such as V2C-V2O5; campaigns say which of theirs it is")
    species: str = Field("", description="ion, adsorbate or cluster, where it is not that of the entry")

    @property
    def words(self) -> str:
        """System, and species where the order is one of species."""
        return f"{self.species} at {self.system}" if self.species else self.system


def _members(value: Any) -> Any:
    """Let a place in an order be written as a name, as a mapping, or as a list of these."""
    return [{"system": one} if isinstance(one, str) else one for one in (value if isinstance(value, list) else [value])]


Place = Annotated[tuple[Ordered, ...], BeforeValidator(_members), Field(min_length=1)]
"""The systems at one place of an order; among them the paper says nothing."""


class PublishedValue(BaseModel):
    """One published number, or one published ordering where the paper prints no number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(description="short stable name, used in campaigns")
    quantity: Quantity | str = Field(
        union_mode="left_to_right", description="what it is a value of; other packages have quantities of their own"
    )
    species: str = Field("", description="ion, adsorbate or cluster the value is about")
    system: str = Field(description="the system in words")
    value: float | None = Field(None, description="the number, in the given unit")
    ordering: str | None = Field(None, description="the ordering or statement, where there is no number")
    order: tuple[Place, ...] = Field(
        (), description="what the paper orders, from the lowest number; beside a number, with others of the same paper"
    )
    every_step: bool = Field(False, description="whether the order holds at every step of a ladder, and not of its top")
    unit: str = Field("", description="unit of the number; empty for none")
    source: Source = Field(description="the paper that prints it")
    locator: str = Field(description="where in the paper")
    method: str = Field(description="method, as far as the paper names it")
    reference_state: str = Field(UNKNOWN, description="what the energy is relative to; unknown unless the paper says")
    note: str = Field("", description="ambiguities to know before comparing")

    @model_validator(mode="after")
    def _number_or_ordering(self) -> Self:
        if (self.value is None) == (self.ordering is None):
            raise ValueError(f"{self.key} needs either a value or an ordering")
        return self

    @model_validator(mode="after")
    def _an_order_is_of_several(self) -> Self:
        members = [member for place in self.order for member in place]
        if len(self.order) == 1 or len(set(members)) < len(members):
            raise ValueError(f"{self.key}: an order has at least two places, and each system at one of them")
        return self

    @property
    def order_in_words(self) -> str:
        """The order, as in "Sn, TiO2 < graphene"; empty where there is none."""
        return " < ".join(", ".join(member.words for member in place) for place in self.order)

    @property
    def statement(self) -> str:
        """The number with its unit, or the ordering."""
        return self.ordering or f"{self.value:g} {self.unit}".strip()


@cache
def published_values() -> dict[str, PublishedValue]:
    """Return all published values by key, in the order of the data files: those of this package, then of others."""
    values = _values_in(files("azibflow.data") / "literature.yaml")
    for plugin in plugins(GROUP):
        try:
            more = _values_in(plugin.value)
        except Exception as error:  # a file of others may hold anything
            refuse(GROUP, plugin.name, plugin.distribution, " ".join(f"{type(error).__name__}: {error}".split()))
            continue
        if taken := sorted(values.keys() & more):
            refuse(GROUP, plugin.name, plugin.distribution, f"there are published values called {', '.join(taken)}")
        else:
            values |= more
    return values


def _values_in(file: Traversable | Path) -> dict[str, PublishedValue]:
    from ruamel.yaml import YAML

    data = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    sources = {key: Source(**fields) for key, fields in data["sources"].items()}
    return {
        key: PublishedValue(key=key, **fields | {"source": sources[fields["source"]]})
        for key, fields in data["values"].items()
    }


def published(key: str) -> PublishedValue:
    """Look up one published value.

    Raises:
        AzibflowError: there is no such key; the message names the nearest ones.
    """
    values = published_values()
    if key not in values:
        raise AzibflowError(f"no published value has the key {key!r}; {nearest_keys(key)}")
    return values[key]


def ordered_systems() -> list[str]:
    """Return the names of all systems that papers put into an order, each once."""
    orders = [entry.order for entry in published_values().values()]
    return list(dict.fromkeys(member.system for order in orders for place in order for member in place))


def nearest_keys(key: str) -> str:
    """Say which keys are nearest to a wrong one."""
    lower = {known.lower(): known for known in published_values()}
    near = [lower[match] for match in get_close_matches(key.lower(), lower, n=3, cutoff=0.5)]
    return f"the nearest are {', '.join(near)}" if near else "none is like it"
