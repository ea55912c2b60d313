"""What the Materials Project begins spins with and takes as +U, for a campaign that asks for it by a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from ...input_files.mistakes import nearest
from ...structures.elements import Element
from .base import Frozen

if TYPE_CHECKING:
    from ase import Atoms

WORD = "materials-project"
MOMENTS = {"V": 5.0, "Cr": 5.0, "Mn": 5.0, "Fe": 5.0, "Co": 0.6, "Ni": 5.0, "Mo": 5.0, "W": 5.0}
"""Initial moments, Bohr magnetons, of the Materials Project (10.1063/1.4812323), ferromagnetic and but for cobalt high
spin; other elements, to which pymatgen's MPRelaxSet gives 0.6, have none."""
U_VALUES = {"V": 3.25, "Cr": 3.7, "Mn": 3.9, "Fe": 5.3, "Co": 3.32, "Ni": 6.2, "Mo": 4.38, "W": 6.2}
"""Effective U, eV, of the Materials Project (10.1103/PhysRevB.84.045115), for PBE."""
HOSTS = ("O", "F")
"""Anions beside which those were fitted; elsewhere there is no U."""


class HubbardU(Frozen):
    """Effective U that belongs to certain hosts, as that of oxides does."""

    values: dict[Element, float] = Field(description="effective U on d shells by element, eV")
    hosts: tuple[Element, ...] = Field(min_length=1, description="only structures with one of these elements get it")

    def beside(self, atoms: Atoms) -> dict[str, float]:
        """Return U by element in a structure, eV; nothing where none of the hosts is."""
        return self.values if set(atoms.symbols) & set(self.hosts) else {}


def _moments(value: Any) -> Any:
    return dict(MOMENTS) if _asks(value) else value


def _hubbard(value: Any) -> Any:
    return {"values": U_VALUES, "hosts": HOSTS} if _asks(value) else value


def _form(value: Any) -> str:
    """Tell the two mappings of U apart, so that a mistake is answered for the one that was meant."""
    by_hosts = isinstance(value, HubbardU) or (isinstance(value, dict) and {"values", "hosts"} & value.keys())
    return "hosts" if by_hosts else "elements"


def _asks(value: Any) -> bool:
    """Tell whether a value is the word.

    Raises:
        ValueError: it is another one.
    """
    if isinstance(value, str) and value != WORD:
        raise ValueError(f"must be a mapping of elements to numbers, or {WORD}, not {value!r}{nearest(value, [WORD])}")
    return isinstance(value, str)


Moments = Annotated[
    dict[Element, float],
    BeforeValidator(_moments, json_schema_input_type=dict[Element, float] | Literal["materials-project"]),
]
"""Initial moments by element, Bohr magnetons; the word is what it stands for from then on."""
Hubbard = Annotated[
    Annotated[dict[Element, float], Tag("elements")] | Annotated[HubbardU, Tag("hosts")],
    Discriminator(_form),
    BeforeValidator(_hubbard, json_schema_input_type=dict[Element, float] | HubbardU | Literal["materials-project"]),
]
"""Effective U on d shells by element, eV, everywhere or beside certain hosts; the word is what it stands for."""
