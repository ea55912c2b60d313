"""Say in a user's words what a model refuses: the key, the value, what is valid and what is nearest to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic import ValidationError

from .model_fields import annotation_at, description_at, keys_of, kinds_of, length_of, takes_number_only

_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "path_type": "the path of a file",
}
"""What is expected where a value is of a wrong type, by pydantic's names of its mistakes."""

_BOUNDS = {
    "greater_than": ("greater than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
_LENGTHS = {
    "too_short": ("at least", "min_length"),
    "too_long": ("at most", "max_length"),
    "string_too_short": ("at least", "min_length"),
    "string_too_long": ("at most", "max_length"),
}
_WITH_UNIT = re.compile(r"\s*[-+]?[\d.]+([eE][-+]?\d+)?\s*[^\W\d].{0,20}")
_LONGEST = 60


class MisplacedError(ValueError):
    """What a validator raises that looks at a whole, and knows in which part the mistake is.

    Args:
        message: what is wrong.
        location: keys and list positions from the whole to the part.
    """

    def __init__(self, message: str, location: Sequence[int | str]) -> None:
        super().__init__(message)
        self.location = tuple(location)


class Mistake(NamedTuple):
    """One thing that is wrong.

    Attributes:
        location: keys and list positions, as far as they exist in the data.
        text: what is wrong there, with the key.
    """

    location: list[int | str]
    text: str


def mistakes(error: ValidationError, annotation: Any, data: Any) -> list[Mistake]:
    """Turn what pydantic found into sentences.

    Args:
        error: what was found.
        annotation: the model that was asked, or a union of models.
        data: what it was given.

    Returns:
        One mistake for each key, in pydantic's order.
    """
    problems: dict[tuple[tuple[int | str, ...], int | str | None], list[Any]] = {}
    for problem in error.errors():
        missing = problem["loc"][-1] if problem["type"] == "missing" else None  # each is a mistake of its own
        inner = problem.get("ctx", {}).get("error")
        place = problem["loc"] + (inner.location if isinstance(inner, MisplacedError) else ())
        problems.setdefault((tuple(_within(annotation, data, place)), missing), []).append(problem)
    found = []
    for (place, missing), here in problems.items():
        further = any(other[: len(place)] == place and (other != place or key != missing) for other, key in problems)
        if further and all(problem["type"] in _EXPECTED for problem in here):
            continue  # another reading of the same value got further
        found.append(Mistake(list(place), _sentence(here, annotation, data, list(place))))
    return found


def misplaced_truths(annotation: Any, data: Any) -> list[Mistake]:
    """Find true and false where a number is expected: they would be read as 1 and 0.

    Args:
        annotation: what describes the data.
        data: plain data.
    """
    return [
        Mistake(location, f"{dotted(location)}: must be a number, not {shown(_value_at(data, location))}")
        for location in _truths(data)
        if takes_number_only(annotation_at(annotation, data, location))
    ]


def first_mistake(error: ValidationError, annotation: Any, data: Any) -> str:
    """Return the first mistake as a sentence."""
    return mistakes(error, annotation, data)[0].text


def shown(value: Any) -> str:
    """Write a value as a message names it: as in the file, and never longer than a line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list | tuple) and len(repr(value)) > _LONGEST:
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, str | int | float | dict | list | tuple):
        text = repr(list(value) if isinstance(value, tuple) else value)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return "something else"


def nearest(word: object, valid: Iterable[str]) -> str:
    """Return a hint at the valid word that a wrong one most likely stands for; empty when none is near."""
    by_lower = {name.lower(): name for name in valid}
    near = get_close_matches(str(word)[:200].lower(), by_lower, n=1)
    return f"; did you mean {by_lower[near[0]]!r}?" if near else ""


def dotted(location: Sequence[int | str]) -> str:
    """Write a location as people do: ``studies[0].facets[2]``."""
    text = ""
    for part in location:
        word = part if isinstance(part, str) and part.isprintable() and part else repr(part)
        text += f"[{part}]" if isinstance(part, int) else f".{word}" if text else word
    return text


def _within(annotation: Any, data: Any, location: Sequence[int | str]) -> list[int | str]:
    """Keep the parts of a pydantic location that exist in the data: union tags and model names do not."""
    kept: list[int | str] = []
    node: Any = data
    told_apart = None  # the part after which a union's tag has come: a key may be called as the tag is
    for part in location:
        if told_apart != len(kept) and part in kinds_of(annotation_at(annotation, data, kept)):
            told_apart = len(kept)
            continue
        is_key = isinstance(node, dict) and part in node
        is_item = isinstance(node, list | tuple) and isinstance(part, int) and part < len(node)
        if is_key or is_item:
            kept.append(part)
            node = node[part]
    return kept


def _sentence(problems: list[Any], annotation: Any, data: Any, location: list[int | str]) -> str:
    problem, key = problems[0], dotted(location)
    value = _value_at(data, location)
    if problem["type"] == "missing":
        return _missing(problem["loc"][-1], key)
    if problem["type"] == "extra_forbidden":
        parent = _value_at(data, location[:-1])
        valid = keys_of(annotation_at(annotation, data, location[:-1]), parent)
        hint = nearest(location[-1], [name for name in valid if name not in parent]) or nearest(location[-1], valid)
        hint = "; put a space after the colon" if ":" in str(location[-1]) else hint
        return f"unknown key '{key}'{hint or '; valid keys are ' + ', '.join(valid)}"
    if problem["type"] in ("union_tag_invalid", "union_tag_not_found"):
        tag = problem["ctx"]["discriminator"].strip("'")
        words = _kind_words(tag, value, kinds_of(annotation_at(annotation, data, location)))
    else:
        description = description_at(annotation, data, location)
        words = _refusal(problems, problem["input"], description, annotation_at(annotation, data, location))
    return f"{key}: {words}" if key else words


def _truths(data: Any) -> list[list[int | str]]:
    """Return the locations of true and false."""
    if isinstance(data, bool):
        return [[]]
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [[part, *rest] for part, inside in parts for rest in _truths(inside)]


def _value_at(data: Any, location: Sequence[int | str]) -> Any:
    for part in location:
        data = data[part]
    return data


def _missing(part: int | str, key: str) -> str:
    if isinstance(part, int):
        return f"{key}: item {part + 1} is missing"
    return f"key {part!r} is missing{f' in {key}' if key else ''}"


def _kind_words(tag: str, value: Any, kinds: list[str]) -> str:
    one_of = f"{tag} must be one of {', '.join(repr(kind) for kind in kinds)}"
    if not isinstance(value, dict):
        return f"must be a mapping with the key {tag!r}, not {shown(value)}; {one_of}"
    if tag in value:
        return f"{one_of}, not {shown(value[tag])}{nearest(value[tag], kinds)}"
    misspelt = next((key for key in value if nearest(tag, [key])), None)
    return f"key {tag!r} is missing{f' (is {misspelt!r} meant to be it?)' if misspelt else ''}; {one_of}"


def _refusal(problems: list[Any], value: Any, description: str, annotation: Any) -> str:
    """Say why a value is refused; of several readings all that were expected."""
    expected = list(dict.fromkeys(_EXPECTED[one["type"]] for one in problems if one["type"] in _EXPECTED))
    told = [one for one in problems if one["type"] not in _EXPECTED]
    if told:
        return _told(told[0], value, description)
    words = f"must be {' or '.join(expected)}, not {shown(value)}"
    return words + _advice(expected, value, description, annotation)


def _told(problem: Any, value: Any, description: str) -> str:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return f"must be {words} {context[name]:g}, not {shown(value)}"
    if kind in _LENGTHS:
        words, name = _LENGTHS[kind]
        unit = "character" if kind.startswith("string") else "item"
        plural = "" if context[name] == 1 else "s"
        return f"must have {words} {context[name]} {unit}{plural}, not {context.get('actual_length', len(value))}"
    if kind in ("literal_error", "enum"):
        valid = re.findall(r"'([^']*)'", context["expected"]) or [context["expected"]]
        return f"must be {context['expected']}, not {shown(value)}{nearest(value, valid)}"
    if kind == "string_pattern_mismatch":
        return f"{shown(value)} does not fit: {description}"
    return str(problem["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")


def _advice(expected: list[str], value: Any, description: str, annotation: Any) -> str:
    """Say what to do about a value of a wrong type."""
    if "a text" in expected and isinstance(value, bool | int | float):
        return f'; in quotes it is a text: "{shown(value)}"'
    if "a mapping" in expected:
        return _advice_on_mapping(value, annotation)
    if "a list" in expected:
        return _advice_on_list(value, annotation)
    if "number" in " ".join(expected) and isinstance(value, str) and _WITH_UNIT.fullmatch(value):
        return f"; write the number alone: {description}"
    return ""


def _advice_on_mapping(value: Any, annotation: Any) -> str:
    kinds, keys = kinds_of(annotation), keys_of(annotation, value)
    if kinds:
        return f"; its kind is one of {', '.join(kinds)}"
    if keys:
        return f"; valid keys are {', '.join(keys)}"
    return "; each item has a name instead of a dash" if isinstance(value, list) else ""


def _advice_on_list(value: Any, annotation: Any) -> str:
    if isinstance(value, dict):
        return "; begin each item with a dash"
    if (length := length_of(annotation)) is not None:
        numbers = re.fullmatch(r"\d+([\s,x×]+\d+)+", str(value).strip())
        written = f": [{', '.join(re.findall(r'[0-9]+', str(value)))}]" if numbers else ""
        return f"; it has {length} values{written}"
    items_are_mappings = bool(keys_of(annotation_at(annotation, [{}], [0]), {}))
    if items_are_mappings or not isinstance(value, str | int | float) or len(str(value)) > _LONGEST:
        return ""
    if not str(value).isprintable():
        return "; put it in brackets"
    return f"; put it in brackets: [{value}]"
