"""Which system of a campaign is the parent of which: what cannot be is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from ..errors import CampaignError
from ..input_files.mistakes import MisplacedError, nearest
from ..structures.building import build_bulk

if TYPE_CHECKING:
    from ..structures.recipes import StructureRecipe

T = TypeVar("T")
MOLECULE, SOLID = "a molecule", "a crystal or a surface"


def check_parents(
    parents: Mapping[str, str], systems: Mapping[str, StructureRecipe], molecules: Collection[str]
) -> None:
    """Refuse parents that do not exist, are of another kind, are the system itself, or come back to it.

    Args:
        parents: parent by the name of a system.
        systems: of the campaign.
        molecules: that studies name beside them.

    Raises:
        MisplacedError: says which and why.
    """
    for system, parent in parents.items():
        for name in (system, parent):
            check_name(name, "parents", systems, molecules, key=system)
        if system == parent:
            raise MisplacedError(
                f"the system {system!r} is its own parent; name another one, or leave it out", ("parents", system)
            )
        if problem := kind_problem(system, parent, systems):
            raise MisplacedError(problem, ("parents", system))
    for system in parents:
        way = [system]
        while (following := parents.get(way[-1])) is not None:
            way.append(following)
            if following == system:
                raise MisplacedError(
                    f"parents go round in a circle: {' -> '.join(map(repr, way))}; leave one of them out",
                    ("parents", system),
                )
            if following in way[:-1]:
                break  # a circle that this system is not in; it is told of those that are


def check_name(
    name: str, section: str, systems: Mapping[str, StructureRecipe], molecules: Collection[str], key: str | None = None
) -> None:
    """Refuse a name that is neither a system nor a molecule that a study names.

    Args:
        name: to look up.
        section: key of the campaign in which it stands.
        systems: of the campaign.
        molecules: that studies name beside them.
        key: under which it stands there; itself when none.

    Raises:
        MisplacedError: names the nearest.
    """
    known = [*systems, *(molecule for molecule in molecules if molecule not in systems)]
    if name not in known:
        raise MisplacedError(
            f"names the system {name!r}, which is not among the systems ({', '.join(known)}){nearest(name, known)}",
            (section, key or name),
        )


def kind_problem(system: str, parent: str, systems: Mapping[str, StructureRecipe], *, read: bool = False) -> str:
    """Say that one of two systems is a molecule and the other is none; empty when that is not so, or not known.

    Args:
        system: its name; one that is no system is a molecule.
        parent: likewise.
        systems: of the campaign.
        read: whether files are read to find out; their paths are absolute then.

    Raises:
        StructureError: a file cannot be read.
    """
    kinds = [_kind(name, systems, read=read) for name in (system, parent)]
    if None in kinds or kinds[0] == kinds[1]:
        return ""
    return (
        f"the system {system!r} is {kinds[0]} and its parent {parent!r} is {kinds[1]}; no quantity is of both: name a "
        f"parent that is {kinds[0]}"
    )


def of_each(said: Mapping[str, T], names: Mapping[str, Sequence[str]]) -> dict[str, T]:
    """Say of all systems that one has become what is said of that one.

    Args:
        said: by the name of a system as it is written.
        names: of the systems that it has become; of one that is not among them its own.
    """
    return {one: what for name, what in said.items() for one in names.get(name, [name])}


def parents_of_each(parents: Mapping[str, str], names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Say of all systems that one has become who its parent is.

    Args:
        parents: parent by the name of a system, as they are written.
        names: of the systems that one has become.

    Raises:
        CampaignError: a parent has become several systems.
    """
    for system, parent in parents.items():
        if (count := len(names.get(parent, [parent]))) > 1:
            raise CampaignError(f"parents.{system}: {parent!r} is {count} systems; say in choose: which is the parent")
    return of_each({system: names.get(parent, [parent])[0] for system, parent in parents.items()}, names)


def _kind(name: str, systems: Mapping[str, StructureRecipe], *, read: bool) -> str | None:
    recipe = systems.get(name)
    if recipe is None or recipe.molecule is not None:
        return MOLECULE
    if recipe.document is not None:
        periodic = any(recipe.document.pbc)
    elif recipe.file is None or recipe.slab is not None:
        periodic = True
    elif read:
        periodic = bool(build_bulk(recipe.bulk).pbc.any())
    else:
        return None
    return SOLID if periodic else MOLECULE
