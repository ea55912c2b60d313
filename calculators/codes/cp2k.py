"""CP2K: Gaussian and plane waves (10.1063/5.0007045), one run for each geometry, from the orbitals of the last one."""

from __future__ import annotations

import logging
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.units import Bohr, GPa, Hartree, kB

from ...errors import CalculationError, CapabilityError, NotInstalledError, ScfNotConvergedError
from .program import command_of, run_program, without_launcher
from .spin_kinds import Kind, kinds_of_atoms

if TYPE_CHECKING:
    from ase import Atoms

    from ..kinds.cp2k import Cp2kSpec

logger = logging.getLogger(__name__)

PROGRAMS = ("cp2k.psmp", "cp2k.ssmp", "cp2k.popt", "cp2k")
INPUT, OUTPUT, PRINTED, PROJECT = "cp2k.inp", "cp2k.out", "cp2k.err", "azibflow"
DATA = ("/usr/share/cp2k", "/usr/local/share/cp2k/data", "/opt/cp2k/data")
"""Where packages put basis sets and pseudopotentials; CP2K_DATA_DIR and the folder of the program come first."""
BASES, POTENTIALS = "BASIS_MOLOPT", "GTH_POTENTIALS"
D_SHELL = 2
STARTED = "PROGRAM STARTED AT"
"""Stands once in the output of a run."""

Section = dict[str, Any]
"""A section of the input: keywords with their values; a section within is a mapping, several of a name a list."""


class Cp2k:
    """CP2K with the settings of a spec.

    Args:
        spec: functional, basis, cutoff, k-points, spins, +U.
    """

    orbitals = f"{PROJECT}-RESTART*"

    def __init__(self, spec: Cp2kSpec) -> None:
        self.spec = spec

    def compute(self, atoms: Atoms, properties: list[str], folder: Path) -> dict[str, Any]:
        """Run CP2K in a folder.

        Raises:
            CapabilityError: CP2K, its data, a basis or a pseudopotential is missing.
            ScfNotConvergedError: its SCF did not converge.
            OutOfMemoryError: it was killed.
            CalculationError: it ended otherwise without a number.
        """
        command = command_of("cp2k", PROGRAMS)
        restart = next(iter(sorted(folder.glob(f"{PROJECT}-RESTART.*wfn")) + sorted(folder.glob("*-RESTART.kp"))), None)
        text = written(cp2k_input(self.spec, atoms, data_folder(), restart, stress="stress" in properties))
        (folder / INPUT).write_text(text, encoding="utf-8")
        (folder / OUTPUT).unlink(missing_ok=True)
        try:
            run_program([*command, "-i", INPUT, "-o", OUTPUT], folder, folder / PRINTED)
        except CalculationError as error:
            raise type(error)(f"{error}{_abort(folder / OUTPUT)}") from error
        return results(folder / OUTPUT, len(atoms), stress="stress" in properties)


def data_folder() -> Path:
    """Find the folder of basis sets and pseudopotentials.

    Raises:
        NotInstalledError: it is nowhere.
    """
    said = os.environ.get("CP2K_DATA_DIR")
    places = [said] if said else DATA
    found = next((Path(place) for place in places if (Path(place) / POTENTIALS).is_file()), None)
    if found is None:
        raise NotInstalledError(
            f"cp2k: {POTENTIALS} is not in {', '.join(map(str, places))}; name the folder of CP2K's basis sets and "
            "pseudopotentials by the variable CP2K_DATA_DIR"
        )
    return found


def require_entry(file: Path, element: str, name: str) -> None:
    """Refuse an element without a basis or pseudopotential.

    Args:
        file: of CP2K's data, whose entries begin with the element and all their names.
        element: chemical symbol.
        name: one of the names.

    Raises:
        CapabilityError: the element has none of that name; those that it has are told.
    """
    lines = (line.split() for line in file.read_text(encoding="utf-8", errors="replace").splitlines())
    entries = [words[1:] for words in lines if len(words) > 1 and words[0] == element and words[1][0].isalpha()]
    if not any(name in names for names in entries):
        has = ", ".join(names[0] for names in entries) or "nothing for it"
        raise CapabilityError(f"cp2k: {file} has no {name} for {element}; it has {has}")


def cp2k_input(spec: Cp2kSpec, atoms: Atoms, data: Path, restart: Path | None, *, stress: bool) -> Section:
    """Return the input of one calculation.

    Args:
        spec: settings.
        atoms: the geometry; charge and multiplicity in ``info``, initial moments of its atoms.
        data: folder of basis sets and pseudopotentials.
        restart: orbitals to begin with; none begins with those of the atoms.
        stress: compute the stress too.
    """
    return {
        "GLOBAL": {"PROJECT": PROJECT, "RUN_TYPE": "ENERGY_FORCE", "PRINT_LEVEL": "LOW"},
        "FORCE_EVAL": {
            "METHOD": "QUICKSTEP",
            **({"STRESS_TENSOR": "ANALYTICAL"} if stress else {}),
            "DFT": _dft(spec, atoms, data, restart),
            "PRINT": {
                "FORCES": {"_": "ON", "NDIGITS": 12},
                **({"STRESS_TENSOR": {"_": "ON"}} if stress else {}),
            },
            "SUBSYS": _subsystem(spec, atoms),
        },
    }


def _dft(spec: Cp2kSpec, atoms: Atoms, data: Path, restart: Path | None) -> Section:
    mesh = spec.mesh(atoms)
    moments = spec.initial_moments(atoms)
    gamma = mesh == (1, 1, 1)
    section: Section = {
        "BASIS_SET_FILE_NAME": data / BASES,
        "POTENTIAL_FILE_NAME": data / POTENTIALS,
        "CHARGE": int(atoms.info.get("charge", 0)),
        "MGRID": {"CUTOFF": spec.cutoff, "REL_CUTOFF": spec.relative_cutoff},
        "QS": {"EPS_DEFAULT": 1e-12, "EXTRAPOLATION": "USE_GUESS"},
        "SCF": _scf(spec, gamma=gamma, restart=restart),
        "XC": {"XC_FUNCTIONAL": {"_": spec.functional.upper()}},
    }
    if restart is not None:
        section["WFN_RESTART_FILE_NAME"] = restart.name
    if moments.any():
        section["UKS"] = True
        section["MULTIPLICITY"] = round(abs(moments.sum())) + 1
        if spec.smearing is not None and atoms.info.get("spin") is None:
            section["RELAX_MULTIPLICITY"] = 0.001
    if not gamma:
        section["KPOINTS"] = {"SCHEME": "MONKHORST-PACK {} {} {}".format(*mesh)}
    if spec.u_values(atoms):
        section["PLUS_U_METHOD"] = "MULLIKEN"
    if spec.dipole_correction(atoms):
        section["SURFACE_DIPOLE_CORRECTION"] = True
        section["SURF_DIP_DIR"] = "XYZ"[int(np.flatnonzero(~spec.sampled(atoms))[0])]
    return section


def _scf(spec: Cp2kSpec, *, gamma: bool, restart: Path | None) -> Section:
    """Orbital transformation where there is a gap and one k-point; else diagonalisation, with smearing if wanted."""
    section: Section = {
        "SCF_GUESS": "ATOMIC" if restart is None else "RESTART",
        "EPS_SCF": spec.tolerance,
        "MAX_SCF": spec.max_cycles,
        "PRINT": {"RESTART": {"_": "ON", "BACKUP_COPIES": 0, "EACH": {"QS_SCF": 5}}},
    }
    if gamma and spec.smearing is None:
        section["MAX_SCF"] = 25
        section["OT"] = {"PRECONDITIONER": "FULL_SINGLE_INVERSE", "MINIMIZER": "DIIS"}
        section["OUTER_SCF"] = {"EPS_SCF": spec.tolerance, "MAX_SCF": max(1, spec.max_cycles // 25)}
        return section
    section["MIXING"] = {"METHOD": "BROYDEN_MIXING", "ALPHA": 0.2, "NBROYDEN": 8}
    if spec.smearing is not None:
        section["ADDED_MOS"] = spec.empty_bands
        section["SMEAR"] = {
            "_": "ON",
            "METHOD": "FERMI_DIRAC",
            "ELECTRONIC_TEMPERATURE": f"[K] {spec.smearing / kB:.2f}",
        }
    return section


def _subsystem(spec: Cp2kSpec, atoms: Atoms) -> Section:
    moments = spec.initial_moments(atoms)
    kinds = kinds_of_atoms(atoms, moments.tolist())
    u_values = spec.u_values(atoms)
    sections = []
    for name, (element, moment) in kinds.items():
        section: Section = {
            "_": name,
            "ELEMENT": element,
            "BASIS_SET": spec.basis,
            "POTENTIAL": spec.pseudopotential,
        }
        if moments.any():
            section["MAGNETIZATION"] = moment
        if element in u_values:
            section["DFT_PLUS_U"] = {"_": "ON", "L": D_SHELL, "U_MINUS_J": f"[eV] {u_values[element]}"}
        sections.append(section)
    labels = {kind: name for name, kind in kinds.items()}
    lines = [
        f"{labels[Kind(symbol, moment)]} {x:.12f} {y:.12f} {z:.12f}"
        for symbol, moment, (x, y, z) in zip(atoms.symbols, moments.tolist(), atoms.positions, strict=True)
    ]
    periodic = "".join(axis for axis, on in zip("XYZ", atoms.cell.any(axis=1), strict=True) if on)
    vectors = {name: "{:.12f} {:.12f} {:.12f}".format(*row) for name, row in zip("ABC", atoms.cell.array, strict=True)}
    return {"CELL": {**vectors, "PERIODIC": periodic}, "COORD": {"_lines": lines}, "KIND": sections}


def written(section: Section, depth: int = 0) -> str:
    """Write a section of the input as CP2K reads it.

    Args:
        section: keywords and sections; ``_`` is what stands behind the section's own name, ``_lines`` are lines as they
            are.
        depth: how far it is indented.
    """
    space = "  " * depth
    text = "".join(f"{space}{line}\n" for line in section.get("_lines", ()))
    for name, value in section.items():
        if name.startswith("_"):
            continue
        if isinstance(value, dict | list):
            for part in value if isinstance(value, list) else [value]:
                head = f"&{name} {part.get('_', '')}".rstrip()
                text += f"{space}{head}\n{written(part, depth + 1)}{space}&END {name}\n"
        else:
            said = {True: "T", False: "F"}.get(value, value) if isinstance(value, bool) else value
            text += f"{space}{name} {said}\n"
    return text


def results(output: Path, atoms: int, *, stress: bool) -> dict[str, Any]:
    """Read what CP2K has found, in eV and angstrom.

    Args:
        output: its output.
        atoms: their number.
        stress: it has to be there.

    Raises:
        ScfNotConvergedError: the SCF did not converge: what is printed then is no result.
        CalculationError: energy, forces or stress are not there.
    """
    text = output.read_text(encoding="utf-8", errors="replace") if output.is_file() else ""
    if (times := text.count(STARTED)) > 1:
        raise CalculationError(
            f"CP2K was started {times} times on one process each, by srun or mpiexec of another MPI than its own (srun "
            f"--mpi=list names others); {output}"
        )
    if "SCF run NOT converged" in text:
        cycles = re.findall(r"SCF run NOT converged", text)
        raise ScfNotConvergedError(
            f"the SCF of CP2K did not converge ({len(cycles)} time{'s' if len(cycles) > 1 else ''}); {output}; try "
            "smearing, other initial moments, or more max_cycles"
        )
    energy = re.findall(r"ENERGY\| Total FORCE_EVAL.*?(-?\d+\.\d+)\s*$", text, flags=re.MULTILINE)
    forces = _forces(text, atoms)
    if not energy or forces is None or (stress and "STRESS|" not in text):
        raise CalculationError(f"CP2K ended without energy and forces; {output}{_abort(output)}")
    found: dict[str, Any] = {"energy": float(energy[-1]) * Hartree, "forces": forces * (Hartree / Bohr)}
    if stress:
        found["stress"] = _stress(text)
    return found


def _forces(text: str, atoms: int) -> Any:
    """Read the last block of forces, hartree/bohr: the form of CP2K 2023 and that of later versions."""
    number = r"(-?\d+\.\d+(?:E[+-]?\d+)?)"
    rows = re.findall(rf"^\s*\d+\s+\d+\s+[A-Z][A-Za-z]?\s+{number}\s+{number}\s+{number}\s*$", text, re.MULTILINE)
    rows = rows or re.findall(rf"^ FORCES\|\s+\d+\s+{number}\s+{number}\s+{number}\s+\S+\s*$", text, re.MULTILINE)
    return np.array(rows[-atoms:], dtype=float) if len(rows) >= atoms else None


def _stress(text: str) -> Any:
    """Read the stress, GPa with CP2K's sign (pressure positive), as ASE's six components in eV/angstrom^3."""
    rows = re.findall(r"^ STRESS\|\s+[xyz]((?:\s+-?\d\.\d+E[+-]\d+){3})\s*$", text, re.MULTILINE)[-3:]
    tensor = -np.array([row.split() for row in rows], dtype=float) * GPa
    return np.array([tensor[0, 0], tensor[1, 1], tensor[2, 2], tensor[1, 2], tensor[0, 2], tensor[0, 1]])


def _abort(output: Path) -> str:
    """Return what CP2K says in its box before it aborts; empty when it says nothing."""
    text = output.read_text(encoding="utf-8", errors="replace") if output.is_file() else ""
    _, found, box = text.rpartition("[ABORT]")
    if not found:
        return ""
    said = " ".join(" ".join(line.strip(" *|/\\O_").split()) for line in box.split("\n")[1:9])
    return f"; it says: {' '.join(said.split())}"


@cache
def version() -> str:
    """Return the version that CP2K says it is."""
    command = without_launcher(command_of("cp2k", PROGRAMS))
    said = subprocess.run(  # noqa: S603 - words of the profile, no shell
        [*command, "--version"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    ).stdout
    found = re.search(r"CP2K version ([\w.+-]+)", said)
    return found[1] if found else "unknown"
