"""A surrogate that is there: its networks and labels at hand, to be judged again, or put where it belongs."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ...calculators.specs import SurrogateSpec, parse_spec
from ...calculators.surrogates.card import CARD, SurrogateCard, read_card
from ...calculators.surrogates.committee import environments, networks
from ...errors import RunError
from .validation import Judged, Validation, judged, labelled_frames, validate

if TYPE_CHECKING:
    from ase import Atoms

    from ...calculators.surrogates.environments import Environments


@dataclass(frozen=True)
class KeptSurrogate:
    """A surrogate with everything it was validated by.

    Attributes:
        card: what it says of itself.
        members: loaded networks, the leading one first.
        environments: that the leading network learned.
        frames: its label store, with the roles of the frames.
    """

    card: SurrogateCard
    members: Sequence[Any]
    environments: Environments
    frames: Sequence[Atoms]

    @classmethod
    def open(cls, name: str, device: str = "cpu") -> Self:
        """Load a surrogate.

        Args:
            name: of one that comes with the package, or path of a card or of its folder.
            device: torch device.

        Raises:
            CapabilityError: there is no such device.
            WeightsError: there is no such card, or models or labels are missing or not those it was made with.
        """
        spec = parse_spec({"kind": "surrogate", "card": name, "device": device})
        assert isinstance(spec, SurrogateSpec)
        return cls(read_card(name), networks(spec), environments(spec), labelled_frames(name))

    def validate(self) -> Validation:
        """Compute the errors, the calibration and the domain again."""
        return validate(self.members, self.frames, self.environments)

    def judged(self, role: str) -> list[Judged]:
        """Ask the networks about the labelled frames of one role."""
        return judged(self.members, self.frames, role)


def put_in_place(source: Path, target: Path) -> Path:
    """Copy a surrogate's folder; a complete one takes the place of the one that was there.

    Args:
        source: folder of card, models and labels.
        target: the copy.

    Returns:
        The copy; the folder itself where it is there already.

    Raises:
        RunError: what is there is no surrogate.
    """
    if source.resolve() == target.resolve():
        return target
    check_replaceable(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(source, partial)
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)
    return target


def check_replaceable(target: Path) -> None:
    """Refuse to put a surrogate in the place of anything but a surrogate.

    Raises:
        RunError: there is something else.
    """
    if target.exists() and not (target / CARD).is_file():
        raise RunError(f"{target} exists and is no surrogate, so it is not replaced; choose another --output")
