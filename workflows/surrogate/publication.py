"""From trained networks to a surrogate that others can use: validated, with its card, in one folder."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobflow import job
from pydantic import BaseModel, ConfigDict, Field

from ...calculators.devices import usable
from ...calculators.factory import record
from ...calculators.mace_network import load_committee
from ...calculators.specs import AnyMethod, AnySpec, CalculatorRecord, CalculatorSpec, MaceSpec, Weights, methods
from ...calculators.surrogates.card import Quantity, SurrogateCard, write_card
from ...calculators.surrogates.committee import training_environments
from ...calculators.weights import file_sha256
from ..common.results import Outcome, StudyLabel
from ..molecular.geometries import at_geometry_level
from .datasets import ROLE, Dataset
from .exploration import committee_spec
from .settings import TrainingSettings
from .training import Member
from .validation import validate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ase import Atoms

LABELS = "labels.extxyz.xz"
ENVIRONMENTS = "environments.npz"


class About(BaseModel):
    """What only the author of a surrogate can say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        description="name of the surrogate and its folder: letters, digits, dots, hyphens and underscores",
    )
    description: str = Field("", description="what it is for")
    charges: tuple[int, ...] = Field((0,), description="total charges it is trained for")
    ion_charges: dict[str, int] = Field(default_factory=dict, description="charge of every atom of these elements")
    limits: tuple[str, ...] = Field((), description="what it cannot do")
    licence: str = Field("CC-BY-4.0", description="licence of models and labels")


class SurrogateResult(StudyLabel):
    """A trained and validated surrogate."""

    outcome: Outcome = Field(Outcome.OK, description="ok: it was trained and validated; the card says how good it is")
    reason: str = Field("", description="what happened, in words")
    card: SurrogateCard = Field(description="data, method, errors, domain")
    folder: str = Field(description="folder of card, models and labels: folder of the job, then the folder in it")
    refused: list[str] = Field(description="frames that got no label, with the reason")
    calculator: CalculatorRecord = Field(description="the calculator that made the labels")


def publish(
    dataset: Dataset,
    members: Sequence[Member],
    calculator: AnySpec,
    training: TrainingSettings,
    about: About,
    label: StudyLabel,
    folder: Path,
) -> SurrogateResult:
    """Validate a committee and write its card, its models and its labels into one folder.

    Args:
        dataset: labelled frames with their roles.
        members: two networks at least.
        calculator: that made the labels.
        training: how the networks were trained.
        about: what only the author can say.
        label: the study.
        folder: of the job.

    Returns:
        The surrogate.
    """
    frames = dataset.read(folder)
    networks = load_committee(committee_spec(list(members), about.charges, folder), usable("auto"))
    learned = training_environments(networks[0], [frame for frame in frames if frame.info[ROLE] == "training"])
    validation = validate(networks, frames, learned)
    home = folder / about.name
    home.mkdir(exist_ok=True)
    learned.write(home / ENVIRONMENTS)
    models = []
    for member in members:
        target = home / f"seed-{member.seed}.model"
        write_compressed(member.file(folder), target)
        models.append(Weights(path=target.name, sha256=file_sha256(target)))
    shutil.copyfile(folder.parent / dataset.folder / dataset.file.path, home / LABELS)
    teacher = record(at_geometry_level(calculator))
    card = SurrogateCard(
        name=about.name,
        description=about.description,
        method=calculator.in_words(),
        labels_by=_as_data(at_geometry_level(calculator)),
        elements=tuple(sorted(dataset.atomic_energies)),
        charges=about.charges,
        ion_charges=about.ion_charges,
        periodic=_periodicity(frames),
        models=tuple(models),
        dtype=members[0].dtype,
        cutoff=training.cutoff,
        labels=Weights(path=LABELS, sha256=file_sha256(home / LABELS)),
        environments=Weights(path=ENVIRONMENTS, sha256=file_sha256(home / ENVIRONMENTS)),
        frames=dataset.frames,
        atomic_energies=dataset.atomic_energies,
        training=training.model_dump(mode="json"),
        versions=record(_plain(members, folder)).versions,
        seconds={
            "labels not in a store": round(dataset.label_seconds, 1),
            **{f"training of seed {member.seed}": round(member.seconds, 1) for member in members},
        },
        limits=about.limits,
        licence=about.licence,
        **validation.model_dump(),
    )
    write_card(card, home)
    return SurrogateResult(
        **label.model_dump(),
        card=card,
        folder=f"{folder.name}/{home.name}",
        refused=[f"{refusal.frame}: {refusal.reason}" for refusal in dataset.refused],
        calculator=teacher,
    )


def write_compressed(model: Path, target: Path) -> None:
    """Copy a model file, which is a zip archive, with its records compressed; torch reads either.

    Most of a MACE file are coupling coefficients, of which 99.5 percent are zero: it shrinks to a tenth.

    Args:
        model: as torch wrote it.
        target: the copy; the same bytes for the same model.
    """
    with zipfile.ZipFile(model) as source, zipfile.ZipFile(target, "w") as copy:
        for record in source.infolist():
            plain = zipfile.ZipInfo(record.filename)  # without the time of writing
            copy.writestr(plain, source.read(record), compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)


def made_labels(calculator: AnyMethod, card: SurrogateCard) -> bool:
    """Say whether a calculator, at the level of its geometries, is the one that made a surrogate's labels."""
    method, *others = methods(calculator)
    return not others and _as_data(at_geometry_level(method)) == card.labels_by


def with_quantities(card: SurrogateCard, found: Sequence[Quantity]) -> SurrogateCard:
    """Add numbers that users want to a card; those of the same name are replaced.

    Args:
        card: the card.
        found: compared with the calculator that made the labels.
    """
    kept = {one.name: one for one in [*card.quantities, *found]}
    return card.model_copy(update={"quantities": tuple(kept.values())})


def _plain(members: Sequence[Member], folder: Path) -> MaceSpec:
    return committee_spec(list(members), (0,), folder)


def _as_data(calculator: AnySpec) -> dict[str, Any]:
    return calculator.model_dump(mode="json", exclude_defaults=True) | {"kind": calculator.kind}


def _periodicity(frames: Sequence[Atoms]) -> bool | None:
    """Say what the frames have in common: three periodic directions, none, or neither."""
    if all(frame.pbc.all() for frame in frames):
        return True
    return None if any(frame.pbc.any() for frame in frames) else False


@job(output_schema=SurrogateResult)
def publish_job(
    dataset: Dataset,
    members: list[Member],
    calculator: CalculatorSpec,
    training: TrainingSettings,
    about: About,
    label: StudyLabel,
) -> SurrogateResult:
    """Validate a committee and write its card in the job's folder."""
    return publish(dataset, members, calculator, training, about, label, Path.cwd())
