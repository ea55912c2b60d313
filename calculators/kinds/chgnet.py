"""CHGNet."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from ..capabilities import Capabilities
from ..chgnet_network import CAPABILITIES, weights_file
from ..devices import Device
from ..dispersion import Dispersion
from ..weights import WeightsRecord
from .base import Spec, Work


class ChgnetSpec(Spec):
    """CHGNet, the universal potential whose weights are inside the ``chgnet`` package (10.1038/s42256-023-00716-3).

    ``r2scan`` is offered for comparison only: it gives hcp zinc c/a = 1.95 (experiment 1.86, version 0.3.0 1.88).
    """

    cites: ClassVar[tuple[str, ...]] = ("chgnet",)
    says: ClassVar[str] = CAPABILITIES.note
    modules: ClassVar[tuple[str, ...]] = ("chgnet",)
    install: ClassVar[str] = "pip install chgnet"
    libraries: ClassVar[tuple[str, ...]] = ("chgnet", "torch")
    costs: ClassVar[frozenset[str]] = frozenset({"device"})
    tested: ClassVar[bool] = True

    kind: Literal["chgnet"] = Field("chgnet", description="CHGNet")
    version: Literal["0.3.0", "r2scan"] = Field("0.3.0", description="weights")
    device: Device = Field("cpu", description="torch device: cpu, cuda, cuda:1, ...; auto is cuda if found, else cpu")
    dispersion: Dispersion | None = Field(default=None, description="D3 correction; none adds none")

    def queue(self) -> Work:
        """Say which work it is."""
        return "surrogate"

    def make(self) -> Any:
        """Make one calculator around the shared network."""
        from ..chgnet_network import ChgnetCalculator

        return ChgnetCalculator(self)

    def capabilities(self) -> Capabilities:
        """Say what it can compute."""
        return CAPABILITIES

    def in_words(self) -> str:
        """Name the network."""
        return f"{self.kind} {self.version}"

    def weights(self) -> tuple[WeightsRecord, ...]:
        """Hash the weights."""
        return tuple(map(WeightsRecord.of, self.files()))

    def files(self) -> list[Path]:
        """Return the weights inside the installed package."""
        return [weights_file(self.version)]
