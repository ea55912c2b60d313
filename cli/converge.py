"""``azibflow converge``: find the cutoffs and k-points that a structure needs."""

from __future__ import annotations

from pathlib import Path

import click

from .coordinate import folder_of, go_on_here, print_table
from .methods import method_of
from .recipes import recipe_of_words


class Values(click.ParamType[tuple[str, list[float]]]):
    """A key and its values, as in ``cutoff=300,400,500``."""

    name = "values"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, list[float]]:
        """Read the key and at least two values."""
        key, _, numbers = str(value).partition("=")
        try:
            values = [float(number) for number in numbers.split(",")]
        except ValueError:
            values = []
        if len(values) < 2 or not all(0 < number < float("inf") for number in values):
            self.fail(f"{value!r} is no key with two or more positive values, as in cutoff=300,400,500", param, ctx)
        return key, values


@click.command(name="converge")
@click.argument("spec")
@click.option(
    "--calculator",
    required=True,
    metavar="SPEC",
    help="A word as in a campaign file, or '{kind: gpaw, smearing: 0.1}'.",
)
@click.option(
    "--vary",
    multiple=True,
    type=Values(),
    metavar="KEY=V,V,...",
    help="Values of a key of the calculator, in any order; more are allowed.  [default: every key of its accuracy at "
    "0.7, 1 and 1.4 times its own value]",
)
@click.option("--energy", type=float, help="Near enough: eV/atom.  [default: 0.001]")
@click.option("--force", type=float, help="Near enough: eV/angstrom, on every atom.  [default: 0.01]")
@click.option("--pressure", type=float, help="Near enough: GPa.  [default: 0.5]")
@click.option("--run-dir", type=click.Path(path_type=Path), help="Where to compute.  [default: runs/NAME]")
@click.option("--campaign", type=click.Path(path_type=Path), help="Write the campaign here and compute nothing.")
@click.option("--workers", type=click.IntRange(1), help="Jobs at a time.  [default: one per core, as memory allows]")
@click.option("--threads", type=click.IntRange(1), help="Threads of each worker.  [default: its share of the cores]")
def command(
    spec: str,
    calculator: str,
    vary: tuple[tuple[str, list[float]], ...],
    energy: float | None,
    force: float | None,
    pressure: float | None,
    run_dir: Path | None,
    campaign: Path | None,
    workers: int | None,
    threads: int | None,
) -> int:
    """Tabulate energy, forces and pressure of SPEC, a structure as of `azibflow build`, from coarse to fine settings.

    One key is varied at a time; the coarsest setting that is near enough to the finest is named. What was computed is
    kept: the same command goes on after an interruption. For SLURM write the campaign with --campaign and `azibflow
    submit` it; `azibflow table convergence` writes CSV and JSON. The exit status is that of `azibflow run`.

    \b
      azibflow converge ZnO --calculator gpaw
      azibflow converge ZnO --calculator gpaw --vary cutoff=300,400,500,600 --vary kspacing=0.5,0.35,0.25
      azibflow converge Zn --calculator '{kind: gpaw, smearing: 0.1}' --vary kspacing=0.3,0.2,0.15 --energy 0.002
      azibflow converge host.cif --calculator cp2k --campaign converge.yaml
    """
    from ..calculators.specs import geometry_method
    from ..campaigns.convergence_campaign import convergence_campaign
    from ..campaigns.files import brief_campaign
    from ..campaigns.plan import plan
    from ..workflows.convergence.results import Tolerances

    said = {"energy": energy, "force": force, "pressure": pressure}
    if wrong := [key for key, value in said.items() if value is not None and not 0 < value < float("inf")]:
        raise click.BadParameter("a tolerance is greater than 0", param_hint=f"--{wrong[0]}")
    within = Tolerances(**{key: value for key, value in said.items() if value is not None})
    made = convergence_campaign(
        recipe_of_words(spec, {}), geometry_method(method_of(calculator, "--calculator")), dict(vary), within
    )
    made = made.anchored(Path.cwd())
    if campaign is not None:
        campaign.write_text(brief_campaign(made), encoding="utf-8")
        click.echo(f"{campaign}: azibflow run or azibflow submit computes it")
        return 0
    plan(made)
    folder = run_dir or Path("runs") / made.name
    status = go_on_here(folder_of(folder, made), workers, threads)
    print_table("convergence", folder)
    return status
