"""Self-consistent fields that are what they claim: converged, stable, and the lowest of those found."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import CapabilityError, OutOfMemoryError, ScfNotConvergedError, ScfUnstableError
from .levels import Level
from .library import load_pyscf
from .orbital_files import OrbitalFiles, read_guess
from .solvation import in_solvent
from .stability import is_surely_stable, orbital_stability
from .wave_function import SAME_ENERGY

if TYPE_CHECKING:
    import numpy as np

    from ..kinds.pyscf import PyscfSpec

logger = logging.getLogger(__name__)

FITTING_BASIS = "def2-universal-jkfit"
TOLERANCE = 1e-9
"""Energy change at convergence, hartree."""
LARGE = 250
"""Basis functions from which on a field is begun on a coarse grid: there the grid is most of a cycle."""
COARSE_GRID, COARSE_TOLERANCE = 1, 1e-5
"""Level of that grid, and energy change there, hartree, with which the full one takes over."""
MAX_FOLLOWS = 5
"""Instabilities followed before a solution is given up."""


@dataclass(frozen=True)
class Attempt:
    """One try at a self-consistent field.

    Attributes:
        method: how it was tried.
        energy: hartree.
        converged: whether it converged.
    """

    method: str
    energy: float
    converged: bool


@dataclass(frozen=True)
class Solution:
    """A self-consistent field.

    Attributes:
        mean_field: PySCF object, converged.
        attempts: all tries, in order.
        stable: whether no orbital rotation lowers the energy; none when not analysed.
        spin_squared: <S^2>.
    """

    mean_field: Any
    attempts: tuple[Attempt, ...]
    stable: bool | None
    spin_squared: float


def solve(
    molecule: Any,
    level: Level,
    spec: PyscfSpec,
    *,
    name: str,
    guess: np.ndarray | None = None,
    checkpoint: Path | None = None,
    check_stability: bool = True,
) -> Solution:
    """Converge a self-consistent field.

    Rungs, each tried when those before it failed: DIIS; level shift with damping, then DIIS from there; second-order
    (co-iterative augmented Hessian); the same from other guesses. An open shell without a guess is also started from
    a second guess, and the lower solution kept. The solution's stability is then analysed and an instability followed
    to a lower solution.

    Args:
        molecule: PySCF molecule.
        level: functional, dispersion, solvent, grid.
        spec: reference, cycles.
        name: of the system, for messages.
        guess: density matrix to begin with.
        checkpoint: file that keeps the orbitals of every cycle; one of the same molecule is the first guess. While an
            open shell is tried from two guesses, each rung keeps its own beside it, from which that rung goes on.
        check_stability: analyse the stability of open shells, of singlets that are to be unrestricted, and of closed
            shells whose levels leave a doubt of it. It costs many times an SCF.

    Returns:
        The lowest converged solution.

    Raises:
        ScfNotConvergedError: no rung converged.
        ScfUnstableError: following instabilities does not end.
        OutOfMemoryError: there is not enough memory.
        CapabilityError: functional or solvent is unknown.
    """
    try:
        return _solve(molecule, level, spec, name, guess, checkpoint, check_stability)
    except MemoryError as error:
        raise OutOfMemoryError(
            f"{name}: {molecule.nao} basis functions at {level.title} need more memory than there is; "
            "take a smaller basis, or a machine profile with more memory"
        ) from error


def mean_field(molecule: Any, level: Level, spec: PyscfSpec) -> Any:
    """Make an unsolved mean field.

    Raises:
        CapabilityError: PySCF does not know the functional or the solvent.
    """
    from pyscf import dft, scf

    restricted = spec.reference == "restricted" or (spec.reference is None and molecule.spin == 0)
    if level.functional.lower() == "hf":
        field = (scf.RHF if restricted and molecule.spin == 0 else scf.ROHF if restricted else scf.UHF)(molecule)
    else:
        check_functional(level.functional)
        field = (dft.RKS if restricted and molecule.spin == 0 else dft.ROKS if restricted else dft.UKS)(molecule)
        field.xc = level.functional
        field.grids.level = level.grid
    if level.density_fit:
        field = field.density_fit(auxbasis=FITTING_BASIS)
    if level.solvent is not None:
        field = in_solvent(field, level.solvent)
    field.disp = level.dispersion
    field.conv_tol = TOLERANCE
    field.max_cycle = spec.max_cycles
    field.chkfile = None
    return field


def check_functional(name: str) -> None:
    """Refuse a functional that PySCF cannot parse.

    Raises:
        CapabilityError: the functional is unknown.
    """
    load_pyscf()
    from pyscf.dft import libxc

    if name.lower() == "hf":
        return
    try:
        libxc.parse_xc(name)
    except (KeyError, ValueError) as error:
        raise CapabilityError(
            f"PySCF knows no functional {name!r}; write it as pbe, pbe0, b3lyp, wb97x, m06-2x"
        ) from error


def _solve(
    molecule: Any,
    level: Level,
    spec: PyscfSpec,
    name: str,
    guess: np.ndarray | None,
    checkpoint: Path | None,
    check_stability: bool,
) -> Solution:
    attempts: list[Attempt] = []
    best: Any = None
    left = read_guess(molecule, checkpoint) if guess is None else None
    wanted = 2 if guess is None and left is None and molecule.spin > 0 else 1
    converged = 0
    files = OrbitalFiles(checkpoint, one_each=wanted > 1)
    for method, run in _rungs(molecule, level, spec, guess, left, files):
        field = run()
        attempts.append(Attempt(method, float(field.e_tot), bool(field.converged)))
        logger.info("%s: SCF, %s: %.8f hartree, %s", name, method, field.e_tot, _word(field.converged))
        if field.converged:
            converged += 1
            if best is None or field.e_tot < best.e_tot - SAME_ENERGY:
                best = field
        if converged >= wanted:
            break
    if best is None:
        tried = "; ".join(f"{a.method} ended at {a.energy:.6f} hartree" for a in attempts)
        raise ScfNotConvergedError(
            f"{name}: the SCF did not converge at {level.title} ({tried}); check the geometry, charge and multiplicity"
        )
    files.settle(best)
    stable = None
    if (
        check_stability
        and _rotations(best)
        and (molecule.spin > 0 or spec.reference == "unrestricted" or not is_surely_stable(best))
    ):
        best, stable = _follow(best, name, attempts)
        if not stable:
            raise ScfUnstableError(
                f"{name}: the SCF is still unstable at {level.title} after following {MAX_FOLLOWS} instabilities; "
                "check the multiplicity, or ask for reference: unrestricted"
            )
    return Solution(best, tuple(attempts), stable, float(best.spin_square()[0]))


def _rungs(
    molecule: Any,
    level: Level,
    spec: PyscfSpec,
    guess: np.ndarray | None,
    left: np.ndarray | None,
    files: OrbitalFiles,
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield the rungs of the ladder; each begins where the one before it ended, unless it names another guess."""
    last: list[Any] = []

    def field(rung: str) -> Any:
        new = mean_field(molecule, level, spec)
        kept = files.of(rung)
        if kept is not None:
            new.chkfile = str(kept)
        return new

    def diis(rung: str, guess: np.ndarray | str | None) -> Any:
        density = files.left(molecule, rung)
        if density is None:
            new = field(rung)
            density = new.get_init_guess(key=guess) if isinstance(guess, str) else guess
            density = _on_a_coarse_grid(new, density)
        return going_on(rung, density)

    def going_on(rung: str, density: np.ndarray) -> Any:
        new = field(rung)
        new.kernel(dm0=density)
        last.append(new)
        return new

    def shifted(rung: str) -> Any:
        if files.left(molecule, rung) is not None:
            return diis(rung, None)
        damped = field(rung)
        damped.level_shift, damped.damp, damped.diis_start_cycle, damped.conv_tol = 0.4, 0.3, 4, 1e-6
        damped.kernel(dm0=last[-1].make_rdm1() if last[-1].mo_coeff is not None else None)
        return diis(rung, damped.make_rdm1())

    def second_order(rung: str, guess: str | None) -> Any:
        new, density = field(rung).newton(), files.left(molecule, rung)
        if density is not None:
            new.kernel(dm0=density)
        elif guess is None:
            new.kernel(last[-1].mo_coeff, last[-1].mo_occ)
        else:
            new.kernel(dm0=new.get_init_guess(key=guess))
        plain = new.undo_newton() if hasattr(new, "undo_newton") else new
        last.append(plain)
        return plain

    rungs: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = []
    if left is not None:
        rungs.append(("DIIS from where it was left", going_on, (left,)))
    elif guess is not None:
        rungs.append(("DIIS from a guess", diis, (guess,)))
    else:
        rungs.append(("DIIS", diis, ("minao",)))
        if molecule.spin > 0:
            rungs.append(("DIIS from atomic densities", diis, ("atom",)))
    rungs += [("level shift and damping, then DIIS", shifted, ()), ("second order", second_order, (None,))]
    rungs += [
        (f"second order from the {guess} guess", second_order, (guess,)) for guess in ("atom", "huckel", "vsap", "1e")
    ]
    for name, climb, begins in rungs:
        yield name, partial(climb, name, *begins)


def _on_a_coarse_grid(field: Any, density: Any) -> Any:
    """Bring the density of a large molecule near to self-consistency; on the full grid a few cycles are left."""
    if not hasattr(field, "grids") or field.mol.nao < LARGE:
        return density
    coarse = _coarse(field)
    coarse.kernel(dm0=density)
    return coarse.make_rdm1()


def _coarse(field: Any) -> Any:
    """Return a field like another on a coarse grid and to a loose tolerance."""
    from pyscf import dft

    coarse = field.copy()
    coarse.grids = dft.gen_grid.Grids(field.mol)
    coarse.grids.level, coarse.conv_tol = COARSE_GRID, COARSE_TOLERANCE
    return coarse


def _rotations(field: Any) -> bool:
    """Tell whether orbitals can be mixed at all: hydrogen in a minimal basis has but one."""
    import numpy as np

    return any(len(np.unique(occupations)) > 1 for occupations in np.atleast_2d(field.mo_occ))


def _follow(field: Any, name: str, attempts: list[Attempt]) -> tuple[Any, bool]:
    """Follow internal instabilities to lower solutions until there is none."""
    for _ in range(MAX_FOLLOWS):
        orbitals, stable = orbital_stability(field)
        if stable:
            return field, True
        lower = _followed(field, orbitals)
        attempts.append(Attempt("following an instability", float(lower.e_tot), bool(lower.converged)))
        logger.info("%s: SCF unstable, followed to %.8f hartree", name, lower.e_tot)
        if not lower.converged or lower.e_tot > field.e_tot - SAME_ENERGY / 10:
            # Nothing lower lies that way: the negative curvature was numerical noise around zero.
            return field, bool(lower.converged)
        field = lower
    return field, orbital_stability(field)[1]


def _followed(field: Any, orbitals: Any) -> Any:
    """Return where an instability leads to: second order on a coarse grid, then DIIS; on the full one where that fails.

    Args:
        field: that is unstable.
        orbitals: its own, rotated along the instability.
    """
    if hasattr(field, "grids"):
        rough = _coarse(field).newton()
        rough.kernel(orbitals, field.mo_occ)
        found = field.copy()
        found.kernel(dm0=rough.make_rdm1())
        if found.converged and found.e_tot < field.e_tot - SAME_ENERGY:
            return found
    following = field.newton()
    following.kernel(orbitals, field.mo_occ)
    return following.undo_newton() if hasattr(following, "undo_newton") else following


def _word(converged: bool) -> str:
    return "converged" if converged else "not converged"
