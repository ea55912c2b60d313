"""What a run depends on is told apart from what it began with, before anything is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import CampaignError

if TYPE_CHECKING:
    from pathlib import Path

    from ..campaigns.model import Campaign
    from ..hpc.inputs import Inputs
    from ..hpc.run_folder import RunFolder


def same_inputs(folder: RunFolder, *, complete: bool) -> None:
    """Go on only with the inputs that a run began with; note them when it begins.

    Args:
        folder: of the run.
        complete: nothing is left to compute, so nothing is noted.

    Raises:
        RunError: a file that the run depends on has changed; names each.
    """
    from ..hpc.inputs import keep_inputs, kept_inputs, refuse_changed

    kept = kept_inputs(folder)
    if kept is not None:
        refuse_changed(folder, kept.changed())
        _note_the_rest(folder, kept)
        return
    campaign = _campaign_of(folder)
    if campaign is None:
        return
    flow = folder.flow_record()
    if flow is not None:
        _compare_structures(folder, campaign, flow)
    if not complete:
        keep_inputs(folder, _inputs_of(campaign))


def note_again(run: Path, path: Path) -> None:
    """Note anew a file that a command of ours has changed, where a run depends on it."""
    from ..hpc.inputs import Inputs, keep_inputs, kept_inputs
    from ..hpc.run_folder import RunFolder

    folder = RunFolder(run)
    kept = kept_inputs(folder)
    if kept is not None and str(path) in kept.files:
        keep_inputs(folder, kept.model_copy(update={"files": {**kept.files, **Inputs.now([path], []).files}}))


def changed_meanwhile(folder: RunFolder) -> list[str]:
    """Return the files that a run depends on and that have changed since it began."""
    from ..hpc.inputs import kept_inputs

    kept = kept_inputs(folder)
    return [] if kept is None else [str(path) for path in kept.changed()]


def _inputs_of(campaign: Campaign) -> Inputs:
    from ..campaigns.inputs import input_distributions, input_files
    from ..hpc.inputs import Inputs

    return Inputs.now(input_files(campaign), input_distributions(campaign))


def _campaign_of(folder: RunFolder) -> Campaign | None:
    """Return the campaign of a run; none of a run that was made from something else."""
    from ..campaigns.files import load_campaign
    from ..hpc.run_folder import SOURCE

    try:
        return load_campaign(folder.path / SOURCE)
    except CampaignError:
        return None


def _compare_structures(folder: RunFolder, campaign: Campaign, flow: object) -> None:
    """Compare what can be compared of a run that an earlier version began."""
    from ..campaigns.inputs import changed_structures, input_files
    from ..hpc.inputs import refuse_changed

    refuse_changed(folder, changed_structures(campaign, flow))
    if input_files(campaign):
        click.echo(
            f"{folder.path}: an earlier version began this run and kept no hashes of its inputs; its structure files "
            "still give what it began with, of weights, molecule files and own code nothing is known",
            err=True,
        )


def _note_the_rest(folder: RunFolder, kept: Inputs) -> None:
    for path in kept.missing():
        click.echo(f"{folder.path}: {path}, which this run began with, is not there any more", err=True)
    for name, (then, now) in kept.upgraded().items():
        click.echo(f"{folder.path}: began with {name} {then}; here is {now}", err=True)
