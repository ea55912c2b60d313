"""The layers that heterostructures are stacked of, each whole, by the name that papers give them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from ...errors import StructureError
from ..prototypes import find, prototype
from ..slabs import build_slabs
from .doping import Doping, graphitic, pyridinic, reduced
from .oxide_clusters import v8o16

if TYPE_CHECKING:
    from ase import Atoms

Faces = Literal["saturated", "open"]


@dataclass(frozen=True)
class Layer:
    """A layer, slab or cluster that can be film or support.

    Attributes:
        summary: what it is, in one line.
        build: makes one cell of it, vacuum along c; a cluster has no cell.
        faces: saturated faces hold to each other by van der Waals forces, open ones form bonds.
        doping: what replaces or removes carbon once the supercell is known; none for all others.
        aliases: other names that users write.
    """

    summary: str
    build: Callable[[], Atoms]
    faces: Faces
    doping: Doping | None = None
    aliases: tuple[str, ...] = ()


def _cut(name: str, miller: str, layers: int) -> Callable[[], Atoms]:
    return lambda: build_slabs(
        prototype(name), miller, layers=layers, intact_bonds=dict(find(name).intact_bonds) or None
    )[0]


def _sheet(name: str) -> Callable[[], Atoms]:
    return lambda: prototype(name)


LAYERS: Mapping[str, Layer] = MappingProxyType(
    {
        "V8O16": Layer("finite piece of VO2(B), its cut bonds open", v8o16, "open", aliases=("VOx",)),
        "V2O5": Layer("one layer of alpha-V2O5", _cut("alpha-V2O5", "001", 1), "saturated"),
        "H2V3O8": Layer("one layer of H2V3O8, water included", _cut("H2V3O8", "100", 1), "saturated", aliases=("HVO",)),
        "Zn": Layer("Zn(002), four planes", _cut("Zn", "002", 4), "open", aliases=("Zn(002)",)),
        "Cu": Layer("Cu(111), four planes", _cut("Cu", "111", 4), "open", aliases=("Cu(111)",)),
        "NiTi": Layer("NiTi(110), four planes", _cut("NiTi", "110", 4), "open", aliases=("nitinol",)),
        "ZnSe": Layer("ZnSe(111), two double layers, polar", _cut("ZnSe", "111", 2), "open", aliases=("ZnSe(111)",)),
        "SnS2": Layer("one layer of SnS2", _cut("SnS2", "001", 1), "saturated"),
        "VSe2": Layer("one layer of 1T-VSe2", _cut("1T-VSe2", "001", 1), "saturated"),
        "rutile": Layer(
            "rutile TiO2(110), two stoichiometric trilayers", _cut("rutile-TiO2", "110", 2), "open", aliases=("r-TiO2",)
        ),
        "ZrO2": Layer("tetragonal ZrO2(101), two layers", _cut("tetragonal-ZrO2", "101", 2), "open"),
        "Ti3C2F2": Layer("Ti3C2, fluorine on both faces", _sheet("Ti3C2F2"), "saturated", aliases=("Ti3C2-F",)),
        "TiS2": Layer("one layer of 1T-TiS2", _cut("1T-TiS2", "001", 1), "saturated"),
        "MoS2": Layer("one layer of 2H-MoS2", _cut("2H-MoS2", "001", 1), "saturated"),
        "graphene": Layer("graphene", _sheet("graphene"), "saturated", aliases=("G",)),
        "rGO": Layer(
            "graphene with a vacancy beside every anchor of the film, as in reduced graphene oxide",
            _sheet("graphene"),
            "saturated",
            reduced,
            aliases=("reduced-graphene-oxide",),
        ),
        "N-graphene": Layer(
            "graphene, one graphitic N per cell of the heterostructure",
            _sheet("graphene"),
            "saturated",
            graphitic,
            aliases=("graphitic-N-graphene", "NC"),
        ),
        "pyridinic-N-graphene": Layer(
            "graphene, one vacancy with three pyridinic N per cell of the heterostructure",
            _sheet("graphene"),
            "saturated",
            pyridinic,
        ),
        "Ti3C2": Layer("bare Ti3C2", _sheet("Ti3C2"), "open"),
        "Ti3C2O2": Layer("Ti3C2, oxygen on both faces", _sheet("Ti3C2O2"), "saturated"),
        "Ti3C2(OH)2": Layer("Ti3C2, hydroxyl on both faces", _sheet("Ti3C2(OH)2"), "saturated", aliases=("Ti3C2-OH",)),
        "V2C": Layer("bare V2C", _sheet("V2C"), "open"),
        "RuO2": Layer("RuO2(110), two stoichiometric trilayers", _cut("RuO2", "110", 2), "open"),
        "TiO2": Layer("anatase TiO2(101), two layers", _cut("anatase-TiO2", "101", 2), "open", aliases=("anatase",)),
    }
)
"""What each name stands for; names and aliases are found in upper and lower case alike."""

_NAMES = {written.casefold(): name for name, entry in LAYERS.items() for written in (name, *entry.aliases)}


def find_layer(name: str) -> str | None:
    """Return the proper name of a layer, or none when nobody knows the name."""
    return _NAMES.get(name.strip().casefold())


def layer(name: str) -> Layer:
    """Look a layer up by name or alias.

    Raises:
        StructureError: no layer has that name; the message lists the nearest ones.
    """
    known = find_layer(name)
    if known is None:
        near = difflib.get_close_matches(name.casefold(), _NAMES, n=4, cutoff=0.4)
        offer = ", ".join(dict.fromkeys(_NAMES[n] for n in near)) or ", ".join(LAYERS)
        raise StructureError(f"no layer is called {name!r}; nearest names: {offer}; structure files work too")
    return LAYERS[known]
