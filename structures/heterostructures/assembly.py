"""Film and support in one cell: layers stacked at every registry, clusters anchored with every face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import StructureError
from ..documents import StructureDocument
from ..slabs import surface_area
from .anchoring import anchored
from .condensation import opened, protons_to_leave, with_protons
from .contact import Contact, touching_distances, touching_gap
from .interface_bonds import InterfaceBond, film_and_support, interface_bonds
from .matching import NO_STRAIN, LatticeMatch, Strain, best_match
from .parts import Part
from .settings import HeterostructureSettings
from .stacking import joined, registry_shifts, repeated

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray


@dataclass(frozen=True)
class Placement:
    """Where a film stands over its support.

    Attributes:
        contact: how the gap was chosen.
        gap: height of the film's lowest atom over the support's highest, angstrom.
        shift: of a layer from where both cells begin at the same corner, angstrom.
        face: of a cluster, 0 for the one with most bonds.
        turn: of a cluster about the normal, degrees; none for a layer.
        waters: molecules of water that have left the cell.
    """

    contact: Contact
    gap: float
    shift: tuple[float, float] = (0.0, 0.0)
    face: int = 0
    turn: float | None = None
    waters: int = 0

    @property
    def label(self) -> str:
        """Where it stands, in words."""
        if self.turn is not None:
            return f"face {self.face} turned by {self.turn:g} degrees, gap {self.gap:.2f} angstrom"
        return f"shifted by {self.shift[0]:.2f} {self.shift[1]:.2f}, gap {self.gap:.2f} angstrom"


@dataclass(frozen=True)
class Heterostructure:
    """A film on a support.

    Attributes:
        name: film and support, "V8O16/graphene".
        atoms: support first, film after it; tags say which is which.
        film: indices of the film's atoms.
        support: indices of the support's atoms.
        match: the common cell and its strain; none for a cluster, which is strained nowhere.
        film_strain: what the film is strained by.
        support_strain: what the support is strained by.
        placement: where the film stands over the support.
        bonds: bonds between film and support.
        number: which of the candidates it is, from 0.
        candidates: how many there are.
    """

    name: str
    atoms: Atoms
    film: tuple[int, ...]
    support: tuple[int, ...]
    match: LatticeMatch | None
    film_strain: Strain
    support_strain: Strain
    placement: Placement
    bonds: tuple[InterfaceBond, ...]
    number: int = 0
    candidates: int = 1

    @property
    def area(self) -> float:
        """Area of the cell, square angstrom."""
        return surface_area(self.atoms)

    @property
    def film_alone(self) -> Atoms:
        """The film without its support, in the same cell."""
        return self.atoms[list(self.film)]

    @property
    def support_alone(self) -> Atoms:
        """The support without its film, in the same cell."""
        return self.atoms[list(self.support)]

    @property
    def document(self) -> StructureDocument:
        """The structure as data; its tags tell film from support."""
        return StructureDocument.from_atoms(self.atoms, self.name)


def common_cell(upper: Part, lower: Part, settings: HeterostructureSettings) -> LatticeMatch:
    """Match two layers within the limits.

    Raises:
        StructureError: the film is a cluster, nothing matches within the limits, or only with too many atoms.
    """
    if upper.finite:
        raise StructureError(f"{upper.name} is a cluster and has no lattice to match")
    return best_match(
        upper.cell,
        lower.cell,
        (len(upper.atoms), len(lower.atoms)),
        max_strain=settings.max_strain,
        max_area=settings.max_area,
        max_atoms=settings.max_atoms,
        pair=f"{upper.name}/{lower.name}",
    )


def stacked(upper: Part, lower: Part, contact: Contact, settings: HeterostructureSettings) -> list[Heterostructure]:
    """Stack two layers in their common cell, at every registry and gap.

    Raises:
        StructureError: see [`common_cell`][].
    """
    match = common_cell(upper, lower, settings)
    cell = match.cell(settings.strain)
    whole = repeated(upper.atoms, match.film_repeats, cell)
    film = opened(whole, settings.condense) if settings.condense else whole
    support = repeated(lower.atoms, match.support_repeats, cell)
    period = None
    if lower.doping is not None:
        support, period = lower.doping(support, ()), match.support_repeats
    distances = touching_distances(film, support, contact)
    found = []
    for shift in registry_shifts(match, cell, settings.registry_step, support_period=period):
        shifted = film.copy()
        shifted.positions[:, :2] += shift
        gap = settings.gap or touching_gap(shifted.positions, support.positions, cell, distances)
        for offset in settings.gap_offsets:
            placement = Placement(contact, gap + offset, (float(shift[0]), float(shift[1])), waters=settings.condense)
            atoms = joined(shifted, support, cell, placement.gap, settings.vacuum)
            if (condensed := _condensed(atoms, whole, lower, settings)) is not None:
                found.append(_finished(condensed, upper, lower, placement, match, match.strains(settings.strain)))
    return found


def set_down(upper: Part, lower: Part, contact: Contact, settings: HeterostructureSettings) -> list[Heterostructure]:
    """Anchor every face of a cluster in a supercell of the support, at every gap.

    Raises:
        StructureError: no supercell keeps the clusters apart, or only one with too many atoms.
    """
    found = []
    for place in anchored(
        upper.atoms,
        lower.atoms,
        contact=contact,
        image_distance=settings.image_distance,
        gap=settings.gap,
        places=settings.places,
        waters=settings.condense,
    ):
        (a, b), (c, d) = place.repeats.tolist()
        count = len(upper.atoms) + (a * d - b * c) * len(lower.atoms)
        if count > settings.max_atoms:
            raise StructureError(
                f"{upper.name}/{lower.name}: images {settings.image_distance:g} angstrom apart need {count} atoms, "
                f"more than max_atoms = {settings.max_atoms}; allow more atoms or a smaller image_distance"
            )
        turn = _along_x(place.repeats @ lower.cell)
        cell = place.repeats @ lower.cell @ turn
        support, film = repeated(lower.atoms, ((a, b), (c, d)), cell), place.cluster.copy()
        film.positions[:, :2] = film.positions[:, :2] @ turn
        if lower.doping is not None:
            undoped = joined(film, support, cell, place.gap, settings.vacuum)
            support = lower.doping(support, sorted({bond.support for bond in _bonds(undoped)}))
        for offset in settings.gap_offsets:
            placement = Placement(
                contact, place.gap + offset, face=place.face, turn=place.turn, waters=settings.condense
            )
            atoms = joined(film, support, cell, placement.gap, settings.vacuum)
            if (condensed := _condensed(atoms, upper.atoms, lower, settings)) is not None:
                found.append(_finished(condensed, upper, lower, placement, None, (NO_STRAIN, NO_STRAIN)))
    return found


def _condensed(atoms: Atoms, film: Atoms, lower: Part, settings: HeterostructureSettings) -> Atoms | None:
    """Give the support back the protons that do not leave as water; none where they would stand in the film's way."""
    if not settings.condense or lower.hydroxyl is None:
        return atoms
    upper = atoms[film_and_support(atoms)[0]]
    return with_protons(atoms, protons_to_leave(film, upper, settings.condense), lower.hydroxyl)


def _finished(
    atoms: Atoms,
    upper: Part,
    lower: Part,
    placement: Placement,
    match: LatticeMatch | None,
    strains: tuple[Strain, Strain],
) -> Heterostructure:
    name = f"{upper.name}/{lower.name}"
    atoms.info = {"charge": 0, "label": name}
    film, support = film_and_support(atoms)
    bonds = tuple(_bonds(atoms))
    return Heterostructure(name, atoms, tuple(film), tuple(support), match, *strains, placement, bonds)


def _bonds(atoms: Atoms) -> list[InterfaceBond]:
    return interface_bonds(atoms, *film_and_support(atoms))


def _along_x(cell: Array) -> Array:
    """Return the rotation (for rows) that turns the first vector along x."""
    x, y = cell[0] / np.linalg.norm(cell[0])
    return np.array([[x, -y], [y, x]])
