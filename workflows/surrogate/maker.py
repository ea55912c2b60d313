"""The graph that makes a surrogate: sample, label, train, explore, validate."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jobflow import Flow, Job

from ...calculators.specs import CalculatorSpec, ChgnetSpec
from ..common.maker import StudyMaker
from ..common.work import computing, light, training_work
from .datasets import Split, dataset_job
from .exploration import explore_job
from .labels import isolated_energies_job, label_job
from .publication import About, publish_job
from .sampling import sample_job
from .settings import BAND_IMAGES, ActiveLearning, BandSample, HopSample, Sample, TrainingSettings
from .training import train_job

if TYPE_CHECKING:
    from ...structures.recipes import StructureRecipe


@dataclass
class SurrogateMaker(StudyMaker):
    """A committee of MACE networks (arXiv:2206.07697) that learns energies and forces from another calculator.

    Steps: sample structures with a cheap calculator, one job per sample; label each sample; gather the labels, split by
    system; train one network per seed; in every round of active learning let a first committee explore, label the
    frames its members disagree on, and gather again; train; validate on the systems kept out and write the card.

    Attributes:
        about: what only the author can say.
        samples: the structures.
        split: systems kept from training.
        calculator: makes the labels.
        sampler: moves atoms while sampling, unless a sample names another; the calculator itself when none.
        atomic_energies: count from free atoms and ions computed by the calculator, or from energies per element fitted
            to the data, where a calculator has no meaningful free atoms; a mapping gives some elements theirs, eV.
        training: network and training.
        seeds: of the members; the first one leads.
        active_learning: rounds of exploration; none when none.
        labels: label store whose labels are used again; none computes all.
    """

    name: str = "surrogate"
    about: About = field(default_factory=lambda: About(name="surrogate"))
    samples: list[Sample] = field(default_factory=list)
    split: Split = field(default_factory=lambda: Split(validation=[], test=[]))
    calculator: CalculatorSpec = field(default_factory=ChgnetSpec)
    sampler: CalculatorSpec | None = None
    atomic_energies: Literal["isolated", "fitted"] | dict[str, float] = "fitted"
    training: TrainingSettings = field(default_factory=TrainingSettings)
    seeds: tuple[int, ...] = (1, 2, 3)
    active_learning: ActiveLearning | None = None
    labels: Path | None = None

    def make(self, systems: dict[str, StructureRecipe]) -> Flow:
        """Make the flow.

        Args:
            systems: recipes by the names that samples use.

        Returns:
            Flow whose output is a [`SurrogateResult`][].
        """
        jobs: list[Job] = []
        labelled: list[Job] = []
        for number, sample in enumerate(self.samples, start=1):
            sampler = sample.sampler or self.sampler or self.calculator
            images = BAND_IMAGES if isinstance(sample, BandSample | HopSample) else 1
            made = computing(sample_job(sample, systems[sample.system], sampler), sampler, images)
            self.named(made, f"sample {number}, {sample.system} {sample.how}")
            labelled.append(self._label(made, f"label {number}, {sample.system} {sample.how}"))
            jobs += [made, labelled[-1]]
        isolated = self._isolated(labelled)
        jobs += isolated
        dataset = self._dataset(labelled, isolated, "gather labels")
        jobs.append(dataset)
        if self.active_learning is not None:
            for number in range(1, self.active_learning.rounds + 1):
                scouts, explored = self._explore(dataset, number, systems)
                asked = [self._label(made, f"round {number}: label {n}") for n, made in enumerate(explored, start=1)]
                labelled += asked
                dataset = self._dataset(labelled, isolated, f"round {number}: gather labels")
                jobs += [*scouts, *explored, *asked, dataset]
        members = self._train(dataset, self.training, "train")
        published = training_work(
            publish_job(
                dataset.output,
                [member.output for member in members],
                self.calculator,
                self.training,
                self.about,
                self.label(*systems.values()),
            )
        )
        return self.flow([*jobs, *members, self.named(published, "validate")])

    @property
    def quick_training(self) -> TrainingSettings:
        """Training of the first committees, which only explore."""
        epochs = self.training.epochs if self.active_learning is None else self.active_learning.epochs
        return self.training.model_copy(update={"epochs": epochs, "stage_two_epochs": epochs // 4})

    def explored(self, number: int) -> list[tuple[Sample, int]]:
        """Return the samples of one round of active learning, and how many frames each may add.

        Args:
            number: of the round, from 1; each goes elsewhere, by another seed.
        """
        if self.active_learning is None:
            return []
        samples = self.active_learning.samples
        share = -(-self.active_learning.frames // len(samples))
        return [(sample.model_copy(update={"seed": sample.seed + number - 1}), share) for sample in samples]

    def _explore(self, dataset: Job, number: int, systems: dict[str, StructureRecipe]) -> tuple[list[Job], list[Job]]:
        """Train a first committee and let it explore."""
        scouts = self._train(dataset, self.quick_training, f"round {number}: train")
        committee = [scout.output for scout in scouts]
        explored = []
        for place, (sample, share) in enumerate(self.explored(number), start=1):
            made = training_work(explore_job(sample, systems[sample.system], committee, self.about.charges, share))
            explored.append(self.named(made, f"round {number}: explore {place}, {sample.system} {sample.how}"))
        return scouts, explored

    def _label(self, frames: Job, what: str) -> Job:
        known = None if self.labels is None else str(self.labels)
        made = computing(label_job(frames.output, self.calculator, known), self.calculator)
        return self.named(made, what)

    def _isolated(self, labelled: list[Job]) -> list[Job]:
        if self.atomic_energies != "isolated":
            return []
        made = computing(
            isolated_energies_job([one.output for one in labelled], self.about.ion_charges, self.calculator),
            self.calculator,
        )
        return [self.named(made, "free atoms")]

    def _dataset(self, labelled: list[Job], isolated: list[Job], what: str) -> Job:
        given = self.atomic_energies if isinstance(self.atomic_energies, dict) else {}
        energies = isolated[0].output if isolated else given
        made = light(dataset_job([one.output for one in labelled], self.split, energies))
        return self.named(made, what)

    def _train(self, dataset: Job, settings: TrainingSettings, what: str) -> list[Job]:
        made = [training_work(train_job(dataset.output, settings, seed)) for seed in self.seeds]
        for one, seed in zip(made, self.seeds, strict=True):
            self.named(one, f"{what} seed {seed}")
        return made
