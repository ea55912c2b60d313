"""MACE: one network, or several as a committee."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field

from ...errors import WeightsError
from ...paths import expanded
from ..capabilities import Capabilities
from ..devices import Device
from ..dispersion import Dispersion
from ..mace_network import mace_calculator, mace_capabilities, model_file, verified_sha256
from ..weights import Weights, WeightsRecord, file_sha256
from .base import Spec, Work

MACE_LIBRARIES = ("mace-torch", "torch", "e3nn")
MACE_INSTALL = "pip install mace-torch (after torch)"


def _as_weights(value: Any) -> Any:
    return {"path": str(value)} if isinstance(value, str | Path) else value


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str | Path | dict | Weights) else value


class MaceSpec(Spec):
    """MACE (arXiv:2206.07697): a foundation model by name, one file, or several files as a committee.

    ``azibflow calculators`` lists the names with their licences, some of which do not permit commercial use. A
    ``.model`` file is a Python pickle: loading it runs code from it. Only files named here are loaded, and a
    ``sha256`` refuses every other file.
    """

    cites: ClassVar[tuple[str, ...]] = ("mace",)
    says: ClassVar[str] = "a foundation model by name (listed below), one model file, or a committee of several"
    modules: ClassVar[tuple[str, ...]] = ("mace",)
    install: ClassVar[str] = MACE_INSTALL
    libraries: ClassVar[tuple[str, ...]] = MACE_LIBRARIES
    word: ClassVar[str] = "models"
    word_means: ClassVar[str] = "FILE_OR_NAME"
    costs: ClassVar[frozenset[str]] = frozenset({"device"})
    tested: ClassVar[bool] = True

    kind: Literal["mace"] = Field("mace", description="MACE")
    models: Annotated[
        tuple[Annotated[Weights, BeforeValidator(_as_weights)], ...], BeforeValidator(_as_tuple), Field(min_length=1)
    ] = Field(description="model files, several make a committee; or one foundation model, such as medium-mpa-0")
    head: str | None = Field(
        default=None, description="head of a multi-head model; none takes the only or the default one"
    )
    dtype: Literal["float64", "float32"] = Field("float64", description="floating-point precision")
    device: Device = Field("cpu", description="torch device: cpu, cuda, cuda:1, ...; auto is cuda if found, else cpu")
    charges: tuple[int, ...] | None = Field(
        default=None,
        description="total charges the model was trained for, elementary charges; none takes those of the network's "
        "charge embedding, or 0 where it has none",
    )
    dispersion: Dispersion | None = Field(default=None, description="D3 correction; none adds none")

    def queue(self) -> Work:
        """Say which work it is."""
        return "surrogate"

    def in_words(self) -> str:
        """Name the network, or the leading one of a committee."""
        return f"MACE {Path(self.models[0].path).stem}{' committee' if len(self.models) > 1 else ''}"

    def make(self) -> Any:
        """Make one calculator around the shared networks."""
        return mace_calculator(self)

    def capabilities(self) -> Capabilities:
        """Read from the networks what they can compute."""
        return mace_capabilities(self)

    def weights(self) -> tuple[WeightsRecord, ...]:
        """Hash the model files, of which each has to be what its hash promises."""
        return tuple(WeightsRecord(name=model_file(w).name, sha256=verified_sha256(w)) for w in self.models)

    def number_of_weights(self) -> int | None:
        """Say that every model is recorded."""
        return len(self.models)

    def files(self) -> list[Path]:
        """Return the model files."""
        return [model_file(weights) for weights in self.models]

    def anchored(self, folder: Path) -> Self:
        """Make the paths of model files absolute; names of foundation models stay names."""
        return self._with(
            w if w.is_name else Weights(path=str(folder / expanded(w.path)), sha256=w.sha256) for w in self.models
        )

    def pinned(self) -> Self:
        """Give the model files the hashes they have now; a file that is not there stays without one."""
        pinned = []
        for weights in self.models:
            with suppress(WeightsError):
                weights = weights.model_copy(update={"sha256": weights.sha256 or file_sha256(model_file(weights))})
            pinned.append(weights)
        return self._with(pinned)

    def unpinned(self) -> Self:
        """Take the hashes of model files out."""
        return self._with(Weights(path=weights.path) for weights in self.models)

    def _with(self, models: Any) -> Self:
        return self.model_copy(update={"models": tuple(models)})
