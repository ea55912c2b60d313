"""Every command of the README and the tutorials, and the notebook, as a reader would run them."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from azibflow.cli.main import azibflow

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
QUICK, COMPUTES = "sh", "bash"
"""Languages of blocks whose commands take seconds, and of those that compute for minutes."""


def commands(page: Path, *languages: str) -> str:
    """Return the shell commands of a page, in order."""
    found = re.findall(r"```(\w+)\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return "".join(text for language, text in found if language in languages)


def run(script: str, folder: Path) -> str:
    """Run shell commands one after the other, with this azibflow first in the path; return what they print."""
    (folder / "examples").symlink_to(ROOT / "examples")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PATH": path},
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
    return done.stdout + done.stderr


@pytest.mark.slow
def test_the_tutorial_of_the_laptop(tmp_path: Path) -> None:
    said = run(commands(DOCS / "tutorial-laptop.md", QUICK, COMPUTES), tmp_path)
    assert "Migration barrier of Zn, lowest first: 2 of 2 structures have a number." in said
    assert (tmp_path / "ranking.csv").stat().st_size > 500
    assert (tmp_path / "figures" / "layered" / "report.html").stat().st_size > 100_000


def run_here(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run commands of azibflow in this process, which has its libraries imported; return what they print."""
    (folder / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(folder)
    said = ""
    for line in script.splitlines():
        command, _, alternative = line.partition(" || ")
        name, *arguments = shlex.split(command)
        assert name == "azibflow"
        done = CliRunner().invoke(azibflow, arguments)
        assert done.exit_code == 0 or (alternative == "true" and done.exit_code == 1), f"{line}\n{done.output[-3000:]}"
        said += done.output
    return said


def test_the_tutorial_of_the_referee(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run_here(commands(DOCS / "tutorial-referee.md", QUICK), tmp_path, monkeypatch)
    assert "10.1039/d5mh02260f" in said
    assert "717" in said
    assert (tmp_path / "ladder.tex").read_text().count("\\\\") > 10
    assert "<h1" in (tmp_path / "referee.html").read_text()


@pytest.mark.slow
def test_the_five_commands_of_the_readme(tmp_path: Path) -> None:
    """From a CIF to a barrier and its page; of a small host here."""
    (five,) = [
        block
        for block in re.findall(r"```\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
        if "azibflow init" in block
    ]
    assert len(five.splitlines()) == 5
    said = run(f"azibflow build 1T-TiS2 -o my-host.cif\n{five}", tmp_path)
    assert "my-host" in said
    assert (tmp_path / "figures" / "my-host" / "report.html").is_file()


@pytest.mark.slow
def test_the_notebook(tmp_path: Path) -> None:
    notebook = json.loads((ROOT / "examples" / "notebook.ipynb").read_text(encoding="utf-8"))
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(not cell.get("outputs") for cell in notebook["cells"]), "kept without outputs"
    (tmp_path / "results").symlink_to(ROOT / "examples" / "results")
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(code)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d\.\d{3} eV, ok", done.stdout)
    assert "published DFT barriers of Zn" in done.stdout
