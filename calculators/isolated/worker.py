"""Computes in the environment of another potential: this file alone is run, by the Python of that environment.

Each line of standard input is a question, each line of standard output its answer, both JSON. The first names the
calculator; every further one brings atoms and the properties that are wanted. What libraries print goes to standard
error. It ends when its input ends, in the middle of a calculation too, so that it never outlives who asked.
"""

import json
import os
import queue
import sys
import threading
from importlib import import_module, metadata
from typing import Any


def main() -> None:
    """Answer until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    questions: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(questions,), daemon=True).start()
    calculator = None
    while True:
        question = json.loads(questions.get())
        answer: dict[str, Any]
        try:
            if "calculator" in question:
                calculator = _make(question["calculator"], question["options"])
                answer = {
                    "properties": list(calculator.implemented_properties),
                    "versions": _versions(question["calculator"].partition(".")[0]),
                }
            else:
                answer = {"results": _computed(calculator, question)}
        except Exception as error:  # whatever a potential raises is an answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _listen(questions: "queue.Queue[str]") -> None:
    for line in sys.stdin:
        questions.put(line)
    os._exit(0)


def _make(path: str, options: dict[str, Any]) -> Any:
    module, _, name = path.replace(":", ".").rpartition(".")
    return getattr(import_module(module), name)(**{key: _made(value) for key, value in options.items()})


def _made(value: Any) -> Any:
    """Make what an option describes as ``{class: PATH, options: {...}}``, such as a network with its weights."""
    if isinstance(value, list):
        return [_made(item) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("class"), str) and set(value) <= {"class", "options"}:
        return _make(value["class"], value.get("options", {}))
    return {key: _made(item) for key, item in value.items()}


def _versions(module: str) -> dict[str, str]:
    names = metadata.packages_distributions().get(module, [])
    return {name: metadata.version(name) for name in dict.fromkeys(names)}


def _computed(calculator: Any, question: dict[str, Any]) -> dict[str, Any]:
    from ase import Atoms

    atoms = Atoms(
        question["numbers"],
        positions=question["positions"],
        cell=question["cell"],
        pbc=question["pbc"],
        magmoms=question["magmoms"],
        charges=question["charges"],
        info=question["info"],
    )
    calculator.calculate(atoms, question["properties"], ["positions", "numbers", "cell", "pbc"])
    return {name: _plain(value) for name, value in calculator.results.items() if _is_numeric(value)}


def _is_numeric(value: Any) -> bool:
    import numpy

    return value is not None and numpy.asarray(value).dtype.kind in "fiu"


def _plain(value: Any) -> Any:
    import numpy

    return numpy.asarray(value).tolist()


if __name__ == "__main__":
    main()
