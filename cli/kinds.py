"""Kinds of studies as a word on the command line: those of this package and those of others that are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..studies import study_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

ALL = "all"
"""Every kind of which there is a result."""


class Kind(click.ParamType[str]):
    """The name of a kind of study, or another name that it has.

    Args:
        offered: returns what each name stands for.
    """

    name = "kind"

    def __init__(self, offered: Callable[[], dict[str, str]]) -> None:
        self.offered = offered

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the kind's own name."""
        kind = study_kind(value)
        return self._choice().convert(value if kind is None else kind.name, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete a name."""
        return self._choice().shell_complete(ctx, param, incomplete)

    def _choice(self) -> click.Choice[str]:
        return click.Choice(list(self.offered()))


class KindCommand(click.Command):
    """A command whose first word is a kind; its help says what each is."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the kinds, then the options."""
        kind = self.params[0].type
        if isinstance(kind, Kind):
            with formatter.section("Kinds"):
                formatter.write_dl(list(kind.offered().items()))
        super().format_options(ctx, formatter)
