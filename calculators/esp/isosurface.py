"""The surface on which the electron density has a given value, found without computing the density elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import CalculationError
from .potential import blocks

STEEPEST = 3.0
"""Largest |grad ln rho| near such a surface, 1/bohr: tails of densities decay as exp(-2 sqrt(2 I) r), I < 1 hartree,
and bonds are smoother. Where the corners of a cell differ by more from the wanted density, the surface is elsewhere."""
COARSENING = 8
"""Size of the first cells in units of the final spacing; each refinement halves them."""
MARGIN = 8.0
"""Distance from the outermost nuclei to the border of the first grid, bohr."""
EMPTY = -50.0
"""Logarithm of a density that is zero."""
_CORNERS = np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)])


@dataclass(frozen=True)
class Isosurface:
    """A triangulated surface.

    Attributes:
        vertices: bohr, shape (n, 3).
        triangles: indices of vertices, outward by the right-hand rule, shape (m, 3).
        evaluations: points where the density was computed.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    evaluations: int

    @property
    def triangle_areas(self) -> np.ndarray:
        """Area of each triangle, bohr^2."""
        return np.asarray(np.linalg.norm(self._normals(), axis=1) / 2)

    @property
    def volume(self) -> float:
        """Volume enclosed, bohr^3: that of the tetrahedra over the triangles, by the divergence theorem."""
        return float(np.einsum("ij,ij->", self.vertices[self.triangles[:, 0]], self._normals()) / 6)

    def _normals(self) -> np.ndarray:
        a, b, c = (self.vertices[self.triangles[:, i]] for i in range(3))
        return np.cross(b - a, c - a)


def density_isosurface(
    molecule: Any, density: np.ndarray, isovalue: float = 0.001, spacing: float = 0.25
) -> Isosurface:
    """Triangulate an isodensity surface.

    A coarse grid is refined only in cells through which the surface can pass; marching cubes (Lewiner's, in
    scikit-image) then interpolate the logarithm of the density, which is nearly linear in its tail; a Newton step along
    its gradient takes the vertices onto the surface.

    Args:
        molecule: PySCF molecule.
        density: total density matrix.
        isovalue: electrons/bohr^3.
        spacing: of the final grid, bohr.

    Returns:
        The surface; all its pieces, if it has several.

    Raises:
        CalculationError: the density nowhere has this value, or still has it at the border of the grid.
    """
    from skimage.measure import marching_cubes

    coordinates = molecule.atom_coords()
    origin = coordinates.min(axis=0) - MARGIN
    cells = np.ceil((coordinates.max(axis=0) + MARGIN - origin) / (COARSENING * spacing)).astype(int)
    field = _LogDensity(molecule, density, isovalue, origin, spacing, cells * COARSENING + 1)
    active = np.array(np.meshgrid(*(np.arange(n) for n in cells), indexing="ij")).reshape(3, -1).T * COARSENING
    step = COARSENING
    while True:
        corners = active[:, None, :] + step * _CORNERS[None, :, :]
        values = field.at(corners.reshape(-1, 3)).reshape(len(active), 8)
        reach = STEEPEST * step * spacing * np.sqrt(3) / 2
        field.fill(active, step, values)
        near = (values.max(axis=1) > -reach) & (values.min(axis=1) < reach)
        if step == 1:
            break
        step //= 2
        active = (active[near][:, None, :] + step * _CORNERS[None, :, :]).reshape(-1, 3)
    if field.values.max() <= 0:
        raise CalculationError(f"the density nowhere reaches {isovalue:g} electrons/bohr^3: choose a lower isovalue")
    if field.border().max() > 0:
        raise CalculationError(
            f"the surface of density {isovalue:g} electrons/bohr^3 lies more than {MARGIN:g} bohr from the molecule: "
            "choose a higher isovalue"
        )
    # "ascent" winds the triangles outward of the side with the higher values.
    vertices, triangles, _, _ = marching_cubes(field.values, 0.0, gradient_direction="ascent", allow_degenerate=False)
    places = _refined(molecule, density, isovalue, origin + spacing * vertices.astype(float), spacing)
    return Isosurface(places, triangles.astype(int), field.evaluations)


class _LogDensity:
    """ln(rho / isovalue) on a grid, computed where asked for and remembered; elsewhere only its sign is right."""

    def __init__(
        self,
        molecule: Any,
        density: np.ndarray,
        isovalue: float,
        origin: np.ndarray,
        spacing: float,
        shape: np.ndarray,
    ) -> None:
        self._molecule, self._density = molecule, density
        self._isovalue, self._origin, self._spacing = isovalue, origin, spacing
        self.values = np.full(tuple(shape), EMPTY, dtype=np.float32)
        self._known = np.zeros(tuple(shape), dtype=bool)
        self.evaluations = 0

    def at(self, indices: np.ndarray) -> np.ndarray:
        """Return values at grid points, shape (n,), computing those that are new."""
        flat = np.ravel_multi_index(tuple(indices.T), self.values.shape)
        new = np.unique(flat[~self._known.ravel()[flat]])
        if len(new):
            points = np.array(np.unravel_index(new, self.values.shape)).T * self._spacing + self._origin
            density = electron_density(self._molecule, self._density, points)
            with np.errstate(divide="ignore"):
                logarithm = np.log(np.maximum(density, 0.0) / self._isovalue)
            self.values.ravel()[new] = np.maximum(logarithm, EMPTY)
            self._known.ravel()[new] = True
            self.evaluations += len(new)
        return np.asarray(self.values.ravel()[flat])

    def border(self) -> np.ndarray:
        """Return values on the six faces of the grid."""
        faces = [self.values.take(end, axis=axis).ravel() for axis in range(3) for end in (0, -1)]
        return np.concatenate(faces)

    def fill(self, cells: np.ndarray, step: int, values: np.ndarray) -> None:
        """Give the points inside large cells that will not be refined the sign of their corners."""
        if step == 1:
            return
        inside = values.min(axis=1) > 0
        for cell in cells[inside]:
            i, j, k = cell
            block = (slice(i, i + step + 1), slice(j, j + step + 1), slice(k, k + step + 1))
            unknown = ~self._known[block]
            self.values[block][unknown] = -EMPTY


def _refined(molecule: Any, density: np.ndarray, isovalue: float, vertices: np.ndarray, spacing: float) -> np.ndarray:
    """Move vertices along the gradient of ln rho to where the density has its value; by half a cell at most."""
    from pyscf.dft import numint

    moved = vertices.copy()
    for block in blocks(len(vertices), 8 * molecule.nao * 6):
        orbitals, *slopes = numint.eval_ao(molecule, vertices[block], deriv=1)
        halves = orbitals @ density
        found = np.einsum("pi,pi->p", halves, orbitals)
        gradient = np.array([2 * np.einsum("pi,pi->p", halves, slope) for slope in slopes]).T / found[:, None]
        square = np.maximum(np.sum(gradient**2, axis=1), 1e-12)
        step = -gradient * (np.log(found / isovalue) / square)[:, None]
        length = np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-12)
        moved[block] += step * np.minimum(1.0, spacing / 2 / length)
    return moved


def electron_density(molecule: Any, density: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the electron density at points.

    Args:
        molecule: PySCF molecule.
        density: total density matrix.
        points: bohr, shape (n, 3).

    Returns:
        Electrons/bohr^3, shape (n,).
    """
    from pyscf.dft import numint

    found = np.empty(len(points))
    for block in blocks(len(points), 8 * molecule.nao * 3):
        orbitals = numint.eval_ao(molecule, points[block])
        found[block] = np.einsum("pi,pi->p", orbitals @ density, orbitals)
    return found
