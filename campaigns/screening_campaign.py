"""The campaign that ranks many structures: which there are among folders, patterns and lists, and which can be used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..calculators.guard import check
from ..errors import AzibflowError, CapabilityError, StructureError
from ..paths import is_file, is_folder
from ..structures.building import build, build_bulk
from ..structures.files import read_structure
from ..structures.formats.names import named_format
from .model import Campaign
from .studies.screening import ScreeningStudy, StageOfCampaign, problem_of_stage

if TYPE_CHECKING:
    from ..calculators.specs import AnyMethod
    from ..structures.recipes import StructureRecipe
    from ..workflows.common.relaxation_jobs import CellPolicy
    from ..workflows.common.results import RelaxSettings
    from ..workflows.screening.questions import Question

LISTS = (".txt", ".list", ".lst")
"""Endings of files that name one structure in each line."""
SHOWN = 3
"""Reasons that are told where nothing can be computed."""


def named_structures(sources: Sequence[str]) -> dict[str, str]:
    """Find the structures that folders, patterns, lists and words stand for.

    Args:
        sources: folders (the structure files in them), patterns (``hosts/**/*.cif``), text files with one structure in
            each line (a path relative to that file, or a word), structure files, or words as ``azibflow build`` takes.

    Returns:
        Path or word of each structure, by its name: the stem of its file, with as many of its folders as tell files of
        one stem apart.

    Raises:
        StructureError: a source holds no structure.
    """
    words = list(dict.fromkeys(word for source in sources for word in _words(source)))
    files = [Path(word) for word in words if is_file(word)]
    names = {str(file): name for file, name in zip(files, _names(files), strict=True)}
    return {names.get(str(Path(word)), word): word for word in words}


def _words(source: str) -> list[str]:
    path = Path(source).expanduser()
    if is_folder(path):
        found = sorted(str(file) for file in path.iterdir() if file.is_file() and named_format(file) is not None)
        if not found:
            inside = sum(1 for _ in path.iterdir())
            empty = "is empty" if not inside else "holds no file whose name is that of a structure"
            raise StructureError(
                f"{source} {empty}; for the files of its folders too write '{Path(source) / '**' / '*.cif'}'"
            )
        return found
    if path.suffix.lower() in LISTS and is_file(path):
        return _listed(path)
    if any(sign in source for sign in "*?[") and not is_file(path):
        root = Path(path.anchor)
        found = sorted(str(one) for one in root.glob(str(path.relative_to(root))) if one.is_file())
        if not found:
            raise StructureError(f"no file matches {source!r}")
        return found
    return [str(path) if is_file(path) else source]


def _listed(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StructureError(f"{path} is no list of structures: {error}") from error
    words = [line.split("#")[0].strip() for line in lines]
    found = [str(path.parent / word) if is_file(path.parent / word) else word for word in words if word]
    if not found:
        raise StructureError(f"{path} names no structure")
    return found


def _names(files: Sequence[Path]) -> list[str]:
    """Name files by their stems, and by their folders too where that alone tells them apart."""
    parts = [
        (*file.parent.parts, file.stem if named_format(file) != "vasp" or file.suffix else file.name) for file in files
    ]
    depths = [1] * len(files)
    while True:
        names = ["/".join(part[-depth:]) for part, depth in zip(parts, depths, strict=True)]
        twice = {name for name, times in Counter(names).items() if times > 1}
        grown = [
            depth + 1 if name in twice and depth < len(part) else depth
            for name, part, depth in zip(names, parts, depths, strict=True)
        ]
        if grown == depths:
            break
        depths = grown
    # what is left differs in the ending alone
    return [file.name if name in twice else name for name, file in zip(names, files, strict=True)]


def usable(
    words: Mapping[str, str],
    recipe_of: Callable[[str], StructureRecipe],
    question: Question,
    methods: Iterable[AnyMethod],
    progress: Callable[[int, int], None] | None = None,
) -> tuple[dict[str, StructureRecipe], dict[str, str]]:
    """Read every structure and tell those that can be computed from those that cannot.

    Args:
        words: path or word of each structure, by name.
        recipe_of: makes the recipe of a word.
        question: that is asked of each.
        methods: calculators of all stages.
        progress: is told how many of how many were read; nobody is when none.

    Returns:
        The recipes, and why others cannot be computed, both by name.
    """
    recipes: dict[str, StructureRecipe] = {}
    left_out: dict[str, str] = {}
    for number, (name, word) in enumerate(words.items()):
        if progress is not None:
            progress(number + 1, len(words))
        try:
            recipes[name] = _checked(recipe_of(word), question, methods)
        except (AzibflowError, OSError) as error:
            left_out[name] = " ".join(str(error).split())
    return recipes, left_out


def _checked(recipe: StructureRecipe, question: Question, methods: Iterable[AnyMethod]) -> StructureRecipe:
    question.USE.require(recipe)
    if recipe.edits:
        atoms = build(recipe)
    else:
        atoms = read_structure(recipe.file) if recipe.file is not None else build_bulk(recipe.bulk)
    for method in methods:
        for one in method.methods():
            check(one, atoms)
    return recipe


def screening_campaign(
    recipes: Mapping[str, StructureRecipe],
    left_out: Mapping[str, str],
    question: Question,
    calculator: AnyMethod,
    then: Sequence[StageOfCampaign] = (),
    *,
    name: str | None = None,
    cell: CellPolicy | None = None,
    relax: RelaxSettings | None = None,
) -> Campaign:
    """Make the campaign of a screening.

    Args:
        recipes: structures by name, with absolute paths.
        left_out: why further ones cannot be computed, by name.
        question: that is asked of each.
        calculator: of the first look at all.
        then: better methods for the best.
        name: of the campaign; made from the question when none.
        cell: cell policy; chosen by the prototype when none.
        relax: targets of relaxations; the usual ones when none.

    Raises:
        StructureError: no structure can be computed.
        CapabilityError: a stage cannot answer the question.
    """
    if not recipes:
        reasons = "; ".join(f"{one}: {reason}" for one, reason in list(left_out.items())[:SHOWN])
        more = f" (and {len(left_out) - SHOWN} more)" if len(left_out) > SHOWN else ""
        raise StructureError(f"none of {len(left_out)} structures can be computed: {reasons}{more}")
    if problems := [problem for stage in then if (problem := problem_of_stage(stage, question)) is not None]:
        raise CapabilityError(problems[0])
    study = ScreeningStudy(
        kind="screening",
        system=list(recipes),
        question=question,
        then=list(then),
        left_out=dict(left_out),
        cell=cell,
    )
    fallback = f"screening-{question.kind}-{question.about}".rstrip("-")
    title = re.sub(r"[^A-Za-z0-9._-]+", "-", name or fallback).strip("-.")[:100]
    settings = {} if relax is None else {"relax": relax}
    return Campaign(name=title, calculator=calculator, systems=dict(recipes), studies=[study], **settings)
