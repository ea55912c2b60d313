"""Heterostructures by name or from two slabs: matched, stacked or anchored, and their interface bonds listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from ...errors import StructureError
from .assembly import Heterostructure, common_cell, set_down, stacked
from .condensation import bond_length, without_protons
from .contact import Contact
from .interface_bonds import require_bonds
from .matching import MismatchRow
from .parts import Part, Source, names_pair, part
from .settings import HeterostructureSettings

_OXIDES = ("V8O16", "V2O5", "H2V3O8")
_SUPPORTS = {
    "graphene": "V-O-C",
    "rGO": "V-O-C",
    "N-graphene": "V-O-C",
    "pyridinic-N-graphene": "V-O-C",
    "Ti3C2": "V-O-Ti",
    "Ti3C2O2": "V-O-Ti",
    "Ti3C2(OH)2": "V-O-Ti",
    "V2C": "V-O-V",
    "RuO2": "V-O-Ru",
}
PAIRS: Mapping[str, str] = MappingProxyType(
    {f"{oxide}/{support}": bond for oxide in _OXIDES for support, bond in _SUPPORTS.items()}
    | {"TiS2/TiO2": "Ti-S-Ti", "MoS2/Ti3C2": "Mo-S-Ti", "MoS2/Ti3C2O2": "van der Waals"}
)
"""Heterostructures of the literature by name, with the interface bond for which they are studied; whether the parts
form it is for a relaxation to tell. Other layers can be paired likewise."""

DEFAULTS = HeterostructureSettings()


def heterostructure(
    film: Source, support: Source | None = None, settings: HeterostructureSettings = DEFAULTS
) -> Heterostructure:
    """Build the likeliest of the candidates: most interface bonds, then the smallest gap.

    Args:
        film: name of a layer or cluster, file, atoms or document; or the name of a pair, "V8O16/graphene".
        support: the same; none when ``film`` names a pair.
        settings: limits and choices.

    Raises:
        StructureError: see [`candidates`][].
    """
    return candidates(film, support, settings)[0]


def candidates(
    film: Source, support: Source | None = None, settings: HeterostructureSettings = DEFAULTS
) -> list[Heterostructure]:
    """Build every registry at every gap of layers, or every face of a cluster at every gap; nothing is relaxed.

    Args:
        film: see [`heterostructure`][].
        support: see [`heterostructure`][].
        settings: limits and choices.

    Returns:
        Candidates, most interface bonds first, then by gap, equal ones from the corner of the cell on. A layer by name
        lies as it is built; one from a file is turned and shifted by what its atoms are, so that the order does not
        depend on how the file has them.

    Raises:
        StructureError: an unknown name, a file that is no slab, no match within the limits, too many atoms, or no
            interface bond in any candidate although a bonded contact is asked for.
    """
    upper, lower = _parts(film, support)
    open_ = bool(settings.condense) or "open" in (upper.faces, lower.faces)
    contact: Contact = settings.contact or ("bonded" if open_ else "van der Waals")
    if settings.condense:
        lower = replace(lower, atoms=without_protons(lower.atoms), hydroxyl=bond_length(lower.atoms))
    build = set_down if upper.finite else stacked
    found = build(upper, lower, contact, settings)
    if not found:
        raise StructureError(
            f"{upper.name}/{lower.name}: wherever the film is set down it meets more hydroxyls than lose their "
            f"proton in {settings.condense} molecules of water, or there are fewer of them; change condense"
        )
    found.sort(key=lambda one: (-len(one.bonds), round(one.placement.gap, 3)))
    if (settings.contact == "bonded" or settings.condense) and settings.gap is None:
        require_bonds(found[0].atoms, found[0].film, found[0].support)
    return [replace(one, number=number, candidates=len(found)) for number, one in enumerate(found)]


def mismatch_table(
    pairs: Iterable[tuple[Source, Source]], settings: HeterostructureSettings = DEFAULTS
) -> list[MismatchRow]:
    """Match many pairs of layers; a pair that cannot be matched keeps its line and says why.

    Args:
        pairs: films and supports, see [`heterostructure`][].
        settings: limits.

    Returns:
        One row for each pair, in their order.

    Raises:
        StructureError: an unknown name, or a file that is no slab.
    """
    rows = []
    for film, support in pairs:
        upper, lower = _parts(film, support)
        try:
            match = common_cell(upper, lower, settings)
        except StructureError as error:
            rows.append(MismatchRow(upper.name, lower.name, problem=str(error)))
        else:
            atoms = match.film_cells * len(upper.atoms) + match.support_cells * len(lower.atoms)
            rows.append(MismatchRow(upper.name, lower.name, match, match.area(settings.strain), atoms))
    return rows


def _parts(film: Source, support: Source | None) -> tuple[Part, Part]:
    if support is None:
        pair = names_pair(film) if isinstance(film, str) else None
        if pair is None:
            known = ", ".join(PAIRS)
            raise StructureError(f"{film} names no film and support; write FILM/SUPPORT, such as {known}")
        film, support = pair
    upper, lower = part(film), part(support)
    if lower.finite:
        raise StructureError(f"{lower.name} is a cluster: only a film can be one, a support is periodic")
    return upper, lower
