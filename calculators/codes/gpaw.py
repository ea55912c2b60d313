"""GPAW: plane waves and PAW setups (10.1063/5.0182685), one run for each geometry, from the last wave functions."""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import CalculationError, CapabilityError, NotInstalledError, OutOfMemoryError, ScfNotConvergedError
from .gpaw_driver import ANSWER, LOG, QUESTION, STARTED, STATE
from .program import command_of, run_program, without_launcher

if TYPE_CHECKING:
    from ase import Atoms

    from ..kinds.gpaw import GpawSpec

PRINTED = "gpaw.err"
MIXER = {"backend": "pulay", "nmaxold": 5, "weight": 50.0}
INSULATOR = 0.25
"""Mixing for insulators, whose charge does not slosh: GPAW's own of 0.05 takes 38 cycles for ZnSc2S4, this one 23."""
SETUP_HEAD = 2000
"""Characters of a setup that hold its atom."""
DRIVER = Path(__file__).with_name("gpaw_driver.py")


class Gpaw:
    """GPAW with the settings of a spec.

    Args:
        spec: functional, cutoff, k-points, spins, +U.
    """

    orbitals = f"{STATE}*"

    def __init__(self, spec: GpawSpec) -> None:
        self.spec = spec

    def compute(self, atoms: Atoms, properties: list[str], folder: Path) -> dict[str, Any]:
        """Run GPAW in a folder.

        Raises:
            CapabilityError: GPAW or a setup is missing.
            ScfNotConvergedError: its SCF did not converge.
            OutOfMemoryError: it was killed.
            CalculationError: it ended otherwise without a number.
        """
        question = gpaw_input(self.spec, atoms, stress="stress" in properties)
        (folder / QUESTION).write_text(json.dumps(question), encoding="utf-8")
        answer = _answer(command(), folder)
        if "unconverged" in answer:
            raise ScfNotConvergedError(
                f"the SCF of GPAW did not converge: {answer['unconverged']} ({folder / LOG}); try smearing, other "
                "initial moments, or more max_cycles"
            )
        return {name: value if isinstance(value, float) else np.array(value) for name, value in answer.items()}


def command() -> list[str]:
    """Return what starts a script in GPAW's Python."""
    found = command_of("gpaw", ("gpaw",))
    return [*found, "python"] if Path(found[-1]).name == "gpaw" else found


def gpaw_input(spec: GpawSpec, atoms: Atoms, *, stress: bool) -> dict[str, Any]:
    """Return what the driver is asked.

    Args:
        spec: settings.
        atoms: the geometry; charge and multiplicity in ``info``, initial moments of its atoms.
        stress: compute the stress too.
    """
    moments = spec.initial_moments(atoms)
    sampled = spec.sampled(atoms)
    slab = spec.dipole_correction(atoms)
    stays = bool(moments.any()) and (spec.smearing is None or atoms.info.get("spin") is not None)
    settings: dict[str, Any] = {
        "xc": "LDA" if spec.functional == "lda" else spec.functional.upper().replace("PBESOL", "PBEsol"),
        "kpts": {"size": list(spec.mesh(atoms)), "gamma": True},
        "occupations": {
            "name": "fermi-dirac",
            "width": spec.smearing or 0.0,
            **({"fixmagmom": True} if stays else {}),
        },
        "convergence": {"energy": spec.tolerance},
        "maxiter": spec.max_cycles,
        "charge": float(atoms.info.get("charge", 0)),
        "setups": {element: f":d,{value}" for element, value in spec.u_values(atoms).items()},
        # Atoms move on: what is symmetric now need not be so in the next step.
        "symmetry": {"point_group": False},
    }
    if spec.mixing is not None or spec.smearing is None:
        settings["mixer"] = {**MIXER, "beta": spec.mixing or INSULATOR}
    if slab:
        plane = "".join(axis for axis, on in zip("xyz", sampled, strict=True) if on)
        settings["poissonsolver"] = {"dipolelayer": plane}
    return {
        "atoms": {
            "numbers": atoms.numbers.tolist(),
            "positions": atoms.positions.tolist(),
            "cell": atoms.cell.tolist(),
            # The dipole layer lies where the slab is not periodic.
            "pbc": sampled.tolist() if slab else [True] * 3,
            **({"magmoms": moments.tolist()} if moments.any() else {}),
        },
        "cutoff": spec.cutoff,
        "settings": settings,
        "stress": stress,
    }


@cache
def facts() -> dict[str, Any]:
    """Ask GPAW for its version, that of its ASE, and the folders of its setups; in this process's place, in no queue.

    Raises:
        NotInstalledError: it is not here, or does not run here.
    """
    with TemporaryDirectory() as folder:
        try:
            return _answer(without_launcher(command()), Path(folder))
        except CalculationError as error:
            raise NotInstalledError(f"gpaw: {error}") from error


def _answer(started_by: list[str], folder: Path) -> dict[str, Any]:
    """Run the driver in a folder; its copy there can be run again by hand."""
    for left in (ANSWER, STARTED):
        (folder / left).unlink(missing_ok=True)
    copyfile(DRIVER, folder / DRIVER.name)
    try:
        run_program([*started_by, DRIVER.name], folder, folder / PRINTED)
    except OutOfMemoryError:
        raise
    except CalculationError as error:
        raise type(error)(f"{error}; it says: {_last_line(folder / PRINTED)}") from error
    finally:
        (folder / STARTED).unlink(missing_ok=True)
    if not (folder / ANSWER).is_file():
        raise CalculationError(f"GPAW ended without an answer; it says: {_last_line(folder / PRINTED)}")
    found: dict[str, Any] = json.loads((folder / ANSWER).read_text(encoding="utf-8"))
    return found


def setup_file(element: str, functional: str) -> Path:
    """Find the setup of an element.

    Raises:
        CapabilityError: there is none.
    """
    name = {"lda": "LDA", "pbesol": "PBE"}.get(functional, functional.upper())
    for folder in facts()["setups"]:
        for ending in ("", ".gz"):
            if (path := Path(folder) / f"{element}.{name}{ending}").is_file():
                return path
    raise CapabilityError(f"gpaw: no setup {element}.{name} in {', '.join(facts()['setups']) or 'any folder'}")


@cache
def valence_electrons(element: str, functional: str) -> int:
    """Return how many electrons the setup of an element leaves to the calculation.

    Raises:
        CapabilityError: there is no setup.
    """
    path = setup_file(element, functional)
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        found = re.search(r'<atom [^>]*valence="(\d+)', file.read(SETUP_HEAD))
    if found is None:
        raise CapabilityError(f"gpaw: {path} does not say how many valence electrons it has")
    return int(found[1])


def setup_files(functional: str) -> list[Path]:
    """Return the setups of a functional, those of all elements."""
    first = setup_file("H", functional)
    return sorted(first.parent.glob(f"*.{first.name.split('.', 1)[1]}"))


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines() if path.is_file() else []
    return lines[-1] if lines else "nothing"
