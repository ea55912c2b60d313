"""A kind of study that another package brings: its table and figure are made beside those of this package."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import azibflow
from jobflow import Flow, job

from azibflow import plugins, studies
from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.registry import all_results, table_of
from azibflow.cli.coordinate import closing_words
from azibflow.hpc.manager import run_flow
from azibflow.hpc.run_folder import SOURCE, RunFolder
from azibflow.workflows.surfaces.results import SurfaceResult

CODE = {
    "toy_kind.py": """
from azibflow.studies import StudyKind
KIND = StudyKind(
    name="hardness", says="how hard a metal is", model="toy_campaign:Study", result="toy_results:SurfaceResult",
    table="toy_table:hardness_table", jobs=("toy_jobs",), figure="toy_figure:draw_hardness",
    figure_says="a number in a file", endings=(".txt",), also=("hardnesses",),
)
TAKEN = StudyKind(name="bulk", says="", model="", result="", table="", jobs=(), also=("barriers",))
NO_KIND = 7
""",
    "toy_results.py": """
from pydantic import Field
from azibflow.calculators.specs import CalculatorRecord
from azibflow.workflows.common.results import Outcome, StudyLabel
class SurfaceResult(StudyLabel):
    hardness: float = Field(description="hardness, GPa")
    calculator: CalculatorRecord
    outcome: Outcome = Outcome.OK
    reason: str = ""
""",
    "toy_table.py": """
from azibflow.analysis.tables.building import Entry, columns_of, make_table, values
from azibflow.workflows.common.results import Outcome
from toy_results import SurfaceResult
def hardness_table(results, *, literature=False):
    column = columns_of(SurfaceResult)
    columns = [column("study", "study"), column("hardness", "H", "GPa", 1, result=True)]
    if any(result.hardness > 9000 for result in results):
        raise ZeroDivisionError("too hard")
    entries = [Entry(result, result, "bulk", values(result, columns)) for result in results]
    return make_table("Hardness", columns, entries, [], published=None, unit="GPa")
""",
    "toy_figure.py": """
from azibflow.analysis.study_names import load_named
from toy_results import SurfaceResult
def draw_hardness(sources, outputs):
    for output in outputs:
        output.write_text("".join(f"{one.study} {one.hardness}" for one in load_named(sources, SurfaceResult)))
""",
    "toy_jobs.py": """
from jobflow import job
from toy_results import SurfaceResult
@job
def harden(label, hardness, calculator):
    if hardness < 0:
        raise ValueError("softer than nothing")
    return SurfaceResult(**label.model_dump(), hardness=hardness, calculator=calculator)
""",
    "toy_broken.py": "raise ImportError('no such library')\n",
}
ENTRIES = """\
[azibflow.studies]
broken = toy_broken:KIND
hardness = toy_kind:KIND
no_kind = toy_kind:NO_KIND
taken = toy_kind:TAKEN
"""


@job
def give(result):
    return result


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A package that is installed while these tests run."""
    folder = tmp_path_factory.mktemp("toy")
    for name, code in CODE.items():
        (folder / name).write_text(code)
    (folder / "toy-1.0.dist-info").mkdir()
    (folder / "toy-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
    (folder / "toy-1.0.dist-info" / "entry_points.txt").write_text(ENTRIES)

    def read_again() -> None:
        plugins.plugins.cache_clear()
        plugins._broken.clear()
        studies.study_kinds.cache_clear()

    sys.path.insert(0, str(folder))
    read_again()
    yield folder
    sys.path.remove(str(folder))
    for name in CODE:
        sys.modules.pop(name.removesuffix(".py"), None)
    read_again()


@pytest.fixture(scope="module")
def hardness(package: Path, tmp_path_factory: pytest.TempPathFactory, here, zinc_facets):
    """Compute hardnesses beside the results of a surface study; return the run folder."""
    from toy_jobs import harden

    from azibflow.workflows.common.results import StudyLabel

    def compute(*numbers: float) -> Path:
        jobs = [
            harden(StudyLabel(study=f"metal {place}", place=(place,)), number, zinc_facets.calculator)
            for place, number in enumerate(numbers)
        ]
        folder = RunFolder(tmp_path_factory.mktemp("run"))
        (folder.path / SOURCE).write_text("")
        run_flow(Flow([give(zinc_facets), *jobs]), folder, here())
        return folder.path

    return compute


def test_its_table_is_asked_for_by_its_names_and_stands_last_among_all(hardness, capsys) -> None:
    run = hardness(1.5, 2.5)
    assert azibflow("table", "hardnesses", run, "--format", "csv") == 0
    out = capsys.readouterr().out
    assert [line.split(",")[:2] for line in out.splitlines()] == [
        ["study", "hardness (GPa)"],
        ["metal 0", "1.5"],
        ["metal 1", "2.5"],
    ]
    assert azibflow("table", "all", run, "--format", "json") == 1, "a surface of the fixture has not converged"
    assert list(json.loads(capsys.readouterr().out)) == ["surface", "hardness"]
    assert list(all_results([run]).tables) == ["surface", "hardness"]


def test_a_result_of_the_same_name_in_another_package_is_another(hardness, zinc_facets) -> None:
    run = hardness(1.5)
    assert load_results([run], SurfaceResult) == [zinc_facets]
    assert len(table_of("hardness", [run]).rows) == 1


def test_its_figure_is_drawn_alone_and_among_all(hardness, tmp_path, capsys) -> None:
    run = hardness(3.0)
    assert azibflow("plot", "hardness", run, "-o", tmp_path / "h.txt") == 0
    assert (tmp_path / "h.txt").read_text() == "metal 0 3.0"
    assert azibflow("plot", "all", run, "-o", tmp_path / "all") == 0
    drawn = sorted(path.name for path in (tmp_path / "all").iterdir())
    assert drawn == ["hardness.txt", "surface.png", "surface.svg"]
    assert azibflow("plot", "hardness", run, "-o", tmp_path / "h.png") == 2
    assert "the ending has to be one of txt" in capsys.readouterr().err


def test_what_its_jobs_have_not_finished_is_told(hardness, tmp_path, capsys) -> None:
    run = hardness(1.0, -1.0)
    table = table_of("hardness", [run])
    assert [(row.cells["study"], row.outcome) for row in table.rows] == [("metal 0", "ok"), ("metal 1", "failed")]
    assert "softer than nothing" in table.rows[1].reason
    assert azibflow("plot", "hardness", run, "-o", tmp_path / "h.txt") == 1
    assert "metal 1: failed" in capsys.readouterr().err


def test_a_table_that_fails_is_named_and_the_others_are_printed(hardness, tmp_path, capsys) -> None:
    run = hardness(9001.0)
    named = "the table of hardness studies (toy_table:hardness_table) failed: ZeroDivisionError: too hard"
    assert azibflow("table", "hardness", run) == 2
    assert named in capsys.readouterr().err
    assert azibflow("table", "all", run) == 2
    out, err = capsys.readouterr()
    assert out.startswith("Surface energies")
    assert named in err
    assert closing_words(RunFolder(run)) == 1
    out, err = capsys.readouterr()
    assert named in err
    assert "table: azibflow table surface" in out


def test_what_cannot_be_used_is_named_once_and_the_rest_works(hardness, capsys) -> None:
    assert azibflow("table", "surface", hardness(1.0)) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "azibflow: plug-in 'broken' of toy (azibflow.studies) cannot be used: ImportError: no such library",
        "azibflow: plug-in 'no_kind' of toy (azibflow.studies) cannot be used: it names a int, not a StudyKind",
        "azibflow: plug-in 'taken' of toy (azibflow.studies) cannot be used: the name barriers is taken",
    ]


def test_help_lists_it_and_the_help_of_all_commands_reads_no_package(package: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(package)!r})\n"
        "from azibflow.cli.main import main\n"
        "def call(*words):\n"
        "    try: main([*words, '--help'])\n"
        "    except SystemExit: pass\n"
        "call(); assert 'toy_kind' not in sys.modules\n"
        "call('table'); call('plot')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "how hard a metal is" in done.stdout
    assert "a number in a file" in done.stdout
