"""Common cells of two lattices: coincidence cells by the method of Zur and McGill, and the strain they cost."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np

from ...errors import StructureError
from ..rounding import rounded

Array = np.ndarray
Repeats = tuple[tuple[int, int], tuple[int, int]]
StrainPlace = Literal["film", "substrate", "both"]

_LOOSEST = (0.1, 0.2, 0.4, 0.8)
_BASES = np.array(
    [
        m
        for m in np.array(list(product((-1, 0, 1), repeat=4))).reshape(-1, 2, 2)
        if abs(m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0]) == 1
    ]
)
"""Changes of basis that lead from one reduced cell of a lattice to the others."""


@dataclass(frozen=True)
class Strain:
    """How far one lattice is stretched onto another.

    Attributes:
        largest: largest stretch (positive) or compression of any direction in the plane.
        von_mises: sqrt(2/3 e:e) of the deviator e of the Green-Lagrange strain, without strain along the normal; 2/3
            of ``largest`` when a small strain is the same in all directions of the plane.
    """

    largest: float
    von_mises: float


NO_STRAIN = Strain(0.0, 0.0)


@dataclass(frozen=True)
class LatticeMatch:
    """A cell that two lattices have in common once one is strained.

    Attributes:
        film_repeats: integer matrix that makes the common cell from the film's vectors, rows.
        support_repeats: the same for the support.
        film_vectors: the film's cell before strain, turned onto the support's, rows, angstrom.
        support_vectors: the support's cell before strain, rows, angstrom.
        mismatch: length of each support vector over that of the film, minus 1.
        angle_mismatch: angle between the support's vectors minus that between the film's, degrees.
        strain: of the film when it takes all of it.
    """

    film_repeats: Repeats
    support_repeats: Repeats
    film_vectors: tuple[tuple[float, float], tuple[float, float]]
    support_vectors: tuple[tuple[float, float], tuple[float, float]]
    mismatch: tuple[float, float]
    angle_mismatch: float
    strain: Strain

    @property
    def film_cells(self) -> int:
        """Cells of the film in the common cell."""
        return _determinant(self.film_repeats)

    @property
    def support_cells(self) -> int:
        """Cells of the support in the common cell."""
        return _determinant(self.support_repeats)

    def cell(self, place: StrainPlace) -> Array:
        """Return the common cell when the strain is placed in the film, in the substrate, or half in both.

        Returns:
            Two rows, the first along x, angstrom.
        """
        film, support = np.array(self.film_vectors), np.array(self.support_vectors)
        cell = {"film": support, "substrate": film, "both": (film + support) / 2}[place]
        length = float(np.linalg.norm(cell[0]))
        along, across = cell[0] / length, np.array([-cell[0, 1], cell[0, 0]]) / length
        return np.array([[length, 0.0], [cell[1] @ along, cell[1] @ across]])

    def strains(self, place: StrainPlace) -> tuple[Strain, Strain]:
        """Return the strains of film and support when the strain is placed so."""
        cell = self.cell(place)
        return strain_between(np.array(self.film_vectors), cell), strain_between(np.array(self.support_vectors), cell)

    def area(self, place: StrainPlace) -> float:
        """Return the area of the common cell, square angstrom."""
        return float(np.linalg.det(self.cell(place)))


@dataclass(frozen=True)
class MismatchRow:
    """A line of the lattice-mismatch table: the smallest common cell of a pair within the limits, or why there is none.

    Attributes:
        film: name of the film.
        support: name of the support.
        match: the cell; none when the pair does not match within the limits.
        area: square angstrom, strain in the film; none likewise.
        atoms: of film and support in that cell; none likewise.
        problem: what stands against it; empty when there is a match.
    """

    film: str
    support: str
    match: LatticeMatch | None = None
    area: float | None = None
    atoms: int | None = None
    problem: str = ""


def strain_between(before: Array, after: Array) -> Strain:
    """Return the strain that takes two cell vectors onto two others; rotation costs nothing.

    Args:
        before: rows, angstrom.
        after: rows, angstrom.
    """
    stretches = np.linalg.svd(np.linalg.solve(before, after), compute_uv=False)
    largest = float(max(stretches - 1, key=abs))
    green = np.array([*((stretches**2 - 1) / 2), 0.0])
    deviator = green - green.mean()
    return Strain(largest, float(np.sqrt(2 / 3 * deviator @ deviator)))


def find_matches(film: Array, support: Array, *, max_strain: float, max_area: float) -> list[LatticeMatch]:
    """Find the coincidence cells of two lattices.

    A. Zur, T. C. McGill, J. Appl. Phys. 55, 378 (1984), 10.1063/1.333084, as pymatgen's ``ZSLGenerator`` has it. Of the
    ways to lay one lattice on the other that share a pair of cells, the one of least strain that does not mirror the
    film is kept.

    Args:
        film: in-plane vectors, rows, angstrom, shape (2, 2).
        support: the same.
        max_strain: largest stretch or compression of any direction.
        max_area: of the common cell, square angstrom.

    Returns:
        Matches by area, then by strain; possibly none.
    """
    from pymatgen.analysis.interfaces.zsl import ZSLGenerator

    generator = ZSLGenerator(
        max_area=max_area,
        max_area_ratio_tol=2.2 * max_strain,
        max_length_tol=1.1 * max_strain,
        max_angle_tol=2.2 * max_strain,
    )
    flat = [np.column_stack([vectors, np.zeros(2)]) for vectors in (film, support)]
    best: dict[tuple[float, float], LatticeMatch] = {}
    for pair in generator(*flat):
        match = _match(film, support, np.array(pair.film_sl_vectors)[:, :2], np.array(pair.substrate_sl_vectors)[:, :2])
        key = (rounded(match.area("film"), 3), round(abs(match.strain.largest), 6))
        if abs(match.strain.largest) <= max_strain and match.area("film") <= max_area:
            best.setdefault(key, match)
    return [best[key] for key in sorted(best)]


def best_match(
    film: Array,
    support: Array,
    atoms: tuple[int, int],
    *,
    max_strain: float,
    max_area: float,
    max_atoms: int,
    pair: str,
) -> LatticeMatch:
    """Choose the common cell with the fewest atoms; of equal ones that of least strain.

    Args:
        film: in-plane vectors, rows, angstrom.
        support: the same.
        atoms: of one cell of the film and of the support.
        max_strain: see ``find_matches``.
        max_area: see ``find_matches``.
        max_atoms: most atoms of film and support together.
        pair: what the pair is called, for the message.

    Raises:
        StructureError: no match within the limits; the message says what the least strain, or number of atoms, is.
    """
    matches = _smallest_matches(film, support, max_strain, max_area)
    if not matches:
        raise StructureError(f"{pair}: {_no_match(film, support, max_strain, max_area)}")

    def count(match: LatticeMatch) -> int:
        return match.film_cells * atoms[0] + match.support_cells * atoms[1]

    best = min(matches, key=lambda match: (count(match), abs(match.strain.largest)))
    if count(best) > max_atoms:
        raise StructureError(
            f"{pair}: the smallest cell that matches within {100 * max_strain:.3g} % has {count(best)} atoms, more "
            f"than max_atoms = {max_atoms}; allow more atoms or more strain"
        )
    return best


def _smallest_matches(film: Array, support: Array, max_strain: float, max_area: float) -> list[LatticeMatch]:
    """Find the matches among which the smallest is; the search takes far longer in large areas than in small ones."""
    area = 2 * max(abs(float(np.linalg.det(vectors))) for vectors in (film, support))
    while area < max_area:
        found = find_matches(film, support, max_strain=max_strain, max_area=area)
        if found:
            # Strain lets a cell of fewer atoms have the larger area.
            wider = ((1 + max_strain) / (1 - max_strain)) ** 2 * found[0].area("film")
            return find_matches(film, support, max_strain=max_strain, max_area=min(wider, max_area))
        area *= 2
    return find_matches(film, support, max_strain=max_strain, max_area=max_area)


def _no_match(film: Array, support: Array, max_strain: float, max_area: float) -> str:
    """Say how little strain the area limit permits."""
    for loose in (strain for strain in _LOOSEST if strain > max_strain):
        found = find_matches(film, support, max_strain=loose, max_area=max_area)
        if found:
            least = min(found, key=lambda match: abs(match.strain.largest))
            return (
                f"the lattices match only at {100 * abs(least.strain.largest):.1f} % strain within max_area = "
                f"{max_area:g} square angstrom, more than max_strain = {100 * max_strain:.3g} %; allow a larger area "
                "or choose another facet"
            )
    larger = max(abs(float(np.linalg.det(vectors))) for vectors in (film, support))
    return (
        f"no common cell exists within max_area = {max_area:g} square angstrom (one cell of the larger lattice has "
        f"{larger:.1f}); allow a larger area"
    )


def _match(film: Array, support: Array, film_cell: Array, support_cell: Array) -> LatticeMatch:
    """Lay the film's cell on the support's with least strain, without mirroring it."""
    if np.linalg.det(support_cell) < 0:
        support_cell = support_cell[::-1]
    candidates = _BASES @ film_cell
    candidates = candidates[np.linalg.det(candidates) > 0]
    stretches = np.linalg.svd(np.linalg.solve(candidates, np.broadcast_to(support_cell, candidates.shape)))[1]
    film_cell = candidates[int(np.round(np.abs(stretches - 1).max(axis=1), 6).argmin())]
    u, _, vt = np.linalg.svd(np.linalg.solve(film_cell, support_cell))
    turned = film_cell @ u @ vt
    lengths = np.linalg.norm(support_cell, axis=1) / np.linalg.norm(film_cell, axis=1) - 1
    return LatticeMatch(
        film_repeats=_repeats(film_cell, film),
        support_repeats=_repeats(support_cell, support),
        film_vectors=_rows(turned),
        support_vectors=_rows(support_cell),
        mismatch=(float(lengths[0]), float(lengths[1])),
        angle_mismatch=_angle(support_cell) - _angle(film_cell),
        strain=strain_between(film_cell, support_cell),
    )


def _repeats(cell: Array, vectors: Array) -> Repeats:
    (a, b), (c, d) = np.rint(cell @ np.linalg.inv(vectors)).astype(int).tolist()
    return (a, b), (c, d)


def _rows(cell: Array) -> tuple[tuple[float, float], tuple[float, float]]:
    (a, b), (c, d) = cell.tolist()
    return (a, b), (c, d)


def _angle(cell: Array) -> float:
    cosine = cell[0] @ cell[1] / np.linalg.norm(cell[0]) / np.linalg.norm(cell[1])
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _determinant(repeats: Repeats) -> int:
    (a, b), (c, d) = repeats
    return abs(a * d - b * c)
