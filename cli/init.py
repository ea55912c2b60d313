"""``azibflow init``: write a campaign file to begin with."""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource


def _beginning_with(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from ..campaigns.templates import templates

    return [name for name in templates() if name.startswith(incomplete)]


def _tables_beginning_with(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from ..data.tables import computable

    return [name for name in computable() if name.startswith(incomplete)]


@click.command(name="init")
@click.argument("template", required=False, shell_complete=_beginning_with)
@click.argument("structures", metavar="[STRUCTURE]...", nargs=-1)
@click.option(
    "--from",
    "table",
    metavar="TABLE",
    shell_complete=_tables_beginning_with,
    help="A table of the papers instead of a TEMPLATE, such as T6: azibflow list tables names them.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write.  [default: TEMPLATE.yaml, TABLE.yaml]"
)
@click.option("--ion", default="Zn", show_default=True, help="Chemical symbol of the ion.")
@click.option(
    "--calculator", default="chgnet", show_default=True, help="What computes: azibflow calculators lists them."
)
@click.pass_context
def command(
    ctx: click.Context,
    template: str | None,
    structures: tuple[str, ...],
    table: str | None,
    output: Path | None,
    ion: str,
    calculator: str,
) -> None:
    """Write a commented campaign file from a TEMPLATE; without one, list the templates.

    STRUCTURE is a structure file or the name of a prototype. The campaign of a table of the papers names its rows; a
    table that needs no simulation is a file of claims for azibflow check.

    \b
      azibflow init migration my-host.cif -o my-host.yaml
      azibflow init hop before.vasp after.vasp --calculator sevennet
      azibflow init desolvation
      azibflow init --from T6
    """
    from ..campaigns.paper_tables import table_file
    from ..campaigns.templates import Choices, new_campaign, templates

    if table is not None:
        given = [name for name in ("template", "ion", "calculator") if _given(ctx, name)]
        if given:
            raise click.UsageError(f"--from takes no {' and no '.join(given)}: change the file that it writes")
        path = output or Path(f"{table}.yaml")
        return _write(path, table_file(table, path))
    if template is None:
        offered = templates()
        width = max(map(len, offered))
        for name, says in offered.items():
            click.echo(f"{name:<{width}}  {says}")
        return None
    path = output or Path(f"{template}.yaml")
    return _write(path, new_campaign(template, path, Choices(structures, ion, calculator)))


def _given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _write(path: Path, text: str) -> None:
    """Write a campaign or claims to a file that is not there yet, read it back, and say what comes next."""
    from ..errors import AzibflowError, CampaignError

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise CampaignError(f"{path} exists; name another file with -o") from error
    except OSError as error:
        raise AzibflowError(f"{path}: {error.strerror or error}") from error
    try:
        following = _following(path, text)
    except AzibflowError:
        path.unlink()
        raise
    click.echo(f"written to {path}; next: {following}")


def _following(path: Path, text: str) -> str:
    from ..analysis.ledgers.claims import load_claims
    from ..campaigns.files import load_campaign

    if "\nclaims:\n" in text:
        load_claims(path)
        return f"azibflow check {path}"
    load_campaign(path)
    return f"azibflow run {path} --dry-run"
