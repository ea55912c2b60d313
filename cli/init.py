"""``azibflow init``: write a campaign file to begin with."""

from __future__ import annotations

from pathlib import Path

import click


def _beginning_with(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from ..campaigns.templates import templates

    return [name for name in templates() if name.startswith(incomplete)]


@click.command(name="init")
@click.argument("template", required=False, shell_complete=_beginning_with)
@click.argument("structures", metavar="[STRUCTURE]...", nargs=-1)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write.  [default: TEMPLATE.yaml]")
@click.option("--ion", default="Zn", show_default=True, help="Chemical symbol of the ion.")
@click.option(
    "--calculator", default="chgnet", show_default=True, help="What computes: azibflow calculators lists them."
)
def command(template: str | None, structures: tuple[str, ...], output: Path | None, ion: str, calculator: str) -> None:
    """Write a commented campaign file from a TEMPLATE; without one, list the templates.

    STRUCTURE is a structure file or the name of a prototype.

    \b
      azibflow init migration my-host.cif -o my-host.yaml
      azibflow init hop before.vasp after.vasp --calculator sevennet
      azibflow init desolvation
    """
    from ..campaigns.files import load_campaign
    from ..campaigns.templates import Choices, new_campaign, templates
    from ..errors import AzibflowError, CampaignError

    if template is None:
        offered = templates()
        width = max(map(len, offered))
        for name, says in offered.items():
            click.echo(f"{name:<{width}}  {says}")
        return
    path = output or Path(f"{template}.yaml")
    text = new_campaign(template, path, Choices(structures, ion, calculator))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise CampaignError(f"{path} exists; name another file with -o") from error
    except OSError as error:
        raise AzibflowError(f"{path}: {error.strerror or error}") from error
    try:
        load_campaign(path)
    except CampaignError:
        path.unlink()
        raise
    click.echo(f"written to {path}; next: azibflow run {path} --dry-run")
