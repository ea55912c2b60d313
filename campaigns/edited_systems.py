"""Systems whose edits are all wanted: one system for each distinct edit, and the studies that name them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ..errors import CampaignError, StructureError
from ..structures.building import distinct_edits
from .studies.keys import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..structures.recipes import StructureRecipe
    from .studies.base import Study

MOST = 100
"""Systems that one may become: more is a slip, or another study."""


def each_edit(systems: Mapping[str, StructureRecipe]) -> tuple[dict[str, StructureRecipe], dict[str, list[str]]]:
    """Make one system of each distinct edit, where a system asks for all of them.

    Args:
        systems: by name, with absolute paths.

    Returns:
        The systems, those of ``vo2`` called ``vo2#0``, ``vo2#1``, ... in its place, and by its name the names of those.

    Raises:
        StructureError: an edit cannot be made, or there are more than ``MOST``.
    """
    found: dict[str, StructureRecipe] = {}
    names: dict[str, list[str]] = {}
    for name, recipe in systems.items():
        if recipe.choose != "all":
            found[name] = recipe
            continue
        try:
            count = sum(1 for _ in islice(distinct_edits(recipe), MOST + 1))
        except StructureError as error:
            raise StructureError(f"system {name!r}: {error}") from error
        if count > MOST:
            raise StructureError(
                f"system {name!r}: choose: all: there are more than {MOST} distinct edits; name one by its number, or "
                "leave less open (at, apart)"
            )
        names[name] = [f"{name}#{number}" for number in range(count)]
        for number, one in enumerate(names[name]):
            if one in systems:
                raise StructureError(f"system {name!r}: choose: all makes a system {one!r}, and there is one already")
            found[one] = recipe.model_copy(update={"choose": number})
    return found, names


def of_each_edit(studies: Sequence[Study], names: Mapping[str, Sequence[str]]) -> list[tuple[int, Study]]:
    """Let studies take every system that one has become: in their lists, or one study for each.

    Args:
        studies: as they are written.
        names: by ``each_edit``.

    Returns:
        Each study with the place, from 0, of the one it is made of.

    Raises:
        CampaignError: a study names such a system where it takes a single one.
    """
    return [(number, made) for number, study in enumerate(studies) for made in _made_of(study, number, names)]


def _made_of(study: Study, number: int, names: Mapping[str, Sequence[str]]) -> list[Study]:
    system = getattr(study, "system", None)
    if isinstance(system, list):
        every = [one for name in system for one in names.get(name, [name])]
        made = [study if every == system else study.model_copy(update={"system": every})]
    elif isinstance(system, str) and system in names:
        made = [
            study.model_copy(update={"system": one, "name": study.name and f"{study.name}{one.removeprefix(system)}"})
            for one in names[system]
        ]
    else:
        made = [study]
    for named in texts(made[0].model_dump(exclude={"name"})):
        if named in names:
            raise CampaignError(
                f"study {number + 1} ({study.kind}) takes one structure where it names {named!r}, which choose: all "
                f"makes {len(names[named])} of; say which in choose"
            )
    return made
