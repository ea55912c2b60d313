"""What a calculator of other people depends on: own code, files that options name, the distributions that bring it."""

from __future__ import annotations

import sys
import sysconfig
from functools import cache, lru_cache
from importlib import import_module, metadata
from modulefinder import ModuleFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..paths import is_file, is_folder
from ..plugins import GROUPS
from .weights import WeightsRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PACKAGE = __name__.partition(".")[0]
INSTALLED = frozenset({"site-packages", "dist-packages"})
"""Folders of installed distributions: what lies there is known by its version."""


def module_of(import_path: str) -> str:
    """Return the module of ``package.module:Class`` or ``package.module.Class``."""
    return import_path.partition(":")[0] if ":" in import_path else import_path.rpartition(".")[0]


def distributions(module: str) -> list[str]:
    """Return the installed distributions that bring a module, which may be called otherwise; of none its own name.

    Args:
        module: name of a module; of one of this package there are none to tell.
    """
    top = module.partition(".")[0]
    return [] if top == PACKAGE else list(_brought().get(top, [top]))


def versions(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of installed distributions, that of this package first.

    Args:
        names: of distributions; one that is not installed has an unknown version.
    """
    from .. import __version__

    found = {PACKAGE: __version__}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found


def own_code(module: str) -> list[Path]:
    """Return the source files of a module that no installed distribution brings.

    Args:
        module: name of a module that can be imported.

    Returns:
        Its file and those of the user's own that it imports, directly or not, sorted; empty for a module of Python, of
        a distribution or of this package.
    """
    top = sys.modules.get(module.partition(".")[0]) or import_module(module.partition(".")[0])
    origin = getattr(sys.modules.get(module) or import_module(module), "__file__", None)
    if origin is None or top.__name__ == PACKAGE or _is_installed(Path(origin)):
        return []
    beside = Path(top.__path__[0]).parent if hasattr(top, "__path__") else Path(origin).parent
    elsewhere = [folder for folder in sys.path if Path(folder).is_dir() and not _is_installed(Path(folder))]
    finder = ModuleFinder([str(beside), *elsewhere], excludes=[PACKAGE])
    found = {Path(origin)}
    try:
        finder.import_hook(module)
        files = [getattr(one, "__file__", None) for one in finder.modules.values()]
        found |= {Path(file) for file in files if file}
    except ImportError:  # a package without __init__.py
        pass
    return sorted(path.resolve() for path in found)


@lru_cache(maxsize=16)
def loaded_code(module: str) -> tuple[WeightsRecord, ...]:
    """Hash own code once: a process goes on with what it has imported, whatever becomes of the file."""
    return tuple(map(WeightsRecord.of, own_code(module)))


def named_files(value: Any) -> Iterator[Path]:
    """Find the files that options name: by absolute paths, as words of a command, or in a folder that they name.

    Args:
        value: options, or any part of them.
    """
    words = list(_words(value))
    yield from (Path(word) for word in words if word.startswith("/") and is_file(word))
    folders = [Path(word) for word in dict.fromkeys(words) if word.startswith("/") and is_folder(word)]
    names = [word for word in dict.fromkeys(words) if not word.startswith("/")]
    yield from (folder / name for folder in folders for name in names if is_file(folder / name))


def _words(value: Any) -> Iterator[str]:
    """Yield every text in plain data, and its words."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _words(item)
    elif isinstance(value, str | Path):
        yield from dict.fromkeys([str(value), *str(value).split()])


@cache
def _brought() -> Mapping[str, list[str]]:
    """Return the distributions by the modules they bring; reads the list of files of all that is installed."""
    brought = {module: list(dict.fromkeys(names)) for module, names in metadata.packages_distributions().items()}
    for entry in (entry for group in GROUPS for entry in metadata.entry_points(group=group)):
        if entry.dist is not None:  # one installed for development may list no files
            brought.setdefault(entry.module.partition(".")[0], [entry.dist.name])
    return brought


def _is_installed(path: Path) -> bool:
    standard = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    return bool(INSTALLED & set(path.parts)) or any(path.is_relative_to(folder) for folder in standard)
