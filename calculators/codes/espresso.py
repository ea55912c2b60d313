"""Quantum ESPRESSO's pw.x (10.1088/1361-648X/aa8f79): one run for each geometry, from what the last one has left."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np
from ase.units import Bohr, Hartree

from ...errors import CalculationError, OutOfMemoryError, ScfNotConvergedError
from .espresso_input import PREFIX, cards, namelists, written
from .program import command_of, run_program, without_launcher

if TYPE_CHECKING:
    from ase import Atoms

    from ..kinds.espresso import EspressoSpec

PROGRAMS = ("pw.x",)
INPUT, OUTPUT = "pw.in", "pw.out"
RESULTS = f"{PREFIX}.save/data-file-schema.xml"


class Espresso:
    """pw.x with the settings of a spec.

    Args:
        spec: functional, pseudopotentials, cutoffs, k-points, spins, +U.
    """

    orbitals = f"{PREFIX}.save/*"

    def __init__(self, spec: EspressoSpec) -> None:
        self.spec = spec

    def compute(self, atoms: Atoms, properties: list[str], folder: Path) -> dict[str, Any]:
        """Run pw.x in a folder.

        Raises:
            CapabilityError: pw.x or a pseudopotential is missing.
            ScfNotConvergedError: its SCF did not converge.
            OutOfMemoryError: it was killed.
            CalculationError: it ended otherwise without a number.
        """
        stress = "stress" in properties
        return self._run(atoms, folder, stress=stress, begun=self._may_begin_with_the_last(atoms, folder))

    def _may_begin_with_the_last(self, atoms: Atoms, folder: Path) -> bool:
        """Tell whether a run of the same cell and k-points has left its density: another one's is on another grid."""
        known = folder / INPUT
        last = known.read_text(encoding="utf-8") if known.is_file() else ""
        wanted = cards(self.spec, atoms)
        return any(folder.glob(self.orbitals)) and all(wanted[name] in last for name in ("CELL_PARAMETERS", "K_POINTS"))

    def _run(self, atoms: Atoms, folder: Path, *, stress: bool, begun: bool) -> dict[str, Any]:
        command = command_of("espresso", PROGRAMS)
        text = written(
            namelists(self.spec, atoms, stress=stress, begun=begun, version=version()),
            cards(self.spec, atoms, version=version()),
        )
        (folder / INPUT).write_text(text, encoding="utf-8")
        try:
            run_program([*command, "-in", INPUT], folder, folder / OUTPUT)
        except OutOfMemoryError:
            raise
        except CalculationError as error:
            require_convergence(folder / OUTPUT)
            raise CalculationError(f"{error}{_abort(folder / OUTPUT)}") from error
        require_convergence(folder / OUTPUT)
        return results(folder, len(atoms), stress=stress)


def require_convergence(output: Path) -> None:
    """Refuse an SCF that did not converge.

    Args:
        output: what pw.x has printed.

    Raises:
        ScfNotConvergedError: it says that it gave up.
    """
    if found := re.search(r"convergence NOT achieved after\s+(\d+) iterations", _text(output)):
        raise ScfNotConvergedError(
            f"the SCF of pw.x did not converge in {found[1]} iterations; {output}; try smearing, other initial "
            "moments, less mixing, or more max_cycles"
        )


def results(folder: Path, atoms: int, *, stress: bool) -> dict[str, Any]:
    """Read what pw.x has found, in eV and angstrom: the energy for a vanishing width, and the free energy.

    Args:
        folder: in which it ran.
        atoms: their number.
        stress: it has to be there.

    Raises:
        CalculationError: energy, forces or stress are not there.
    """
    try:
        if "JOB DONE" not in _text(folder / OUTPUT):
            raise ValueError("it did not end")
        output = ElementTree.parse(folder / RESULTS).getroot().find("output")  # noqa: S314 - a file of our own program
        if output is None:
            raise ValueError("it has no output")
        free = _number(output, "total_energy/etot")
        forces = _table(output, "forces").reshape(atoms, 3)
        found: dict[str, Any] = {"free_energy": free * Hartree, "forces": forces * (Hartree / Bohr)}
        # Half of the entropy's share takes a Fermi function's energy to that of no width (10.1088/0953-8984/1/4/005).
        entropic = _number(output, "total_energy/demet") if output.find("total_energy/demet") is not None else 0.0
        found["energy"] = (free - entropic / 2) * Hartree
        if stress:
            tensor = -_table(output, "stress").reshape(3, 3) * (Hartree / Bohr**3)
            found["stress"] = tensor[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]
    except (OSError, ElementTree.ParseError, ValueError) as error:
        raise CalculationError(
            f"pw.x ended without energy and forces; {folder / OUTPUT}{_abort(folder / OUTPUT)}"
        ) from error
    return found


def _number(output: ElementTree.Element, place: str) -> float:
    return float(output.findtext(place) or "")


def _table(output: ElementTree.Element, place: str) -> Any:
    return np.array((output.findtext(place) or "").split(), dtype=float)


def _text(output: Path) -> str:
    return output.read_text(encoding="utf-8", errors="replace") if output.is_file() else ""


def _abort(output: Path) -> str:
    """Return what pw.x says in its box before it stops, else its last line; empty when it says nothing."""
    text = _text(output)
    boxes = re.findall(r"%{20,}\n(.*?)\n\s*%{20,}", text, re.DOTALL)
    said = " ".join(boxes[-1].split()) if boxes else "".join(text.strip().splitlines()[-1:])
    return f"; it says: {said}" if said else ""


@cache
def version() -> str:
    """Return the version that pw.x says it is; what follows it in the command is for many processes."""
    command = without_launcher(command_of("espresso", PROGRAMS))
    program = next((index for index, word in enumerate(command) if Path(word).name in PROGRAMS), len(command) - 1)
    with TemporaryDirectory() as folder:
        said = subprocess.run(  # noqa: S603 - words of the profile, no shell
            command[: program + 1], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, cwd=folder
        ).stdout
    found = re.search(r"Program PWSCF\s+v\.([\w.+-]+)", said)
    return found[1] if found else "unknown"
