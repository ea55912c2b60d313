"""``azibflow validate``: check a campaign file."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command(name="validate")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of campaign files, for editors, and stop.")
def command(file: Path | None, schema: bool) -> None:
    """Check a campaign FILE and print it with every default spelled out.

    Mistakes are reported with their line and the nearest valid key, and what is not installed here. Nothing is
    computed; `azibflow run --dry-run` also builds the structures.
    """
    if schema:
        from ..campaigns.model import Campaign

        click.echo(json.dumps(Campaign.model_json_schema(), indent=2))
        return
    if file is None:
        raise click.UsageError("give a campaign FILE, or --schema")
    from ..campaigns.files import dump_campaign, load_campaign
    from ..campaigns.inputs import methods_of

    campaign = load_campaign(file)
    click.echo(dump_campaign(campaign), nl=False)
    click.echo(f"{file} is valid: {len(campaign.systems)} systems, {len(campaign.studies)} studies", err=True)
    for method in {method.kind: method for method in methods_of(campaign)}.values():
        if missing := method.missing():
            click.echo(f"it cannot be computed on this machine: {missing}", err=True)
    if unused := campaign.unused_systems:
        click.echo(f"no study uses the systems {', '.join(unused)}", err=True)
