"""The hops that a migration study is made of: found in a host, or given by their two ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

from ...errors import StructureError
from ...structures.documents import StructureDocument, Vector
from ...structures.endpoints import PairedEndpoints, Pairing, pair_endpoints
from ...structures.hops import Hop, distinct_hops, hop_endpoints, hop_supercell
from ...structures.interstitials import APART
from ...structures.percolation import BASIN, percolating_hops
from ...structures.places import fractional_places
from ...structures.recipes import ONE_CELL
from ..common.caps import left_out_in_words
from ..common.relaxation_jobs import CellPolicy
from .network import HopNetwork, Mechanism

if TYPE_CHECKING:
    from ase import Atoms

    from ...structures.recipes import StructureRecipe

Direction = Literal["a", "b", "c"]


REACH = 6.5
"""Longest hop that is considered where shorter ones lead nowhere, angstrom: in spinels whose cell is longer than 11.5
angstrom, ZnY2Se4 say, the tetrahedral sites, between which zinc hops, are more than 5 apart."""


class HopSettings(BaseModel):
    """Which hops are computed, and in which supercell."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    direction: Direction | None = Field(None, description="only hops along this cell axis; none: every distinct hop")
    max_distance: PositiveFloat = Field(5.0, description="longest hop considered, angstrom")
    choose: Literal["shortest", "percolating"] = Field(
        "shortest",
        description="shortest: the shortest hops; percolating: those of the widest way through the host along each "
        "axis that has one",
        exclude_if=lambda choose: choose == "shortest",  # written as before there was this key
    )
    basin: PositiveFloat = Field(
        BASIN,
        description="where percolating: places closer than this are one basin, angstrom; hops within it are no part of "
        "a way",
        exclude_if=lambda basin: basin == BASIN,
    )
    reach: PositiveFloat = Field(
        REACH,
        description="where percolating: length up to which hops are considered where those up to max_distance lead "
        "nowhere, angstrom",
        exclude_if=lambda reach: reach == REACH,
    )
    max_hops: PositiveInt | None = Field(
        1, description="most hops computed; none: all that are chosen; 1, and where percolating none, unless said"
    )
    sites: list[Vector | str] | None = Field(
        None,
        description="sites of the ion in fractional coordinates of the host, or by the names that its prototype gives "
        "them, such as 1x1 tunnel (azibflow list prototypes); found from the host when none",
    )
    supercell: tuple[PositiveInt, PositiveInt, PositiveInt] | None = Field(
        None,
        description="repeats of the host along a, b, c; none: those of the system, and without such from min_length",
    )
    min_length: PositiveFloat = Field(8.0, description="least length of a supercell vector, angstrom")

    @model_validator(mode="before")
    @classmethod
    def _all_that_percolate(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("choose") == "percolating":
            return {"max_hops": None} | data
        return data

    def placed(self, recipe: StructureRecipe) -> HopSettings:
        """Take up what the recipe of a host says of hops: places by name, and the supercell in which the ion hops.

        Raises:
            StructureError: the host has no place of that name, or its supercell is not that of the hops.
        """
        sites = None if self.sites is None else fractional_places(self.sites, recipe)
        return self.model_copy(update={"sites": sites, "supercell": self._supercell_of(recipe)})

    def _supercell_of(self, recipe: StructureRecipe) -> tuple[int, int, int] | None:
        """Return the supercell that the hops name, or the host; in an edited one hops are found in all of it."""
        if recipe.supercell == ONE_CELL or recipe.edits:
            return self.supercell
        if self.supercell not in (None, recipe.supercell):
            raise StructureError(
                f"{recipe.described}: supercell {list(recipe.supercell)} and hops: {{supercell: "
                f"{list(self.supercell)}}} are two cells for one ion; remove one of them"
            )
        if recipe.charge:
            raise StructureError(
                f"{recipe.described}: charge {recipe.charge} is that of a supercell, and hops are found in one cell; "
                "state the charge of one cell and set hops: {supercell: [...]}"
            )
        return recipe.supercell

    def fractions(self) -> list[Vector] | None:
        """Return the sites, all of them fractional coordinates.

        Raises:
            StructureError: one is still a name.
        """
        for site in self.sites or ():
            if isinstance(site, str):
                raise StructureError(f"sites: {site!r} is the name of a place; only the recipe of a prototype knows it")
        return None if self.sites is None else [site for site in self.sites if not isinstance(site, str)]


WAYS_THROUGH = HopSettings(choose="percolating", max_hops=6)
"""What is computed of a host when no hops are named: those by which the ion runs on through it, six at most."""


class HopStart(BaseModel):
    """A hop ready to be computed: where it starts, where it ends, and how the one follows from the other."""

    host: str = Field(description="name of the host")
    ion: str = Field(description="the ion that migrates")
    ion_index: int = Field(description="its place among the atoms")
    label: str = Field(description="the hop in words")
    pairing: str | None = Field(
        None, description="which atom of the second given endpoint is which of the first, in words; none: built here"
    )
    hop: Hop | None = Field(None, description="the hop in the host's cell; none for endpoints given by the user")
    supercell: tuple[int, int, int] | None = Field(None, description="repeats of the host cell; none: as given")
    cell_policy: CellPolicy | None = Field(None, description="which cell parameters of the empty host were relaxed")
    mechanism: Mechanism = Field("hop", description="hop, or exchange of an adatom with an atom of the surface")
    network: HopNetwork | None = Field(None, description="where it was found; none for endpoints given by the user")
    initial: StructureDocument = Field(description="first endpoint, not yet relaxed")
    final: StructureDocument = Field(description="second endpoint, not yet relaxed")

    @property
    def symmetric(self) -> bool:
        """Whether a symmetry operation of the host maps the first endpoint onto the second."""
        return self.hop is not None and self.hop.operation is not None


def hop_starts(
    host: Atoms, ion: str, hops: HopSettings, *, label: str, policy: CellPolicy | None = None
) -> list[HopStart]:
    """Find the distinct hops of an ion in a host and build the endpoints of each.

    Args:
        host: relaxed host cell, without the ion.
        ion: chemical symbol.
        hops: which hops, in which supercell.
        label: name of the host.
        policy: which cell parameters of the host were relaxed, for the record.

    Returns:
        Endpoints with the ion last, shortest hop first.

    Raises:
        StructureError: the host has no site for the ion, or no hop of the kind asked for.
    """
    found, left_out = _chosen(host, ion, hops, label)
    network = HopNetwork(crystal=StructureDocument.from_atoms(host, label=label), left_out=left_out)
    starts = []
    for hop in found:
        supercell = hops.supercell or hop_supercell(host, hop, min_length=hops.min_length)
        initial, final = hop_endpoints(host, ion, hop, supercell)
        starts.append(
            HopStart(
                host=label,
                ion=ion,
                ion_index=len(initial) - 1,
                label=hop.label,
                hop=hop,
                supercell=supercell,
                cell_policy=policy,
                network=network,
                initial=StructureDocument.from_atoms(initial, label=f"{ion} in {label}, first endpoint"),
                final=StructureDocument.from_atoms(final, label=f"{ion} in {label}, second endpoint"),
            )
        )
    return starts


def _chosen(host: Atoms, ion: str, hops: HopSettings, label: str) -> tuple[list[Hop], str]:
    """Choose among the distinct hops of an ion, and say what the cap on their number leaves out."""
    if hops.choose != "percolating":
        every = _up_to(hops.max_distance, host, ion, hops, APART)
        found = every[: hops.max_hops]
        return found, left_out_in_words(len(found), len(every), "distinct hops", "max_hops", hops.max_hops)
    for longest in sorted({hops.max_distance, max(hops.reach, hops.max_distance)}):
        try:
            every = _up_to(longest, host, ion, hops, hops.basin)
        except StructureError:
            if longest >= hops.reach:
                raise
            continue
        ways = percolating_hops(host, ion, every)
        if ways:
            found = percolating_hops(host, ion, every, hops.max_hops)
            what = "hops of ways through the host"
            return found, left_out_in_words(len(found), len(ways), what, "max_hops", hops.max_hops)
    raise StructureError(
        f"no hops of at most {longest} angstrom lead {ion} on through {label}; allow longer ones (reach), or ask for "
        "the shortest"
    )


def _up_to(longest: float, host: Atoms, ion: str, hops: HopSettings, apart: float) -> list[Hop]:
    return distinct_hops(host, ion, sites=hops.fractions(), max_distance=longest, apart=apart, direction=hops.direction)


def hop_between(
    initial: Atoms,
    final: Atoms,
    *,
    ion: str | None = None,
    pairing: Pairing = "nearest",
    systems: tuple[str, str] = ("first", "second"),
    names: tuple[str, str] = ("the first endpoint", "the second endpoint"),
) -> HopStart:
    """Take two structures as the endpoints of a hop.

    Args:
        initial: first endpoint.
        final: second endpoint.
        ion: chemical symbol of the ion; the atom that moves farthest when none.
        pairing: how the atoms of the two are paired; see [`pair_endpoints`][].
        systems: what the two are called in tables.
        names: what they are called in messages.

    Raises:
        StructureError: the two are no two states of one system, or it is not the ion that moves.
    """
    pair = pair_endpoints(initial, final, pairing=pairing, names=names)
    index = _moving_ion(pair, ion, names)
    symbol = initial.get_chemical_symbols()[index]
    rest = initial[[atom for atom in range(len(initial)) if atom != index]]
    return HopStart(
        host=rest.get_chemical_formula("metal"),
        ion=symbol,
        ion_index=index,
        label=f"{systems[0]} to {systems[1]}, {pair.lengths[index]:.2f} A" + (", as given" * (pairing == "as-given")),
        pairing=pair.pairing,
        initial=StructureDocument.from_atoms(initial),
        final=StructureDocument.from_atoms(pair.final),
    )


def _moving_ion(pair: PairedEndpoints, ion: str | None, names: tuple[str, str]) -> int:
    """Return the index of the atom that hops: that which moves farthest, of a given element where one is given."""
    farthest = int(pair.lengths.argmax())
    symbols = np.array(pair.initial.get_chemical_symbols())
    if ion is None:
        return farthest
    own = np.where(symbols == ion, pair.lengths, 0.0)
    if own.max() < pair.lengths[farthest] / 2:
        raise StructureError(
            f"ion: {ion} hardly moves between {names[0]} and {names[1]} ({own.max():.2f} angstrom); what moves "
            f"farthest is {symbols[farthest]} (atom {farthest}, {pair.lengths[farthest]:.2f} angstrom)"
        )
    return int(own.argmax())
