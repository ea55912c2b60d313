"""The edits of a recipe, one after the other, and which of the results is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ...errors import StructureError
from .adsorption import BOUND
from .draft import GROUP, SITE, Draft
from .keys import Edit, in_turn

if TYPE_CHECKING:
    from ase import Atoms

Choice = Annotated[int, Field(ge=0)] | Literal["all"]

MOST = 50
"""Distinct results that are listed."""


def distinct_edits(name: str, edits: Sequence[Edit], built: Atoms, actual: Atoms | None = None) -> Iterator[Draft]:
    """Make edits in every way that symmetry does not make equal to another.

    Args:
        name: of the structure, for messages.
        edits: in the order in which they are made.
        built: the structure as it is built.
        actual: the same as it is, relaxed say; as built when none.

    Raises:
        StructureError: an edit cannot be made, or would leave the structure as it is.
    """
    try:
        draft = Draft.begun(name, built, built if actual is None else actual)
    except StructureError as error:
        raise StructureError(f"{error}; remove {', '.join(dict.fromkeys(edit.KEY for edit in edits))}") from error
    yield from in_turn(draft, [edit.alternatives for edit in edits])


def edited(name: str, edits: Sequence[Edit], choice: Choice, built: Atoms, actual: Atoms) -> Atoms:
    """Make edits in the way that is wanted.

    Args:
        name: of the structure, for messages.
        edits: in the order in which they are made.
        choice: number of the result, from 0, as ``distinct_edits`` yields them.
        built: the structure as it is built.
        actual: the same as it is.

    Returns:
        ``actual`` with the edits made; its multiplicity is open.

    Raises:
        StructureError: as of ``distinct_edits``, or there is no such result, or atoms overlap in it.
    """
    if choice == "all":
        raise StructureError(f"{name}: choose: all stands for several structures; name one by its number, from 0")
    found = next(islice(distinct_edits(name, edits, built, actual), choice, None), None)
    if found is None:
        count = sum(1 for _ in distinct_edits(name, edits, built))
        raise StructureError(f"{name}: choose: {choice}: there are {count} distinct edit(s), numbered from 0")
    return finished(found)


def finished(draft: Draft) -> Atoms:
    """Return the structure that a draft has become.

    Raises:
        StructureError: atoms overlap.
    """
    from ..files import check_structure

    atoms = draft.actual.copy()
    for name in (GROUP, SITE, BOUND):
        atoms.arrays.pop(name, None)
    atoms.info = {key: value for key, value in draft.actual.info.items() if key != "spin"}
    check_structure(atoms, f"{draft.name}, edited ({'; '.join(draft.told)})", periodic=True)
    return atoms
