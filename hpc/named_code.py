"""Functions and classes that stored data name, and which of them are code of others.

Jobflow writes a function as the name of its module and its own, an object as those of its class and its fields. Who
rebuilds them imports what they name, and importing executes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ..plugins import modules_of_plugins

OWN = ("azibflow", "jobflow")
"""Packages whose functions may be jobs, beside the installed plug-ins."""

LIBRARIES = ("pymatgen", "ase", "numpy", "bson", "datetime", "pathlib", "uuid")
"""Packages whose objects may be inputs and results: structures, atoms, arrays, and what Jobflow writes as an object."""

CALCULATORS = "ase.calculators."
"""Modules whose classes may be named as calculators."""

IMPORT_PATH = re.compile(r"([A-Za-z_][\w.]*):[A-Za-z_][\w.]*")
IMPORT_PATH_KEYS = ("calculator", "class")
"""Keys under which specs write import paths."""


@dataclass(frozen=True)
class ForeignCode:
    """Code that is neither this package's nor a plug-in's.

    Attributes:
        module: in which it is.
        job: name of the job that would execute it; empty where that is not known.
    """

    module: str
    job: str

    def __str__(self) -> str:
        return f"module {self.module}" + (f" (job {self.job!r})" if self.job else "")


def rebuilt(record: Any) -> Any:
    """Rebuild what Jobflow wrote, importing whatever it names."""
    from monty.json import MontyDecoder

    return MontyDecoder().process_decoded(record)


def foreign_code(value: Any, job: str = "") -> Iterator[ForeignCode]:
    """Find the code of others that stored data name.

    Args:
        value: the data.
        job: name of the job that they belong to.

    Yields:
        Each place that names such code.
    """
    if isinstance(value, list):
        for item in value:
            yield from foreign_code(item, job)
    elif isinstance(value, dict):
        if value.get("@class") == "Job":
            job = str(value.get("name"))
        if not _is_known(value):
            yield ForeignCode(str(value["@module"]), job)
        for key in IMPORT_PATH_KEYS:
            path = IMPORT_PATH.fullmatch(text) if isinstance(text := value.get(key), str) else None
            if path and not (path[1].startswith(CALCULATORS) or _is_of(path[1], _own())):
                yield ForeignCode(path[1], job)
        if "calculator" in value and isinstance(value.get("python"), str):  # another interpreter may do anything
            yield ForeignCode(value["python"], job)
        for item in value.values():
            yield from foreign_code(item, job)


def _own() -> tuple[str, ...]:
    return (*OWN, *modules_of_plugins())


def _is_of(module: object, packages: tuple[str, ...]) -> bool:
    return str(module).partition(".")[0] in packages


def _is_known(record: dict[str, Any]) -> bool:
    """Tell whether what a record names, if it names anything, may be imported and, if it is a function, be a job."""
    if "@module" not in record:
        return True
    if "@callable" not in record:
        return _is_of(record["@module"], (*_own(), *LIBRARIES))
    if not _is_of(record["@module"], _own()):
        return False
    return record.get("@bound") is not None or _is_job_or_class(str(record["@module"]), str(record["@callable"]))


def _is_job_or_class(module: str, name: str) -> bool:
    """Tell whether a name in a module of ours is a job or class of ours, not what it has imported: ``os.system``."""
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError):
        return True  # nothing there that could be executed
    is_ours = _is_of(getattr(found, "__module__", ""), _own())
    return is_ours and (isinstance(found, type) or hasattr(found, "original"))
