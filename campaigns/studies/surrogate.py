"""Surrogate studies: a committee of MACE networks that learns from a calculator."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from ...calculators.specs import geometry_method
from ...errors import CampaignError
from ...paths import expanded
from ...structures.building import build, embed_file
from ...structures.documents import StructureDocument
from ...structures.molecules import adsorbate
from ...workflows.common.uses import AS_BUILT, HOST, Use
from ...workflows.migration.hops import hop_between
from ...workflows.surrogate.datasets import Split
from ...workflows.surrogate.labels import free_atom, read_labels
from ...workflows.surrogate.maker import SurrogateMaker
from ...workflows.surrogate.publication import About
from ...workflows.surrogate.settings import (
    ActiveLearning,
    AdsorptionSample,
    DetachmentSample,
    HopSample,
    Sample,
    TrainingSettings,
)
from .base import Study
from .keys import Calculator, renamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jobflow import Flow

    from ...calculators.specs import AnyMethod, AnySpec
    from .base import Task
    from .context import Context


class SurrogateStudy(Study):
    """A committee of MACE networks that learns from a calculator, with error bars and a card."""

    kind: Literal["surrogate"] = Field(description="a surrogate of one's own")
    about: About = Field(description="what only its author can say of the surrogate")
    sampler: Calculator | None = Field(
        None, description="calculator that moves atoms while sampling; none: the one that makes the labels"
    )
    samples: Annotated[list[Sample], Field(min_length=1)] = Field(description="the structures it learns from")
    split: Split = Field(description="systems kept from training")
    atomic_energies: Literal["isolated", "fitted"] | dict[str, FiniteFloat] = Field(
        "fitted",
        description="energies from which the networks count: of free atoms and ions by the calculator, or fitted to "
        "the data where it has no meaningful free atoms; a mapping such as {Zn: 0.1} gives some elements theirs, eV, "
        "and the others are fitted",
    )
    training: TrainingSettings = Field(default_factory=TrainingSettings, description="network and training")
    seeds: Annotated[list[int], Field(min_length=2)] = Field(
        default=[1, 2, 3], description="one network per seed; the first one leads"
    )
    active_learning: ActiveLearning | None = Field(None, description="rounds of exploration; none when none")
    labels: Path | None = Field(
        None, description="label store whose labels are used again; relative to the campaign file"
    )

    @model_validator(mode="after")
    def _split_names_samples(self) -> Self:
        sampled = {sample.system for sample in self.samples}
        for role, names in (("validation", self.split.validation), ("test", self.split.test)):
            if not names:
                raise ValueError(f"split.{role}: names no system; a surrogate needs systems kept from training")
            if missing := sorted(set(names) - sampled):
                raise ValueError(f"split.{role}: {', '.join(missing)} is sampled nowhere")
        if both := sorted(set(self.split.validation) & set(self.split.test)):
            raise ValueError(f"split: {', '.join(both)} is in both validation and test")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds: two members of the same seed are one network")
        return self

    @property
    def title(self) -> str:
        """Name of the study in tables."""
        return self.name or self.about.name

    @property
    def folder(self) -> str:
        """Name of the surrogate and of its folder."""
        return self.about.name

    @property
    def explored(self) -> list[Sample]:
        """All samples, those of active learning too."""
        return [*self.samples, *(self.active_learning.samples if self.active_learning else [])]

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        uses = [(sample.system, HOST if sample.how == "band" else AS_BUILT) for sample in self.explored]
        return uses + [(name, AS_BUILT) for name in self._second_endpoints]

    @property
    def _second_endpoints(self) -> list[str]:
        return [one.final for one in self.explored if isinstance(one, HopSample) and isinstance(one.final, str)]

    @property
    def files(self) -> list[Path]:
        """Its label store."""
        return [] if self.labels is None else [self.labels]

    @property
    def methods(self) -> list[AnyMethod]:
        """The calculators that move atoms while sampling."""
        named = [self.sampler, *(sample.sampler for sample in self.samples)]
        return [one for one in named if one is not None]

    @property
    def molecules_named(self) -> list[str]:
        """The systems and adsorbates that its samples name, as they are written."""
        adsorbates = [getattr(sample, "adsorbate", None) for sample in self.explored]
        systems = [*(sample.system for sample in self.explored), *self._second_endpoints]
        return [*systems, *(name for name in adsorbates if isinstance(name, str))]

    def with_molecules(self, names: Mapping[str, str]) -> Self:
        """Return the same study with other names for some of its systems and adsorbates."""
        more, split = self.active_learning, self.split
        return self.model_copy(
            update={
                "samples": [_renamed_sample(sample, names) for sample in self.samples],
                "split": Split(validation=renamed(split.validation, names), test=renamed(split.test, names)),
                "active_learning": more
                and more.model_copy(update={"samples": [_renamed_sample(sample, names) for sample in more.samples]}),
            }
        )

    def anchored(self, folder: Path) -> Self:
        """Make the paths of its calculators and its label store absolute."""
        return (
            super()
            .anchored(folder)
            .model_copy(
                update={
                    "sampler": self.sampler and self.sampler.anchored(folder),
                    "samples": [_with_sampler(one, lambda spec: spec.anchored(folder)) for one in self.samples],
                    "labels": self.labels and folder / expanded(self.labels),
                }
            )
        )

    def pinned(self) -> Self:
        """Give the model files of all calculators their hashes."""
        samples = [_with_sampler(one, lambda spec: spec.pinned()) for one in self.samples]
        sampler = self.sampler and self.sampler.pinned()
        return super().pinned().model_copy(update={"sampler": sampler, "samples": samples})

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of samples, labels, training and validation."""
        explored = self.active_learning
        if explored is not None:
            explored = explored.model_copy(update={"samples": [_embedded(one, context) for one in explored.samples]})
        maker = SurrogateMaker(
            name=self.title,
            about=self.about,
            samples=[_embedded(sample, context) for sample in self.samples],
            split=self.split,
            calculator=geometry_method(context.calculator),
            sampler=None if self.sampler is None else geometry_method(self.sampler),
            atomic_energies=self.atomic_energies,
            training=self.training,
            seeds=tuple(self.seeds),
            active_learning=explored,
            labels=self.labels,
            literature=self.literature,
            place=(context.number,),
        )
        return [maker.make({one.system: embed_file(context.recipe(one.system)) for one in self.explored})]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the systems that are sampled, and the free atoms that are counted from.

        Raises:
            StructureError: a system cannot be built.
            LabelError: the label store cannot be read, or holds what is no label.
            CampaignError: an element that is given an energy is in no system.
        """
        if self.labels is not None:
            read_labels(self.labels)
        elements: set[str] = set()
        for sample in self.samples:
            with context.system(sample.system) as recipe:
                atoms = build(recipe)
            atoms.info.setdefault("label", sample.system)
            elements |= set(atoms.get_chemical_symbols())
            yield f"{sample.system}: {sample.frames} frames, {sample.how}", atoms
        for sample in self.explored:
            if isinstance(sample, AdsorptionSample | DetachmentSample):
                adsorbate(_adsorbate(sample, context))
            if isinstance(sample, HopSample) and isinstance(sample.final, str):
                pair = (sample.system, sample.final)
                hop_between(build(context.recipe(sample.system)), build(context.recipe(sample.final)), names=pair)
        if isinstance(self.atomic_energies, dict) and (absent := sorted(set(self.atomic_energies) - elements)):
            raise CampaignError(f"{self.title}: atomic_energies: {', '.join(absent)} is in none of the systems")
        if self.atomic_energies == "isolated":
            for symbol in sorted(elements):
                yield f"free {symbol}: energy", free_atom(symbol, self.about.ion_charges)


def _with_sampler(sample: Sample, change: Callable[[AnySpec], AnySpec]) -> Sample:
    return sample if sample.sampler is None else sample.model_copy(update={"sampler": change(sample.sampler)})


def _renamed_sample(sample: Sample, names: Mapping[str, str]) -> Sample:
    places = [place for place in ("system", "adsorbate", "final") if hasattr(sample, place)]
    return sample.model_copy(update={place: renamed(getattr(sample, place), names) for place in places})


def _embedded(sample: Sample, context: Context) -> Sample:
    """Give a sample the contents of the file that it names."""
    if isinstance(sample, HopSample) and isinstance(sample.final, str):
        final = StructureDocument.from_atoms(build(context.recipe(sample.final)))
        return sample.model_copy(update={"final": final})
    if not isinstance(sample, AdsorptionSample | DetachmentSample):
        return sample
    return sample.model_copy(update={"adsorbate": _adsorbate(sample, context)})


def _adsorbate(sample: AdsorptionSample | DetachmentSample, context: Context) -> str | StructureDocument:
    name = sample.adsorbate
    return context.adsorbate(name) if isinstance(name, str) else name
