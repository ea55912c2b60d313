"""The documents say what the program does."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.plan import plan
from azibflow.campaigns.reference import reference_page
from azibflow.cli.main import COMMANDS, azibflow
from azibflow.errors import NotInstalledError
from azibflow.input_files.yaml_data import YamlData
from azibflow.structures.building import build
from azibflow.structures.recipes import StructureRecipe

ROOT = Path(__file__).parent.parent
CAMPAIGNS = sorted(path for path in (ROOT / "examples").glob("*.yaml") if not path.is_symlink())
"""Those that are links belong to the package, and are tested as such."""
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md"]


def blocks(language: str, page: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def help_pages() -> list[str]:
    return [CliRunner().invoke(azibflow, [command, "--help"]).output for command in COMMANDS]


def test_the_reference_page_is_that_of_this_program() -> None:
    assert (ROOT / "docs" / "campaign.md").read_text(encoding="utf-8") == reference_page(), "run `make docs`"


LARGE = ("zn-host",)
"""Examples of so many structures that a plan of them takes long."""


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if path.stem in LARGE else []) for path in CAMPAIGNS],
)
def test_every_example_can_be_computed(path: Path) -> None:
    campaign = load_campaign(path)
    try:
        planned = plan(campaign)
    except NotInstalledError as error:  # a code of periodic DFT, which need not be here
        pytest.skip(str(error))
    assert len(planned) > 0


@pytest.mark.parametrize("page", ["docs/first-campaign.md", "docs/migration.md", "docs/tutorial-slurm.md"])
def test_the_campaign_of_a_page_can_be_computed(page: str, tmp_path: Path) -> None:
    (campaign,) = [block for block in blocks("yaml", page) if block.startswith("name:")]
    path = tmp_path / "campaign.yaml"
    path.write_text(campaign)
    assert len(plan(load_campaign(path))) > 0


def test_edited_structures_of_the_page_can_be_built() -> None:
    """Those on whose surfaces many sites are looked for are slow; their keys are read all the same."""
    (text,) = blocks("yaml", "docs/edits.md")
    recipes = {name: StructureRecipe.model_validate(keys) for name, keys in YamlData(text).data["systems"].items()}
    built = {name: build(recipe) for name, recipe in recipes.items() if name not in ("fe-mxene", "rgo")}
    assert built["zn-in"].get_chemical_formula() == built["zn-in-under"].get_chemical_formula() == "InZn44"
    assert all(recipe.edits for recipe in recipes.values())


def test_the_list_of_edits_on_the_page_is_that_of_the_program() -> None:
    (shown,) = blocks("console", "docs/edits.md")
    command, _, listed = shown.partition("\n")
    assert CliRunner().invoke(azibflow, shlex.split(command)[2:]).output == listed


def test_the_python_of_its_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    exec("\n".join(blocks("python", "docs/python.md")), {})  # what the page tells a reader to run
    said = capsys.readouterr().out
    assert re.search(r"\d\.\d{3} eV, ok", said)
    assert "[1.16" in said, "the first step of the ladder"
    assert (tmp_path / "desolvation.png").stat().st_size > 10_000


def test_the_python_of_the_cluster_page_runs_as_a_script(tmp_path: Path) -> None:
    """With a SLURM that takes every job and a flow whose jobs are all light, which run beside the coordinator."""
    page = (ROOT / "docs" / "hpc.md").read_text(encoding="utf-8")
    section = page.partition("## From Python\n")[2].partition("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    light = "import operator\nfrom jobflow import Flow, job\nthree = job(operator.add)(1, 2)\n"
    light += "three.config.manager_config = {'kind': 'light'}\n"
    wanted = 'campaign_flow(load_campaign(Path("campaign.yaml")))'
    assert wanted in code
    (tmp_path / "script.py").write_text(light + code.replace(wanted, "Flow([three])"))
    for command in ("sbatch", "squeue", "scancel", "scontrol", "sinfo"):
        (tmp_path / command).write_text("#!/bin/sh\n")
        (tmp_path / command).chmod(0o755)
    profiles = tmp_path / "azibflow" / "profiles"
    profiles.mkdir(parents=True)
    (profiles / "mycluster.yaml").write_text("defaults: {cpus: 1}\n")
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "script.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "XDG_CONFIG_HOME": str(tmp_path)},
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "finished=1" in done.stdout


def test_pages_name_only_commands_there_are() -> None:
    pages = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    code = "\n".join(re.findall(r"^ *```\w*\n(.*?)^ *```", pages, flags=re.DOTALL | re.MULTILINE))
    named = set(re.findall(r"^ *(?:\S+/)?azibflow ([a-z]+)\b", code, flags=re.MULTILINE))
    assert named <= set(COMMANDS), named - set(COMMANDS)
    assert {"run", "table", "plot", "validate", "build"} <= named


def test_what_the_documents_write_is_no_part_of_the_checkout() -> None:
    """The files that commands in the documents name, and where runs and pictures go, are left alone by git."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    pages = [README, *(page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md")), *help_pages()]
    named = {name for page in pages for name in re.findall(r"azibflow .* (?:-o|--plot) ([\w-]+\.[\w.]+)", page)}
    assert {"adsorption.csv", "zn100.cif", "zn002.vasp", "parity.png"} <= named
    places = [*sorted(named), "figures/esp/esp.png", "runs/quickstart/store.sqlite"]
    ignored = subprocess.run(["git", "check-ignore", *places], capture_output=True, text=True, cwd=ROOT, check=False)
    assert ignored.stdout.split() == places


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http", "mailto")):
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
