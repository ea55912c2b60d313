"""The files that decide what a calculator computes: weights, cards, a user's own code, what its options name."""

from __future__ import annotations

import sys
import sysconfig
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from modulefinder import ModuleFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import WeightsError
from .dft.levels import PyscfSpec
from .specs import (
    AnyMethod,
    AnySpec,
    AseSpec,
    ChgnetSpec,
    CorrectedSpec,
    MaceSpec,
    SurrogateSpec,
    Weights,
    WeightsRecord,
)
from .weights import file_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = frozenset({"site-packages", "dist-packages"})
"""Folders of installed distributions: what lies there is known by its version."""


def calculator_files(spec: AnySpec) -> list[Path]:
    """Return every file whose contents change the numbers of a calculator.

    Args:
        spec: one method, its paths absolute.

    Returns:
        Paths of existing files: weights; the card of a surrogate and what it pins; the source of an ASE calculator that
        is the user's own, with the modules it imports from the same place; files that options or basis sets name.

    Raises:
        WeightsError: weights or a card are missing.
        CapabilityError: an ASE calculator cannot be imported.
    """
    if isinstance(spec, ChgnetSpec):
        from .chgnet_network import weights_file

        return [weights_file(spec.version)]
    if isinstance(spec, MaceSpec):
        from .mace_network import model_file

        return [model_file(weights) for weights in spec.models]
    if isinstance(spec, SurrogateSpec):
        return _surrogate_files(spec)
    if isinstance(spec, AseSpec):
        return [*own_code(module_of(spec.calculator)), *named_files(spec.options)]
    return list(named_files(spec.model_dump())) if isinstance(spec, PyscfSpec) else []


def code_records(spec: AnySpec) -> tuple[WeightsRecord, ...]:
    """Hash a user's own code and the files that options or basis sets name; nothing where libraries are all."""
    if not isinstance(spec, AseSpec | PyscfSpec):
        return ()
    code = _loaded_code(module_of(spec.calculator)) if isinstance(spec, AseSpec) else ()
    named = named_files(spec.options if isinstance(spec, AseSpec) else spec.model_dump())
    return (*code, *(WeightsRecord(name=path.name, sha256=file_sha256(path)) for path in named))


def pinned(spec: AnyMethod) -> AnyMethod:
    """Give the model files of a spec the hashes they have now, so that a job later on refuses any other.

    Args:
        spec: any spec; the card of a surrogate pins its files itself.

    Returns:
        The spec; a file that is not there stays without a hash.
    """
    from .mace_network import model_file

    if isinstance(spec, CorrectedSpec):
        update = {name: pinned(getattr(spec, name)) for name in ("surrogate", "correct_with")}
        return spec.model_copy(update=update)
    if not isinstance(spec, MaceSpec):
        return spec
    models = []
    for weights in spec.models:
        with suppress(WeightsError):
            weights = weights.model_copy(update={"sha256": weights.sha256 or file_sha256(model_file(weights))})
        models.append(weights)
    return spec.model_copy(update={"models": tuple(models)})


def unpinned(spec: AnySpec) -> AnySpec:
    """Take the hashes of model files out of a spec."""
    if not isinstance(spec, MaceSpec):
        return spec
    return spec.model_copy(update={"models": tuple(Weights(path=weights.path) for weights in spec.models)})


def module_of(import_path: str) -> str:
    """Return the module of ``package.module:Class`` or ``package.module.Class``."""
    return import_path.partition(":")[0] if ":" in import_path else import_path.rpartition(".")[0]


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
    if origin is None or top.__name__ == __name__.partition(".")[0] or _is_installed(Path(origin)):
        return []
    beside = Path(top.__path__[0]).parent if hasattr(top, "__path__") else Path(origin).parent
    elsewhere = [folder for folder in sys.path if Path(folder).is_dir() and not _is_installed(Path(folder))]
    finder = ModuleFinder([str(beside), *elsewhere], excludes=[__name__.partition(".")[0]])
    found = {Path(origin)}
    try:
        finder.import_hook(module)
        files = [getattr(one, "__file__", None) for one in finder.modules.values()]
        found |= {Path(file) for file in files if file}
    except ImportError:  # a package without __init__.py
        pass
    return sorted(path.resolve() for path in found)


def named_files(value: Any) -> Iterator[Path]:
    """Find the files that options name: absolute paths, by themselves or as words of a command."""
    if isinstance(value, dict):
        for item in value.values():
            yield from named_files(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from named_files(item)
    elif isinstance(value, str | Path):
        for word in dict.fromkeys([str(value), *str(value).split()]):
            if word.startswith("/") and "\0" not in word and _is_file(Path(word)):
                yield Path(word)


@lru_cache(maxsize=16)
def _loaded_code(module: str) -> tuple[WeightsRecord, ...]:
    """Hash code once: a process goes on with what it has imported, whatever becomes of the file."""
    return tuple(WeightsRecord(name=path.name, sha256=file_sha256(path)) for path in own_code(module))


def _surrogate_files(spec: SurrogateSpec) -> list[Path]:
    from .surrogates.card import card_file, read_card

    path = card_file(spec.card)
    card = read_card(spec.card)
    return [path, *(path.parent / one.path for one in (*card.models, card.environments))]


def _is_installed(path: Path) -> bool:
    standard = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    return bool(PACKAGES & set(path.parts)) or any(path.is_relative_to(folder) for folder in standard)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than any file's
        return False
