"""YAML as plain data with lines: what is read, and what is refused because it could be read in two ways."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from azibflow.input_files.yaml_data import YamlData, YamlMistake

ROOT = Path(__file__).resolve().parents[2]
KEPT = [*(ROOT / "examples").rglob("*.yaml"), *(ROOT / "data").glob("*.yaml")]


def same(ours: Any, theirs: Any) -> bool:
    """Compare with what another reader found; keys are always texts here."""
    if isinstance(theirs, dict):
        return list(ours) == [str(key) for key in theirs] and all(same(ours[str(k)], v) for k, v in theirs.items())
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return type(ours) is type(theirs) and bool(ours == theirs)


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.name)
def test_kept_files_are_read_as_another_reader_reads_them(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert same(YamlData(text).data, YAML(typ="safe", pure=True).load(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("002", "002"),
        ("010", "010"),
        ("101", 101),
        ("-101", -101),
        ("0x1F", 31),
        ("0o17", 15),
        ("1e-3", 1e-3),
        (".5", 0.5),
        ("1.", 1.0),
        ("-.inf", float("-inf")),
        ("no", "no"),
        ("NO", "NO"),
        ("y", "y"),
        ("true", True),
        ("1:30:00", "1:30:00"),
        ("2026-11-29", "2026-11-29"),
        ("~", None),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("1_000", "1_000"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_scalars_are_what_they_look_like(text: str, value: Any) -> None:
    (found,) = YamlData(f"[{text}]").data
    assert found == value
    assert type(found) is type(value)


def test_keys_are_texts_as_they_are_written() -> None:
    assert YamlData("{1: a, true: b, 2026-11-29: c, no: d, 002: e, ~: f}").data == {
        "1": "a",
        "true": "b",
        "2026-11-29": "c",
        "no": "d",
        "002": "e",
        "~": "f",
    }


def test_merged_keys_keep_the_line_on_which_they_stand() -> None:
    text = "a: &a {x: 1,\n y: 2}\nb: &b\n  y: 3\n  z: 4\nc:\n  <<: [*a, *b]\n  z: 5\n"
    found = YamlData(text)
    assert found.data["c"] == {"x": 1, "y": 2, "z": 5} == YAML(typ="safe", pure=True).load(text)["c"]
    assert [found.line(["c", key]) for key in "xyz"] == [1, 2, 8]
    assert found.line(["b", "y"]) == 4


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: 2\na: 3", 3, "the key 'a' is there twice, first on line 1"),
        ("a: 1\n{b: 1}: 2", 2, "a list or a mapping cannot be a key"),
        ("? [a]\n: 2", 1, "a list or a mapping cannot be a key"),
        ("a: 1\n---\nb: 2", 2, "a second document begins here"),
        ("a: !!python/object/apply:os.system [x]", 1, "the tag !!python/object/apply:os.system has no meaning here"),
        ("a: !!set {b}", 1, "the tag !!set has no meaning here"),
        ("a: *b", 1, "*b stands for nothing"),
        ("a: &a\n- *a", 2, "*a stands for nothing"),
        ("a: 1\n\tb: 2", 2, "indent with spaces, not tabs"),
        ("a: @b", 1, "put a text that begins with it in quotes"),
        ("a: b: c", 1, "put a text that holds ': ' in quotes"),
        ("a: [1,\n2", 2, "in a list in brackets that begins on line 1; a bracket is not closed"),
        ("a: 'b\n", 2, "a quote or a bracket is not closed"),
        ("a: b\0", 1, r"the character '\x00' has no place in YAML"),
        ('a: "\\uD800"', 1, "is half a character"),
        ('a: 1\nb: "\\UFFFFFFFF"', 2, "not valid YAML"),
        ("a: 1\n<<: 3", 2, "<< takes an alias of a mapping"),
        ("[" * 1200, 1, "nested more than 40 deep"),
        ("- " * 3000, 1, "nested more than 40 deep"),
        ("{a: " * 1200 + "}" * 1200, 1, "nested more than 40 deep"),
    ],
)
def test_what_is_refused_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(YamlMistake) as mistake:
        YamlData(text)
    assert mistake.value.line == line
    assert reason in mistake.value.reason


def test_aliases_that_multiply_are_counted_before_they_fill_the_memory() -> None:
    names = "abcdefghijklmnop"
    rows = [f"{new}: &{new} [{', '.join(['*' + old] * 9)}]" for old, new in pairwise(names)]
    since = time.monotonic()
    with pytest.raises(YamlMistake, match="counted with what aliases stand for"):
        YamlData("\n".join(["a: &a [1]", *rows]))
    assert time.monotonic() - since < 2
