"""SevenNet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ase.data import chemical_symbols
from pydantic import Field, model_validator

from ...errors import CapabilityError, WeightsError
from ..capabilities import Capabilities
from ..devices import Device
from ..dispersion import Dispersion
from ..isolated.environments import environment
from ..weights import WeightsRecord
from .base import Spec, Work

if TYPE_CHECKING:
    from typing import Self

FILES = {
    "l3i5": "SevenNet_l3i5/checkpoint_l3i5.pth",
    "0": "SevenNet_0__11Jul2024/checkpoint_sevennet_0.pth",
    "mf-0": "SevenNet_MF_0/checkpoint_sevennet_mf_0.pth",
}
"""Weights in the package ``sevenn``, which are loaded as code: only those with these hashes are."""
SHA256 = {
    "l3i5": "a7ff190d41efe5b8317a03d20a468e4036a1a3e64e0b14fdbab64ac3f4bfc09d",
    "0": "7052cb42b7b3be42b40b97fa0d21077a48c54b5548948fc4dcf346629f813c36",
    "mf-0": "81791329b37d445f46b531578c182c41792d98c7814222c9e5dde276402225fd",
}


class SevennetSpec(Spec):
    """SevenNet, an equivariant universal potential (10.1021/acs.jctc.4c00190), in an environment of its own.

    ``l3i5`` has the higher angular resolution of the two that know PBE alone; ``mf-0`` knows PBE and r2SCAN, between
    which ``modal`` chooses.
    """

    cites: ClassVar[tuple[str, ...]] = ("sevennet",)
    says: ClassVar[str] = "SevenNet: universal, trained on bulk crystals (MPtrj, PBE, +U for oxides)"
    word: ClassVar[str] = "model"
    word_means: ClassVar[str] = "MODEL"
    libraries: ClassVar[tuple[str, ...]] = ("torch",)
    costs: ClassVar[frozenset[str]] = frozenset({"device"})
    tested: ClassVar[bool] = True

    kind: Literal["sevennet"] = Field("sevennet", description="SevenNet")
    model: Literal["l3i5", "0", "mf-0"] = Field("l3i5", description="weights")
    modal: Literal["PBE", "R2SCAN"] | None = Field(
        default=None, description="functional whose energies mf-0 gives; PBE where none is named; none for the others"
    )
    device: Device = Field("cpu", description="torch device: cpu, cuda, cuda:1, ...; auto is cuda if found, else cpu")
    dispersion: Dispersion | None = Field(default=None, description="D3 correction; none adds none")

    @model_validator(mode="after")
    def _modal_of_many(self) -> Self:
        if self.modal is not None and self.model != "mf-0":
            raise ValueError(f"model {self.model} knows one functional; leave modal out, or take model mf-0")
        return self

    def queue(self) -> Work:
        """Say which work it is."""
        return "surrogate"

    def make(self) -> Any:
        """Make one calculator around the shared process.

        Raises:
            CapabilityError: its environment is missing, or not whole.
            WeightsError: the weights are others than those of the package.
        """
        from ..isolated.calculator import IsolatedCalculator

        self.weights()
        modal = {"modal": self.modal or "PBE"} if self.model == "mf-0" else {}
        options = {"model": str(self._weights_file()), "device": self.device, **modal}
        return IsolatedCalculator(environment("sevennet").python, "sevenn.calculator:SevenNetCalculator", options)

    def capabilities(self) -> Capabilities:
        """Say what it can compute."""
        return CAPABILITIES

    def in_words(self) -> str:
        """Name the network."""
        return f"SevenNet-{self.model}{f' {self.modal}' if self.modal else ''}"

    def weights(self) -> tuple[WeightsRecord, ...]:
        """Hash the weights.

        Raises:
            CapabilityError: its environment is missing, or not whole.
            WeightsError: they are others than those of the package.
        """
        record = WeightsRecord.of(self._weights_file())
        if record.sha256 != SHA256[self.model]:
            raise WeightsError(f"sevennet: {self._weights_file()} is not the file that sevenn 0.13.0 brings")
        return (record,)

    def number_of_weights(self) -> int:
        """Every result names one file."""
        return 1

    def files(self) -> list[Path]:
        """Return the weights."""
        return [self._weights_file()]

    def versions(self) -> dict[str, str]:
        """Return the versions of the libraries that compute, those in its environment too."""
        found = environment("sevennet").versions()
        return super().versions() | {name: found[name] for name in ("sevenn", "e3nn") if name in found}

    @classmethod
    def missing(cls) -> str:
        """Say what is wrong with its environment; empty when it can be used."""
        return environment("sevennet").problem()

    def _weights_file(self) -> Path:
        home = environment("sevennet")
        if problem := home.problem():
            raise CapabilityError(f"sevennet: {problem}")
        return home.packages / "sevenn" / "pretrained_potentials" / FILES[self.model]


CAPABILITIES = Capabilities(
    # The 89 elements of MPtrj, which trained all of them.
    elements=frozenset(chemical_symbols[z] for z in (*range(1, 84), *range(89, 95))),
    periodic=None,
    charges=frozenset({0}),
    properties=("energy", "forces", "stress"),
    cutoff=5.0,
    note="trained on bulk crystals (PBE, +U for oxides); no charge, no dispersion, no lone atoms",
)
