"""The surrogate studies of a campaign: their flows, and the structures they begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..calculators.specs import geometry_method
from ..errors import CampaignError
from ..structures.molecules import adsorbate
from ..structures.recipes import build, embed_file
from ..workflows.surrogate.labels import free_atom, read_labels
from ..workflows.surrogate.maker import SurrogateMaker
from ..workflows.surrogate.settings import AdsorptionSample, DetachmentSample, Sample
from .model import Campaign, SurrogateStudy
from .systems import system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ase import Atoms
    from jobflow import Flow

    from ..structures.documents import StructureDocument


def surrogate_flow(number: int, study: SurrogateStudy, campaign: Campaign) -> Flow:
    """Make the flow of a surrogate study.

    Args:
        number: place of the study in its campaign.
        study: the study.
        campaign: with files embedded into its systems.

    Returns:
        Flow whose output is a ``SurrogateResult``.
    """
    explored = study.active_learning
    if explored is not None:
        explored = explored.model_copy(update={"samples": [_embedded(one, campaign) for one in explored.samples]})
    maker = SurrogateMaker(
        name=study.title,
        about=study.about,
        samples=[_embedded(sample, campaign) for sample in study.samples],
        split=study.split,
        calculator=geometry_method(study.calculator or campaign.calculator),
        sampler=None if study.sampler is None else geometry_method(study.sampler),
        atomic_energies=study.atomic_energies,
        training=study.training,
        seeds=tuple(study.seeds),
        active_learning=explored,
        labels=study.labels,
        literature=study.literature,
        place=(number,),
    )
    return maker.make({sample.system: embed_file(campaign.recipe(sample.system)) for sample in study.explored})


def surrogate_structures(study: SurrogateStudy, campaign: Campaign) -> Iterator[tuple[str, Atoms]]:
    """Build the systems that a surrogate study samples, and the free atoms it counts from, each with its task in words.

    Args:
        study: the study; its label store is read, so that a bad one is refused before anything is computed.
        campaign: with absolute paths.

    Yields:
        Task and starting geometry.

    Raises:
        StructureError: a system cannot be built.
        LabelError: the label store cannot be read, or holds what is no label.
        CampaignError: an element that is given an energy is in no system.
    """
    if study.labels is not None:
        read_labels(study.labels)
    elements: set[str] = set()
    for sample in study.samples:
        with system(campaign, sample.system) as recipe:
            atoms = build(recipe)
        atoms.info.setdefault("label", sample.system)
        elements |= set(atoms.get_chemical_symbols())
        yield f"{sample.system}: {sample.frames} frames, {sample.how}", atoms
    for sample in study.explored:
        if isinstance(sample, AdsorptionSample | DetachmentSample):
            adsorbate(_adsorbate(sample, campaign))
    if isinstance(study.atomic_energies, dict) and (absent := sorted(set(study.atomic_energies) - elements)):
        raise CampaignError(f"{study.title}: atomic_energies: {', '.join(absent)} is in none of the systems")
    if study.atomic_energies == "isolated":
        for symbol in sorted(elements):
            yield f"free {symbol}: energy", free_atom(symbol, study.about.ion_charges)


def _embedded(sample: Sample, campaign: Campaign) -> Sample:
    """Give a sample the contents of the file that it names."""
    if not isinstance(sample, AdsorptionSample | DetachmentSample):
        return sample
    return sample.model_copy(update={"adsorbate": _adsorbate(sample, campaign)})


def _adsorbate(sample: AdsorptionSample | DetachmentSample, campaign: Campaign) -> str | StructureDocument:
    name = sample.adsorbate
    return campaign.adsorbate(name) if isinstance(name, str) else name
