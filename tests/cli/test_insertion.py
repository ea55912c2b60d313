"""Insertion and reactions from a campaign file to table and figure, beside the same from Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ase.build import bulk
from command_line import azibflow

from azibflow.analysis.figures.insertion import insertion_figure
from azibflow.analysis.figures.reaction import reactions_figure
from azibflow.analysis.study_names import load_named
from azibflow.campaigns.files import dump_campaign, load_campaign
from azibflow.campaigns.plan import plan
from azibflow.errors import AzibflowError
from azibflow.workflows.insertion.flow import insertion_study
from azibflow.workflows.insertion.results import InsertionResult
from azibflow.workflows.insertion.sites import SiteSettings
from azibflow.workflows.reactions.flow import reaction_study
from azibflow.workflows.reactions.results import ReactionResult

pytestmark = pytest.mark.usefixtures("in_this_process")

TEXT = """\
name: mine
calculator: {kind: ase, calculator: "ase.calculators.emt:EMT", elements: [Al, Cu, H, O, Pd], charges: [0]}
relax: {fmax: 0.03}
systems:
  pd: {file: Pd.cif}
  wide: {file: Cu.cif}
studies:
  - {kind: reaction, equation: "Al + 3 H+ -> Al3+ + 3/2 H2", ph: 4}
  - {kind: reaction, equation: "2 Al + wide -> Cu + 2 Al", electrons: 2, cell: fixed, literature: [CuI-displacement]}
  - kind: insertion
    system: [pd, wide]
    ion: [H, Al]
    n: 1..2
    ph: 4
    cell: fixed
    sites: {max_sites: 1}
    corrections: {H: {energy: 0.24, label: on metals}}
    literature: [alpha-MnO2-H-Zn]
"""


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    bulk("Pd", a=5.4, cubic=True).write(tmp_path / "Pd.cif")
    bulk("Cu", a=5.2, cubic=True).write(tmp_path / "Cu.cif")
    (tmp_path / "c.yaml").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "c.yaml"


def test_the_tables_have_what_the_functions_give(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = load_campaign(campaign)
    pd, wide, calculator, relax = known.systems["pd"], known.systems["wide"], known.calculator, known.relax
    names = [one.task for one in plan(known)]
    assert "H in pd, cell fixed, n = 2, from Pd6 (of 2 sites): relax" not in names  # fixed is usual for files
    assert "H in pd, n = 2, from Pd6 (of 2 sites): relax" in names
    assert len([name for name in names if name.startswith("Al in wide, n = ")]) == 2
    assert sum(name == "pd: relax bulk" for name in names) == 1

    azibflow("run", campaign, "--run-dir", "run")
    capsys.readouterr()
    azibflow("table", "insertion", "run", "--format", "json", "--literature")
    table = json.loads(capsys.readouterr().out)
    cells = {(row["host_name"], row["ion"], row["n"]): row for row in table["rows"]}
    assert len(cells) == 8
    found = insertion_study(pd, "H", calculator, relax, numbers=[1, 2], sites=SiteSettings(max_sites=1), ph=4.0)
    for row in found.rows:
        mine = cells["pd", "H", row.n]
        assert mine["energy"] == pytest.approx(row.energy + 0.24, abs=6e-4)
        assert mine["energy_H"] == mine["energy"]
        assert mine["energy_Al"] == cells["pd", "Al", row.n]["energy"]
        assert mine["published_key"] == "alpha-MnO2-H-Zn"
    assert cells["wide", "Al", 1]["energy_H"] == cells["wide", "H", 1]["energy"]
    notes = "\n".join(table["notes"])
    assert "H in pd: +0.24 eV per H added by hand: on metals." in notes
    assert "H in pd: left out by sites: {max_sites}: Pd4." in notes
    assert "mu(H): H+ and an electron at pH 4 and 0 V against SHE, +0.5 H2(g) - 0.2366 eV." in notes

    azibflow("table", "reaction", "run", "--format", "json", "--literature")
    half, whole = json.loads(capsys.readouterr().out)["rows"]
    assert half["energy"] == pytest.approx(3 * (-1.662 + 4 * 0.05916), abs=1e-3)
    expected = reaction_study("wide -> Cu", {"wide": wide}, calculator, relax, cell="fixed").energy
    assert whole["energy"] == pytest.approx(expected, abs=6e-4)
    assert whole["cell_voltage"] == pytest.approx(-expected / 2, abs=6e-4)
    assert (whole["potential"], half["cell_voltage"]) == (None, None)

    results = load_named([Path("run")], InsertionResult)
    energies, potentials = insertion_figure(results).subfigs[0].axes
    assert len(energies.patches) == len(potentials.patches) == sum(row["energy"] is not None for row in cells.values())
    assert [label.get_text() for label in energies.get_yticklabels()][:2] == ["pd, H", "pd, Al"]
    assert reactions_figure(load_named([Path("run")], ReactionResult)).subfigs[0].axes


def test_a_campaign_that_is_written_down_is_the_same(campaign: Path, tmp_path: Path) -> None:
    first = load_campaign(campaign)
    assert first.unused_systems == []
    (tmp_path / "again.yaml").write_text(dump_campaign(first))
    again = load_campaign(tmp_path / "again.yaml")
    assert again == first
    assert again.studies[2].n == [1, 2]
    assert str(again.studies[0].equation) == "Al + 3 H+ -> Al3+ + 1.5 H2"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ion: [H, Al]", "ion: [H, Rb]", "no reference for the ion Rb; there is one for Zn, H"),
        ("ion: [H, Al]", "ion: [H, Li]", "Li"),
        ("ion: [H, Al]", "ion: Al", "it is of the protons that H comes from, and H is not among the ions"),
        ("ph: 4\n    cell", "corrections: {Zn: {energy: 1, label: x}}\n    cell", "corrections"),
        ("system: [pd, wide]", "system: [pd, wild]", "did you mean 'wide'?"),
        ("n: 1..2", "n: 1..90", "has room for"),
        ("n: 1..2", "n: 0", "n"),
        ("{file: Pd.cif}", "{molecule: H2O}", "the system 'pd' is a molecule, which has no sites for ions"),
        ("{file: Pd.cif}", "{file: Pd.cif, charge: 1}", "cannot honour charge: ions go in with their electrons"),
        ("{file: Cu.cif}", "{prototype: Cu}", "has no interstitial site with room for Al"),
        ("2 Al + wide -> Cu", "2 Al + wide -> 2 Cu", "is not balanced: Cu 1 on the left and 2 on the right"),
        ("2 Al + wide -> Cu", "2 Al + wild -> Cu", "names 'wild', which is neither a system, a prototype"),
        ("2 Al + wide -> Cu", "2 Al+wide -> Cu", "put spaces around the plus signs"),
    ],
)
def test_bad_input_has_one_message_each(campaign: Path, old: str, new: str, message: str) -> None:
    assert old in TEXT
    campaign.write_text(TEXT.replace(old, new))
    with pytest.raises(AzibflowError) as error:
        plan(load_campaign(campaign), campaign)
    assert message in str(error.value)
    assert str(error.value).startswith(f"{campaign}, line ") or str(campaign) in str(error.value)
    assert len(str(error.value).splitlines()) == 1
