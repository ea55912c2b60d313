"""Load YAML as plain data that knows its lines: no tags, no dates, nothing that can be read in two ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

SCALARS = ("str", "int", "float", "bool", "null")
COLLECTIONS = ("map", "seq")
TAG = "tag:yaml.org,2002:"

MAX_DEPTH = 40
MAX_VALUES = 200_000
"""Nesting and size, counted with aliases followed, beyond which a text is no input but an attack or an accident."""

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE, _FALSE = re.compile(r"true|True|TRUE"), re.compile(r"false|False|FALSE")
# Leading zeros are part of what is meant by 002 or 010 (a facet, a label): such a number stays a text.
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,99})")
_BASED_INTEGER = re.compile(r"0o[0-7]{1,99}|0x[0-9a-fA-F]{1,99}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*([eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|\.[0-9]+[eE][-+]?[0-9]+)")
_NOT_FINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

_WORDS = {
    "flow sequence": "list in brackets",
    "flow mapping": "mapping in braces",
    "flow node": "value",
    "block sequence": "list",
    "block mapping": "mapping",
    "block collection": "list",
    "block node": "value",
    "simple key": "key",
    "sequence entries are": "a list is",
    "quoted scalar": "text in quotes",
    "<scalar>": "text",
    "<block end>": "the end of it",
    "<block sequence start>": "a '-'",
    "<block mapping start>": "a key",
    "<stream end>": "the end of the file",
    "<document start>": "'---'",
}
_HINTS = {
    r"'\t'": "indent with spaces, not tabs",
    "that cannot start any token": "put a text that begins with it in quotes",
    "mapping values are not allowed": "check the indentation, and put a text that holds ': ' in quotes",
    "could not find expected ':'": "a key is followed by a colon and a space",
    "'<scalar>'": "put a text that begins with [ or { in quotes",
    "but found '?'": "check the indentation, and the space after each colon",
    "but found '-'": "check the indentation",
    "but found '<block mapping start>'": "check the indentation",
    "unexpected end of stream": "a quote or a bracket is not closed",
    "not '<stream end>'": "a bracket is not closed",
    "but got '<stream end>'": "a bracket is not closed",
}


class YamlMistake(Exception):
    """A text that is not YAML, or YAML that is not plain data.

    Attributes:
        line: where, from 1.
        reason: what is wrong.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


class YamlData:
    """Plain data, and the line each part of it stands on.

    Attributes:
        data: dictionaries with texts as keys, lists, texts, numbers, true, false and none.
    """

    def __init__(self, text: str) -> None:
        """Read a text.

        Raises:
            YamlMistake: the text is not YAML, has several documents, tags, keys that are no texts or come twice, or is
                nested too deep or too large.
        """
        reader = _Reader(text)
        self.data: Any = reader.document()
        self._lines = reader.lines

    def line(self, location: Sequence[int | str]) -> int:
        """Return the line, from 1, of the key or list item at a location that exists."""
        line = 1
        node: Any = self.data
        for part in location:
            line = self._lines[id(node)].get(part, line)
            node = node[part]
        return line


class _Reader:
    """Turns the events of YAML's parser into data; keeps by ``id`` of each collection the lines of its parts."""

    def __init__(self, text: str) -> None:
        self.lines: dict[int, dict[int | str, int]] = {}
        self._events = _events(text)
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0

    def document(self) -> Any:
        next(self._events)  # the beginning of the stream
        if _kind(next(self._events)) == "StreamEnd":
            return None
        data = self._value(next(self._events), 0)
        next(self._events)  # the end of the document
        after = next(self._events)
        if _kind(after) != "StreamEnd":
            raise YamlMistake(_line(after), "a second document begins here; one file holds one")
        return data

    def _value(self, event: Any, depth: int) -> Any:
        self._grow(event, 1)
        if depth > MAX_DEPTH:
            raise YamlMistake(_line(event), f"nested more than {MAX_DEPTH} deep")
        if _kind(event) == "Alias":
            return self._named(event)
        before = self._count
        if _kind(event) == "Scalar":
            value = _scalar(event)
        else:
            _plain_tag(event, COLLECTIONS)
            value = self._list(depth) if _kind(event) == "SequenceStart" else self._mapping(depth)
        if event.anchor:
            self._anchors[event.anchor] = (value, self._count - before + 1)
        return value

    def _named(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise YamlMistake(_line(event), f"*{event.anchor} stands for nothing: no &{event.anchor} ends before it")
        value, size = self._anchors[event.anchor]
        self._grow(event, size)
        return value

    def _grow(self, event: Any, size: int) -> None:
        self._count += size
        if self._count > MAX_VALUES:
            raise YamlMistake(_line(event), f"more than {MAX_VALUES} values, counted with what aliases stand for")

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        lines = self.lines[id(found)] = {}
        while _kind(event := next(self._events)) != "SequenceEnd":
            lines[len(found)] = _line(event)
            found.append(self._value(event, depth + 1))
        return found

    def _mapping(self, depth: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        own_lines: dict[int | str, int] = {}
        merged: list[dict[str, Any]] = []
        while _kind(event := next(self._events)) != "MappingEnd":
            key = self._key(event)
            value = self._value(next(self._events), depth + 1)
            if key == "<<" and not event.style:
                merged += _merged(event, value)
            elif key in own:
                raise YamlMistake(_line(event), f"the key {key!r} is there twice, first on line {own_lines[key]}")
            else:
                own[key] = value
                own_lines[key] = _line(event)
        found: dict[str, Any] = {}
        lines = self.lines[id(found)] = {}
        for other in reversed(merged):
            found |= other
            lines |= self.lines[id(other)]
        found |= own
        lines |= own_lines
        return found

    def _key(self, event: Any) -> str:
        """Read a key as the text it is written as: 1, true and 2026-11-29 are names as good as any."""
        if _kind(event) == "Alias":
            key = self._named(event)
            if isinstance(key, str):
                return key
        if _kind(event) != "Scalar":
            raise YamlMistake(_line(event), "a list or a mapping cannot be a key; put a text with [ or { in quotes")
        self._grow(event, 1)
        _plain_tag(event, SCALARS)
        text = _text(event)
        if event.anchor:
            self._anchors[event.anchor] = (text, 1)
        return text


def _events(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    line = 1
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            line = _line(event)
            yield event
    except ReaderError as problem:
        line = text.count("\n", 0, problem.position) + 1
        raise YamlMistake(line, f"the character {text[problem.position]!a} has no place in YAML") from problem
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise YamlMistake(mark.line + 1 if mark else line, _reason(problem)) from problem
    except Exception as problem:  # the parser trips over some unfinished escapes and directives
        raise YamlMistake(line, f"not valid YAML: {problem}") from problem


def _reason(problem: Any) -> str:
    """Say in words what the parser found, with the beginning of what it was reading when that is elsewhere."""
    said = str(problem.problem or problem.context)
    hint = next((f"; {words}" for sign, words in _HINTS.items() if sign in said), "")
    if said.startswith("expected <block end>"):
        said = "what stands here does not belong to what is before it"
    begun, here = problem.context_mark, problem.problem_mark
    if problem.context and begun and here and begun.line != here.line:
        what = problem.context.removeprefix("while parsing ").removeprefix("while scanning ")
        said += f", in {what} that begins on line {begun.line + 1}"
    for jargon, words in _WORDS.items():
        said = said.replace(f"'{jargon}'", words).replace(jargon, words)
    return f"not valid YAML: {said}{hint}"


def _kind(event: Any) -> str:
    return type(event).__name__.removesuffix("Event")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _plain_tag(event: Any, known: Sequence[str]) -> str | None:
    """Return the short name of a tag that YAML itself knows; refuse every other, which would make it more than data."""
    if event.tag is None or str(event.tag) == "!":
        return None
    tag = str(event.tag).removeprefix(TAG)
    if tag not in known:
        raise YamlMistake(_line(event), f"the tag {str(event.tag).replace(TAG, '!!')} has no meaning here; remove it")
    return tag


def _text(event: Any) -> str:
    text = str(event.value)
    if half := next((letter for letter in text if "\ud800" <= letter <= "\udfff"), None):
        raise YamlMistake(_line(event), f"{half!a} is half a character")
    return text


def _scalar(event: Any) -> Any:
    tag = _plain_tag(event, SCALARS)
    text = _text(event)
    if event.style or tag == "str" or str(event.tag) == "!":
        return text
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED_INTEGER.fullmatch(text):
        return int(text, base=0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", ""))
    return text


def _merged(event: Any, value: Any) -> list[dict[str, Any]]:
    """Return the mappings that ``<<`` names, those that win first."""
    mappings = value if isinstance(value, list) else [value]
    if not all(isinstance(mapping, dict) for mapping in mappings):
        raise YamlMistake(_line(event), "<< takes an alias of a mapping, or a list of them")
    return mappings
