"""Pages of the site whose text stands elsewhere in the repository, and links that lead out of ``docs/``."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent

PAGES = {
    "index.md": "README.md",
    "paper-tables.md": "examples/papers/README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
}
"""Page of the site, and the file of the repository that it shows."""

LINK = re.compile(r"(?<=\]\()([^)#\s]+)")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages, and the examples that documents link to."""
    for page, source in PAGES.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    shown = [path for ending in ("*.ipynb", "*.yaml") for path in (ROOT / "examples").rglob(ending)]
    for path in sorted(shown):
        files.append(File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Lead links that hold in the repository to the pages of the site."""
    name = page.file.src_uri
    if name in ("index.md", "results.md"):
        page.meta["hide"] = ["navigation"]  # for their wide tables
    if name.startswith("api/"):
        return markdown
    folder = posixpath.dirname(PAGES.get(name, f"docs/{name}"))
    return LINK.sub(lambda found: _on_site(found[1], folder), markdown)


def _on_site(target: str, folder: str) -> str:
    """Return where a link leads on the site; ``folder`` is that of the file in the repository it stands in."""
    if re.match(r"[a-z]+:", target):
        return target
    place = posixpath.normpath(posixpath.join(folder, target))
    if (ROOT / place / "__init__.py").is_file():
        return f"api/{place}/index.md"
    pages = {source: page for page, source in PAGES.items()}
    return pages.get(place, place.removeprefix("docs/"))
