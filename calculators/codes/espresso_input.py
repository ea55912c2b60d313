"""The input of pw.x: namelists and cards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.units import Ry

from ...errors import CapabilityError
from .pseudopotentials import pseudo_folder, pseudopotential
from .spin_kinds import Kind, kinds_of_atoms

if TYPE_CHECKING:
    from ase import Atoms

    from ..kinds.espresso import EspressoSpec

PREFIX = "azibflow"
LONGEST_LABEL = 3
D_SHELLS = {3: range(21, 31), 4: range(39, 49), 5: range(72, 81)}
"""Atomic numbers of those whose outermost d shell has a principal quantum number."""
CARD_FROM = (7, 1)
"""First version that reads +U from a card of its own."""
PROJECTORS = "ortho-atomic"
FALL = 0.1
"""Fraction of the cell over which the saw-tooth of a dipole correction falls back, unless the vacuum is narrow."""


def d_shell(element: str) -> str:
    """Name the outermost d shell of an element, such as 3d.

    Raises:
        CapabilityError: it has none that +U is for.
    """
    from ase.data import atomic_numbers

    for principal, numbers in D_SHELLS.items():
        if atomic_numbers[element] in numbers:
            return f"{principal}d"
    raise CapabilityError(f"espresso: hubbard is for d shells, of which {element} has none to correct")


def namelists(
    spec: EspressoSpec, atoms: Atoms, *, stress: bool, begun: bool, version: str
) -> dict[str, dict[str, Any]]:
    """Return the namelists of one calculation.

    Args:
        spec: settings.
        atoms: the geometry; charge and multiplicity in ``info``, initial moments of its atoms.
        stress: compute the stress too.
        begun: begin with density and orbitals of the last run.
        version: of pw.x.
    """
    slab = {"tefield": True, "dipfield": True} if spec.dipole_correction(atoms) else {}
    return {
        "CONTROL": {
            "calculation": "scf",
            "prefix": PREFIX,
            "outdir": ".",
            "pseudo_dir": str(pseudo_folder()),
            "tprnfor": True,
            "tstress": stress,
            "disk_io": "low",
            **slab,
        },
        "SYSTEM": {
            "ibrav": 0,
            "nat": len(atoms),
            "ntyp": len(_kinds(spec, atoms)),
            "ecutwfc": spec.cutoff,
            "ecutrho": spec.cutoff * spec.density_ratio,
            # Atoms move on: what is symmetric now need not be so in the next step.
            "nosym": True,
            **({"tot_charge": charge} if (charge := atoms.info.get("charge", 0)) else {}),
            **_occupations(spec),
            **_spins(spec, atoms),
            **(_u_keys(spec, atoms) if _number(version) < CARD_FROM else {}),
            **(_saw_tooth(spec, atoms) if slab else {}),
        },
        "ELECTRONS": {
            "conv_thr": spec.tolerance / Ry,
            "electron_maxstep": spec.max_cycles,
            "mixing_beta": spec.mixing,
            **({"startingpot": "file", "startingwfc": "file"} if begun else {}),
        },
    }


def cards(spec: EspressoSpec, atoms: Atoms, version: str = "") -> dict[str, str]:
    """Return the cards of one calculation, by name.

    Args:
        spec: settings.
        atoms: the geometry, initial moments of its atoms.
        version: of pw.x; where it is early or empty no card speaks of +U.
    """
    from ase.data import atomic_masses, atomic_numbers

    kinds = _kinds(spec, atoms)
    labels = {kind: name for name, kind in kinds.items()}
    species = [
        f"{name} {atomic_masses[atomic_numbers[kind.element]]:.4f} {pseudopotential(kind.element, spec).path.name}"
        for name, kind in kinds.items()
    ]
    moments = spec.initial_moments(atoms).tolist()
    positions = [
        f"{labels[Kind(symbol, moment)]} {x:.12f} {y:.12f} {z:.12f}"
        for symbol, moment, (x, y, z) in zip(atoms.symbols, moments, atoms.positions, strict=True)
    ]
    mesh, u_values = spec.mesh(atoms), spec.u_values(atoms)
    # With real orbitals, which one k-point allows, forces of +U on orthogonalised projectors are not to be had.
    points = ["gamma"] if mesh == (1, 1, 1) and not u_values else ["automatic", "{} {} {} 0 0 0".format(*mesh)]
    return {
        "ATOMIC_SPECIES": _card("ATOMIC_SPECIES", "", species),
        "CELL_PARAMETERS": _card(
            "CELL_PARAMETERS", "angstrom", ["{:.12f} {:.12f} {:.12f}".format(*row) for row in atoms.cell.array]
        ),
        "ATOMIC_POSITIONS": _card("ATOMIC_POSITIONS", "angstrom", positions),
        "K_POINTS": _card("K_POINTS", points[0], points[1:]),
        **({"HUBBARD": _u_card(kinds, u_values)} if u_values and _number(version) >= CARD_FROM else {}),
    }


def written(lists: dict[str, dict[str, Any]], written_cards: dict[str, str]) -> str:
    """Write namelists and cards as pw.x reads them."""
    lines = []
    for name, keys in lists.items():
        lines += [f"&{name}", *(f"  {key} = {_word(value)}" for key, value in keys.items()), "/"]
    return "\n".join(lines) + "\n" + "".join(written_cards.values())


def _kinds(spec: EspressoSpec, atoms: Atoms) -> dict[str, Kind]:
    kinds = kinds_of_atoms(atoms, spec.initial_moments(atoms).tolist())
    if crowded := next((kind.element for name, kind in kinds.items() if len(name) > LONGEST_LABEL), None):
        raise CapabilityError(
            f"espresso: atoms of {crowded} have ten initial moments and more, for which pw.x has no labels; round them"
        )
    return kinds


def _occupations(spec: EspressoSpec) -> dict[str, Any]:
    if spec.smearing is None:
        return {"occupations": "fixed"}
    return {"occupations": "smearing", "smearing": "fermi-dirac", "degauss": spec.smearing / Ry}


def _spins(spec: EspressoSpec, atoms: Atoms) -> dict[str, Any]:
    """Give each kind its moment as a part of its valence electrons; the total where it is to stay."""
    moments = spec.initial_moments(atoms)
    if not moments.any():
        return {}
    keys: dict[str, Any] = {"nspin": 2}
    for number, kind in enumerate(_kinds(spec, atoms).values(), 1):
        if kind.moment:
            share = kind.moment / pseudopotential(kind.element, spec).valence
            keys[f"starting_magnetization({number})"] = round(float(np.clip(share, -1, 1)), 6)
    if (spin := atoms.info.get("spin")) is not None:
        keys["tot_magnetization"] = int(spin) - 1
    elif spec.smearing is None:
        keys["tot_magnetization"] = round(float(moments.sum()))
    return keys


def _u_keys(spec: EspressoSpec, atoms: Atoms) -> dict[str, Any]:
    if not (u_values := spec.u_values(atoms)):
        return {}
    keys: dict[str, Any] = {"lda_plus_u": True, "lda_plus_u_kind": 0, "U_projection_type": PROJECTORS}
    for number, kind in enumerate(_kinds(spec, atoms).values(), 1):
        if kind.element in u_values:
            keys[f"Hubbard_U({number})"] = u_values[kind.element]
    return keys


def _u_card(kinds: dict[str, Kind], u_values: dict[str, float]) -> str:
    lines = [
        f"U {name}-{d_shell(kind.element)} {u_values[kind.element]:g}"
        for name, kind in kinds.items()
        if kind.element in u_values
    ]
    return _card("HUBBARD", f"({PROJECTORS})", lines)


def _saw_tooth(spec: EspressoSpec, atoms: Atoms) -> dict[str, Any]:
    """Let the potential of the correction (10.1103/PhysRevB.59.12301) fall back in the middle of the vacuum."""
    from ...structures.vacuum import widest_gap

    axis = int(np.flatnonzero(~spec.sampled(atoms))[0])
    length, end = widest_gap(atoms, axis)
    vacuum = length * float(np.linalg.norm(atoms.cell.reciprocal()[axis]))
    fall = min(FALL, vacuum / 2)
    return {"edir": axis + 1, "emaxpos": round((end - vacuum / 2 - fall / 2) % 1.0, 6), "eopreg": fall, "eamp": 0.0}


def _card(name: str, option: str, lines: list[str]) -> str:
    return "\n".join([f"{name} {option}".rstrip(), *lines]) + "\n"


def _number(version: str) -> tuple[int, ...]:
    """Read 7.3.1 as numbers that can be compared; a version that is not known is an early one."""
    return tuple(map(int, re.findall(r"\d+", version)[:2]))


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return ".true." if value else ".false."
    if isinstance(value, float):
        return f"{value:.12g}"
    return f"'{value}'" if isinstance(value, str) else str(value)
