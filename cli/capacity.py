"""``azibflow capacity``: a theoretical capacity on every mass basis."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..analysis.ledgers.capacity import CapacityLedger


@click.command(name="capacity")
@click.option("--host", required=True, metavar="FORMULA", help='Formula of the host: V8O16, "Zn0.25V2O5*1.6H2O".')
@click.option("--ion", default="Zn", show_default=True, metavar="FORMULA", help="The ion, without its charge.")
@click.option("--n", "number", type=float, required=True, metavar="NUMBER", help="Ions per host formula.")
@click.option("--charge", type=int, metavar="Z", help="Charge of the ion.  [default: the usual one; 2 for Zn]")
@click.option(
    "--support-mass", type=float, metavar="G_PER_MOL", help="Mass of graphene, MXene, ... per host formula, g/mol."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(host: str, ion: str, number: float, charge: int | None, support_mass: float | None, as_json: bool) -> None:
    """Print the theoretical capacity of a host with n ions on every mass basis.

    Q = z n F / (3.6 M), in mAh/g, with M the mass of the host, of the host with its ions, and of both with the support;
    the electrons per metal atom, and whether the metal can take them; and whether a capacity published for the same
    host and ions follows.

    \b
      azibflow capacity --host V8O16 --ion Zn --n 7
      azibflow capacity --host V8O16 --n 7 --support-mass 240.22
      azibflow capacity --host MnO2 --ion H --n 1 --json
    """
    from ..analysis.ledgers.capacity import UNITS, capacity_ledger
    from ..analysis.ledgers.capacity_checks import published_beside

    ledger = capacity_ledger(host, ion, number, charge=charge, support_mass=support_mass)
    published = published_beside(ledger)
    if as_json:
        click.echo(json.dumps({**ledger.model_dump(mode="json"), "published": published, "units": UNITS}, indent=2))
        return
    for line in [*_lines(ledger), *published]:
        click.echo(line)


def _lines(ledger: CapacityLedger) -> list[str]:
    sign = f"{ledger.charge}+" if ledger.charge > 1 else "+"
    return [
        f"{ledger.host} + {ledger.n:g} {ledger.ion}{sign}: {ledger.electrons:g} electrons per {ledger.host}",
        "",
        f"{'mass basis':34s}  {'g/mol':>10s}  {'mAh/g':>10s}",
        *(f"{entry.basis.words:34s}  {entry.mass:10.3f}  {entry.capacity:10.2f}" for entry in ledger.capacities),
        "",
        *([ledger.metal.statement, *([ledger.metal.source] if ledger.metal.source else [])] if ledger.metal else []),
    ]
