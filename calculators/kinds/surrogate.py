"""A surrogate trained here or by the user: a committee of MACE networks with its card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field

from ...paths import expanded
from ..capabilities import Capabilities
from ..devices import Device
from ..dispersion import Dispersion
from ..surrogates.card import bundled_surrogates, card_file, current_card, read_card
from ..weights import WeightsRecord
from .base import Spec, Work
from .mace import MACE_INSTALL, MACE_LIBRARIES, MaceSpec

if TYPE_CHECKING:
    from ase import Atoms

    from ..surrogates.trust import Trust


class SurrogateSpec(Spec):
    """A surrogate with its card: one that comes with the package, by name, or one of the user's own.

    The first network of its committee moves the atoms; all members are asked about the structures that are reported,
    for error bars, and whether a structure is outside what they were trained for. The card pins the SHA-256 of every
    model file.
    """

    cites: ClassVar[tuple[str, ...]] = ("mace",)
    says: ClassVar[str] = "a trained committee with its card: surrogate:FOLDER, or one of this package"
    modules: ClassVar[tuple[str, ...]] = ("mace",)
    install: ClassVar[str] = MACE_INSTALL
    libraries: ClassVar[tuple[str, ...]] = MACE_LIBRARIES
    word: ClassVar[str] = "card"
    word_means: ClassVar[str] = "CARD"
    costs: ClassVar[frozenset[str]] = frozenset({"device"})
    preoptimised: ClassVar[bool] = True
    tested: ClassVar[bool] = True

    kind: Literal["surrogate"] = Field("surrogate", description="a trained committee of MACE networks with its card")
    card: str = Field(description="name of a surrogate of this package, or path of a card or of its folder")
    device: Device = Field("auto", description="torch device: cpu, cuda, cuda:1, ...; auto is cuda if found, else cpu")
    dispersion: Dispersion | None = Field(default=None, description="D3 correction; none adds none")

    def queue(self) -> Work:
        """Say which work it is."""
        return "surrogate"

    def make(self) -> Any:
        """Make one calculator around the leading network."""
        from ..surrogates.committee import SurrogateCalculator

        return SurrogateCalculator(self)

    def capabilities(self) -> Capabilities:
        """Read from the card what it can compute."""
        card = current_card(self.card)
        return Capabilities(
            elements=frozenset(card.elements),
            periodic=card.periodic,
            charges=frozenset(card.charges),
            ion_charges=card.ion_charges or None,
            properties=("energy", "forces", "stress"),
            note=f"{card.description}; labels by {card.method}",
        )

    def in_words(self) -> str:
        """Name the surrogate: the folder of its card is called as it is."""
        return card_file(self.card).parent.name

    def committee(self) -> MaceSpec:
        """Return its model files as a plain committee."""
        card, folder = current_card(self.card), card_file(self.card).parent
        models = tuple({"path": str(folder / model.path), "sha256": model.sha256} for model in card.models)
        return MaceSpec.model_validate(
            {"models": models, "dtype": card.dtype, "device": self.device, "charges": card.charges}
        )

    def weights(self) -> tuple[WeightsRecord, ...]:
        """Hash the model files, of which each has to be what the card promises."""
        return self.committee().weights()

    def files(self) -> list[Path]:
        """Return the card and what it pins."""
        path = card_file(self.card)
        card = read_card(self.card)
        return [path, *(path.parent / one.path for one in (*card.models, card.environments))]

    def trust(self, atoms: Atoms) -> Trust:
        """Ask the committee about a structure."""
        from ..surrogates.trust import trust_of_committee

        return trust_of_committee(self, atoms)

    def anchored(self, folder: Path) -> Self:
        """Make the path of the card absolute; the name of a surrogate of this package stays a name."""
        if self.card in bundled_surrogates():
            return self
        return self.model_copy(update={"card": str(folder / expanded(self.card))})

    @classmethod
    def names(cls) -> list[str]:
        """Return the surrogates of this package."""
        return bundled_surrogates()
