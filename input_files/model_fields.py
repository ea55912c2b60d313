"""What a pydantic model has at a place of the data it describes: valid keys, kinds, and what a key is for."""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel


def annotation_at(annotation: Any, data: Any, location: Sequence[int | str]) -> Any:
    """Return the annotation of a place.

    Args:
        annotation: of the whole: a model, or any annotation that is made of models.
        data: what is described; it decides between models of a union, by their kind or their keys.
        location: keys and list positions that exist in the data.

    Returns:
        The annotation; none where there is nothing to know.
    """
    for part in location:
        annotation = _inside(annotation, data, part)
        data = data[part]
    return annotation


def keys_of(annotation: Any, data: Any) -> list[str]:
    """Return the keys that are valid in some data; of a union those of the model it most likely is."""
    model = _likely_model(annotation, data)
    return [] if model is None else list(model.model_fields)


def kinds_of(annotation: Any) -> list[str]:
    """Return the kinds between which a union of models is told apart, in order; none of what is no union."""
    models = _models(annotation)
    return [str(kind) for model in models for kind in _kinds(model, _tag(models))] if len(models) > 1 else []


def description_at(annotation: Any, data: Any, location: Sequence[int | str]) -> str:
    """Return what the nearest key at or above a place is for, with its unit; empty when it is a name of the user's."""
    description = ""
    for part in location:
        model = _likely_model(annotation, data) if isinstance(data, dict) else None
        if model is not None and part in model.model_fields:
            description = model.model_fields[str(part)].description or ""
        elif isinstance(part, str):
            description = ""
        annotation = _inside(annotation, data, part)
        data = data[part]
    return description


def length_of(annotation: Any) -> int | None:
    """Return how many values a list has that is of fixed length; none for every other."""
    for one in _alternatives(annotation):
        if get_origin(one) is tuple and Ellipsis not in get_args(one):
            return len(get_args(one))
    return None


def takes_number_only(annotation: Any) -> bool:
    """Tell a place for a number, where true and false have no meaning."""
    alternatives = _alternatives(annotation)
    return bool({int, float} & {one for one in alternatives if isinstance(one, type)}) and bool not in alternatives


def _inside(annotation: Any, data: Any, part: int | str) -> Any:
    if isinstance(part, int):
        for one in _alternatives(annotation):
            arguments = get_args(one)
            if get_origin(one) is list or (get_origin(one) is tuple and Ellipsis in arguments):
                return arguments[0]
            if get_origin(one) is tuple and part < len(arguments):
                return arguments[part]
        return None
    model = _likely_model(annotation, data)
    if model is not None and part in model.model_fields:
        return model.model_fields[part].annotation
    return next((get_args(one)[1] for one in _alternatives(annotation) if get_origin(one) is dict), None)


def _likely_model(annotation: Any, data: Any) -> type[BaseModel] | None:
    models = _models(annotation)
    if not models or not isinstance(data, dict):
        return models[0] if len(models) == 1 else None
    tag = _tag(models)
    of_kind = [model for model in models if data.get(tag) in _kinds(model, tag)]
    # Without a kind other keys give it away.
    return of_kind[0] if of_kind else max(models, key=lambda model: len(set(model.model_fields) & set(data)))


def _tag(models: list[type[BaseModel]]) -> str:
    """Return the key that tells models apart: the first that is a choice of words in all of them."""
    shared = [name for name in models[0].model_fields if all(_kinds(model, name) for model in models)] if models else []
    return shared[0] if shared else "kind"


def _kinds(model: type[BaseModel], tag: str) -> tuple[Any, ...]:
    field = model.model_fields.get(tag)
    return get_args(field.annotation) if field is not None and get_origin(field.annotation) is Literal else ()


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models of a union; of a list those of its items, since one item may be written without the list."""
    alternatives = _alternatives(annotation)
    direct = [one for one in alternatives if isinstance(one, type) and issubclass(one, BaseModel)]
    items = [get_args(one)[0] for one in alternatives if get_origin(one) in (list, tuple) and get_args(one)]
    return direct or [model for item in items for model in _models(item)]


def _alternatives(annotation: Any) -> list[Any]:
    """Take unions apart, and what only annotates away."""
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [one for argument in get_args(annotation) for one in _alternatives(argument)]
    return [annotation]
