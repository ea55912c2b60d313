"""``azibflow check``: published claims held against the ledgers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..analysis.ledgers.findings import Finding


@click.command(name="check")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--strict", is_flag=True, help="Exit with status 1 if a claim is not consistent.")
def command(file: Path | None, as_json: bool, strict: bool) -> int:
    """Check the claims in a FILE: consistent or not, and what would be; without FILE, the published ones.

    A claim is a capacity with its host, ions, charge and mass basis; the protons or ions of an electrolyte; a mass per
    charge from a quartz balance; the ion that carries the charge; a current or capacity per area; a time at a current;
    a diffusion coefficient of job sharing or of GITT; an activation energy; or the exponent of a voltammogram. One that
    prints nothing is worked out. Only the arithmetic is checked: a claim that is consistent can still be wrong, and one
    that is not is a finding, no error.

    \b
      claims:
        mine:
          kind: specific_capacity
          host: V2O5
          n: 1
          capacity: 294
          basis: host    # host+ions, composite, composite+ions
          tolerance: 0.01
    """
    from ..analysis.ledgers.checking import check_claims
    from ..analysis.ledgers.claims import load_claims, published_claims
    from ..analysis.ledgers.findings import Verdict

    findings = check_claims(published_claims() if file is None else load_claims(file))
    counts = {verdict: sum(finding.verdict is verdict for finding in findings) for verdict in Verdict}
    if as_json:
        document = {
            "claims": [finding.model_dump(mode="json") for finding in findings],
            "counts": {str(verdict): count for verdict, count in counts.items()},
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo("\n".join([*_lines(finding), ""]))
        click.echo(f"{len(findings)} claims: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    return 1 if strict and counts[Verdict.INCONSISTENT] else 0


def _lines(finding: Finding) -> list[str]:
    """Write one finding: the verdict, the numbers, what would be, the source."""
    lines = [f"{finding.name}: {finding.verdict}", f"    {finding.case}"]
    for comparison in finding.comparisons:
        printed = "" if comparison.printed is None else f"printed {comparison.printed:g}, follows "
        numbers = f"{printed}{comparison.computed:.5g} {comparison.unit}".rstrip()
        off = "" if comparison.consistent or comparison.deviation is None else f" ({comparison.deviation:+.1%})"
        lines.append(f"    {comparison.quantity}: {numbers}{off}")
    lines += [f"    - {remark}" for remark in finding.remarks]
    lines += [f"    note: {finding.note}"] if finding.note else []
    return [*lines, f"    source: {finding.origin}"] if finding.origin else lines
