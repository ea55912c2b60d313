"""Structures of results, and their paths as films, in the form that the page's viewer reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from ...errors import RunError
from ...structures.documents import StructureDocument
from ...workflows.common.results import FileRecord
from .inside import parts

if TYPE_CHECKING:
    from ase import Atoms

    from ...workflows.common.results import StudyLabel
    from ..stored import Located

ROWS = ("hop", "molecule_name")
"""Fields of results by which the rows of a study are told apart."""
SAID_ANYWAY = ("structure", "molecule", "single_points", "network")
"""Fields whose names say no more than that a structure is in them."""
FILM = ".extxyz"
LONGEST_FILM = 60
"""Frames of a film; of a longer file so many are taken at even distances."""
DECIMALS = 4
"""Of coordinates, angstrom."""


@dataclass(frozen=True)
class View:
    """A structure to turn, or a film.

    Attributes:
        study: name of its study.
        name: what it is, in words.
        formula: of the cell or molecule.
        atoms: their number.
        frames: as extended XYZ.
    """

    study: str
    name: str
    formula: str
    atoms: int
    frames: tuple[str, ...]


def views_of(results: Iterable[Located[StudyLabel]]) -> list[View]:
    """Return the structures and films of some results.

    Args:
        results: with the folders of their jobs.

    Returns:
        Each structure once, under the first name that it has; films of several images after the structures of their
        result. Files that are missing or have changed are left out: tables and status tell of them.
    """
    views: list[View] = []
    known: set[tuple[str, tuple[str, ...]]] = set()
    for located in results:
        for view in (*_structures(located.result), *_films(located)):
            if (view.study, view.frames) not in known:
                known.add((view.study, view.frames))
                views.append(view)
    return views


def _structures(result: StudyLabel) -> list[View]:
    return [
        _view(result.study, _name(result, path), [document.to_atoms()])
        for path, document in parts(result, StructureDocument)
    ]


def _films(located: Located[StudyLabel]) -> list[View]:
    from ase.io import read

    films = []
    for _, record in parts(located.result, FileRecord):
        if not record.path.endswith(FILM):
            continue
        try:
            images = read(located.file(record), index=":")
        except (RunError, OSError, ValueError):
            continue
        if len(images) > 1:
            films.append(_view(located.result.study, f"{_row(located.result)}{record.holds}", _thinned(images)))
    return films


def _thinned(images: Sequence[Atoms]) -> list[Atoms]:
    if len(images) <= LONGEST_FILM:
        return list(images)
    last = len(images) - 1
    return [images[round(number * last / (LONGEST_FILM - 1))] for number in range(LONGEST_FILM)]


def _view(study: str, name: str, images: Sequence[Atoms]) -> View:
    first = images[0]
    formula = first.get_chemical_formula("metal")
    return View(study, name, formula, len(first), tuple(extended_xyz(image) for image in images))


def extended_xyz(atoms: Atoms) -> str:
    """Write elements and positions, and the lattice of what is periodic.

    Args:
        atoms: the structure.
    """
    text = StringIO()
    lattice = " ".join(f"{number:.{DECIMALS}f}" for number in atoms.cell.array.ravel()) if atoms.pbc.any() else ""
    text.write(f"{len(atoms)}\n" + (f'Lattice="{lattice}" Properties=species:S:1:pos:R:3' if lattice else "") + "\n")
    for symbol, position in zip(atoms.symbols, atoms.positions, strict=True):
        text.write(symbol + "".join(f" {number:.{DECIMALS}f}" for number in position) + "\n")
    return text.getvalue()


def _row(result: StudyLabel) -> str:
    """Name the row of a result where a study has several: hops of a host, molecules."""
    said = next((getattr(result, field) for field in ROWS if getattr(result, field, "")), "")
    return f"{said}, " if said else ""


def _name(result: StudyLabel, path: tuple[str, ...]) -> str:
    words = " ".join(word.replace("_", " ") for word in path if word not in SAID_ANYWAY)
    return (_row(result) + words).removesuffix(", ") or "structure"
