"""Breathing studies by the command line: numbers of the API, tables and figures, one message for what is wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ase.io import write
from command_line import azibflow
from test_breathing_maker import BY_HAND, tagged_host

from azibflow.analysis.breathing.limit import breathing_limit
from azibflow.analysis.stored import load_results
from azibflow.structures.heterostructures import LAYERS
from azibflow.structures.prototypes import prototype
from azibflow.workflows.breathing.results import BreathingResult
from azibflow.workflows.interfaces.results import InterfaceResult

CAMPAIGN = """\
name: toy
calculator: {kind: ase, calculator: "toy:ToyInterface"}
relax: {fmax: 0.001, max_steps: 300}
systems:
  toy: {file: toy.extxyz}
studies:
  - kind: breathing
    system: toy
    breathing: {ions: 2, seeds: 2, anneal: {steps: 0}, search: {sites: 12}}
"""


@pytest.fixture(autouse=True)
def _toy_in_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    tagged_host().write(tmp_path / "toy.extxyz")
    path = tmp_path / "toy.yaml"
    path.write_text(CAMPAIGN)
    return path


def test_the_command_computes_tabulates_and_draws(campaign: Path, tmp_path: Path, capsys) -> None:
    run = tmp_path / "run"
    assert azibflow("run", campaign, "--run-dir", run, "--workers", 2) == 0
    capsys.readouterr()
    assert azibflow("table", "breathing", run, "--format", "json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["n"] for row in rows] == [0, 1, 2]
    assert [row["binding"] for row in rows[1:]] == pytest.approx(BY_HAND[:2], abs=1e-5)
    (result,) = load_results([run], BreathingResult)
    assert [row.binding for row in breathing_limit(result).rows] == pytest.approx([row["binding"] for row in rows])
    assert azibflow("plot", "breathing", run, "-o", tmp_path / "breathing.png") == 0
    assert (tmp_path / "breathing.png").stat().st_size > 10_000
    capsys.readouterr()
    assert azibflow("table", "ledgers", run, "--format", "csv") == 0
    assert "2 Zn" in capsys.readouterr().out


OWN_SLABS = """\
name: own
calculator: chgnet
relax: {fmax: 0.1, max_steps: 100}
systems:
  own: {heterostructure: {film: film.cif, support: support.cif, contact: bonded}}
studies:
  - {kind: interface, system: own}
  - kind: breathing
    system: own
    breathing: {ions: 1, anneal: {steps: 10}, search: {sites: 6, sketched: 2}}
"""


def test_a_users_own_slabs_from_two_files(tmp_path: Path, capsys) -> None:
    write(tmp_path / "film.cif", LAYERS["MoS2"].build())
    write(tmp_path / "support.cif", prototype("Ti3C2"))
    (tmp_path / "own.yaml").write_text(OWN_SLABS)
    assert azibflow("run", tmp_path / "own.yaml", "--run-dir", tmp_path / "run", "--workers", 1, "--threads", 1) == 0
    (adhesion,) = load_results([tmp_path / "run"], InterfaceResult)
    assert adhesion.interface_name == "film/support"
    assert adhesion.n_atoms == 8
    assert adhesion.film_strain == pytest.approx(3.0725 / 3.16 - 1, abs=0.002)
    assert set(adhesion.bonds) == {"Mo-S-Ti"}
    assert adhesion.work_of_adhesion > 0.5
    assert adhesion.charge_transfer is None
    assert adhesion.moment_change == pytest.approx(0, abs=0.2), "molybdenum sulfide has no unpaired electrons"
    (result,) = load_results([tmp_path / "run"], BreathingResult)
    limit = breathing_limit(result)
    assert [row.n for row in limit.rows] == [0, 1]
    assert limit.bonds == 3
    capsys.readouterr()
    assert azibflow("table", "interface", tmp_path / "run") == 0
    assert "film/support" in capsys.readouterr().out


def test_a_dry_run_says_what_will_be_computed(campaign: Path, capsys) -> None:
    assert azibflow("run", campaign, "--dry-run") == 0
    printed = capsys.readouterr().out
    assert "toy: relax and anneal: C4O4V4, 12 atoms" in printed
    assert "search up to n = 2: C4O4V4Zn2, 14 atoms" in printed


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ions: 2", "ions: 500", "has room for .* fewer than the 500 asked for"),
        ("ions: 2", "ions: 2, charge: -2", "charge"),
        ("ions: 2", "ions: 2, widht: 3", "widht"),
        ("system: toy", "system: toys", "'toys'.*did you mean 'toy'"),
        ("toy.extxyz", "untagged.extxyz", "does not say which atoms are film"),
        ("    system: toy\n", "    system: toy\n    ion: Rb\n", "no bulk reference for the ion Rb"),
        ("studies:\n", "studies:\n  - {kind: interface, system: toy}\n", "needs a heterostructure"),
        (
            "{file: toy.extxyz}",
            "{heterostructure: {film: TiS2, support: V2C, max_strain: 0.01, max_area: 12}}",
            r"TiS2/V2C: .*only at 14\.6 % strain",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_one_message(campaign: Path, tmp_path: Path, capsys, old, new, message) -> None:
    import re

    untagged = tagged_host()
    untagged.set_tags(0)
    untagged.write(tmp_path / "untagged.extxyz")
    assert old in CAMPAIGN
    campaign.write_text(CAMPAIGN.replace(old, new, 1))
    assert azibflow("run", campaign, "--run-dir", tmp_path / "run") == 2
    printed = capsys.readouterr().err
    assert printed.startswith("azibflow: ")
    assert re.search(message, printed), printed
    assert "Traceback" not in printed
    assert not (tmp_path / "run").exists()
