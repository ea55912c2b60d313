"""``azibflow submit``: compute a campaign on a SLURM cluster."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .coordinate import TAKE_FROM, folder_of, go_on_with_slurm, take_from
from .costs import cost_notes, cost_words, measured_costs
from .forecast import EXPERIENCE, print_forecast
from .inputs import same_inputs
from .trust import require_trust, trust_option

if TYPE_CHECKING:
    from ..campaigns.plan import PlannedStructure
    from ..hpc.profiles import Profile


@click.command(name="submit")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--profile", required=True, help="Machine profile: a name in ~/.config/azibflow/profiles, or a YAML file."
)
@click.option(
    "--run-dir", type=click.Path(path_type=Path), help="Folder of the run's store and files.  [default: runs/NAME]"
)
@click.option(
    "--dry-run", is_flag=True, help="Print the jobs by kind and queue, resources and estimated core hours, and stop."
)
@EXPERIENCE
@TAKE_FROM
@click.option("--detach", is_flag=True, help="Let the coordinator be a small SLURM job too, and return at once.")
@trust_option
def command(
    file: Path,
    profile: str,
    run_dir: Path | None,
    dry_run: bool,
    earlier: tuple[Path, ...],
    source: Path | None,
    detach: bool,
    trusted: bool,
) -> int:
    """Compute the campaign in FILE with SLURM jobs.

    The profile says which partition, cores, GPUs, memory and walltime each kind of work gets. The coordinator submits
    jobs as others finish and keeps their results; when it is interrupted, its SLURM jobs go on, and the same command
    finds them again. A calculation that reaches its walltime is requeued and goes on where it was.

    \b
      azibflow submit campaign.yaml --profile mycluster --dry-run
      azibflow submit campaign.yaml --profile mycluster
      azibflow submit campaign.yaml --profile mycluster --detach
    """
    from ..campaigns.files import load_campaign
    from ..campaigns.plan import plan
    from ..hpc.experience import experience_of
    from ..hpc.profiles import load_profile
    from ..hpc.run_folder import SOURCE
    from ..hpc.submission import await_cluster, profile_path, submit_coordinator

    if source and dry_run:
        raise click.UsageError("--dry-run computes nothing and takes nothing over; leave --take-from away")
    machine = load_profile(profile)
    campaign = load_campaign(file)
    planned = plan(campaign, file, machine.prepares)
    for calculator in {entry.calculator.kind: entry.calculator for entry in planned}.values():
        if machine.prepares(calculator.queue()) and (missing := calculator.missing()):
            click.echo(f"{missing}; the jobs see to it, after the prologue of the profile", err=True)
    place = run_dir or Path("runs") / campaign.name
    if dry_run:
        _print_costs(planned, machine)
        print_forecast(campaign, place, earlier, machine, machine.max_jobs)
        return 0
    experience_of(earlier)  # one that cannot be read is told of before anything starts
    await_cluster(machine)
    folder = folder_of(place, campaign)
    require_trust(folder, trusted, campaign)
    take_from(folder, source, trusted)
    if not detach:
        return go_on_with_slurm(folder, machine, earlier)
    same_inputs(folder, complete=False)
    path = folder.path.resolve()
    words = ["submit", str(path / SOURCE), "--profile", str(profile_path(folder).resolve()), "--run-dir", str(path)]
    words += [word for run in earlier for word in ("--experience", str(run.resolve()))]
    words += ["--trust"] if trusted else []
    job_id = submit_coordinator(folder, machine, words)
    click.echo(f"the coordinator is SLURM job {job_id}; see `azibflow status {shlex.quote(str(folder.path))}`")
    return 0


def _print_costs(planned: list[PlannedStructure], machine: Profile) -> None:
    """Print what each calculation of DFT costs, and what that rests on."""
    from ..campaigns.costs import planned_costs

    costs, resources = planned_costs(planned, measured_costs(machine)), machine.resources({"kind": "dft"})
    for cost in costs:
        click.echo(f"{cost.planned.study}: {cost.planned.task}: {cost_words(cost, resources)}")
    for note in cost_notes(costs):
        click.echo(note)
