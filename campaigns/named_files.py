"""Molecule files that studies name: each becomes a system of the campaign, so that all files are treated alike."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..paths import expanded
from ..structures.molecules import is_known, names_file
from ..structures.recipes import StructureRecipe
from .studies.keys import LONGEST_NAME

if TYPE_CHECKING:
    from collections.abc import Collection


def file_systems(
    named: Collection[str], folder: Path, taken: Collection[str]
) -> tuple[dict[str, StructureRecipe], dict[str, str]]:
    """Make a system of every molecule file.

    Args:
        named: texts that studies write where a molecule may stand, files among them.
        folder: what relative paths are relative to.
        taken: names of the other systems.

    Returns:
        The systems by name, and for every text that is a file the name of its system.
    """
    paths = {
        text: Path(os.path.normpath(folder / expanded(text)))
        for text in dict.fromkeys(named)
        if names_file(text, folder)
    }
    names = _short_names(list(dict.fromkeys(paths.values())), {*taken, *named} - set(paths))
    systems = {name: StructureRecipe(molecule=str(path)) for path, name in names.items()}
    return systems, {text: names[path] for text, path in paths.items()}


def _short_names(paths: list[Path], taken: Collection[str]) -> dict[Path, str]:
    """Call each file by its stem, or where that means something else too by as much of its path as tells them apart."""
    forms = {path: _forms(path) for path in paths}
    names = {}
    for number, path in enumerate(paths, start=1):
        others = {form for other in paths if other != path for form in forms[other]}
        free = (form for form in forms[path] if form not in others and form not in taken and _is_a_name(form))
        names[path] = next(free, f"molecule file {number}")
    return names


def _forms(path: Path) -> list[str]:
    """Return what a file may be called, shortest first: its stem, its name, its name in its folder, and so on."""
    return [path.stem, *("/".join(path.parts[-count:]) for count in range(1, len(path.parts)))]


def _is_a_name(text: str) -> bool:
    return bool(text.strip()) and text.isprintable() and len(text) <= LONGEST_NAME and not is_known(text)
