"""Keys that several parts of a campaign file have, and what is refused in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ...calculators.specs import StudyCalculator, parse_spec, with_kind
from ...data.literature import ordered_systems, published
from ...errors import AzibflowError, CapabilityError
from ...input_files.mistakes import nearest
from ...structures.recipes import MoleculeName

LONGEST_NAME = 200
"""Characters of the longest name of a system or a study."""

MOLECULES = (
    "names of systems, molecules by name ([Zn(H2O)6]2+, NMP) or smiles:STRING, or molecule files, relative to the "
    "campaign file"
)
"""What may stand where molecules are named."""


class Keys(BaseModel):
    """A part of a campaign file, which has no other keys than these."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


def _calculator(value: Any) -> Any:
    """Let a calculator be written as a word (``chgnet``, ``mace:FILE``), or a corrected one without its kind."""
    try:
        return parse_spec(value) if isinstance(value, str) else with_kind(value)
    except CapabilityError as error:
        raise ValueError(str(error)) from error


def one_or_more(value: Any) -> Any:
    """Let one thing be written where a list is meant."""
    return value if isinstance(value, list | tuple) or value is None else [value]


def _published_key(value: str) -> str:
    """Refuse a key of a published value that does not exist, before anything is computed."""
    try:
        return published(value).key
    except AzibflowError as error:
        raise ValueError(str(error)) from error


def _published_name(value: str) -> str:
    """Refuse a name that no published ordering has."""
    known = ordered_systems()
    if value not in known:
        raise ValueError(
            f"no published ordering has a system {value!r}{nearest(value, known)}; azibflow list literature says which "
            "have one"
        )
    return value


def _one_line(value: str) -> str:
    """Refuse a name that would tear tables and progress apart: control characters, line ends, nothing at all."""
    if not value.strip() or not value.isprintable() or len(value) > LONGEST_NAME:
        raise ValueError(f"a name is one line of printable text, {LONGEST_NAME} characters at most, not {value[:40]!r}")
    return value


Name = Annotated[str, AfterValidator(_one_line)]
Calculator = Annotated[StudyCalculator, BeforeValidator(_calculator)]
Names = Annotated[list[MoleculeName], BeforeValidator(one_or_more), Field(min_length=1)]
SystemNames = Annotated[list[str], BeforeValidator(one_or_more), Field(min_length=1)]
PublishedKey = Annotated[str, AfterValidator(_published_key)]
PublishedNames = Annotated[
    list[Annotated[str, AfterValidator(_published_name)]], BeforeValidator(one_or_more), Field(min_length=1)
]


def texts(data: Any) -> Iterator[str]:
    """Yield every text in plain data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list | tuple):
        for part in data.values() if isinstance(data, dict) else data:
            yield from texts(part)


def renamed(value: Any, names: Any) -> Any:
    """Replace names of molecules in a text or in a list of texts; anything else stays as it is.

    Args:
        value: a text, a list of texts, or anything else.
        names: new name by old name.
    """
    if isinstance(value, list):
        return [renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value
