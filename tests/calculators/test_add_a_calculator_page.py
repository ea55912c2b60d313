"""The page on adding a calculator: its package is written to a folder, found by its entry point, and computes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "add-a-calculator.md").read_text(encoding="utf-8")
COHESIVE_ENERGY = 3.50
"""Of copper, eV per atom, to which the potential was fitted (10.1103/PhysRev.114.687; 3.49 by Kittel)."""

SCRIPT = """
import contextlib, io, json, sys
from azibflow.cli.main import main

def told(words):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            main(words)
        except SystemExit as end:
            assert end.code == 0, (words, end.code)
    return out.getvalue()

if __name__ == "__main__":
    print(json.dumps([told(words) for words in json.loads(sys.argv[1])]))
"""

BULK = """
import json
from ase.build import bulk
from azibflow.calculators.contract import broken_promise
from azibflow.calculators.factory import available, make_calculator, record
from azibflow.calculators.relaxation import relax
from azibflow.calculators.specs import parse_spec

spec = parse_spec("morse:Cu")
relaxed = relax(bulk("Cu", a=3.5), make_calculator(spec), cell="full", fmax=0.001, max_stress=0.001)
lattice = relaxed.atoms.cell.lengths()[0] * 2**0.5
listed = next(entry for entry in available() if entry.kind == "morse")
print(json.dumps([broken_promise(spec), relaxed.energy, float(lattice), record(spec).versions, listed]))
"""

REFUSED = """
from azibflow.calculators.specs import parse_spec
from azibflow.errors import CapabilityError

parse_spec("chgnet")
try:
    parse_spec("morse:Cu")
except CapabilityError as error:
    print(error)
"""


def place(folder: Path) -> None:
    """Write the files of the page, and what an installer makes of the project."""
    for name, text in re.findall(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)```", PAGE, flags=re.DOTALL | re.MULTILINE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    installed = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    groups = project["entry-points"].items()
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in entries.items()) for group, entries in groups]
    (installed / "entry_points.txt").write_text("\n".join(lines))
    (folder / "morse_metals" / "__init__.py").touch()
    (folder / "script.py").write_text(SCRIPT)


def python(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def azibflow(folder: Path, *commands: str) -> list[str]:
    """Run commands one after the other in one process, and return what each prints."""
    told: list[str] = json.loads(python(folder, "script.py", json.dumps([words.split() for words in commands])))
    return told


def test_the_commands_of_the_page_compute(tmp_path: Path) -> None:
    place(tmp_path)
    (console,) = re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL)
    commands = [line.removeprefix("$ azibflow ") for line in console.splitlines()]
    limits, _, table, schema = azibflow(tmp_path, *commands, "validate --schema")
    assert "elements: Cu\n" in limits
    assert "work: surrogate\n" in limits
    (row,) = [line for line in table.splitlines() if "(100)" in line]
    assert "ok" in row
    assert "morse-metals 0.1" in table
    assert "range of the potential, angstrom" in schema


def test_the_potential_is_that_of_the_paper_and_keeps_the_contract(tmp_path: Path) -> None:
    place(tmp_path)
    broken, energy, lattice, versions, listed = json.loads(python(tmp_path, "-c", BULK))
    assert broken == ""
    assert versions["morse-metals"] == "0.1"
    assert listed[:2] == ["morse", True]
    assert listed[3] == "morse-metals 0.1"
    assert -energy == pytest.approx(COHESIVE_ENERGY, abs=0.05)
    assert lattice == pytest.approx(3.615, abs=0.02)


def test_one_that_does_not_say_its_queue_is_named_and_the_rest_works(tmp_path: Path) -> None:
    place(tmp_path)
    spec = tmp_path / "morse_metals" / "spec.py"
    spec.write_text(spec.read_text().replace("def queue", "def queued"))
    refused = python(tmp_path, "-c", REFUSED)
    assert "unknown calculator kind 'morse:Cu': valid kinds are chgnet, sevennet, mace" in refused
    assert (
        "plug-in 'morse' of morse-metals (azibflow.calculators) cannot be used: MorseSpec does not say queue" in refused
    )
