"""What a surrogate is made from, and how: samples, training, rounds of active learning."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from ...calculators.devices import Device
from ...calculators.kinds.several import OneMethod
from ...structures.documents import StructureDocument
from ..migration.hops import HopSettings

ADSORBATE = "the adsorbate: a molecule by name, a system that is one, or a molecule file, relative to the campaign file"


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class _Sample(_Settings):
    system: str = Field(description="name of a system or a molecule; frames of one system are never split")
    frames: PositiveInt = Field(20, description="frames kept")
    seed: int = Field(1, description="of random numbers")
    sampler: OneMethod | None = Field(
        None,
        exclude_if=lambda sampler: sampler is None,
        description="calculator that moves the atoms of this sample; none: that of the study",
    )


class RattledSample(_Sample):
    """The relaxed structure shaken at random, periodic cells strained too."""

    how: Literal["rattled"] = Field(description="shaken at random")
    amplitude: PositiveFloat = Field(
        0.15, description="largest standard deviation of a coordinate's displacement, angstrom"
    )
    strain: NonNegativeFloat = Field(0.0, lt=0.3, description="largest component of a random strain")


class DynamicsSample(_Sample):
    """Snapshots of molecular dynamics at constant temperature."""

    how: Literal["dynamics"] = Field(description="molecular dynamics")
    temperature: PositiveFloat = Field(600.0, description="temperature of the Langevin thermostat, K")
    interval: PositiveInt = Field(25, description="steps between two frames")
    timestep: PositiveFloat = Field(1.0, description="fs")
    ion: str | None = Field(None, description="ion put into the system first; none puts none")


class RelaxationSample(_Sample):
    """Points along relaxations from shaken structures."""

    how: Literal["relaxation"] = Field(description="points along relaxations")
    amplitude: NonNegativeFloat = Field(
        0.1, description="standard deviation of the displacements at the start, angstrom"
    )
    starts: PositiveInt = Field(2, description="relaxations")


BAND_IMAGES = 5
"""Moving images of the bands of samples."""


class BandSample(_Sample):
    """Points along the relaxations of endpoints and band of the hops of an ion in a host."""

    how: Literal["band"] = Field(description="points along migration paths")
    ion: str = Field("Zn", description="the ion that hops")
    hops: HopSettings = Field(default_factory=HopSettings, description="which hops, in which supercell")


class HopSample(_Sample):
    """Points along the relaxations and the band of one hop whose endpoints are given."""

    how: Literal["hop"] = Field(description="points along one migration path; system is its first endpoint")
    final: str | StructureDocument = Field(
        description="system that is the second endpoint: the atoms of the first, one of which has moved"
    )


class AdsorptionSample(_Sample):
    """Points along the relaxations of an adsorbate from every distinct site of a surface."""

    how: Literal["adsorption"] = Field(description="points along the relaxations of an adsorbate")
    adsorbate: str | StructureDocument = Field("Zn", description=ADSORBATE)


class DetachmentSample(_Sample):
    """An adsorbate pulled off its sites, which forces learn from: its energy then joins that of the free atom."""

    how: Literal["detachment"] = Field(description="an adsorbate lifted off a surface")
    adsorbate: str | StructureDocument = Field("Zn", description=ADSORBATE)
    height: PositiveFloat = Field(3.0, description="how far it is lifted at most, angstrom")
    amplitude: NonNegativeFloat = Field(0.03, description="standard deviation of all atoms' displacements, angstrom")


class SlidingSample(_Sample):
    """Points along relaxations of layers that were slid past each other at random, with or without an ion between."""

    how: Literal["sliding"] = Field(description="layers slid past each other")
    ion: str | None = Field(None, description="ion put into an open place of each; none puts none")
    starts: PositiveInt = Field(4, description="relaxations, each from layers slid elsewhere")
    steps: PositiveInt = Field(20, description="steps of each relaxation")


class InsertionSample(_Sample):
    """Points along the relaxations of ions put into the open places of a structure, such as an interface."""

    how: Literal["insertion"] = Field(description="points along the relaxations of inserted ions")
    ion: str = Field("Zn", description="the ion")
    ions: PositiveInt = Field(1, description="ions put in, one after the other")
    steps: PositiveInt = Field(30, description="steps of each relaxation")


Sample = Annotated[
    RattledSample
    | DynamicsSample
    | RelaxationSample
    | BandSample
    | HopSample
    | AdsorptionSample
    | DetachmentSample
    | SlidingSample
    | InsertionSample,
    Field(discriminator="how"),
]


class TrainingSettings(_Settings):
    """The network and its training, in mace-torch's own words where it has them."""

    channels: PositiveInt = Field(32, description="channels of the hidden features")
    max_l: int = Field(0, ge=0, le=2, description="highest rotation order of the hidden features")
    max_ell: int = Field(2, ge=1, le=3, description="highest order of the spherical harmonics of edges")
    correlation: int = Field(2, ge=1, le=3, description="correlation order of products, the body order less one")
    radial_mlp: tuple[PositiveInt, ...] = Field(
        (64, 64, 64), description="widths of the layers that turn distances into weights; a third of a step's cost"
    )
    cutoff: PositiveFloat = Field(4.5, description="distance up to which atoms see each other, angstrom")
    epochs: PositiveInt = Field(100, description="passes over the training frames")
    stage_two_epochs: int = Field(25, ge=0, description="last of these, in which energies weigh more; 0: none")
    batch: PositiveInt = Field(4, description="frames per step")
    learning_rate: PositiveFloat = Field(0.01, description="of the first epochs")
    stage_two_learning_rate: PositiveFloat = Field(0.001, description="of stage two, which keeps it")
    energy_weight: PositiveFloat = Field(100.0, description="weight of energies per atom in the loss; mace-torch has 1")
    stage_two_energy_weight: PositiveFloat = Field(1000.0, description="the same in stage two; large cells take more")
    forces_weight: PositiveFloat = Field(100.0, description="weight of forces in the loss")
    half_weight_force: PositiveFloat | None = Field(
        None,
        description="a frame of root-mean-square force F weighs 1 / (1 + (F / this)^2) in the loss, so that paths "
        "and minima count more than hot trajectories, eV/angstrom; without it all frames weigh the same",
    )
    keep: Literal["best", "last"] = Field(
        "best",
        description="of some twenty epochs that are checked, the one of the lowest validation loss or the last; where "
        "systems for validation are unlike those for training, the last is better on what was learnt",
    )
    gradient_clip: PositiveFloat = Field(10.0, description="largest norm of a step's gradient; with large weights more")
    dtype: Literal["float64", "float32"] = Field("float32", description="floating-point precision of training and use")
    device: Device = Field("auto", description="torch device; auto takes a GPU where there is one")

    @model_validator(mode="after")
    def _has_a_stage_one(self) -> Self:
        if self.stage_two_epochs >= self.epochs:
            raise ValueError(
                f"stage_two_epochs: {self.stage_two_epochs} of {self.epochs} epochs leave none before them; "
                "take fewer, or 0 for none"
            )
        return self


class ActiveLearning(_Settings):
    """Rounds in which a first committee explores, and frames its members disagree on are labelled and added."""

    rounds: PositiveInt = Field(1, description="rounds before the last training")
    frames: PositiveInt = Field(20, description="frames added per round")
    epochs: PositiveInt = Field(40, description="passes over the training frames in each round")
    samples: list[Sample] = Field(min_length=1, description="where the committee explores, in the words of samples")

    @model_validator(mode="after")
    def _committee_explores(self) -> Self:
        if any(sample.sampler is not None for sample in self.samples):
            raise ValueError("samples: sampler: in active learning the committee itself moves the atoms; leave it out")
        return self
