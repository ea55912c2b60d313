"""Computes one geometry with GPAW, in the Python that has it: a copy of this file is run there, in the job's folder.

    gpaw python gpaw_driver.py

reads ``gpaw-input.json`` in its working folder and writes ``gpaw-results.json``; the density is left in
``azibflow.gpw``, from which the next geometry begins. Without an input it writes versions and the folders of setups.
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

QUESTION, ANSWER, DENSITY, LOG = "gpaw-input.json", "gpaw-results.json", "azibflow.gpw", "gpaw.txt"


def main() -> None:
    """Compute where there is an input; else say what is here."""
    question = Path(QUESTION)
    answer = computed(json.loads(question.read_text(encoding="utf-8"))) if question.is_file() else facts()
    if import_module("gpaw.mpi").world.rank == 0:
        new = Path(ANSWER + ".new")
        new.write_text(json.dumps(answer), encoding="utf-8")
        new.replace(ANSWER)


def facts() -> dict[str, Any]:
    """Return versions, and the folders of setups."""
    gpaw, ase = import_module("gpaw"), import_module("ase")
    return {"gpaw": gpaw.__version__, "ase": ase.__version__, "setups": [str(path) for path in gpaw.setup_paths]}


def computed(question: dict[str, Any]) -> dict[str, Any]:
    """Compute a geometry; an SCF that does not converge is an answer too."""
    gpaw, atoms_of = import_module("gpaw"), import_module("ase").Atoms
    atoms = atoms_of(**question["atoms"])
    mode = gpaw.PW(question["cutoff"])
    begun = Path(DENSITY).is_file() and question["settings"] == kept_settings()
    calculator = gpaw.GPAW(DENSITY, txt=LOG) if begun else gpaw.GPAW(mode=mode, txt=LOG, **question["settings"])
    atoms.calc = calculator
    try:
        energy = float(atoms.get_potential_energy())
    except gpaw.KohnShamConvergenceError as error:
        return {"unconverged": " ".join(str(error).split())}
    found = {"energy": energy, "free_energy": float(atoms.get_potential_energy(force_consistent=True))}
    found["forces"] = atoms.get_forces().tolist()
    if question["stress"]:
        found["stress"] = atoms.get_stress().tolist()
    calculator.write(DENSITY)
    if import_module("gpaw.mpi").world.rank == 0:
        Path(DENSITY + ".json").write_text(json.dumps(question["settings"]), encoding="utf-8")
    return found


def kept_settings() -> Any:
    """Return the settings of the density that is there; nothing when there are none."""
    path = Path(DENSITY + ".json")
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


if __name__ == "__main__":
    main()
