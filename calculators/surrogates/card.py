"""The card of a surrogate: data, method, errors and domain of use, beside its model files."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, ValidationError

from ...errors import WeightsError
from ...input_files.mistakes import first_mistake
from ...paths import expanded, is_file, is_folder
from ..weights import Weights

if TYPE_CHECKING:
    from ruamel.yaml import YAML

CARD = "card.yaml"
SURROGATES = Path(__file__).resolve().parents[2] / "data" / "surrogates"
"""Where the surrogates are that come with the package."""


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Errors(_Frozen):
    """Errors of the leading network against labels."""

    frames: int = Field(description="labelled frames compared")
    energy_mae: float = Field(description="mean absolute error of energies, meV/atom")
    relative_energy_mae: float = Field(
        description="mean absolute error of energy differences between any two frames with the same atoms, eV"
    )
    forces_mae: float = Field(description="mean absolute error of force components, eV/angstrom")
    forces_rmse: float = Field(description="root mean square error of force components, eV/angstrom")


class Calibration(_Frozen):
    """How the spread of the members becomes an error bar: fitted to held-out systems, checked on others."""

    energy_scale: PositiveFloat = Field(
        description="one sigma of an energy difference over the standard deviation of the members"
    )
    forces_scale: PositiveFloat = Field(description="the same of a force component")
    energy_coverage: float = Field(description="share of energy differences of the test frames within one sigma")
    forces_coverage: float = Field(description="share of force components of the test frames within one sigma")


class Domain(_Frozen):
    """Where the surrogate may be believed."""

    force_deviation: PositiveFloat = Field(
        description="deviation of the members' forces on an atom beyond which a structure is outside, eV/angstrom"
    )
    environment_distance: PositiveFloat = Field(
        description="distance of an atom's surroundings from the nearest of training beyond which a structure is "
        "outside, standard deviations of the training"
    )
    false_alarms: float = Field(description="share of the test frames beyond either")
    detected: dict[str, float] = Field(
        default_factory=dict, description="share of foreign structures found outside, by what was done to them"
    )


class Quantity(_Frozen):
    """A number that users want, by the surrogate and by what made its labels, each on its own relaxed structures."""

    name: str = Field(description="study and row")
    unit: str = Field(description="of the numbers")
    value: float = Field(description="by the surrogate")
    standard_error: float | None = Field(None, description="one sigma that the surrogate itself gives")
    expected: float = Field(description="by the calculator that made the labels")
    problem: str = Field("", description="why it is no result by one of them; empty where it is by both")


class SurrogateCard(_Frozen):
    """Everything a user needs to judge a surrogate."""

    name: str = Field(description="name of the surrogate")
    description: str = Field("", description="what it is for")
    method: str = Field(description="what made the labels, in words")
    labels_by: dict[str, Any] = Field(description="the calculator that made the labels, as a spec")
    elements: tuple[str, ...] = Field(description="elements it has seen")
    charges: tuple[int, ...] = Field(description="total charges it was trained for, elementary charges")
    ion_charges: dict[str, int] = Field(
        default_factory=dict, description="charge of every atom of these elements; the total charge is their sum"
    )
    periodic: bool | None = Field(None, description="true: crystals and slabs only; false: molecules only; none: both")
    models: tuple[Weights, ...] = Field(min_length=2, description="model files beside the card; the first leads")
    dtype: str = Field(description="floating-point precision of the networks")
    cutoff: float = Field(description="distance up to which atoms see each other, angstrom")
    labels: Weights = Field(description="label store beside the card")
    environments: Weights = Field(description="surroundings of atoms that the leading network learned, beside the card")
    frames: dict[str, dict[str, int]] = Field(description="number of frames by role and system")
    atomic_energies: dict[str, float] = Field(description="energy of each element that the networks add to, eV")
    training: dict[str, Any] = Field(description="network and training")
    versions: dict[str, str] = Field(description="versions of the libraries that trained")
    seconds: dict[str, float] = Field(
        description="wall time of labels that no store had and of the training of each member, s; of one interrupted "
        "that of its last part"
    )
    errors: dict[str, Errors] = Field(description="on all test frames, and by system of the test")
    errors_by_element: dict[str, float] = Field(
        description="root mean square error of force components by element, test frames, eV/angstrom"
    )
    calibration: Calibration = Field(description="how the spread of the members becomes an error bar")
    domain: Domain = Field(description="where it may be believed")
    quantities: tuple[Quantity, ...] = Field((), description="numbers that users want, compared on relaxed structures")
    limits: tuple[str, ...] = Field((), description="what it cannot do")
    licence: str = Field(description="licence of models and labels")


def card_file(name: str) -> Path:
    """Find a card.

    Args:
        name: of a surrogate that comes with the package, or the path of a card or of its folder.

    Raises:
        WeightsError: there is none; the message says what was looked for.
    """
    if name in bundled_surrogates():
        return SURROGATES / name / CARD
    path = expanded(name).absolute()
    path = path / CARD if is_folder(path) else path
    if not is_file(path):
        known = ", ".join(bundled_surrogates()) or "none"
        raise WeightsError(f"surrogate: no card at {path}, and {name!r} is no surrogate of this package ({known})")
    return path


def bundled_surrogates() -> list[str]:
    """Return the names of the surrogates that come with the package."""
    return sorted(path.parent.name for path in SURROGATES.glob("*/card.yaml"))


def current_card(name: str) -> SurrogateCard:
    """Return the card of a surrogate, read again only when the file has changed."""
    path = card_file(name)
    return _card(str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _card(path: str, _changed: int) -> SurrogateCard:
    return read_card(path)


def read_card(name: str) -> SurrogateCard:
    """Read a card.

    Args:
        name: as for [`card_file`][].

    Raises:
        WeightsError: there is no such card, or it is not valid; the message names the file and the key.
    """
    from ruamel.yaml.error import YAMLError

    path = card_file(name)
    data: Any = None
    try:
        data = _yaml().load(path.read_text(encoding="utf-8"))
        return SurrogateCard.model_validate(data)
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise WeightsError(f"surrogate: {path} cannot be read: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        raise WeightsError(f"surrogate: {path}: {first_mistake(error, SurrogateCard, data)}") from error


def write_card(card: SurrogateCard, folder: Path) -> Path:
    """Write a card into the folder of its models; it appears when complete."""
    path = folder / CARD
    partial = path.with_name(CARD + ".part")
    with partial.open("w", encoding="utf-8") as file:
        _yaml().dump(card.model_dump(mode="json"), file)
    partial.replace(path)
    return path


def _yaml() -> YAML:
    """Return the reader and writer of plain data: nothing in a card can make it build other objects."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 120
    return yaml
