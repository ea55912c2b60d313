"""Whether a self-consistent field is a minimum: the lowest eigenvalues of its orbital Hessian."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROOTS, TOLERANCE = 3, 1e-3
"""Eigenvalues of the orbital Hessian that are sought, and how well: only the sign of the lowest matters, but with a
single one a symmetric molecule hides its instability (bare VO2+)."""
GUESSES = 6
"""Rotations of one occupied into one empty orbital with which the search begins: those of the least diagonal."""
GRID = 1
"""Level of the integration grid of the orbital Hessian, which takes most of its time."""
SMALLEST = 1e-8
"""Denominator, hartree, that a smaller one is replaced by; PySCF's."""
STRONGEST = 40.0
"""Attraction, eV, between a valence electron and a hole taken for the strongest; says which orbitals are looked at."""
MARGIN = 1.0
"""Least rotation, eV, from which on a closed shell is taken to be stable: five times what it was ever wrong by."""
NEGATIVE = -1e-5
"""Eigenvalue below which a field is unstable, hartree; PySCF's."""


def orbital_stability(field: Any) -> tuple[Any, bool]:
    """Look for a rotation of the orbitals that keeps the spin symmetry and lowers the energy.

    Args:
        field: PySCF object, converged.

    Returns:
        Orbitals to go on from, and whether the field is stable; a stable one's own orbitals.
    """
    values, rotations = lowest_rotations(field)
    if values[0] >= NEGATIVE:
        return field.mo_coeff, True
    second = field.newton()
    turn = second.update_rotate_matrix(rotations[0], field.mo_occ, mo_coeff=field.mo_coeff)
    return second.rotate_mo(field.mo_coeff, turn), False


def is_surely_stable(field: Any) -> bool:
    """Tell whether the orbital levels of a closed shell leave no doubt of its stability, at a fraction of an SCF.

    Args:
        field: PySCF object, converged, restricted and closed-shell.
    """
    return least_rotation(field) >= MARGIN


def least_rotation(field: Any) -> float:
    """Return an estimate from below of the lowest eigenvalue of the orbital Hessian of a closed shell, eV.

    That is the least that the rotation of one occupied orbital i into one empty a costs: e_a - e_i, less their
    attraction (ii|aa) times the share of exact exchange. Left out are 2 (ia|ia) and the functional's kernel, positive
    together, and what couples rotations. Of 42 fields, of molecules, ions and bonds drawn out, by HF and functionals of
    every kind, two had a lower eigenvalue, by 0.2 eV (LiF at 3 angstrom, wB97X). A gap alone tells less: Zn2+ in 3d8
    4s2 has one of 11 eV in HF/STO-3G, a least rotation of -5.6 eV, and is unstable.

    Args:
        field: PySCF object, converged, restricted and closed-shell.
    """
    from ase.units import Hartree

    exchange = _Exchange.of(field)
    occupied, levels = field.mo_occ > 0, field.mo_energy * Hartree
    above, below = levels - levels[occupied].max(), levels[~occupied].min() - levels
    near = max(exchange.near, exchange.far) * STRONGEST + MARGIN
    holes, electrons = occupied & (below <= near), ~occupied & (above <= near)
    if not (holes.any() and electrons.any()):
        return near
    pairs = np.ix_(holes[holes | electrons], electrons[holes | electrons])
    attractions = exchange.attractions(field, field.mo_coeff[:, holes | electrons])[pairs] * Hartree
    return float(min((levels[electrons] - levels[holes][:, None] - attractions).min(), near))


@dataclass(frozen=True)
class _Exchange:
    """Exact exchange of a functional.

    Attributes:
        near: share at short range.
        far: share at long range.
        omega: inverse length that parts the two, 1/bohr; 0 where they are one.
    """

    near: float
    far: float
    omega: float

    @classmethod
    def of(cls, field: Any) -> _Exchange:
        """Return that of a field."""
        if not hasattr(field, "xc"):
            return cls(1.0, 1.0, 0.0)
        omega, far, near = field._numint.rsh_and_hybrid_coeff(field.xc)
        return cls(float(near), float(far) if omega else float(near), float(omega))

    def attractions(self, field: Any, orbitals: Array) -> Array:
        """Return its share of the repulsion of the densities of every two orbitals, hartree."""
        from pyscf import df

        fit = getattr(field, "with_df", None) or df.DF(field.mol)
        total = self.near * _repulsions(fit, orbitals) if self.near else np.zeros(2 * orbitals.shape[1:])
        if self.far != self.near:
            with fit.range_coulomb(self.omega) as distant:
                total += (self.far - self.near) * _repulsions(distant, orbitals)
        return np.asarray(total)


def _repulsions(fit: Any, orbitals: Array) -> Array:
    """Return the repulsion of the densities of every two orbitals, by density fitting, hartree."""
    from pyscf import lib

    total = np.zeros(2 * orbitals.shape[1:])
    for block in fit.loop():
        densities = np.einsum("pmi,mi->pi", lib.unpack_tril(block) @ orbitals, orbitals)
        total += densities.T @ densities
    return total


def lowest_rotations(field: Any) -> tuple[Array, list[Array]]:
    """Return the lowest eigenvalues of the orbital Hessian of a field and their rotations.

    Those that PySCF's own analysis looks for (10.1063/1.434318), from another beginning: rotations between the
    frontier orbitals. From the one vector that PySCF begins with, its Davidson iteration takes two to four times as
    many products, and has passed over low roots.

    Args:
        field: PySCF object, converged.

    Returns:
        Eigenvalues, hartree, the lowest first, and a unit vector over the rotations of occupied into empty orbitals for
        each.
    """
    from pyscf import dft, lib

    probe = field.copy()
    if hasattr(field, "grids"):
        probe.grids = dft.gen_grid.Grids(field.mol)
        probe.grids.level = GRID
    if hasattr(field, "with_df"):
        probe.get_jk = _of_few_orbitals(probe)
    _, product, diagonal = _hessian_of(field)(probe, probe.mo_coeff, probe.mo_occ, with_symmetry=False)
    diagonal = 2 * diagonal

    def products(rotations: list[Array]) -> list[Array]:
        return [2 * product(rotation).real for rotation in rotations]

    def precondition(residual: Array, value: float, _: Array) -> Array:
        distance = diagonal - value
        distance[np.abs(distance) < SMALLEST] = SMALLEST
        return np.asarray(residual / distance)

    _, values, rotations = lib.davidson1(
        products,
        _guesses(diagonal),
        precondition,
        tol=TOLERANCE,
        nroots=min(ROOTS, len(diagonal)),
        max_space=4 * (ROOTS + GUESSES),
        verbose=0,
    )
    order = np.argsort(values)
    return np.asarray(values)[order], [np.asarray(rotations[index]) for index in order]


def _hessian_of(field: Any) -> Callable[..., tuple[Array, Callable[[Array], Array], Array]]:
    """Return PySCF's maker of the orbital Hessian of a kind of field."""
    from pyscf import scf
    from pyscf.soscf import newton_ah

    if isinstance(field, scf.uhf.UHF):
        return newton_ah.gen_g_hop_uhf  # type: ignore[no-any-return]
    if isinstance(field, scf.rohf.ROHF):
        return newton_ah.gen_g_hop_rohf  # type: ignore[no-any-return]
    return newton_ah.gen_g_hop_rhf  # type: ignore[no-any-return]


def _of_few_orbitals(field: Any) -> Callable[..., Any]:
    """Return the Coulomb and exchange matrices of a fitted field, fast for densities of rotations.

    Such a density is A B^T + B A^T with the occupied orbitals B: half the density of the orbitals A + B less half that
    of A - B. Of densities that are given by few orbitals, fitted exchange takes a fraction of the operations.
    """
    from pyscf import lib

    overlap, occupied = field.get_ovlp(), _occupied(field)

    def get_jk(mol: Any, density: Array, hermi: int, with_j: bool = True, with_k: bool = True, **options: Any) -> Any:
        if not with_k or hasattr(density, "mo_coeff"):
            return plain(mol, density, hermi, with_j, with_k, **options)
        orbitals = []
        for one, own in zip(density.reshape(-1, *overlap.shape), occupied, strict=True):
            turned = one @ overlap @ own
            orbitals += [turned + own, turned - own]
        width = max(both.shape[1] for both in orbitals)
        coefficients = np.array([np.pad(both, ((0, 0), (0, width - both.shape[1]))) for both in orbitals])
        split = lib.tag_array(
            np.array([both @ both.T for both in coefficients]),
            mo_coeff=coefficients,
            mo_occ=np.ones((len(coefficients), width)),
        )
        coulomb, exchange = (
            ((parts[::2] - parts[1::2]) / 2).reshape(density.shape) if asked else None
            for parts, asked in zip(plain(mol, split, hermi, with_j, **options), (with_j, True), strict=True)
        )
        return coulomb, exchange

    plain = field.get_jk
    return get_jk


def _occupied(field: Any) -> list[Array]:
    """Return the occupied orbitals of a field, of each spin where it has two densities."""
    from pyscf import scf

    if isinstance(field, scf.uhf.UHF):
        return [own[:, filled > 0] for own, filled in zip(field.mo_coeff, field.mo_occ, strict=True)]
    if isinstance(field, scf.rohf.ROHF):
        return [field.mo_coeff[:, field.mo_occ >= least] for least in (1, 2)]
    return [field.mo_coeff[:, field.mo_occ > 0]]


def _guesses(diagonal: Array) -> list[Array]:
    """Return single rotations of the least diagonal, and a vector that has something of every symmetry."""
    singles = [np.eye(1, len(diagonal), k=index)[0] for index in np.argsort(diagonal)[:GUESSES]]
    if len(singles) == len(diagonal):
        return singles
    return [*singles, 1 / np.maximum(np.abs(diagonal), SMALLEST)]
