"""A surrogate made without Jobflow: the steps of its flow, one after the other, each in a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .datasets import Dataset, build_dataset
from .exploration import explore
from .labels import LabelledSet, energies_of_free_atoms, label_frames
from .maker import SurrogateMaker
from .publication import SurrogateResult, publish
from .sampling import sample_frames
from .settings import TrainingSettings
from .training import Member, train

if TYPE_CHECKING:
    from ...structures.recipes import StructureRecipe
    from .frames import FrameSet


def surrogate_study(asked: SurrogateMaker, systems: dict[str, StructureRecipe], folder: Path) -> SurrogateResult:
    """Sample, label, train and validate a surrogate without Jobflow.

    Args:
        asked: what the flow would be made of: samples, split, calculator, training.
        systems: recipes by the names that samples use.
        folder: where every step gets a folder; one that was killed goes on from what is in them.

    Returns:
        The same result as the flow of [`SurrogateMaker`][]; the surrogate is below ``folder / "validate"``.

    Raises:
        CapabilityError: a calculator cannot treat a system.
        LabelError: too few frames got a label.
        StructureError: a system cannot be built, or gave no sound frame.
        TrainingError: a training failed.
    """
    return _Steps(asked, systems, folder).result()


class _Steps:
    """The steps of one surrogate, and where each leaves its files."""

    def __init__(self, asked: SurrogateMaker, systems: dict[str, StructureRecipe], folder: Path) -> None:
        self.asked = asked
        self.systems = systems
        self.folder = folder
        self.labelled: list[LabelledSet] = []

    def result(self) -> SurrogateResult:
        """Take all steps."""
        asked, sampler = self.asked, self.asked.sampler or self.asked.calculator
        for number, sample in enumerate(asked.samples, start=1):
            home = self._home(f"sample-{number}")
            self._label(sample_frames(sample, self.systems[sample.system], sampler, home), f"label-{number}")
        energies = self._atomic_energies()
        dataset = self._gather(energies, "labels")
        rounds = 0 if asked.active_learning is None else asked.active_learning.rounds
        for number in range(1, rounds + 1):
            self._explore(dataset, number)
            dataset = self._gather(energies, f"labels-{number}")
        members = self._train(dataset, asked.training, "member")
        label = asked.label(*self.systems.values())
        home = self._home("validate")
        return publish(dataset, members, asked.calculator, asked.training, asked.about, label, home)

    def _explore(self, dataset: Dataset, number: int) -> None:
        settings = self.asked.active_learning
        assert settings is not None  # there are rounds of it
        scouts = self._train(dataset, self.asked.quick_training, f"scout-{number}")
        for place, (sample, share) in enumerate(self.asked.explored(number), start=1):
            home = self._home(f"explore-{number}-{place}")
            recipe, charges = self.systems[sample.system], self.asked.about.charges
            self._label(explore(sample, recipe, scouts, charges, share, home), f"label-{number}-{place}")

    def _label(self, frames: FrameSet, name: str) -> None:
        self.labelled.append(label_frames(frames, self.asked.calculator, self._home(name), self.asked.labels))

    def _atomic_energies(self) -> dict[str, float]:
        given = self.asked.atomic_energies
        if isinstance(given, dict):
            return given
        if given == "fitted":
            return {}
        return energies_of_free_atoms(
            self.labelled, self.asked.about.ion_charges, self.asked.calculator, self._home("free-atoms")
        )

    def _gather(self, energies: dict[str, float], name: str) -> Dataset:
        return build_dataset(self.labelled, self.asked.split, energies, self._home(name))

    def _train(self, dataset: Dataset, settings: TrainingSettings, name: str) -> list[Member]:
        return [train(dataset, settings, seed, self._home(f"{name}-{seed}")) for seed in self.asked.seeds]

    def _home(self, name: str) -> Path:
        home = self.folder / name
        home.mkdir(parents=True, exist_ok=True)
        return home
