"""The API reference: a page for every module that users import, written from its docstrings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from azibflow.face import FACE

ROOT = Path(__file__).parent.parent

ROOMS = ("structures", "calculators", "workflows", "campaigns", "hpc", "analysis", "data")
"""Folders whose modules have a page; what serves the command line alone has none."""

MODULES = ("studies", "plugins", "errors")
"""Modules beside them."""

FIRST = """# Python

`import azibflow` offers the names of this page; what holds a name is imported when the name is first used. The pages
beside this one describe every module.

"""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the reference before the last section of the navigation."""
    rooms = [_section(ROOT / room) for room in ROOMS]
    modules = [{name: f"api/{name}.md"} for name in MODULES]
    assert config.nav is not None
    config.nav.insert(-1, {"Python": ["api/index.md", *rooms, *modules]})
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for name, text in pages().items():
        files.append(File.generated(config, name, content=text))
    return files


def pages() -> dict[str, str]:
    """Return the text of every page by its name."""
    found = {"api/index.md": FIRST + "".join(_face())}
    for room in ROOMS:
        found |= dict(_pages(ROOT / room))
    return found | {f"api/{name}.md": _module_page(name) for name in MODULES}


def _section(folder: Path) -> dict[str, Any]:
    """Return the navigation of a package: its own page, its modules, its packages."""
    place = folder.relative_to(ROOT).as_posix()
    modules: list[Any] = [{path.stem: f"api/{place}/{path.stem}.md"} for path in _modules(folder)]
    return {folder.name: [f"api/{place}/index.md", *modules, *(_section(inner) for inner in _packages(folder))]}


def _pages(folder: Path) -> Iterator[tuple[str, str]]:
    """Return name and text of the pages of a package and of all that is in it."""
    place = folder.relative_to(ROOT).as_posix()
    rows = [_row(f"{path.stem}.md", path) for path in _modules(folder)]
    rows += [_row(f"{inner.name}/index.md", inner / "__init__.py") for inner in _packages(folder)]
    head = f"{_heading(place)}{_summary(folder / '__init__.py')}\n\n| module | |\n|---|---|\n"
    yield f"api/{place}/index.md", head + "".join(rows)
    for path in _modules(folder):
        yield f"api/{place}/{path.stem}.md", _module_page(f"{place}/{path.stem}")
    for inner in _packages(folder):
        yield from _pages(inner)


def _row(page: str, path: Path) -> str:
    return f"| [{page.removesuffix('.md').removesuffix('index')}]({page}) | {_summary(path)} |\n"


def _module_page(place: str) -> str:
    return f"{_heading(place)}::: {_dotted(place)}\n"


def _heading(place: str) -> str:
    """Return the heading of a page, to which links to the module lead."""
    return f"# {_dotted(place)} {{#{_dotted(place)}}}\n\n"


def _face() -> Iterator[str]:
    """Return what ``import azibflow`` offers, by the folder that holds it."""
    room = ""
    for module, names in FACE.items():
        if (here := module.partition(".")[0]) != room:
            room = here
            yield f"\n## {room}\n\n| name | |\n|---|---|\n"
        path = ROOT / f"{module.replace('.', '/')}.py"
        says = {
            node.name: _first_line(node)
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.ClassDef | ast.FunctionDef)
        }
        for name in names:
            yield f"| [`{name}`][azibflow.{module}.{name}] | {says[name]} |\n"


def _modules(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.py") if not path.stem.startswith("_"))


def _packages(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob("*/__init__.py"))


def _dotted(place: str) -> str:
    return "azibflow." + place.replace("/", ".")


def _summary(path: Path) -> str:
    return _first_line(ast.parse(path.read_text(encoding="utf-8")))


def _first_line(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> str:
    """Return what a docstring says first, without the links that only its own module can follow."""
    return re.sub(r"\[(`[^`]+`)\]\[[^]]*\]", r"\1", (ast.get_docstring(node) or "").partition("\n")[0])
