"""Validation: errors on systems that were kept from training, error bars that mean something, and where to stop."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.data import chemical_symbols
from pydantic import BaseModel, Field

from ...calculators.surrogates.card import Calibration, Domain, Errors, card_file, read_card
from ...calculators.surrogates.committee import Opinions, ask
from ...calculators.weights import file_sha256
from ...errors import LabelError, WeightsError
from ...structures.foreign import foreign_structures
from .datasets import ROLE
from .labels import ENERGY, FORCES, read_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ase import Atoms

    from ...calculators.surrogates.environments import Environments

Array = np.ndarray

ONE_SIGMA = 0.6827
"""Share of a normal distribution within one standard deviation."""
KNOWN = 0.975
"""Share of the frames of validation that each limit of the domain takes in; both together take in 95 percent at least,
and those beyond are the false alarms it accepts."""
SMALLEST = 1e-6
"""Least spread, eV or eV/angstrom, and least limit: members that agree exactly are not certain."""


class Validation(BaseModel):
    """How good a committee is, and how well it knows."""

    errors: dict[str, Errors] = Field(description="on all test frames, and by system")
    errors_by_element: dict[str, float] = Field(description="RMSE of force components by element, eV/angstrom")
    calibration: Calibration = Field(description="how the spread of the members becomes an error bar")
    domain: Domain = Field(description="where it may be believed")


@dataclass(frozen=True)
class Judged:
    """A labelled frame and what the members say about it.

    Attributes:
        frame: with its label.
        said: energies and forces of the members.
    """

    frame: Atoms
    said: Opinions

    @property
    def group(self) -> tuple[str, str]:
        """Frames of one group have the same atoms, so that their energies can be subtracted."""
        return str(self.frame.info["system"]), self.frame.get_chemical_formula()

    @property
    def energy_error(self) -> float:
        """Error of the leading network's energy, eV."""
        return float(self.said.energies[0] - self.frame.info[ENERGY])

    @property
    def force_errors(self) -> Array:
        """Errors of the leading network's forces, eV/angstrom, shape (atoms, 3)."""
        return np.asarray(self.said.forces[0] - self.frame.arrays[FORCES])


@dataclass(frozen=True)
class Difference:
    """The energy of a frame relative to another with the same atoms.

    Attributes:
        error: of the leading network, eV.
        spread: standard deviation of the members, eV.
    """

    error: float
    spread: float


def labelled_frames(name: str) -> list[Atoms]:
    """Read the label store of a surrogate.

    Args:
        name: of a surrogate of this package, or path of a card or of its folder.

    Raises:
        WeightsError: there is no such card, or the labels beside it are missing or not those it was made with.
    """
    card, home = read_card(name), card_file(name).parent
    path = home / card.labels.path
    if not path.is_file():
        raise WeightsError(f"surrogate: {card.name}: no label store at {path}; it belongs beside the card")
    if card.labels.sha256 not in (None, found := file_sha256(path)):
        raise WeightsError(f"surrogate: {path} has SHA-256 {found}, not {card.labels.sha256} as the card says")
    return read_labels(path)


def judged(members: Sequence[Any], frames: Sequence[Atoms], role: str) -> list[Judged]:
    """Ask a committee about the labelled frames of one role."""
    return [Judged(frame, ask(members, frame)) for frame in frames if frame.info[ROLE] == role]


def validate(members: Sequence[Any], frames: Sequence[Atoms], environments: Environments) -> Validation:
    """Measure errors on the test frames; fit error bars and domain to those of validation, check them on the test.

    Args:
        members: loaded networks, the leading one first; two at least.
        frames: labelled, with their roles.
        environments: that the leading network learned.

    Returns:
        Errors, calibration and domain.

    Raises:
        LabelError: no two frames of a role have the same atoms, so that there is no energy difference.
    """
    held_out, test = judged(members, frames, "validation"), judged(members, frames, "test")
    for role, group in (("validation", held_out), ("test", test)):
        if not energy_differences(group):
            raise LabelError(
                f"{role}: no two frames have the same atoms, and errors are those of energy differences; sample more "
                "frames of these systems"
            )
    systems = sorted({str(one.frame.info["system"]) for one in test})
    return Validation(
        errors={
            "all": errors_of(test),
            **{system: errors_of([one for one in test if one.frame.info["system"] == system]) for system in systems},
        },
        errors_by_element=errors_by_element(test),
        calibration=calibration(held_out, test),
        domain=domain(members, held_out, test, environments),
    )


def errors_of(frames: Sequence[Judged]) -> Errors:
    """Return the errors of the leading network on some frames."""
    forces = np.concatenate([one.force_errors.ravel() for one in frames])
    differences = [difference.error for difference in energy_differences(frames)]
    return Errors(
        frames=len(frames),
        energy_mae=1000 * float(np.mean([abs(one.energy_error) / len(one.frame) for one in frames])),
        relative_energy_mae=float(np.mean(np.abs(differences))) if differences else 0.0,
        forces_mae=float(np.abs(forces).mean()),
        forces_rmse=float(np.sqrt((forces**2).mean())),
    )


def errors_by_element(frames: Sequence[Judged]) -> dict[str, float]:
    """Return the root mean square error of force components of each element, eV/angstrom."""
    collected: dict[str, list[Array]] = defaultdict(list)
    for one in frames:
        for symbol, error in zip(one.frame.get_chemical_symbols(), one.force_errors, strict=True):
            collected[symbol].append(error)
    return {symbol: float(np.sqrt(np.mean(np.square(errors)))) for symbol, errors in sorted(collected.items())}


def calibration(held_out: Sequence[Judged], test: Sequence[Judged]) -> Calibration:
    """Scale spreads so that one sigma covers 68 percent of the held-out errors; count how many it covers in the test.

    Split conformal prediction with the spread as the measure of difficulty (10.1561/2200000101): the scale is the
    quantile of error over spread, so neither the shape of the errors nor the number of members has to be known.
    """
    differences, checked = energy_differences(held_out), energy_differences(test)
    energy_scale = _scale(np.array([one.error for one in differences]), np.array([one.spread for one in differences]))
    forces_scale = _scale(*_forces(held_out))
    errors, spreads = _forces(test)
    return Calibration(
        energy_scale=energy_scale,
        forces_scale=forces_scale,
        energy_coverage=_coverage(
            np.array([one.error for one in checked]), np.array([one.spread for one in checked]), energy_scale
        ),
        forces_coverage=_coverage(errors, spreads, forces_scale),
    )


def energy_differences(frames: Sequence[Judged]) -> list[Difference]:
    """Return errors and spreads of the energy differences between any two frames with the same atoms.

    Any two, as a barrier is of any two: counted from one frame, the error of that frame is in all of them.
    """
    groups: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in frames:
        groups[one.group].append(one)
    return [_difference(*pair) for group in groups.values() for pair in combinations(group, 2)]


def _difference(one: Judged, other: Judged) -> Difference:
    spread = float(np.std(one.said.energies - other.said.energies, ddof=1))
    return Difference(one.energy_error - other.energy_error, max(spread, SMALLEST))


def domain(
    members: Sequence[Any], held_out: Sequence[Judged], test: Sequence[Judged], environments: Environments
) -> Domain:
    """Let the limits of the domain take in the frames of validation; count false alarms and what is found on the test.

    Args:
        members: loaded networks, the leading one first.
        held_out: frames of validation.
        test: frames of the test; foreign structures are made from them.
        environments: that the leading network learned.
    """

    def distance(atoms: Atoms, said: Opinions) -> float:
        return environments.distance(atoms.numbers, said.features)

    deviation = max(float(np.quantile([one.said.force_deviation for one in held_out], KNOWN)), SMALLEST)
    farthest = max(float(np.quantile([distance(one.frame, one.said) for one in held_out], KNOWN)), SMALLEST)

    def outside(atoms: Atoms, said: Opinions) -> bool:
        return not (said.force_deviation <= deviation and distance(atoms, said) <= farthest)

    known = {chemical_symbols[number] for number in environments.known}
    found: dict[str, list[bool]] = defaultdict(list)
    for seed, one in enumerate(test):
        for name, atoms in foreign_structures(one.frame, known, seed).items():
            unknown = not set(atoms.get_chemical_symbols()) <= known
            found[name].append(unknown or outside(atoms, ask(members, atoms)))
    return Domain(
        force_deviation=deviation,
        environment_distance=farthest,
        false_alarms=float(np.mean([outside(one.frame, one.said) for one in test])),
        detected={name: float(np.mean(flags)) for name, flags in found.items()},
    )


def _forces(frames: Sequence[Judged]) -> tuple[Array, Array]:
    errors = np.concatenate([one.force_errors.ravel() for one in frames])
    spreads = np.concatenate([np.std(one.said.forces, axis=0, ddof=1).ravel() for one in frames])
    return errors, np.maximum(spreads, SMALLEST)


def _scale(errors: Array, spreads: Array) -> float:
    return float(np.quantile(np.abs(errors) / spreads, ONE_SIGMA))


def _coverage(errors: Array, spreads: Array, scale: float) -> float:
    return float(np.mean(np.abs(errors) <= scale * spreads))
