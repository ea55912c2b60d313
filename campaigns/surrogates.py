"""The surrogate studies of a campaign: their flows, and the structures they begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..calculators.specs import geometry_method
from ..structures.recipes import build, embed_file
from ..workflows.surrogate.maker import SurrogateMaker
from .model import Campaign, SurrogateStudy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ase import Atoms
    from jobflow import Flow


def surrogate_flow(number: int, study: SurrogateStudy, campaign: Campaign) -> Flow:
    """Make the flow of a surrogate study.

    Args:
        number: place of the study in its campaign.
        study: the study.
        campaign: with files embedded into its systems.

    Returns:
        Flow whose output is a ``SurrogateResult``.
    """
    maker = SurrogateMaker(
        name=study.title,
        about=study.about,
        samples=study.samples,
        split=study.split,
        calculator=geometry_method(study.calculator or campaign.calculator),
        sampler=None if study.sampler is None else geometry_method(study.sampler),
        atomic_energies=study.atomic_energies,
        training=study.training,
        seeds=tuple(study.seeds),
        active_learning=study.active_learning,
        labels=study.labels,
        literature=study.literature,
        place=(number,),
    )
    return maker.make({sample.system: embed_file(campaign.recipe(sample.system)) for sample in study.explored})


def surrogate_structures(study: SurrogateStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    """Build the systems that a surrogate study samples, each with its task in words.

    Args:
        study: the study.
        campaign: with absolute paths.

    Yields:
        Task and starting geometry.

    Raises:
        StructureError: a system cannot be built.
    """
    for sample in study.samples:
        atoms = build(campaign.recipe(sample.system))
        atoms.info.setdefault("label", sample.system)
        yield f"{sample.system}: {sample.frames} frames, {sample.how}", atoms
