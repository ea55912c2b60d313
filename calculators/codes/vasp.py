"""VASP: plane waves and PAW (10.1103/PhysRevB.54.11169), one run for each geometry, from the orbitals of the last."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import CalculationError, CapabilityError, NotInstalledError, ScfNotConvergedError
from .program import command_of, run_program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ase import Atoms

    from ..kinds.vasp import VaspSpec

PROGRAMS = ("vasp_std", "vasp")
PRINTED, OUTPUT = "vasp.out", "vasprun.xml"
VARIABLE = "VASP_PP_PATH"
"""Names the folder of ``potpaw_PBE``, as for ASE."""
SETS = {"pbe": "potpaw_PBE", "rpbe": "potpaw_PBE", "pbesol": "potpaw_PBE", "r2scan": "potpaw_PBE", "lda": "potpaw"}
FUNCTIONALS: dict[str, dict[str, Any]] = {
    "pbe": {"GGA": "PE"},
    "rpbe": {"GGA": "RP"},
    "pbesol": {"GGA": "PS"},
    "r2scan": {"METAGGA": "R2SCAN"},
    "lda": {},
}
D_SHELL = 2


class Vasp:
    """VASP with the settings of a spec.

    Args:
        spec: functional, cutoff, k-points, spins, +U.
    """

    orbitals = "WAVECAR"

    def __init__(self, spec: VaspSpec) -> None:
        self.spec = spec

    def compute(self, atoms: Atoms, properties: list[str], folder: Path) -> dict[str, Any]:
        """Run VASP in a folder; it takes the WAVECAR of the last run by itself.

        Raises:
            CapabilityError: VASP or a potential is missing.
            ScfNotConvergedError: its SCF did not converge.
            OutOfMemoryError: it was killed.
            CalculationError: it ended otherwise without a number.
        """
        del properties  # one run gives energy, forces and stress
        command = command_of("vasp", PROGRAMS)
        order = by_element(atoms)
        for name, text in vasp_input(self.spec, atoms[order]).items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / OUTPUT).unlink(missing_ok=True)
        run_program(command, folder, folder / PRINTED)
        found = results(folder / OUTPUT, len(atoms))
        # VASP wants the atoms of an element together; the forces go back to where they belong.
        found["forces"] = found["forces"][np.argsort(order)]
        return found


def by_element(atoms: Atoms) -> Sequence[int]:
    """Return the order in which VASP reads the atoms: elements as they first appear, each with all its atoms."""
    elements = list(dict.fromkeys(atoms.symbols))
    return sorted(range(len(atoms)), key=lambda index: (elements.index(atoms.symbols[index]), index))


def potential_file(element: str, spec: VaspSpec) -> Path:
    """Find the potential of an element.

    Raises:
        NotInstalledError: nothing says where potentials are.
        CapabilityError: the potential is missing.
    """
    said = os.environ.get(VARIABLE)
    if not said:
        raise NotInstalledError(f"vasp: the variable {VARIABLE} has to name the folder in which {SETS['pbe']} is")
    name = spec.potentials.get(element, element)
    path = Path(said).expanduser() / SETS[spec.functional] / name / "POTCAR"
    if not path.is_file():
        raise CapabilityError(f"vasp: there is no {path}; potentials: {{{element}: NAME}} names another one")
    return path


def potential_files(spec: VaspSpec) -> list[Path]:
    """Return the potentials that a calculation takes of any element, as far as they are there."""
    from ase.data import chemical_symbols

    found = []
    for element in chemical_symbols[1:]:
        with suppress(CapabilityError):
            found.append(potential_file(element, spec))
    return found


def vasp_input(spec: VaspSpec, atoms: Atoms) -> dict[str, str]:
    """Return the input files of one calculation, by name.

    Args:
        spec: settings.
        atoms: the geometry, the atoms of each element together; charge and multiplicity in ``info``.
    """
    from io import StringIO

    from ase.io.vasp import write_vasp

    poscar = StringIO()
    write_vasp(poscar, atoms, direct=True, ignore_constraints=True)
    elements = list(dict.fromkeys(map(str, atoms.symbols)))
    potcar = "".join(potential_file(element, spec).read_text(encoding="latin-1") for element in elements)
    keys = incar(spec, atoms, _valence_electrons(potcar, elements))
    mesh = spec.mesh(atoms)
    return {
        "INCAR": "".join(f"{key} = {_word(value)}\n" for key, value in keys.items()),
        "KPOINTS": f"by azibflow\n0\nGamma\n{mesh[0]} {mesh[1]} {mesh[2]}\n0 0 0\n",
        "POSCAR": poscar.getvalue(),
        "POTCAR": potcar,
    }


def incar(spec: VaspSpec, atoms: Atoms, valence: dict[str, float]) -> dict[str, Any]:
    """Return the keys of INCAR.

    Args:
        spec: settings.
        atoms: the geometry, the atoms of each element together.
        valence: valence electrons of an atom by element.
    """
    elements, moments, u_values = list(valence), spec.initial_moments(atoms), spec.u_values(atoms)
    keys: dict[str, Any] = {
        **FUNCTIONALS[spec.functional],
        "PREC": "Accurate",
        "ENCUT": spec.cutoff,
        "EDIFF": spec.tolerance,
        "NELM": spec.max_cycles,
        "ALGO": spec.algorithm,
        "ISMEAR": 0 if spec.smearing is None else -1,
        "SIGMA": 0.05 if spec.smearing is None else spec.smearing,
        "IBRION": -1,
        "NSW": 0,
        "ISIF": 2,
        "ISYM": 0,
        "LREAL": False,
        "LASPH": True,
        "LWAVE": True,
        "LCHARG": False,
    }
    if moments.any():
        keys |= {"ISPIN": 2, "MAGMOM": _runs(moments.tolist())}
        if (spin := atoms.info.get("spin")) is not None:
            keys["NUPDOWN"] = int(spin) - 1
    if u_values:
        keys |= {
            "LDAU": True,
            "LDAUTYPE": 2,
            "LDAUL": " ".join(str(D_SHELL if element in u_values else -1) for element in elements),
            "LDAUU": " ".join(f"{u_values.get(element, 0.0):g}" for element in elements),
            "LDAUJ": " ".join("0" for _ in elements),
            "LMAXMIX": 4,
        }
    if spec.dipole_correction(atoms):
        keys |= {"LDIPOL": True, "IDIPOL": int(np.flatnonzero(~spec.sampled(atoms))[0]) + 1}
    if charge := atoms.info.get("charge", 0):
        keys["NELECT"] = sum(valence[symbol] for symbol in atoms.symbols) - charge
    return keys


def results(output: Path, atoms: int) -> dict[str, Any]:
    """Read what VASP has found, in eV and angstrom: the energy for a vanishing width, and the free energy.

    Args:
        output: vasprun.xml.
        atoms: their number.

    Raises:
        ScfNotConvergedError: the SCF did not converge: what is written then is no result.
        CalculationError: energy and forces are not there.
    """
    from pymatgen.io.vasp import Vasprun

    try:
        run = Vasprun(
            str(output), parse_dos=False, parse_eigen=False, parse_potcar_file=False, exception_on_bad_xml=True
        )
        last = run.ionic_steps[-1]
        energies = last["electronic_steps"][-1] | {key: last[key] for key in ("e_0_energy", "e_fr_energy")}
        forces, stress = np.array(last["forces"], dtype=float), np.array(last["stress"], dtype=float)
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, UnboundLocalError) as error:
        raise CalculationError(
            f"VASP ended without energy and forces; {output} and {output.with_name(PRINTED)}"
        ) from error
    if not run.converged_electronic:
        raise ScfNotConvergedError(
            f"the SCF of VASP did not converge in {len(last['electronic_steps'])} steps; {output}; try smearing, other "
            "initial moments, or more max_cycles"
        )
    if forces.shape != (atoms, 3):
        raise CalculationError(f"VASP ended without energy and forces; {output}")
    from ase.units import GPa

    tensor = -stress * 0.1 * GPa  # kbar, with VASP's sign
    return {
        "energy": float(energies["e_0_energy"]),
        "free_energy": float(energies["e_fr_energy"]),
        "forces": forces,
        "stress": np.array([tensor[0, 0], tensor[1, 1], tensor[2, 2], tensor[1, 2], tensor[0, 2], tensor[0, 1]]),
    }


def _valence_electrons(potcar: str, elements: list[str]) -> dict[str, float]:
    """Read the valence electrons of each element from the potentials, in their order."""
    found = [float(number) for number in re.findall(r"ZVAL\s*=\s*([\d.]+)", potcar)]
    if len(found) != len(elements):
        raise CapabilityError(f"vasp: {len(found)} potentials were found for {', '.join(elements)}")
    return dict(zip(elements, found, strict=True))


def _runs(numbers: list[float]) -> str:
    """Write equal numbers in a row as VASP does: 3*0 for 0 0 0."""
    from itertools import groupby

    runs = [(number, len(list(same))) for number, same in groupby(numbers)]
    return " ".join(f"{count}*{number:g}" if count > 1 else f"{number:g}" for number, count in runs)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return ".TRUE." if value else ".FALSE."
    return f"{value:g}" if isinstance(value, float) else str(value)
