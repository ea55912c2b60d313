"""What every calculator promises, checked on a few atoms before the first use of one that this package does not know.

A potential is asked about ten times: shapes, finite numbers, forces and stress against central differences of the
energy, magnitudes that a bond can have, the energy of a doubled cell, the same answer twice. A code (``work: dft``)
is asked three times, for shapes, finite numbers and forces; and where it cannot compute the example, its settings being
made for other atoms, that is no fault of it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import AzibflowError, CapabilityError
from .folders import written_away
from .guard import check

if TYPE_CHECKING:
    from ase import Atoms

    from .kinds.base import Spec, Work

logger = logging.getLogger(__name__)

STEP = 0.01
"""Displacement of all atoms together in central differences, angstrom; large enough for single precision."""
STRAIN = 0.003
LARGEST_FORCE = 100.0
"""eV/angstrom, between atoms at the distance of a bond."""
STRONGEST_BOND = 12.0
"""Energy per atom that it may take to stretch bonds by half, eV: twice the strongest there is, carbon monoxide."""
SAME_ENERGY, SAME_FORCES = 1e-3, 1e-2
"""Differences, eV and eV/angstrom, of answers that are the same."""
STRETCHED = 1.5
MARGIN = 3.0
"""Vacuum around the stretched example, angstrom."""
PREFERRED = ("Zn", "Cu", "O", "H", "C", "Si", "Al")
"""Elements of examples; those that the calculator says it computes, these first."""
FACTORS = {
    -1.0: "the sign of the forces is wrong",
    23.0605: "the energy is in kcal/mol and the forces are not",
    1 / 23.0605: "the forces are in kcal/mol/angstrom and the energy is not",
    1 / 27.2114: "the energy is in hartree and the forces are not",
    27.2114: "the forces are in hartree/angstrom and the energy is not",
    51.4221: "the forces are in hartree/bohr and the energy is not",
}
"""What the slope of the energy over the forces gives away."""

_found: dict[tuple[str, Work], str] = {}
"""What is broken, by identity and work of the calculators that were checked; empty where nothing is."""


class _BrokenError(Exception):
    """The contract is broken; says where."""


class _NoAnswerError(Exception):
    """A calculator could not compute an example."""


def require_contract(spec: Spec, identity: str) -> None:
    """Refuse a calculator that breaks the contract; each is checked once per process.

    Args:
        spec: the calculator.
        identity: SHA-256 that tells it from others.

    Raises:
        CapabilityError: it breaks the contract; the message says what, with numbers.
    """
    if spec.tested:
        return
    key = (identity, spec.queue())
    if key not in _found:
        _found[key] = broken_promise(spec)
    if _found[key]:
        raise CapabilityError(f"calculator {spec.kind} is not used: {_found[key]}")


def broken_promise(spec: Spec) -> str:
    """Check the contract.

    Args:
        spec: the calculator.

    Returns:
        What is broken, in words and numbers; empty when nothing is.

    Raises:
        AzibflowError: the calculator cannot be made.
    """
    own = spec.example()
    examples = [own] if own is not None else _examples(spec)
    is_code = spec.queue() == "dft"
    hold = _hold_code if is_code else _hold_potential
    why = "it names no elements of which an example could be made"
    for atoms in examples:
        formula = atoms.get_chemical_formula()
        if unfit := _unfit(spec, atoms):
            why = f"{formula} is no example for it: {unfit}"
            continue
        try:
            hold(spec, atoms)
        except _BrokenError as broken:
            return f"{broken} (example: {formula})"
        except _NoAnswerError as failure:
            why = f"it fails on {formula}: {failure}"
            if own is not None or (not is_code and spec.capabilities().elements is not None):
                return why
        else:
            return ""
    logger.info("calculator %s was not checked before its first use: %s", spec.kind, why)
    return ""


def _unfit(spec: Spec, atoms: Atoms) -> str:
    """Say why a calculator does not take some atoms; empty when it does."""
    try:
        check(spec, atoms)
    except AzibflowError as refusal:
        return str(refusal)
    return ""


def _examples(spec: Spec) -> list[Atoms]:
    """Make examples: of elements that the calculator names, or of one after the other where it names none.

    Of a code that names none there is no example: it may have pseudopotentials of a few elements only.
    """
    limits = spec.capabilities()
    if limits.elements is None:
        chosen = [] if spec.queue() == "dft" else [[symbol] for symbol in PREFERRED]
    else:
        known = [symbol for symbol in PREFERRED if symbol in limits.elements]
        chosen = [[*known, *sorted(limits.elements - set(known))][:2]] if limits.elements else []
    charge = 0 if not limits.charges else min(limits.charges, key=abs)
    return [_trimer(elements, limits.periodic is not False, charge) for elements in chosen]


def _trimer(elements: list[str], periodic: bool, charge: int) -> Atoms:
    """Put three atoms at about the lengths of bonds, without any symmetry."""
    from ase import Atoms
    from ase.data import atomic_numbers, covalent_radii

    symbols = [elements[0], elements[-1], elements[0]]
    bond = sum(covalent_radii[atomic_numbers[symbol]] for symbol in symbols[:2])
    positions = bond * np.array([[1.10, 0.0, 0.05], [0.0, 0.0, 0.0], [-0.30, 1.15, 0.10]])
    atoms = Atoms(symbols, positions=positions, info={"charge": charge, "label": "example"})
    if periodic:
        atoms.cell = STRETCHED * np.ptp(positions, axis=0) + 2 * MARGIN
        atoms.center()
        atoms.pbc = True
    return atoms


def _hold_code(spec: Spec, atoms: Atoms) -> None:
    calculator = spec.make()
    with written_away(calculator):
        _energy(calculator, atoms)
        forces = _forces(calculator, atoms, spec)
        _compare_forces(calculator, atoms, forces, allowed=0.1 + 0.05 * _size(forces))


def _hold_potential(spec: Spec, atoms: Atoms) -> None:
    calculator = spec.make()
    energy, forces = _energy(calculator, atoms), _forces(calculator, atoms, spec)
    stretched = _energy(calculator, _stretched(atoms))
    again = spec.make()
    _compare_answers(energy, _energy(again, atoms), forces, _forces(again, atoms, spec))
    _compare_forces(calculator, atoms, forces, allowed=0.005 + 0.02 * _size(forces))
    if (cost := (stretched - energy) / len(atoms)) > STRONGEST_BOND:
        raise _BrokenError(
            f"stretching its bonds by half takes {cost:.1f} eV per atom, which no bond takes: energies are in eV"
        )
    _compare_stress(calculator, atoms, spec)
    if spec.extensive() and atoms.pbc.all():
        _compare_cells(calculator, atoms, energy)


def _compare_answers(energy: float, later: float, forces: np.ndarray, later_forces: np.ndarray) -> None:
    if abs(later - energy) > SAME_ENERGY:
        raise _BrokenError(f"the same atoms have {energy:.4f} eV at first and {later:.4f} eV later")
    if (change := np.abs(later_forces - forces).max(initial=0.0)) > SAME_FORCES:
        raise _BrokenError(f"forces on the same atoms differ by {change:.3f} eV/angstrom the second time")


def _compare_cells(calculator: Any, atoms: Atoms, energy: float) -> None:
    doubled = _energy(calculator, atoms.repeat((2, 1, 1)))
    if abs(doubled - 2 * energy) > SAME_ENERGY * 2 * len(atoms):
        raise _BrokenError(
            f"a doubled cell has {doubled:.4f} eV, the cell {energy:.4f}: the energy has to be that of all atoms"
        )


def _compare_forces(calculator: Any, atoms: Atoms, forces: np.ndarray, allowed: float) -> None:
    """Compare forces with the slope of the energy along one direction in which all atoms move."""
    if not len(forces):
        return
    if (largest := np.abs(forces).max()) > LARGEST_FORCE:
        raise _BrokenError(f"a force of {largest:.1f} eV/angstrom on an atom at the distance of a bond")
    direction = np.random.default_rng(1).normal(size=forces.shape)
    direction /= np.linalg.norm(direction)
    slope = -_slope([_moved(atoms, sign * STEP * direction) for sign in (-1, 1)], calculator, 2 * STEP)
    along = float((forces * direction).sum())
    if abs(slope - along) > allowed:
        raise _BrokenError(
            f"forces are not the slope of the energy: {along:.4f} eV/angstrom along a direction in which the energy "
            f"falls by {slope:.4f}{_hint(slope, along)}"
        )


def _compare_stress(calculator: Any, atoms: Atoms, spec: Spec) -> None:
    if "stress" not in spec.capabilities().properties or not atoms.pbc.all():
        return
    stress = _property(calculator, "stress", atoms, (6,))
    if stress is None:
        return
    ends = []
    for sign in (-1, 1):
        strained = atoms.copy()
        strained.set_cell(atoms.cell.array @ np.diag([1 + sign * STRAIN, 1, 1]), scale_atoms=True)
        ends.append(strained)
    slope = _slope(ends, calculator, 2 * STRAIN) / atoms.get_volume()
    if abs(slope - stress[0]) > 2e-5 + 0.02 * np.abs(stress).max():
        raise _BrokenError(
            f"stress is not the slope of the energy: {stress[0]:.6f} along x, where the energy rises by {slope:.6f} "
            "eV/angstrom^3 with the strain"
        )


def _slope(ends: list[Atoms], calculator: Any, distance: float) -> float:
    low, high = (_energy(calculator, atoms) for atoms in ends)
    return (high - low) / distance


def _hint(slope: float, along: float) -> str:
    ratio = slope / along if along else 0.0
    return next((f": {words}" for factor, words in FACTORS.items() if abs(ratio / factor - 1) < 0.05), "")


def _size(forces: np.ndarray) -> float:
    return float(np.linalg.norm(forces))


def _stretched(atoms: Atoms) -> Atoms:
    return _moved(atoms, (STRETCHED - 1) * (atoms.positions - atoms.positions.mean(axis=0)))


def _moved(atoms: Atoms, by: np.ndarray) -> Atoms:
    moved = atoms.copy()
    moved.positions += by
    return moved


def _energy(calculator: Any, atoms: Atoms) -> float:
    value = _property(calculator, "energy", atoms, ())
    assert value is not None
    return float(value)


def _forces(calculator: Any, atoms: Atoms, spec: Spec) -> np.ndarray:
    """Return the forces; without rows where the calculator has none."""
    if "forces" not in spec.capabilities().properties:
        return np.zeros((0, 3))
    value = _property(calculator, "forces", atoms, (len(atoms), 3))
    assert value is not None
    return value


def _property(calculator: Any, name: str, atoms: Atoms, shape: tuple[int, ...]) -> np.ndarray | None:
    """Ask for a property; none where it turns out not to be implemented, which only stress may."""
    from ase.calculators.calculator import PropertyNotImplementedError

    try:
        value = np.asarray(calculator.get_property(name, atoms.copy()), dtype=float)
    except KeyboardInterrupt:
        raise
    except PropertyNotImplementedError as error:
        if name == "stress":
            return None
        raise _BrokenError(f"it computes no {name}, which it says it does") from error
    except BaseException as error:  # code of others
        raise _NoAnswerError(f"{type(error).__name__}: {' '.join(str(error).split())}") from error
    if value.shape != shape:
        raise _BrokenError(f"{name} has the shape {value.shape}, not {shape}")
    if not np.isfinite(value).all():
        raise _BrokenError(f"{name}: not a finite number")
    return value
