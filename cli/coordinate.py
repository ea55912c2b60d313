"""What `run`, `submit` and `resume` share: a flow is computed, here or with SLURM jobs, and the ending is told."""

from __future__ import annotations

import shlex
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import CampaignError
from .inputs import changed_meanwhile, same_inputs
from .progress import RunDisplay
from .trust import require_trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jobflow import Flow

    from ..campaigns.model import Campaign
    from ..hpc.profiles import Profile
    from ..hpc.run_folder import RunFolder


def folder_of(path: Path, campaign: Campaign) -> RunFolder:
    """Make the run folder of a campaign, or open it again.

    Args:
        path: the folder.
        campaign: with absolute paths.

    Raises:
        RunError: the folder holds a run of another campaign, or something else.
    """
    from ..campaigns.files import dump_campaign, load_campaign
    from ..campaigns.same_campaign import same_campaign, telling_tables
    from ..hpc.run_folder import SOURCE, RunFolder, write_atomically

    source, kept = dump_campaign(campaign), path / SOURCE
    with suppress(CampaignError):
        if kept.is_file() and same_campaign(before := load_campaign(kept), campaign):  # by an earlier version, say
            if (retold := telling_tables(before, campaign)) != before:
                write_atomically(kept, dump_campaign(retold))
            source = kept.read_text(encoding="utf-8")
    return RunFolder.create(path, source)


TAKE_FROM = click.option(
    "--take-from",
    "source",
    type=click.Path(path_type=Path),
    metavar="RUN_DIR",
    help="Another run, of a campaign that differs: jobs that this one has in common with it are not computed again.",
)


def take_from(folder: RunFolder, earlier: Path | None, trusted: bool) -> None:
    """Begin a run with what another has finished, when one is named and this one has not begun.

    Args:
        folder: of the run.
        earlier: folder of the other run.
        trusted: the user vouches for both.

    Raises:
        RunError: a file that the other run depends on has changed, or nothing of it is finished.
    """
    from ..hpc.run_folder import RunFolder
    from ..hpc.taking_over import take_over

    if earlier is None:
        return
    if folder.keeps_flow():
        click.echo(f"{folder.path} has begun and goes on; nothing more is taken from {earlier}")
        return
    other = RunFolder.open(earlier)
    require_trust(other, trusted)
    same_inputs(other, complete=True)
    same_inputs(folder, complete=False)
    click.echo(f"{take_over(flow_of(folder), folder, other)} finished jobs taken from {earlier}")


def go_on_here(folder: RunFolder, workers: int | None, threads: int | None, images_at_once: int = 1) -> int:
    """Run what is left of a run in processes of this machine.

    Args:
        folder: of the run.
        workers: number of processes; as suits the machine when none.
        threads: threads of each; its share of the cores when none.
        images_at_once: images of a band that are computed side by side, on the threads of their worker.

    Returns:
        Exit status: 0 when every result is there and sound.

    Raises:
        RunError: a worker has fewer threads than images at once.
    """
    from ..hpc.manager import run_flow
    from ..hpc.processes import ProcessExecutor
    from ..hpc.status import read_status

    complete = read_status(folder).complete
    same_inputs(folder, complete=complete)
    if complete:
        click.echo(f"{folder.path} holds a complete run; nothing to compute")
        return closing_words(folder)
    number = number_of_workers(workers, threads, images_at_once)
    workplace = ProcessExecutor(number, threads, images_at_once)
    flow = flow_of(folder)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a batch system's kill ends a run as Ctrl-C does
    with RunDisplay(flow.name, len(flow.job_uuids)) as display, workplace as executor:
        # Few jobs wait inside the executor, so that what belongs together is finished together.
        run_flow(flow, folder, executor, display, in_flight=2 * number)
    return closing_words(folder)


def number_of_workers(workers: int | None, threads: int | None, images_at_once: int) -> int:
    """Return how many jobs run at a time: as many as are asked for, or suit the machine with so many threads each."""
    from ..hpc.processes import cores, default_workers

    return workers or max(1, default_workers() // images_at_once if threads is None else cores() // threads)


def go_on_with_slurm(folder: RunFolder, machine: Profile, earlier: Sequence[Path] = ()) -> int:
    """Run what is left of a run with SLURM jobs.

    Args:
        folder: of the run.
        machine: profile of the cluster.
        earlier: folders of other runs, for what their jobs took.

    Returns:
        Exit status: 0 when every result is there and sound.
    """
    from ..hpc.submission import run_on_slurm

    same_inputs(folder, complete=False)
    flow = flow_of(folder)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the end of its walltime ends it as Ctrl-C does
    with RunDisplay(flow.name, len(flow.job_uuids)) as display:
        run_on_slurm(flow, folder, machine, display, earlier)
    return closing_words(folder)


def flow_of(folder: RunFolder) -> Flow:
    """Return the flow that a run folder keeps, or that of its campaign when it has not started."""
    from ..campaigns.files import load_campaign
    from ..campaigns.flow import campaign_flow
    from ..hpc.run_folder import SOURCE

    return folder.kept_flow() or campaign_flow(load_campaign(folder.path / SOURCE))


def closing_words(folder: RunFolder) -> int:
    """Say what failed and which rows are not results, and how to see the tables; return the exit status."""
    from ..analysis.tables.registry import all_results
    from ..hpc.graph import JobState
    from ..hpc.run_folder import SOURCE
    from ..hpc.status import read_status

    status, place = read_status(folder), shlex.quote(str(folder.path))
    for job in status.jobs:
        if job.state is JobState.FAILED:
            click.echo(f"failed: {job.name}: {job.reason} (log in {job.folder})", err=True)
    if status.count(JobState.FAILED):
        click.echo(f"run again what failed: azibflow retry {place}", err=True)
    altered = changed_meanwhile(folder)
    for path in altered:
        click.echo(f"changed while the run was going on: {path}; see which results are of the file as it was", err=True)
    if not (folder.path / SOURCE).is_file():
        return 0 if status.complete else 1
    results = all_results([folder.path])
    unsound = results.problems()
    for row in unsound:
        click.echo(f"not a result: {row.name}: {row.outcome.value}; {row.reason}", err=True)
    for error in results.errors:
        click.echo(str(error), err=True)
    for kind in results.tables:
        click.echo(f"table: azibflow table {kind} {place}")
    return 1 if unsound or results.errors or altered or not status.complete else 0


def print_table(kind: str, folder: Path) -> None:
    """Print the table of a kind of study of a run, after a blank line."""
    from ..analysis.tables.formats import render
    from ..analysis.tables.registry import table_of

    click.echo()
    click.echo(render(table_of(kind, [folder]), "text"), nl=False)
