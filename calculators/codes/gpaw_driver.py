"""Computes one geometry with GPAW, in the Python that has it: a copy of this file is run there, in the job's folder.

    gpaw python gpaw_driver.py

reads ``gpaw-input.json`` in its working folder and writes ``gpaw-results.json``; density and wave functions are left
in ``azibflow.gpw``, from which the next geometry begins. Without an input it writes versions and the folders of setups.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

QUESTION, ANSWER, STATE, LOG = "gpaw-input.json", "gpaw-results.json", "azibflow.gpw", "gpaw.txt"
SETTINGS, PART = f"{STATE}.json", f"{STATE}.part"
STARTED = "gpaw-started"
"""Is there while GPAW computes."""
BESIDE = (
    f"{STARTED} is there: another GPAW computes in this folder, as when a launcher of another MPI starts it several "
    "times on one process each (srun --mpi=list names others), or a kill left the file"
)


def main() -> None:
    """Compute where there is an input; else say what is here."""
    begin_alone()
    question = Path(QUESTION)
    answer = computed(json.loads(question.read_text(encoding="utf-8"))) if question.is_file() else facts()
    if import_module("gpaw.mpi").world.rank == 0:
        new = Path(ANSWER + ".new")
        new.write_text(json.dumps(answer), encoding="utf-8")
        new.replace(ANSWER)


def begin_alone() -> None:
    """End where there is another: a launcher of another MPI starts processes that do not know of each other."""
    if import_module("gpaw.mpi").world.rank == 0:
        try:
            Path(STARTED).touch(exist_ok=False)
        except FileExistsError:
            sys.exit(BESIDE)


def facts() -> dict[str, Any]:
    """Return versions, and the folders of setups."""
    gpaw, ase = import_module("gpaw"), import_module("ase")
    return {"gpaw": gpaw.__version__, "ase": ase.__version__, "setups": [str(path) for path in gpaw.setup_paths]}


def computed(question: dict[str, Any]) -> dict[str, Any]:
    """Compute a geometry; an SCF that does not converge is an answer too."""
    gpaw, atoms_of = import_module("gpaw"), import_module("ase").Atoms
    atoms = atoms_of(**question["atoms"])
    mode = gpaw.PW(question["cutoff"])
    begun = Path(STATE).is_file() and question["settings"] == kept_settings()
    calculator = gpaw.GPAW(STATE, txt=LOG) if begun else gpaw.GPAW(mode=mode, txt=LOG, **question["settings"])
    atoms.calc = calculator
    try:
        energy = float(atoms.get_potential_energy())
    except gpaw.KohnShamConvergenceError as error:
        return {"unconverged": " ".join(str(error).split())}
    found = {"energy": energy, "free_energy": float(atoms.get_potential_energy(force_consistent=True))}
    found["forces"] = atoms.get_forces().tolist()
    if question["stress"]:
        found["stress"] = atoms.get_stress().tolist()
    # Of a density alone GPAW makes no use at other positions.
    calculator.write(PART, mode="all")
    if import_module("gpaw.mpi").world.rank == 0:
        keep(question["settings"])
    return found


def keep(settings: Any) -> None:
    """Put what was written in the place of what was there; a kill at any point leaves no file with other settings."""
    Path(SETTINGS).unlink(missing_ok=True)
    Path(PART).replace(STATE)
    Path(SETTINGS).write_text(json.dumps(settings), encoding="utf-8")


def kept_settings() -> Any:
    """Return the settings of the wave functions that are there; nothing when there are none."""
    path = Path(SETTINGS)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


if __name__ == "__main__":
    main()
