"""The jobs that a run has before it, and what is known of their time, as ``--dry-run`` prints them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .progress import clock

if TYPE_CHECKING:
    from ..campaigns.model import Campaign
    from ..hpc.forecast import Forecast
    from ..hpc.profiles import Profile, Resources

EXPERIENCE = click.option(
    "--experience",
    "earlier",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="RUN_DIR",
    help="An earlier run: what its jobs took tells how long those of the same kind take. May be given several times.",
)


def print_forecast(
    campaign: Campaign, run_dir: Path, earlier: Sequence[Path], profile: Profile | None, workers: int
) -> None:
    """Print the jobs that are left of a run by kind and queue, and how long they may take.

    Args:
        campaign: with absolute paths.
        run_dir: folder of the run, which need not exist.
        earlier: folders of other runs.
        profile: the machine; none for a run here.
        workers: jobs at a time, of a run here.
    """
    from ..campaigns.flow import campaign_flow
    from ..hpc.experience import experience_of
    from ..hpc.forecast import forecasts, jobs_ahead
    from ..hpc.run_folder import RunFolder

    folder = RunFolder(run_dir)
    own = [run_dir] if folder.store_path().is_file() else []
    found = forecasts(jobs_ahead(campaign_flow(campaign), folder), experience_of([*earlier, *own]), profile)
    number = sum(one.number for one in found)
    if not number:
        click.echo("no job is left")
        return
    click.echo(f"{number} jobs are known by now; others may come up on the way (sites, hops, steps of a search):")
    for one in found:
        click.echo(f"  {one.number} x {one.kind}: {_place(one, profile)}{_time(one)}")
    click.echo(_sum(found, number, profile, workers))


def _place(one: Forecast, profile: Profile | None) -> str:
    if profile is None:
        return ""
    if one.resources is None:
        return "beside the coordinator; "
    return f"{one.work or 'other'} work, {_asked(one.resources)}; "


def _asked(resources: Resources) -> str:
    cores = resources.tasks * resources.cpus
    words = [
        f"partition {resources.partition}" if resources.partition else "the cluster's own partition",
        f"{cores} core{'s' if cores > 1 else ''}",
        f"{resources.gpus} GPU{'s' if resources.gpus > 1 else ''}" if resources.gpus else "",
        resources.memory or "",
        resources.walltime or "",
    ]
    return ", ".join(filter(None, words))


def _time(one: Forecast) -> str:
    if one.timing is None:
        return "no job of this kind has been timed: not estimated"
    hours = f", {one.core_hours:.2g} core hours" if one.core_hours else ""
    mean = one.timing.mean
    each = clock(mean) if mean >= 60 else f"{mean:.2g} s"
    return f"{each} each{hours} (from {one.timing})"


def _sum(found: Sequence[Forecast], number: int, profile: Profile | None, workers: int) -> str:
    timed = [one for one in found if one.seconds is not None]
    known = sum(one.number for one in timed)
    if not known:
        return "time: not estimated, since no job of these kinds has been timed; --experience names an earlier run"
    left = f"; the other {number - known} are not estimated" if known < number else ""
    if profile is not None:
        hours = sum(one.core_hours or 0.0 for one in timed)
        return f"core hours: at least {hours:.2g}, of {known} jobs{left}"
    seconds = sum(one.seconds or 0.0 for one in timed)
    at_a_time = f", {clock(seconds / workers)} with {workers} at a time" if workers > 1 else ""
    return f"time: at least {clock(seconds)} one job after the other{at_a_time}, of {known} jobs{left}"
