"""Slabs: every symmetry-distinct termination of a bulk crystal along a Miller index."""

from __future__ import annotations

import math
import operator
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from ase.constraints import FixAtoms
from ase.neighborlist import neighbor_list

from ..errors import StructureError
from .axes import Axes, check_four_indices, index_axes, index_in_cell
from .files import check_size, check_structure
from .planes import PlaneStack, stack_planes
from .rounding import rounded
from .vacuum import LEAST_VACUUM, widest_gap

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray
Miller = tuple[int, int, int]

_BOND_STRETCH = 1.2
_BOND_SEARCH = 6.0


def parse_miller(text: str | int | Sequence[int]) -> Miller:
    """Read a Miller index as people write it.

    Parallel planes bound the same slab, so common factors are divided out: (002), the zinc reflection that papers name,
    is the (001) surface. Of four hexagonal indices (hkil) the third is checked, i = -(h + k), and dropped.

    Args:
        text: "(002)", "0001", "(10-10)", "1 0 -1", [1, 0, -1, 0]; an integer is what YAML makes of an unquoted 101.

    Returns:
        Three integers without common factor.

    Raises:
        StructureError: not three or four indices, all zero, or h + k + i is not zero.
    """
    indices = _integers(text)
    if len(indices) == 4:
        h, k, i, l = indices  # noqa: E741
        if h + k + i != 0:
            raise StructureError(f"Miller index {text}: the third of four indices must be -(h+k) = {-(h + k)}, not {i}")
        indices = [h, k, l]
    divisor = math.gcd(*indices)
    if len(indices) != 3 or divisor == 0:
        raise StructureError(
            f"{text!r} is no Miller index; write three or four digits such as (101) or (10-10), or in quotes "
            "'(1, 0, -1)'"
        )
    h, k, l = (index // divisor for index in indices)  # noqa: E741
    return h, k, l


def reduced_miller(text: str | int | Sequence[int]) -> tuple[int, ...]:
    """Read a Miller index like [`parse_miller`][], but keep all of four indices.

    Raises:
        StructureError: as there.
    """
    h, k, l = parse_miller(text)  # noqa: E741
    return (h, k, -h - k, l) if len(_integers(text)) == 4 else (h, k, l)


def build_slabs(
    bulk: Atoms,
    miller: str | int | Sequence[int],
    *,
    layers: int,
    vacuum: float = 15.0,
    supercell: tuple[int, int] = (1, 1),
    fixed_layers: int = 0,
    intact_bonds: Mapping[tuple[str, str], float] | None = None,
    axes: Axes | None = None,
) -> list[Atoms]:
    """Cut every symmetry-distinct termination of a surface.

    All slabs are stoichiometric, so that the surface energy is (E_slab - N E_bulk) / 2A. A *layer* is the thinnest
    slice, counted from the surface downwards, with the composition of the bulk: one atomic plane of a metal, one S-Mo-S
    sandwich of MoS2, one intact V2O5 sheet. Where only a thicker slab has two equivalent faces (Zn(10-10) with an odd
    number of planes, say), layers are added until it does. A polar termination never has; it is cut with ``layers``
    layers and ``info["symmetric"]`` False, and its surface energy is the mean of two different faces.

    The surface cell is primitive, its first vector along x; c stands along z, perpendicular to the surface. The slab is
    in the middle of the cell; pbc is True in all directions.

    Args:
        bulk: periodic crystal.
        miller: see ``parse_miller``.
        layers: smallest number of layers.
        vacuum: empty length along c, angstrom.
        supercell: repetitions along the two surface vectors.
        fixed_layers: layers held by ``FixAtoms``, counted from the bottom.
        intact_bonds: pairs of elements and the longest bond between them, angstrom, that no cut may break; where no
            plane spares them, cuts go between what they hold together, around sheets that interlock.
        axes: the cell that the Miller index refers to, see ``index_axes``, which finds it when none; give that of the
            crystal before its relaxation, which may find another symmetry.

    Returns:
        Slabs, likeliest surface first: in the order of nearest-neighbour bonds cut (up to 1.2 times the shortest of
        either atom), then of the wider gap between the planes. ``tags`` number the layers from 1 at the top; ``info``
        holds charge 0, label, miller, termination (the place in this list), layers and symmetric.

    Raises:
        StructureError: not a Miller index, four of them for a cell that is not hexagonal, not a neutral crystal or one
            with vacuum in it, an impossible number of layers, or no plane that spares the intact bonds.
    """
    index = parse_miller(miller)
    name = f"{bulk.info.get('label') or bulk.symbols.formula.reduce()[0]}({''.join(str(i) for i in index)})"
    _check_request(bulk, name, layers=layers, vacuum=vacuum, supercell=supercell, fixed_layers=fixed_layers)
    axes = axes or index_axes(bulk)
    if len(_integers(miller)) == 4:
        check_four_indices(bulk, axes, name)
    crystal = stack_planes(bulk, index_in_cell(index, axes))
    terminations = _distinct_terminations(crystal, layers, intact_bonds or {})
    if intact_bonds and not terminations:
        crystal = stack_planes(bulk, index_in_cell(index, axes), whole=intact_bonds)
        terminations = _distinct_terminations(crystal, layers, intact_bonds)
    if not terminations:
        bonds = " or ".join("-".join(pair) for pair in intact_bonds or {})
        raise StructureError(
            f"{name}: every plane breaks {bonds} bonds, which hold its layers together; choose another facet, or name "
            f"those that this one may break: broken_bonds: [{', '.join('-'.join(pair) for pair in intact_bonds or {})}]"
        )
    slabs = []
    for number, termination in enumerate(terminations):
        planes = sum(len(layer) for layer in termination.layers)
        check_size(planes * supercell[0] * supercell[1], name)
        slab = _assemble(crystal, termination, vacuum).repeat((*supercell, 1))
        if fixed_layers:
            slab.set_constraint(FixAtoms(np.flatnonzero(slab.get_tags() > len(termination.layers) - fixed_layers)))
        slab.info = {
            "charge": 0,
            "label": f"{name} t{number}",
            "miller": list(index),
            "termination": number,
            "layers": len(termination.layers),
            "symmetric": termination.symmetric,
        }
        slabs.append(slab)
    return slabs


def surface_area(slab: Atoms) -> float:
    """Return the area of one face, spanned by the first two cell vectors, square angstrom."""
    return float(np.linalg.norm(np.cross(slab.cell[0], slab.cell[1])))


@dataclass(frozen=True)
class _Termination:
    """Planes of each layer from the top layer down; plane k + n P is plane k, n periods of P planes up."""

    layers: list[list[int]]
    symmetric: bool


def _integers(text: str | int | Sequence[int]) -> list[int]:
    """Split a Miller index into integers; empty when it is none."""
    if isinstance(text, int):  # one or two digits would be a facet with a list forgotten around it
        text = str(text) if abs(text) > 99 else ""
    if not isinstance(text, str):
        try:
            indices = [operator.index(value) for value in text]
        except TypeError:
            return []
        return indices if all(abs(index) < 100 for index in indices) else []
    plain = re.sub(r"^\((.*)\)$", r"\1", text.strip()).replace("\u2212", "-").strip()
    if re.fullmatch(r"(-?[0-9])+", plain):
        return [int(value) for value in re.findall(r"-?\d", plain)]
    if re.fullmatch(r"-?[0-9]{1,2}([\s,]+-?[0-9]{1,2})+", plain):
        return [int(value) for value in re.findall(r"-?\d+", plain)]
    return []


def _check_request(
    bulk: Atoms, name: str, *, layers: int, vacuum: float, supercell: tuple[int, int], fixed_layers: int
) -> None:
    check_structure(bulk, name, periodic=True)
    if not bulk.pbc.all():
        raise StructureError(f"{name}: a slab is cut from a crystal that is periodic in all three directions")
    if bulk.info.get("charge", 0):
        raise StructureError(
            f"{name}: the crystal has charge {bulk.info['charge']:+d}; slabs are cut from neutral ones"
        )
    for axis in range(3):
        gap, _ = widest_gap(bulk, axis)
        if gap >= LEAST_VACUUM:
            raise StructureError(
                f"{name}: {gap:.1f} angstrom along {'abc'[axis]} are empty: this is a slab, a sheet or a molecule "
                "already, and a slab is cut from a crystal"
            )
    if layers < 1 or min(supercell) < 1 or vacuum < 0:
        raise StructureError(f"{name}: layers ({layers}) and supercell {supercell} start at 1, vacuum ({vacuum}) at 0")
    check_size(layers * supercell[0] * supercell[1], name)  # a layer has one atom at least
    if not 0 <= fixed_layers < layers:
        raise StructureError(f"{name}: fixed_layers ({fixed_layers}) must leave one of {layers} layers free")


def _distinct_terminations(
    crystal: PlaneStack, layers: int, intact_bonds: Mapping[tuple[str, str], float]
) -> list[_Termination]:
    planes = len(crystal.planes)
    allowed = _cut_bonds(crystal, _bonds_of_pairs(crystal, intact_bonds)) == 0
    broken = _cut_bonds(crystal, _nearest_bonds(crystal))
    found: dict[tuple[tuple[int, int], ...], tuple[tuple[float, ...], _Termination]] = {}
    for top in np.flatnonzero(allowed).tolist():
        period = list(_layers_below(crystal, top, allowed))
        repeated = [[plane - n * planes for plane in layer] for n in range(layers + 1) for layer in period]
        top_class = crystal.faces[top, 1]
        bottoms = [crystal.faces[min(layer) % planes, -1] for layer in repeated]
        equal = [n for n in range(layers, layers + len(period)) if bottoms[n - 1] == top_class]
        count = equal[0] if equal else layers
        bottom_cut = min(repeated[count - 1]) % planes
        key = tuple(sorted((top_class, bottoms[count - 1])))
        order = (broken[top] + broken[bottom_cut], -rounded(crystal.gaps[top] + crystal.gaps[bottom_cut], 3), top)
        found.setdefault(key, (order, _Termination(repeated[:count], symmetric=bool(equal))))
    return [termination for _, termination in sorted(found.values(), key=lambda entry: entry[0])]


def _layers_below(crystal: PlaneStack, top: int, allowed: Array) -> Iterator[list[int]]:
    """Split one period of planes below cut ``top`` into the thinnest slices of bulk composition, cut where allowed."""
    numbers = crystal.atoms.numbers
    bulk = Counter(numbers.tolist())
    layer: list[int] = []
    for plane in range(top - 1, top - 1 - len(crystal.planes), -1):
        layer.append(plane)
        atoms = [atom for member in layer for atom in crystal.planes[member % len(crystal.planes)]]
        content = Counter(numbers[atoms].tolist())
        if allowed[plane % len(crystal.planes)] and all(
            content[z] * len(numbers) == bulk[z] * len(atoms) for z in bulk
        ):
            yield layer
            layer = []


def _bonds_of_pairs(crystal: PlaneStack, longest: Mapping[tuple[str, str], float]) -> Array:
    """Return rows (level of the lower atom, level of the upper atom), angstrom, for bonds up to the given lengths."""
    if not longest:
        return np.empty((0, 2))
    first, second, shifts = neighbor_list("ijS", crystal.atoms, dict(longest))
    return _upward(crystal, first, second, shifts)


def _nearest_bonds(crystal: PlaneStack) -> Array:
    first, second, lengths, shifts = neighbor_list("ijdS", crystal.atoms, _BOND_SEARCH)
    shortest = np.full(len(crystal.atoms), np.inf)
    np.minimum.at(shortest, first, lengths)
    near = lengths < _BOND_STRETCH * np.maximum(shortest[first], shortest[second])
    return _upward(crystal, first[near], second[near], shifts[near])


def _upward(crystal: PlaneStack, first: Array, second: Array, shifts: Array) -> Array:
    lower = crystal.levels[first]
    upper = crystal.levels[second] + shifts[:, 2] * crystal.spacing
    up = upper - lower > 1e-3
    return np.column_stack([lower[up], upper[up]])


def _cut_bonds(crystal: PlaneStack, bonds: Array) -> Array:
    """Count the bonds of one primitive cell that each cut crosses."""
    ends = (bonds[:, :, None] - crystal.cuts) / crystal.spacing
    crossings: Array = (np.floor(ends[:, 1]) - np.floor(ends[:, 0])).sum(axis=0)
    return crossings.astype(int)


def _assemble(crystal: PlaneStack, termination: _Termination, vacuum: float) -> Atoms:
    atoms = crystal.atoms
    slab = atoms[[]]
    for tag, layer in reversed(list(enumerate(termination.layers, start=1))):
        for plane in sorted(layer):
            period, member = divmod(plane, len(crystal.planes))
            part = atoms[crystal.planes[member]]
            part.positions += period * atoms.cell[2]
            part.set_tags(tag)
            slab += part
    heights = slab.positions[:, 2]
    height = float(np.ptp(heights)) + vacuum
    slab.positions[:, 2] += height / 2 - (heights.min() + heights.max()) / 2
    slab.set_cell([atoms.cell[0], atoms.cell[1], (0.0, 0.0, height)])
    fractional = slab.get_scaled_positions(wrap=False)
    fractional[:, :2] -= np.floor(fractional[:, :2] + 1e-6)
    slab.set_scaled_positions(fractional)
    return slab
