"""Active learning: a first committee explores, and where its members disagree most the teacher is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import job

from ...calculators.devices import usable
from ...calculators.mace_network import load_committee
from ...calculators.specs import MaceSpec, Weights
from ...calculators.surrogates.committee import ask
from ...structures.recipes import StructureRecipe
from .frames import FrameSet
from .sampling import sample_frames
from .settings import Sample
from .training import Member

if TYPE_CHECKING:
    from ase import Atoms

HOPELESS = 10.0
"""Force deviation, eV/angstrom, beyond which a frame is debris of a run that left all sense, and teaches nothing."""


def explore(
    sample: Sample, recipe: StructureRecipe, members: list[Member], charges: tuple[int, ...], most: int, folder: Path
) -> FrameSet:
    """Sample with the leading network of a committee and keep the frames its members disagree on.

    Args:
        sample: how, and how many frames are looked at.
        recipe: of the system.
        members: the committee; one network alone has nobody to disagree with.
        charges: total charges that the committee was trained for.
        most: frames kept.
        folder: where checkpoints and frames go.

    Returns:
        The frames of largest force deviation, not labelled.
    """
    found = sample_frames(sample, recipe, committee_spec(members[:1], charges, folder), folder)
    committee = load_committee(committee_spec(members, charges, folder), usable("auto"))
    deviations = [(ask(committee, atoms).force_deviation, atoms) for atoms in found.read(folder)]
    return FrameSet.write(
        most_disputed(deviations, most),
        system=found.system,
        origin=f"{found.origin} by the committee",
        folder=folder,
        force_calls=found.force_calls,
    )


def most_disputed(deviations: list[tuple[float, Atoms]], most: int) -> list[Atoms]:
    """Choose the frames of largest force deviation below [`HOPELESS`][], largest first."""
    sensible = [(deviation, place) for place, (deviation, _) in enumerate(deviations) if deviation < HOPELESS]
    return [deviations[place][1] for _, place in sorted(sensible, reverse=True)[:most]]


def committee_spec(members: list[Member], charges: tuple[int, ...], here: Path) -> MaceSpec:
    """Return trained networks as a calculator; ``here`` is the folder of the reading job."""
    models = tuple(Weights(path=str(member.file(here)), sha256=member.sha256) for member in members)
    return MaceSpec(models=models, dtype=members[0].dtype, device="auto", charges=charges)


@job(output_schema=FrameSet)
def explore_job(
    sample: Sample, recipe: StructureRecipe, members: list[Member], charges: tuple[int, ...], most: int
) -> FrameSet:
    """Explore in the job's folder."""
    return explore(sample, recipe, members, charges, most, Path.cwd())
