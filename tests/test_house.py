"""How the modules of the package hang together: no circle, and no import runs uphill."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ELSEWHERE = {"tests", "benchmarks", "docs", "build", "examples"}

BELOW = {
    "data": set(),
    "structures": set(),
    "calculators": {"structures"},
    "workflows": {"calculators", "structures"},
    "campaigns": {"workflows", "calculators", "structures", "data"},
    "hpc": set(),
    "analysis": {"workflows", "calculators", "structures", "data", "hpc"},
}
"""The folders of the package whose modules each folder may import, beside its own and those of the root."""
LONGEST = 350
"""Lines of the longest module of workflows; one that grows beyond has two subjects."""


@functools.cache
def modules() -> dict[str, Path]:
    found = {}
    rooms = [one for one in ROOT.iterdir() if one.is_dir() and one.name not in ELSEWHERE and one.name[0] != "."]
    for path in [*ROOT.glob("*.py"), *(path for room in rooms for path in room.rglob("*.py"))]:
        below = path.relative_to(ROOT)
        found[".".join(below.with_suffix("").parts).removesuffix(".__init__")] = path
    return found


def imports(name: str) -> Iterator[str]:
    """Yield the modules of the package that one imports when it runs, in functions or not; not for types alone."""
    path = modules()[name]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    folder = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and id(node) not in for_types:
            above = folder[: len(folder) - node.level + 1]
            module = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{module}.{alias.name}".lstrip(".")
                imported = inner if inner in modules() else module
                if imported in modules() and imported != name:
                    yield imported


@functools.cache
def arrows() -> dict[str, set[str]]:
    return {name: set(imports(name)) for name in modules() if name not in ("__init__", "__main__")}


def circles(arrows: dict[str, set[str]]) -> list[set[str]]:
    """Return the groups of nodes that reach each other (strongly connected components of more than one)."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        pending = [start]
        while pending:
            for following in arrows.get(pending.pop(), ()):
                if following not in found:
                    found.add(following)
                    pending.append(following)
        return found

    within = {node: reached(node) for node in arrows}
    found = [{other for other in within[node] if node in within.get(other, ())} for node in arrows]
    return [group for number, group in enumerate(found) if len(group) > 1 and group not in found[:number]]


def rooms(folder: str) -> dict[str, set[str]]:
    """Return which rooms of a folder import which: its subfolders, and the modules beside them."""

    def room(module: str) -> str:
        return ".".join(module.split(".")[:2])

    between: dict[str, set[str]] = {}
    for name, targets in arrows().items():
        if name.startswith(f"{folder}."):
            inside = {room(target) for target in targets if target.startswith(f"{folder}.")}
            between.setdefault(room(name), set()).update(inside - {room(name)})
    return between


def uphill(names: Iterable[str]) -> list[str]:
    return [
        f"{name} imports {target}"
        for name in names
        for target in sorted(arrows()[name])
        if (home := name.split(".")[0]) in BELOW
        and (there := target.split(".")[0]) in {*BELOW, "cli"}
        and there not in {home, *BELOW[home]}
    ]


def test_circles_are_found_where_there_are_any() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [{"b", "c"}]
    assert "workflows.adsorption.results" in arrows()["workflows.adsorption.flow"]
    assert "calculators.factory" in arrows()["workflows.common.corrections"], "imports in functions count too"
    assert len(arrows()) > 280


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circles(arrows()) == []


@pytest.mark.parametrize("folder", ["workflows", "analysis"])
def test_no_room_imports_itself_by_way_of_others(folder: str) -> None:
    assert circles(rooms(folder)) == []


def test_what_all_rooms_of_the_workflows_share_stands_below_them() -> None:
    assert rooms("workflows")["workflows.common"] == set()


def test_imports_run_downhill() -> None:
    assert uphill(arrows()) == []


def test_results_know_nothing_of_the_flows_that_make_them() -> None:
    """So that who reads a store needs no maker, and a correction no flow."""
    makers = {name for name in modules() if re.search(r"^class \w+\(\w*Maker\):", modules()[name].read_text(), re.M)}
    assert len(makers) >= 10
    results = [name for name in arrows() if name.startswith("workflows.") and name.endswith("results")]
    assert len(results) >= 5
    for name in results:
        assert not arrows()[name] & makers, name


def test_every_file_of_the_workflows_has_one_subject() -> None:
    paths = {name: path for name, path in modules().items() if name.startswith("workflows")}
    lines = {name: len(path.read_text().splitlines()) for name, path in paths.items()}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}
