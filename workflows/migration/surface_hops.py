"""Hops of an adatom on a surface: between the places where it came to rest, and by exchange with surface atoms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveFloat, PositiveInt

from ...errors import StructureError
from ...structures.adatoms import (
    ONE_CELL,
    AdatomHop,
    AdatomSite,
    atoms_on_top,
    check_metals,
    distinct_sites,
    ends_of,
    exchanges,
    neighbour_hops,
    resting_place,
)
from ...structures.documents import StructureDocument
from ...structures.sites import face_operations, upright_positions
from ..adsorption.placement import Placement, capped, placements
from ..common.caps import left_out_in_words
from ..common.relaxation_jobs import RelaxationResult
from .adatoms import AdatomState
from .hops import HopStart
from .network import AdatomSurface, HopNetwork, Mechanism, SiteFate

if TYPE_CHECKING:
    from ase import Atoms

NAMES: Mapping[Mechanism, str] = {"hop": "distinct hops", "exchange": "distinct exchanges"}
FAILED = "its relaxation failed; the run's log says why"


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class SurfaceHops(BaseModel):
    """Which hops of an adatom on a surface are computed."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    mechanism: Annotated[tuple[Mechanism, ...], BeforeValidator(_one_or_more), Field(min_length=1)] = Field(
        ("hop",),
        description="hop: from one place of rest to the next over the surface; exchange: into the surface of a metal, "
        "an atom of which comes out; or a list of both",
    )
    max_distance: PositiveFloat = Field(5.0, description="longest hop considered, angstrom")
    sites: list[str] | None = Field(
        None, description="labels of the adsorption sites tried; all distinct sites when none"
    )
    max_sites: PositiveInt | None = Field(12, description="most adsorption sites tried; none: all")
    max_hops: PositiveInt | None = Field(
        6, description="most hops computed of each mechanism, the shortest ones; none: all"
    )


def adatom_placements(
    bare: Atoms, ion: str, surface: SurfaceHops, planned: Atoms | None = None
) -> tuple[list[Placement], str]:
    """Put an adatom on the adsorption sites of a surface.

    Args:
        bare: the bare surface.
        ion: chemical symbol.
        surface: which sites, and how many.
        planned: the surface as it was planned, whose sites are meant; none: those of ``bare``.

    Returns:
        The starts, and what a cap left out, in words.

    Raises:
        StructureError: the surface has no site, or none of a label that is asked for, or is none for exchange.
    """
    if "exchange" in surface.mechanism:
        check_metals(bare)
    everywhere = placements(bare, ion, surface.sites, planned)
    if not everywhere:
        raise StructureError("the surface has no adsorption site; is its upper face towards +c, with vacuum above?")
    chosen = capped(everywhere, surface.max_sites)
    said = left_out_in_words(len(chosen), len(everywhere), "adsorption sites", "max_sites", surface.max_sites)
    return chosen, said


def surface_hop_starts(
    bare: RelaxationResult,
    placed: Sequence[Placement],
    states: Sequence[AdatomState | None],
    ion: str,
    surface: SurfaceHops,
    *,
    label: str,
    left_out: str = "",
) -> list[HopStart]:
    """Find the distinct hops between the places where an adatom came to rest, and build the endpoints of each.

    Args:
        bare: the relaxed bare surface.
        placed: where adatoms were put.
        states: what became of each; none where its relaxation failed.
        ion: chemical symbol.
        surface: which hops.
        label: name of the surface.
        left_out: what a cap on sites left out, in words.

    Returns:
        Endpoints with the adatom last: hops over the surface, shortest first, then exchanges.

    Raises:
        StructureError: the adatom rests nowhere, or there is no hop of the kind asked for.
    """
    atoms = bare.structure.to_atoms()
    symmetry = face_operations(atoms)
    at_rest = {state.site: state for state in states if state is not None and not state.problem}
    relaxed = {site: state.relaxed.structure.to_atoms() for site, state in at_rest.items()}
    begun = {placement.site: placement.structure.positions[-1] for placement in placed}
    places = [
        AdatomSite(
            site,
            resting_place(atoms, relaxed[site].positions[-1], symmetry),
            state.relaxed.energy,
            moved=float(np.linalg.norm(relaxed[site].positions[-1, :2] - begun[site][:2])),
        )
        for site, state in at_rest.items()
    ]
    sites, merged = distinct_sites(atoms, places, symmetry)
    fates = [_fate(placement, state, sites, merged) for placement, state in zip(placed, states, strict=True)]
    if not sites:
        said = "; ".join(f"{fate.site}: {fate.fate}" for fate in fates)
        raise StructureError(f"{ion} rests nowhere on {label} ({said})")
    found: list[AdatomHop] = []
    caps = [left_out]
    for mechanism in surface.mechanism:
        if mechanism == "hop":
            every = neighbour_hops(atoms, sites, symmetry, surface.max_distance)
        else:
            every = exchanges(atoms, relaxed, sites, symmetry)
        chosen = every[: surface.max_hops]
        found += chosen
        caps.append(left_out_in_words(len(chosen), len(every), NAMES[mechanism], "max_hops", surface.max_hops))
    if not found:
        raise StructureError(
            f"{ion} on {label} has no {' or '.join(surface.mechanism)} of at most {surface.max_distance} angstrom"
        )
    network = HopNetwork(
        crystal=bare.structure, surface=_described(bare, fates), left_out="; ".join(filter(None, caps))
    )
    return [
        _start(one, *ends_of(atoms, relaxed, one, symmetry), ion=ion, label=label, network=network) for one in found
    ]


def _start(hop: AdatomHop, initial: Atoms, final: Atoms, *, ion: str, label: str, network: HopNetwork) -> HopStart:
    return HopStart(
        host=label,
        ion=ion,
        ion_index=len(initial) - 1,
        label=hop.hop.label,
        hop=hop.hop if hop.atom is None or initial.symbols[hop.atom] == ion else None,
        supercell=ONE_CELL,
        mechanism="hop" if hop.atom is None else "exchange",
        network=network,
        initial=StructureDocument.from_atoms(initial, label=f"{ion} on {label}, first endpoint"),
        final=StructureDocument.from_atoms(final, label=f"{ion} on {label}, second endpoint"),
    )


def _fate(
    placed: Placement, state: AdatomState | None, sites: Sequence[AdatomSite], merged: Mapping[str, str]
) -> SiteFate:
    if state is None:
        return SiteFate(site=placed.site, fate=FAILED)
    if state.problem:
        return SiteFate(site=placed.site, fate=state.problem)
    if placed.site in merged:
        return SiteFate(site=placed.site, fate=f"one place with {merged[placed.site]}")
    return SiteFate(site=placed.site, energy=state.relaxed.energy - min(site.energy for site in sites))


def _described(bare: RelaxationResult, fates: list[SiteFate]) -> AdatomSurface:
    """Describe the cell of a surface and how an adatom covers it."""
    atoms = bare.structure.to_atoms()
    area = np.linalg.norm(np.cross(atoms.cell[0], atoms.cell[1]))
    layers = set(bare.structure.tags or ()) - {0}
    held = {(bare.structure.tags or [])[index] for index in bare.structure.fixed} if layers else set()
    return AdatomSurface(
        monolayers=1 / atoms_on_top(upright_positions(atoms)[:, 2]),
        coverage=float(100.0 / area),
        layers=len(layers) or None,
        fixed_layers=len(held) if layers else None,
        n_fixed=len(bare.structure.fixed),
        sites=fates,
    )
