"""How the modules of the package hang together: no circle, and no import runs uphill."""

from __future__ import annotations

import ast
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


def modules() -> dict[str, Path]:
    found = {}
    for path in ROOT.rglob("*.py"):
        below = path.relative_to(ROOT)
        if below.parts[0] in ELSEWHERE or any(part.startswith(".") for part in below.parts):
            continue
        found[".".join(below.with_suffix("").parts).removesuffix(".__init__")] = path
    return found


MODULES = modules()


def imports(name: str) -> Iterator[str]:
    """Yield the modules of the package that one imports when it runs, in functions or not; not for types alone."""
    path = MODULES[name]
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
                imported = inner if inner in MODULES else module
                if imported in MODULES and imported != name:
                    yield imported


IMPORTS = {name: set(imports(name)) for name in MODULES if name not in ("__init__", "__main__")}


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

    arrows: dict[str, set[str]] = {}
    for name, targets in IMPORTS.items():
        if name.startswith(f"{folder}."):
            inside = {room(target) for target in targets if target.startswith(f"{folder}.")}
            arrows.setdefault(room(name), set()).update(inside - {room(name)})
    return arrows


def uphill(names: Iterable[str]) -> list[str]:
    return [
        f"{name} imports {target}"
        for name in names
        for target in sorted(IMPORTS[name])
        if (home := name.split(".")[0]) in BELOW
        and (there := target.split(".")[0]) in {*BELOW, "cli"}
        and there not in {home, *BELOW[home]}
    ]


def test_circles_are_found_where_there_are_any() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [{"b", "c"}]
    assert "workflows.adsorption.results" in IMPORTS["workflows.adsorption.flow"]
    assert "calculators.factory" in IMPORTS["workflows.common.corrections"], "imports in functions count too"
    assert len(IMPORTS) > 280


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circles(IMPORTS) == []


@pytest.mark.parametrize("folder", ["workflows", "analysis"])
def test_no_room_imports_itself_by_way_of_others(folder: str) -> None:
    assert circles(rooms(folder)) == []


def test_what_all_rooms_of_the_workflows_share_stands_below_them() -> None:
    assert rooms("workflows")["workflows.common"] == set()


def test_imports_run_downhill() -> None:
    assert uphill(IMPORTS) == []


def test_results_know_nothing_of_the_flows_that_make_them() -> None:
    """So that who reads a store needs no maker, and a correction no flow."""
    makers = {name for name in MODULES if re.search(r"^class \w+\(\w*Maker\):", MODULES[name].read_text(), re.M)}
    assert len(makers) >= 10
    results = [name for name in IMPORTS if name.startswith("workflows.") and name.endswith("results")]
    assert len(results) >= 5
    for name in results:
        assert not IMPORTS[name] & makers, name


def test_every_file_of_the_workflows_has_one_subject() -> None:
    lines = {name: len(path.read_text().splitlines()) for name, path in MODULES.items() if name.startswith("workflows")}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}
