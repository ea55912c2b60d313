"""Every model that a campaign or a machine profile reaches forbids unknown keys, and no number of it is infinite."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import pytest
from ase.build import bulk
from pydantic import BaseModel, ValidationError, create_model

from azibflow.campaigns.model import Campaign
from azibflow.hpc.profiles import Profile
from azibflow.structures.documents import StructureDocument
from azibflow.structures.edits import Edit
from azibflow.structures.recipes import StructureRecipe

ROOTS: tuple[type[BaseModel], ...] = (Campaign, Profile)


def parts(annotation: Any) -> Iterator[Any]:
    """Yield an annotation and everything inside it: of unions, lists, mappings, tuples, annotated types."""
    yield annotation
    for argument in typing.get_args(annotation):
        yield from parts(argument)


def reachable(roots: tuple[type[BaseModel], ...]) -> list[type[BaseModel]]:
    """Return the models that fields of the roots lead to, through whatever they are wrapped in."""
    found: dict[type[BaseModel], None] = dict.fromkeys(roots)
    waiting = list(roots)
    while waiting:
        for field in waiting.pop().model_fields.values():
            for part in parts(field.annotation):
                if isinstance(part, type) and issubclass(part, BaseModel) and part not in found:
                    found[part] = None
                    waiting.append(part)
    return list(found)


MODELS = reachable(ROOTS)
FLOATS = [
    (model, name)
    for model in MODELS
    if model is not StructureDocument  # results keep what a calculation gave; a recipe refuses it, see below
    for name, field in model.model_fields.items()
    if any(part is float for part in parts(field.annotation))
]


def test_the_walk_reaches_what_is_deep() -> None:
    names = {model.__name__ for model in MODELS}
    assert {"Split", "About", "SlabRecipe", "StructureDocument", "Level", "Resources", "SearchSettings"} <= names
    assert len(MODELS) > 40


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_unknown_keys_are_forbidden(model: type[BaseModel]) -> None:
    """Edits have elements and molecules as keys and refuse every other word themselves."""
    assert model.model_config.get("extra") == "forbid" or issubclass(model, Edit)
    with pytest.raises(ValidationError) as refusal:
        model.model_validate({"no such key": 1})
    assert "no such key" in str(refusal.value)


def filled(number: float) -> Iterator[Any]:
    """Yield values of a field in which a float is the number: itself, or in a list, tuple, mapping, or nested one."""
    yield from (number, [number], [number] * 2, [number] * 3, {"Zn": number}, [[number] * 3], [[number] * 3] * 3)


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize(("model", "name"), FLOATS, ids=lambda value: getattr(value, "__name__", value))
def test_no_number_is_infinite(model: type[BaseModel], name: str, number: float) -> None:
    """Of every shape that the field takes with a number, as alone in its model, so that only the number is wrong."""
    field = model.model_fields[name]
    alone = create_model("Alone", __config__=model.model_config, **{name: (field.annotation, field)})
    for value in filled(number):
        with pytest.raises(ValidationError):
            alone.model_validate({name: value})


@pytest.mark.parametrize("part", ["positions", "cell", "magmoms"])
def test_a_document_that_is_not_finite_is_refused(part: str) -> None:
    document = StructureDocument.from_atoms(bulk("Fe")).model_dump()
    document[part] = [float("nan")] if part == "magmoms" else [[float("nan"), 0, 0], *document[part][1:]]
    for recipe in ({"document": document}, {"heterostructure": {"film": document, "support": "graphene"}}):
        with pytest.raises(ValidationError, match="not a finite number"):
            StructureRecipe.model_validate(recipe)
