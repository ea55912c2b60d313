"""What too much insertion does to a host: inserted ions become metal, and the host's metal atoms lose their anions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

from .bond_criteria import NON_METALS, BondCriteria
from .bonds import Bonds, bond_of, close_pairs, follow_bonds, fractional_positions, ordered
from .coordination import ANIONS

if TYPE_CHECKING:
    from ase import Atoms


class CoordinationCriteria(BaseModel):
    """When a metal atom of the host counts as torn out of its coordination.

    One anion less turns an octahedron into a pyramid and a pyramid into a tetrahedron, which vanadium oxides do on
    insertion and undo afterwards; two less at one atom, or fewer than a triangle of anions, is another compound.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    lost: PositiveInt = Field(
        2, description="net loss of anions at one metal atom from which on the host disintegrates"
    )
    fewest: NonNegativeInt = Field(
        3, description="a metal atom that lost any anion and has fewer than this left disintegrates too"
    )


class CoordinationLoss(BaseModel):
    """A metal atom of the host that has lost too many of its anions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    atom: int = Field(description="index of the metal atom")
    symbol: str = Field(description="its element")
    before: int = Field(description="anions bonded to it in the host")
    after: int = Field(description="anions bonded to it now")

    @property
    def label(self) -> str:
        """What happened, such as V3: CN 5 to 3."""
        return f"{self.symbol}{self.atom}: CN {self.before} to {self.after}"


def ion_contacts(
    atoms: Atoms,
    ion: str,
    host_size: int,
    criteria: BondCriteria = BondCriteria(),  # noqa: B008 - frozen
) -> Bonds:
    """Return the contacts of inserted ions with each other or with atoms of their element in the host: plated metal.

    The criterion is the formed distance of the pair, for Zn-Zn 2.93 angstrom: the twelve neighbours in hcp zinc (2.66
    and 2.91) are contacts, the nearest zinc ions of ZnO (3.21) are none.

    Args:
        atoms: the host, then the ions.
        ion: symbol of the ions.
        host_size: number of atoms of the host.
        criteria: when bonds form.

    Returns:
        The contacts; empty when nothing has plated.
    """
    same = [i for i, symbol in enumerate(atoms.symbols) if symbol == ion]
    metal = atoms[same]
    reach = {(ion, ion): criteria.limits(ion, ion).formed}
    found = close_pairs(metal, fractional_positions(metal, len(metal)), reach)
    contacts = (bond_of(same[i], same[j], offset, atoms) for i, j, offset, _ in found)
    return ordered(contact for contact in contacts if contact.second >= host_size)


def coordination_losses(
    host: Atoms,
    atoms: Atoms,
    criteria: BondCriteria = BondCriteria(),  # noqa: B008 - frozen
    limits: CoordinationCriteria = CoordinationCriteria(),  # noqa: B008 - frozen
    *,
    among: Sequence[int] | None = None,
) -> list[CoordinationLoss]:
    """Return the metal atoms of a host that lost too many of their anions: the host disintegrates.

    Anions gained make up for anions lost, and inserted ions count for nothing.

    Args:
        host: the host before.
        atoms: the same atoms in the same order, further ones after them.
        criteria: when bonds form and break.
        limits: how many lost anions are too many.
        among: atoms of the host that count, such as those of a film, so that breaking interface bonds is no
            disintegration; all when none.

    Returns:
        The metal atoms concerned, in their order.

    Raises:
        StructureError: the atoms do not begin with those of the host.
    """
    inside = frozenset(range(len(host)) if among is None else among)
    before, after = follow_bonds([host, atoms], criteria)
    old = _anions_of_metals(before.intact, inside)
    new = _anions_of_metals(after.intact + after.new, inside)
    losses = [
        CoordinationLoss(atom=atom, symbol=str(host.symbols[atom]), before=old[atom], after=new[atom])
        for atom in sorted(old)
        if new[atom] < old[atom]
    ]
    return [loss for loss in losses if loss.before - loss.after >= limits.lost or loss.after < limits.fewest]


def _anions_of_metals(bonds: Bonds, inside: frozenset[int]) -> Counter[int]:
    numbers: Counter[int] = Counter()
    for bond in bonds:
        if bond.first not in inside or bond.second not in inside:
            continue
        one, other = bond.symbols
        for atom, symbol, partner in ((bond.first, one, other), (bond.second, other, one)):
            if symbol not in NON_METALS and partner in ANIONS:
                numbers[atom] += 1
    return numbers
