"""New campaigns: every template is valid and can be planned, own structures go in, mistakes leave no file behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ase.build import bulk
from command_line import azibflow

from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.plan import plan
from azibflow.campaigns.templates import Choices, new_campaign, templates
from azibflow.studies import study_kinds


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hop_of_copper() -> None:
    copper = bulk("Cu", cubic=True).repeat(2)
    before, after = copper[1:], copper[1:]
    after.positions[0] = copper.positions[0]
    before.write("before.vasp")
    after.write("after.vasp")


@pytest.mark.parametrize("name", sorted(templates()))
def test_every_template_is_a_campaign_that_can_be_planned(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    hop_of_copper()
    structures = ("before.vasp", "after.vasp") if name == "hop" else ()
    assert azibflow("init", name, *structures, "-o", "mine.yaml") == 0
    assert "next: azibflow run mine.yaml --dry-run" in capsys.readouterr().out
    campaign = load_campaign(Path("mine.yaml"))
    assert campaign.name == "mine"
    assert campaign.unused_systems == []
    if name != "dft":  # its code need not be here
        assert plan(campaign)


def test_there_is_a_template_for_every_study_but_training() -> None:
    begun = {load(name).studies[0].kind for name in templates() if name != "hop"}
    assert begun >= set(study_kinds()) - {"surrogate", "convergence"}


def load(name: str):
    path = Path(f"{name}.yaml")
    path.write_text(new_campaign(name, path, Choices()))
    return load_campaign(path)


def test_a_structure_of_ones_own_is_named_relative_to_the_campaign(capsys: pytest.CaptureFixture[str]) -> None:
    Path("files").mkdir()
    Path("campaigns").mkdir()
    bulk("Cu", cubic=True).write("files/my host.cif")
    assert azibflow("init", "migration", "files/my host.cif", "-o", "campaigns/copper.yaml", "--ion", "H") == 0
    text = Path("campaigns/copper.yaml").read_text()
    assert 'host: {file: "../files/my host.cif"}' in text
    campaign = load_campaign(Path("campaigns/copper.yaml"))
    assert campaign.studies[0].ion == "H"
    assert campaign.description == "H in my host"
    assert Path(campaign.systems["host"].file).is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("migrations",), "there is no template 'migrations'; did you mean 'migration'?"),
        (("migration", "alpha-V2O6"), "neither a file nor a prototype; did you mean 'alpha-V2O5'?"),
        (("migration", "Zn", "Cu"), "the template migration takes one structure, not 2"),
        (("hop",), "takes two structures, before and after the hop, not 0"),
        (("esp", "Zn"), "takes no structure"),
        (("migration", "--calculator", "chgnett"), "chgnett"),
        (("migration", "--ion", "Xx"), "Xx"),
        (("migration", "-o", "no/folder.yaml"), "no/folder.yaml: No such file"),
        (("migration", "-o", "a b.yaml"), "name"),
    ],
)
def test_a_mistake_is_told_and_leaves_no_file(
    words: tuple[str, ...], message: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert azibflow("init", *words) == 2
    assert message in capsys.readouterr().err
    assert list(here.glob("*.yaml")) == []


def test_a_file_that_is_there_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    Path("migration.yaml").write_text("mine")
    assert azibflow("init", "migration") == 2
    assert "migration.yaml exists; name another file with -o" in capsys.readouterr().err
    assert Path("migration.yaml").read_text() == "mine"


def test_templates_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("init") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(templates())
    assert any(line.startswith("hop ") and "two structures" in line for line in lines)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("azibflow init mig", "plain,migration"),
        ("azibflow rep", "plain,report"),
        ("azibflow table ads", "plain,adsorption"),
    ],
)
def test_shells_complete_commands_kinds_and_templates(line: str, expected: str) -> None:
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1), "_AZIBFLOW_COMPLETE": "bash_complete"}
    done = subprocess.run(
        [Path(sys.executable).parent / "azibflow"],
        env={**os.environ, **words},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [expected]


def test_a_screening_takes_any_number_of_structures(here: Path) -> None:
    (here / "hosts").mkdir()
    bulk("Cu", cubic=True).write("hosts/Cu.cif")
    assert azibflow("init", "screening", "hosts/Cu.cif", "2H-MoS2", "alpha-V2O5", "-o", "many.yaml") == 0
    campaign = load_campaign(Path("many.yaml"))
    assert campaign.studies[0].system == ["Cu", "2H-MoS2", "alpha-V2O5"]
    assert campaign.systems["Cu"].file == here / "hosts" / "Cu.cif"


def test_two_structures_of_one_name_are_no_ranking(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("a", "b"):
        (here / folder).mkdir()
        bulk("Cu", cubic=True).write(f"{folder}/Cu.cif")
    assert azibflow("init", "screening", "a/Cu.cif", "b/Cu.cif") == 2
    assert "two structures have the same name" in capsys.readouterr().err
    assert not (here / "screening.yaml").exists()
