"""Surfaces of electrostatic-potential maps, read back from the folders of their jobs for drawing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...errors import RunError
from ..study_names import load_located_named
from .rendering import View, half_size_of

if TYPE_CHECKING:
    from ase import Atoms

    from ...calculators.esp.statistics import Extremum
    from ...workflows.molecular.esp import EspResult
    from ..stored import Located

LONG, SHORT = 1.3, 1.15
"""A metal and a donor atom up to this multiple of the sum of their covalent radii apart are drawn joined: shells of N,
O and F are wide, while the S of a sulfate that a metal holds by its O is no neighbour."""
PANELS_PER_ROW = 3


@dataclass(frozen=True)
class EspMap:
    """One molecule with its surface.

    Attributes:
        title: name of the molecule; with that of its study where a name occurs twice.
        result: statistics and provenance.
        vertices: of the surface, angstrom.
        triangles: indices of their corners.
        values: electrostatic potential at the vertices, kcal/mol.
    """

    title: str
    result: EspResult
    vertices: np.ndarray
    triangles: np.ndarray
    values: np.ndarray

    @property
    def atoms(self) -> Atoms:
        """The molecule, in the frame of the surface."""
        assert self.result.molecule is not None  # it has a surface
        return self.result.molecule.geometry.structure.to_atoms()

    @property
    def charge(self) -> int:
        """Charge of the molecule, e."""
        assert self.result.molecule is not None
        return self.result.molecule.charge

    @property
    def highest(self) -> Extremum:
        """V_s,max, as the table has it."""
        assert self.result.statistics is not None
        return self.result.statistics.maximum

    @property
    def lowest(self) -> Extremum:
        """V_s,min, as the table has it."""
        assert self.result.statistics is not None
        return self.result.statistics.minimum

    @property
    def heading(self) -> str:
        """The title, and the outcome where the map is no sound result."""
        outcome = self.result.outcome
        return self.title if outcome == "ok" else f"{self.title} ({outcome})"

    @property
    def view(self) -> View:
        """From where it is seen, in pictures and pages alike."""
        return View.of(self.vertices, np.array([self.highest.position, self.lowest.position]))

    @property
    def half_size(self) -> float:
        """How far its frame reaches from the middle, in pictures and pages alike, angstrom."""
        return half_size_of(self.view.project(self.vertices))


def load_maps(sources: Iterable[Path]) -> list[EspMap]:
    """Read the surfaces of all electrostatic-potential maps in some runs.

    Args:
        sources: run folders, in the order of the maps.

    Returns:
        The maps; empty when no run has any. A molecule whose job failed has none.

    Raises:
        RunError: a folder holds no run, a result cannot be read, or a surface is missing or has changed.
    """
    from ...workflows.molecular.esp import EspResult

    located = [one for one in load_located_named(list(sources), EspResult) if one.result.statistics is not None]
    return [_read(one, title) for one, title in zip(located, _titles([one.result for one in located]), strict=True)]


def bonds(atoms: Atoms) -> list[tuple[int, int]]:
    """Return the pairs of atoms to draw joined: covalent bonds, and metals with the donors of their shells."""
    from ase.data import covalent_radii

    from ...structures.connectivity import DONORS, covalent_bonds

    radii = covalent_radii[atoms.numbers]
    donors, light = np.isin(atoms.symbols, DONORS), np.isin(atoms.symbols, ("N", "O", "F"))
    stretch = np.where(light[:, None] | light[None, :], LONG, SHORT)
    near = atoms.get_all_distances() < stretch * (radii[:, None] + radii[None, :])
    joined = np.triu(near & (donors[:, None] | donors[None, :]), k=1)
    contacts = {(int(i), int(j)) for i, j in zip(*np.nonzero(joined), strict=True)}
    return sorted(covalent_bonds(atoms) | contacts)


def isovalues(maps: Iterable[EspMap]) -> str:
    """Return the electron density on the surfaces, in words, electrons/bohr^3."""
    return ", ".join(f"{isovalue:g}" for isovalue in sorted({one.result.isovalue for one in maps}))


def grid(count: int) -> tuple[int, int]:
    """Return rows and columns for some panels, with as few empty places as rows of three allow."""
    rows = math.ceil(count / PANELS_PER_ROW)
    return rows, math.ceil(count / rows)


def _read(located: Located[EspResult], title: str) -> EspMap:
    from ...calculators.esp.surface import read_surface

    record = next((file for file in located.result.files if file.path.endswith(".npz")), None)
    if record is None:
        raise RunError(f"{title}: the result names no file with its surface; compute it again")
    surface = read_surface(located.file(record))
    return EspMap(title, located.result, surface.vertices, surface.triangles, surface.potential)


def _titles(results: Sequence[EspResult]) -> list[str]:
    names = [result.molecule_name for result in results]
    return [
        name if names.count(name) == 1 else f"{name}, {result.study}"
        for name, result in zip(names, results, strict=True)
    ]
