"""The table of named prototypes: what each is called, how it is built and what must hold for it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from ...errors import StructureError
from ...plugins import plugins, refuse

if TYPE_CHECKING:
    from ase import Atoms

GROUP = "azibflow.prototypes"
"""Entry points of other packages, each of which names one prototype or several."""

Builder = Callable[[], "Atoms"]

_registry: dict[str, Prototype] = {}
_names: dict[str, str] = {}


@dataclass(frozen=True)
class Prototype:
    """A named structure from the literature; the docstring of its builder holds the published numbers and their source.

    Attributes:
        name: what users write, e.g. ``alpha-V2O5``.
        build: makes the atoms; called anew for every use.
        space_group: International number of the structure as built.
        layer_axis: cell vector (0, 1, 2) along which van der Waals forces stack layers, none for three-dimensional
            solids.
        sheet: one layer in vacuum along c, in a fully periodic box; the third cell length is vacuum.
        intact_bonds: bonds that no slab may cut: pair of elements -> longest bond, angstrom.
        aliases: other names that users write for it.
        places: names of places for an ion, such as the tunnels of a host -> fractional coordinates of one of each.
    """

    name: str
    build: Builder
    space_group: int
    layer_axis: int | None = None
    sheet: bool = False
    intact_bonds: Mapping[tuple[str, str], float] = field(default_factory=lambda: MappingProxyType({}))
    aliases: tuple[str, ...] = ()
    places: Mapping[str, tuple[float, float, float]] = field(default_factory=lambda: MappingProxyType({}))


PROTOTYPES: Mapping[str, Prototype] = MappingProxyType(_registry)
"""The prototypes of this package; [`prototypes`][] has those of others too."""


def register(
    name: str,
    *,
    space_group: int,
    aliases: tuple[str, ...] = (),
    layer_axis: int | None = None,
    sheet: bool = False,
    intact_bonds: Mapping[tuple[str, str], float] | None = None,
    places: Mapping[str, tuple[float, float, float]] | None = None,
) -> Callable[[Builder], Builder]:
    """Enter the decorated builder into ``PROTOTYPES``; the arguments are the fields of ``Prototype``.

    Args:
        name: the prototype's name.
        space_group: International number of the structure as built.
        aliases: other names that users write for it.
        layer_axis: cell vector of van der Waals stacking.
        sheet: one layer in vacuum.
        intact_bonds: bonds that no slab may cut, angstrom.
        places: names of places for an ion, fractional coordinates.

    Returns:
        A decorator that gives the builder back unchanged.
    """

    def enter(build: Builder) -> Builder:
        bonds, named = MappingProxyType(dict(intact_bonds or {})), MappingProxyType(dict(places or {}))
        _enter(Prototype(name, build, space_group, layer_axis, sheet, bonds, aliases, named))
        return build

    return enter


def prototypes() -> Mapping[str, Prototype]:
    """Return all prototypes by name: those of this package, then those of others."""
    _add_those_of_others()
    return PROTOTYPES


@cache
def _add_those_of_others() -> None:
    for plugin in plugins(GROUP):
        brought = list(plugin.value) if isinstance(plugin.value, Iterable) else [plugin.value]
        for entry in brought:
            if not isinstance(entry, Prototype):
                refuse(GROUP, plugin.name, plugin.distribution, f"it names a {type(entry).__name__}, not a Prototype")
                break
            try:
                _enter(entry)
            except ValueError as error:
                refuse(GROUP, plugin.name, plugin.distribution, str(error))
                break


def _enter(entry: Prototype) -> None:
    """Put a prototype into the table.

    Raises:
        ValueError: another one has its name or one of its aliases; nothing is entered then.
    """
    names = [written.casefold() for written in (entry.name, *entry.aliases)]
    for name in names:
        if name in _names:
            raise ValueError(f"prototype name {name!r} is given twice")
    _registry[entry.name] = entry
    _names.update(dict.fromkeys(names, entry.name))


def find(name: str) -> Prototype:
    """Look a prototype up by its name or an alias, upper and lower case alike.

    Args:
        name: e.g. ``alpha-V2O5``, ``V2O5``, ``graphene-pyridinic-N``.

    Returns:
        The prototype.

    Raises:
        StructureError: no prototype has that name; the message lists the nearest ones.
    """
    _add_those_of_others()
    written = name.strip().casefold()
    known = _names.get(written)
    if known is None:
        near = difflib.get_close_matches(written, _names, n=4, cutoff=0.4)
        offer = ", ".join(dict.fromkeys(_names[n] for n in near)) or ", ".join(_registry)
        raise StructureError(f"no prototype is called {name!r}; nearest names: {offer}")
    return _registry[known]


def prototype(name: str) -> Atoms:
    """Build a named structure.

    Args:
        name: name or alias of a prototype, upper and lower case alike.

    Returns:
        The published cell, periodic in three directions, with ``info["charge"] = 0`` and the name in
        ``info["label"]``. Lengths in angstrom.

    Raises:
        StructureError: no prototype has that name.
    """
    entry = find(name)
    atoms = entry.build()
    atoms.pbc = True
    atoms.info = {"charge": 0, "label": entry.name}
    return atoms
