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
    own = [run_dir] if folder.has_store() else []
    found = forecasts(jobs_ahead(campaign_flow(campaign), folder), experience_of([*earlier, *own]), profile)
    if not found:
        click.echo("no job is left")
        return
    known = sum(one.number for one in found if not one.brought)
    click.echo(f"{known:.0f} jobs are known by now; others may come up on the way (sites, hops, steps of a search):")
    for one in found:
        what = (
            f"about {round(one.number, 1):g} x {one.kind}, brought by others"
            if one.brought
            else f"{one.number:.0f} x {one.kind}"
        )
        click.echo(f"  {what}: {_place(one, profile)}{_time(one)}")
    click.echo(_sum(found, profile, workers))


def _place(one: Forecast, profile: Profile | None) -> str:
    if profile is None:
        return ""
    if one.resources is None:
        return "beside the coordinator; "
    return f"{one.work or 'other'} work, {_asked(one.resources)}; "


def _asked(resources: Resources) -> str:
    words = [
        f"partition {resources.partition}" if resources.partition else "the cluster's own partition",
        f"{resources.cores} core{'s' if resources.cores > 1 else ''}",
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


def _sum(found: Sequence[Forecast], profile: Profile | None, workers: int) -> str:
    timed = [one for one in found if one.seconds is not None]
    known, number = (round(sum(one.number for one in some)) for some in (timed, found))
    if not known:
        return "time: not estimated, since no job of these kinds has been timed; --experience names an earlier run"
    left = f"; the other {number - known} are not estimated" if known < number else ""
    how = "about" if any(one.brought for one in timed) else "at least"
    if profile is not None:
        hours = sum(one.core_hours or 0.0 for one in timed)
        return f"core hours: {how} {hours:.2g}, of {known} jobs{left}"
    seconds = sum(one.seconds or 0.0 for one in timed)
    at_a_time = f", {clock(seconds / workers)} with {workers} at a time" if workers > 1 else ""
    return f"time: {how} {clock(seconds)} one job after the other{at_a_time}, of {known} jobs{left}"
