"""What other people's packages add: studies, calculators, prototypes, published values, found by their entry points.

A package names what it adds in its ``pyproject.toml``; nothing of this package changes:

```toml
[project.entry-points."azibflow.calculators"]
morse = "zinc_morse.calculator:MorseSpec"
```

Whatever is installed beside azibflow is found, also by the workers of a cluster. A plug-in that cannot be used is
remembered with its reason, and the rest works.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any

GROUPS = ("azibflow.studies", "azibflow.calculators", "azibflow.prototypes", "azibflow.literature")
"""Groups of entry points that are read."""


@dataclass(frozen=True)
class Plugin:
    """Something that another package adds.

    Attributes:
        name: of the entry point.
        value: what the entry point names.
        distribution: the package that brings it.
        version: of that package.
    """

    name: str
    value: Any
    distribution: str
    version: str


@dataclass(frozen=True)
class BrokenPlugin:
    """A plug-in that cannot be used.

    Attributes:
        group: of entry points.
        name: of the entry point.
        distribution: the package that brings it.
        reason: why, in one line.
    """

    group: str
    name: str
    distribution: str
    reason: str

    def __str__(self) -> str:
        return f"plug-in {self.name!r} of {self.distribution} ({self.group}) cannot be used: {self.reason}"


_broken: dict[tuple[str, str], BrokenPlugin] = {}


@cache
def plugins(group: str) -> tuple[Plugin, ...]:
    """Import what other packages add; those that fail are in [`broken_plugins`][].

    Args:
        group: one of [`GROUPS`][].

    Returns:
        The plug-ins in the order of their names.
    """
    found = []
    for entry in sorted(metadata.entry_points(group=group), key=lambda entry: entry.name):
        distribution = entry.dist.name if entry.dist is not None else "an unknown package"
        try:
            value = entry.load()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # importing runs code of others, which may do anything, even exit
            refuse(group, entry.name, distribution, f"{type(error).__name__}: {' '.join(str(error).split())}")
        else:
            version = entry.dist.version if entry.dist is not None else ""
            found.append(Plugin(entry.name, value, distribution, version))
    return tuple(found)


@cache
def modules_of_plugins() -> tuple[str, ...]:
    """Name the top-level modules of the packages that add something; nothing is imported."""
    entries = [entry for group in GROUPS for entry in metadata.entry_points(group=group)]
    return tuple(sorted({module for entry in entries for module in (_top(entry.value), *_installed(entry))}))


def _installed(entry: metadata.EntryPoint) -> list[str]:
    listed = entry.dist.read_text("top_level.txt") if entry.dist is not None else None
    return (listed or "").split()


def _top(module: str) -> str:
    return module.partition(":")[0].partition(".")[0]


def refuse(group: str, name: str, distribution: str, reason: str) -> None:
    """Remember a plug-in that cannot be used."""
    _broken[group, name] = BrokenPlugin(group, name, distribution, reason)


def broken_plugins() -> list[BrokenPlugin]:
    """Return the plug-ins of the groups read so far that cannot be used."""
    return list(_broken.values())
