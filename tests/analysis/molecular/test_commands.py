"""``azibflow table`` and ``azibflow plot`` beside the functions they are a shell around."""

import subprocess
import sys

import pytest
from command_line import azibflow

from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.binding import binding_table
from azibflow.analysis.tables.desolvation import desolvation_table
from azibflow.analysis.tables.esp import esp_table
from azibflow.analysis.tables.formats import FORMATS, render
from azibflow.analysis.tables.orbitals import orbitals_table
from azibflow.analysis.tables.registry import all_results, table_of
from azibflow.studies import study_kinds
from azibflow.workflows.molecular.binding import BindingResult
from azibflow.workflows.molecular.desolvation_results import DesolvationResult
from azibflow.workflows.molecular.esp import EspResult
from azibflow.workflows.molecular.orbitals import OrbitalsResult

MOLECULAR = {
    "desolvation": (desolvation_table, DesolvationResult),
    "binding": (binding_table, BindingResult),
    "orbitals": (orbitals_table, OrbitalsResult),
    "esp": (esp_table, EspResult),
}


@pytest.mark.parametrize("kind", list(MOLECULAR))
def test_table_is_that_of_the_api_in_every_format(run, capsys, kind):
    build, model = MOLECULAR[kind]
    for style in FORMATS:
        status = azibflow("table", kind, run, "--format", style, "--literature")
        text = capsys.readouterr().out
        assert text == render(build(load_results([run], model), literature=True), style)
        assert status == (1 if kind == "orbitals" else 0), (
            "of the orbitals a molecule failed, and the cation of another"
        )
        assert str(run) not in text


def test_every_kind_has_its_table_and_problems_come_from_all(run):
    rows = {kind: len(table_of(kind, [run]).rows) for kind in study_kinds()}
    assert {kind: number for kind, number in rows.items() if number} == {
        "desolvation": 2,
        "binding": 1,
        "orbitals": 3,
        "esp": 2,
    }
    assert [row.name for row in all_results([run]).problems()] == ["levels, DTPMP", "levels, lysine"]


def test_plots_go_below_the_current_folder_in_every_format_and_leave_the_run_as_it_was(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(run.rglob("*"))
    for kind in ("desolvation", "esp"):
        assert azibflow("plot", kind, run) == 0
        for ending in study_kinds()[kind].endings:
            assert (tmp_path / "figures" / run.name / f"{kind}{ending}").stat().st_size > 1000
    assert [path for path in sorted(run.rglob("*")) if "figures" not in path.parts] == before


def test_endings_and_scales_are_chosen(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert azibflow("plot", "esp", run, "-o", tmp_path / "a.svg", "--scale", "own") == 0
    assert (tmp_path / "a.svg").read_text().count(">Vₛ (kcal/mol)<") == 2
    assert not (tmp_path / "figures").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("esp", "-o", "a.pdf"), "ending has to be one of png, svg, html"),
        (("desolvation", "-o", "a.html"), "ending has to be one of png, svg"),
        (("desolvation", "--scale", "own"), "--scale is for esp"),
        (("barriers",), "no migration result in"),
        (("ledgers",), "'ledgers' is not one of 'migration', 'adsorption', 'surface'"),
    ],
)
def test_wrong_requests_say_what_is_possible(run, tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    kind, *options = words
    assert azibflow("plot", kind, run, *options) == 2
    assert message in capsys.readouterr().err


def test_missing_surface_ends_a_plot_but_not_a_table(run, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    next((run / "jobs").rglob("surface.npz")).unlink()
    assert azibflow("plot", "esp", run) == 2
    assert "surface.npz (isodensity surface) is missing" in capsys.readouterr().err
    assert azibflow("table", "esp", run) == 0


def test_help_lists_the_kinds_without_loading_anything_heavy():
    heavy = {"torch", "pymatgen", "pyscf", "numpy", "ase", "jobflow", "plotly", "pydantic"}
    code = (
        "import sys; from azibflow.cli.main import main\n"
        "for command in ('table', 'plot'):\n"
        "    try: main([command, '--help'])\n"
        "    except SystemExit: pass\n"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")
    assert all(kind in done.stdout for kind in study_kinds())
