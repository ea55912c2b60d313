"""``azibflow calculators``: what can compute here, and its limits."""

from __future__ import annotations

import click


@click.command(name="calculators")
def command() -> None:
    """List the calculators, whether each can be used here, and what it can and cannot do."""
    from ..calculators.factory import available

    for calculator in available():
        mark = "usable" if calculator.usable else "not usable"
        click.echo(f"{calculator.kind}: {mark}")
        click.echo(f"    {calculator.remark}")
