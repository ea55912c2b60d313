"""What the documentation site is made of; `make docs` builds it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from azibflow.face import NAMES

pytest.importorskip("mkdocs", reason="the site is built with the extra docs")
griffe = pytest.importorskip("griffe")

ROOT = Path(__file__).parent.parent


def of_the_site(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"site_{name}", ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def config():
    from mkdocs.config import load_config

    return load_config(str(ROOT / "mkdocs.yml"))


def leaves(nav) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    return [leaf for inner in (nav.values() if isinstance(nav, dict) else nav) for leaf in leaves(inner)]


def test_every_module_of_a_room_has_a_page_that_the_navigation_leads_to(config) -> None:
    reference = of_the_site("reference")
    pages, listed = reference.pages(), leaves(reference.on_config(config).nav)
    assert set(pages) <= set(listed)
    assert len(listed) == len(set(listed))
    for name in ("structures.hops", "workflows.migration.flow", "calculators.dft.scf", "hpc.manager", "plugins"):
        assert f"::: azibflow.{name}\n" in pages[f"api/{name.replace('.', '/')}.md"]
    assert not [page for page in pages if page.startswith(("api/cli", "api/tests"))]


def test_the_first_page_links_to_every_name_of_the_face() -> None:
    first = of_the_site("reference").pages()["api/index.md"]
    for name, module in NAMES.items():
        assert f"[`{name}`][azibflow.{module}.{name}] | " in first
    assert "| Relax atoms to a minimum. |" in first


@pytest.mark.parametrize(
    ("target", "folder", "on_the_site"),
    [
        ("docs/hpc.md", "", "hpc.md"),
        ("docs/barriers.png", "", "barriers.png"),
        ("CONTRIBUTING.md", "", "contributing.md"),
        ("../README.md", "docs", "index.md"),
        ("../structures/prototypes", "docs", "api/structures/prototypes/index.md"),
        ("../examples/profiles/cpu-cluster.yaml", "docs", "examples/profiles/cpu-cluster.yaml"),
        ("campaign.md", "docs", "campaign.md"),
        ("https://doi.org/10.1063/1.1329672", "docs", "https://doi.org/10.1063/1.1329672"),
    ],
)
def test_links_of_the_repository_lead_to_pages_of_the_site(target: str, folder: str, on_the_site: str) -> None:
    assert of_the_site("repository")._on_site(target, folder) == on_the_site


def test_fields_are_documented_by_their_descriptions_and_members_of_enums_by_their_values() -> None:
    code = '''
from enum import StrEnum
from pydantic import BaseModel, Field
class Outcome(StrEnum):
    """How it ended."""
    OK = "ok"
LARGEST = 5
class Settings(BaseModel):
    """How far."""
    fmax: float = Field(0.05, description="largest force, eV/angstrom")
    steps: int = Field(description=f"moves, up to {LARGEST}")
    bare: int = 3
'''
    extensions = griffe.load_extensions(of_the_site("fields").FieldDescriptions)
    with griffe.temporary_visited_module(code, extensions=extensions, docstring_parser="google") as module:
        sections = module["Settings"].docstring.parsed
        (member,) = module["Outcome"].docstring.parsed[1].value
    assert (member.name, member.description) == ("OK", "`'ok'`")
    assert sections[0].value == "How far."
    assert {field.name: field.description for field in sections[1].value} == {
        "fmax": "largest force, eV/angstrom (default `0.05`)",
        "steps": "moves, up to LARGEST",
    }


def test_warnings_end_the_build() -> None:
    """``--quiet`` would silence them before they are counted."""
    (build,) = [line for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines() if "mkdocs build" in line]
    assert build.endswith("mkdocs build --strict")


def test_docstrings_are_markdown() -> None:
    """The roles of another tool would stand in the pages as they are written."""
    rooms = of_the_site("reference")
    files = [path for room in rooms.ROOMS for path in (ROOT / room).rglob("*.py")]
    files += [ROOT / f"{name}.py" for name in rooms.MODULES]
    assert len(files) > 200
    for path in files:
        found = re.search(r":(?:func|class|mod|meth|data|attr|exc):`[^`]*`|::$", path.read_text(encoding="utf-8"), re.M)
        assert found is None, f"{path}: {found[0] if found else ''}"
