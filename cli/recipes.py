"""How a structure is named on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..structures.recipes import StructureRecipe


def recipe_of_words(spec: str, changes: dict[str, Any], support: str | None = None) -> StructureRecipe:
    """Make the recipe of a structure that is named on the command line.

    Args:
        spec: a name, a SMILES, a structure file, or a YAML file with a recipe.
        changes: further keys of the recipe.
        support: what a layer is put on; none for a structure by itself.

    Raises:
        StructureError: there is no such structure.
        CampaignError: the YAML file is no recipe.
    """
    from pydantic import ValidationError

    from ..errors import StructureError
    from ..input_files.mistakes import first_mistake
    from ..structures.molecules import names_file
    from ..structures.recipes import StructureRecipe

    path = Path(spec)
    if support is not None:
        keys: dict[str, Any] = {"heterostructure": {"film": spec, "support": support}}
    elif path.suffix in (".yaml", ".yml"):
        from ..campaigns.files import load_recipe

        return load_recipe(path, changes)
    else:
        keys = {"file" if names_file(spec) else _source(spec): spec}
    try:
        return StructureRecipe.model_validate({**keys, **changes})
    except ValidationError as error:
        raise StructureError(f"{spec}: {first_mistake(error, StructureRecipe, {**keys, **changes})}") from error


def edits_of_words(words: Sequence[str]) -> dict[str, Any]:
    """Read edits that are given on the command line, each as it stands in a recipe.

    Args:
        words: such as ``vacancies: {O: 1}`` or ``choose: 2``.

    Raises:
        StructureError: one is no key with a value, or no edit, or comes twice.
    """
    from ..errors import StructureError
    from ..input_files.yaml_data import YamlData, YamlMistake
    from ..structures.recipes import EDITS

    valid = (*EDITS, "choose")
    found: dict[str, Any] = {}
    for word in words:
        try:
            data = YamlData(word).data
        except YamlMistake as mistake:
            raise StructureError(f"--edit {word!r}: {mistake.reason}") from mistake
        if not isinstance(data, dict) or not set(data) <= set(valid):
            raise StructureError(
                f"--edit {word!r}: an edit is a key and a value, such as 'vacancies: {{O: 1}}'; keys are "
                f"{', '.join(valid)}"
            )
        if twice := set(data) & set(found):
            raise StructureError(f"--edit {word!r}: {twice.pop()} is given twice; write a list of several edits")
        found |= data
    return found


def _source(spec: str) -> str:
    """Return which field of a recipe a name belongs to; crystals come before molecules of the same name."""
    from difflib import get_close_matches

    from ..errors import StructureError
    from ..structures.clusters import find_cluster
    from ..structures.heterostructures.layers import find_layer
    from ..structures.molecules import adsorbate
    from ..structures.prototypes import find, prototypes

    film, slash, support = spec.partition("/")
    if slash and (find_layer(film) or find_layer(support)):
        return "heterostructure"
    try:
        find(spec)
    except StructureError:
        try:
            adsorbate(spec)
        except StructureError as unknown:
            if find_cluster(spec) is not None:
                raise  # the name is understood: what is wrong is in it
            near = ", ".join(get_close_matches(spec, prototypes(), n=4))
            hint = f" (near names: {near})" if near else ""
            raise StructureError(f"no prototype is called {spec!r}{hint}; {unknown}") from None
        return "molecule"
    return "prototype"
