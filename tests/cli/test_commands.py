"""The commands, beside the functions they are a shell around."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import azibflow

from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.adsorption import adsorption_table
from azibflow.analysis.tables.formats import render
from azibflow.analysis.tables.surface import surfaces_table
from azibflow.campaigns.files import dump_campaign, load_campaign
from azibflow.cli.main import COMMANDS
from azibflow.structures.files import read_structure
from azibflow.structures.prototypes import prototype
from azibflow.workflows.adsorption.results import AdsorptionResult
from azibflow.workflows.surfaces.results import SurfaceResult


def process(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", "azibflow", *(str(word) for word in words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=300, check=False)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, small_campaign_text: str) -> Path:
    """A run folder with a finished small campaign."""
    folder = tmp_path_factory.mktemp("campaign")
    (folder / "small.yaml").write_text(small_campaign_text)
    assert azibflow("run", folder / "small.yaml", "--run-dir", folder / "run") == 0
    return folder / "run"


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from azibflow.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'pymatgen', 'pyscf', 'numpy', 'ase', 'jobflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow(command, "--help") == 0
    text = capsys.readouterr().out
    assert len(text) > 150
    assert "\\b" not in text, "a paragraph that was not to be wrapped"


def test_validate_prints_what_the_api_reads(small_campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("validate", small_campaign) == 0
    assert capsys.readouterr().out == dump_campaign(load_campaign(small_campaign))


def test_validate_exports_a_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("validate", "--schema") == 0
    schema = json.loads(capsys.readouterr().out)
    assert set(schema["required"]) == {"name", "studies"}


def test_a_dry_run_lists_structures_and_computes_nothing(
    small_campaign: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert azibflow("run", small_campaign, "--dry-run") == 0
    out = capsys.readouterr().out
    assert "O on cu111, hollow-fcc O: relax: Cu12O, 13 atoms, 5.11 x 5.11 x 14.17 angstrom, ase" in out
    assert out.count("cu111: relax bulk") == 1
    assert not (tmp_path / "runs").exists()


def test_a_dry_run_estimates_from_an_earlier_run_and_says_what_it_does_not_know(
    small_campaign: Path, finished: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    new = tmp_path / "new"
    assert azibflow("run", small_campaign, "--run-dir", new, "--dry-run") == 0
    assert "time: not estimated, since no job of these kinds has been timed" in capsys.readouterr().out
    assert azibflow("run", small_campaign, "--run-dir", new, "--dry-run", "--experience", finished) == 0
    out = capsys.readouterr().out
    assert re.search(
        rf"  \d x relax \(ase\): .* s each \(from \d of the same kind in {re.escape(str(finished))}\)", out
    )
    assert re.search(r"^\d+ jobs are known by now; others may come up on the way", out, re.MULTILINE)
    assert re.search(r"^  about \d x .*, brought by others: .* s each", out, re.MULTILINE)
    assert re.search(r"^time: about \d+:\d\d one job after the other.* of 15 jobs$", out, re.MULTILINE), (
        "as many as ran"
    )
    assert not new.exists()
    assert azibflow("run", small_campaign, "--run-dir", finished, "--dry-run") == 0
    assert capsys.readouterr().out.endswith("no job is left\n")
    assert azibflow("run", small_campaign, "--dry-run", "--experience", tmp_path / "nothing") == 2
    assert f"{tmp_path / 'nothing'} is not a run folder" in capsys.readouterr().err


def test_submit_prints_jobs_resources_and_core_hours_without_a_cluster(
    small_campaign: Path, finished: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    machine = tmp_path / "machine.yaml"
    machine.write_text('defaults: {partition: fast, cpus: 3600, memory: 8G, walltime: "04:00:00"}\n')
    words = ("submit", small_campaign, "--profile", machine, "--run-dir", tmp_path / "new", "--dry-run")
    assert azibflow(*words) == 0
    out = capsys.readouterr().out
    assert re.search(r"x relax \(ase\): \w+ work, partition fast, 3600 cores, 8G, 04:00:00; no job of this kind", out)
    assert re.search(r"x build bulk: beside the coordinator; no job of this kind has been timed: not estimated", out)
    assert azibflow(*words, "--experience", finished) == 0
    out = capsys.readouterr().out
    spent = sum(float(hours) for hours in re.findall(r"each, ([\d.]+) core hours", out))
    (total,) = re.findall(r"^core hours: about ([\d.]+), of \d+ jobs", out, re.MULTILINE)
    assert float(total) == pytest.approx(spent, rel=0.1)
    assert float(total) > 0
    assert not (tmp_path / "new").exists()


def test_the_tables_are_those_of_the_api_and_repeat_byte_for_byte(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    for kind, build, model in (
        ("adsorption", adsorption_table, AdsorptionResult),
        ("surfaces", surfaces_table, SurfaceResult),
    ):
        for style in ("text", "md", "csv", "excel", "json", "latex"):
            assert azibflow("table", kind, finished, "--format", style, "--literature") == 0
            printed = capsys.readouterr().out
            assert printed == render(build(load_results([finished], model), literature=True), style)
            assert str(finished) not in printed
        assert process("table", kind, finished, "--format", "latex", "--literature").stdout == printed


def test_the_suffix_chooses_the_format(finished: Path, tmp_path: Path) -> None:
    assert azibflow("table", "surface", finished, "-o", tmp_path / "t.json") == 0
    table = json.loads((tmp_path / "t.json").read_text())
    assert {"columns", "rows", "notes"} <= set(table)


def test_a_suffix_of_no_format_is_refused(finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("table", "surface", finished, "-o", tmp_path / "t.xlsx") == 2
    assert "for Excel end it with .csv and add --format excel" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "t.xlsx").exists()
    assert azibflow("table", "surface", finished, "-o", tmp_path / "t.dat", "--format", "csv") == 0
    assert (tmp_path / "t.dat").read_text().startswith("study,")
    assert azibflow("table", "surface", finished, "-o", tmp_path / "t.csv", "--format", "excel") == 0
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbfstudy,")


def test_a_finished_run_is_not_computed_again(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (finished / "store.sqlite").read_bytes()
    assert azibflow("run", finished.parent / "small.yaml", "--run-dir", finished) == 0
    assert "nothing to compute" in capsys.readouterr().out
    assert (finished / "store.sqlite").read_bytes() == before


def test_a_run_folder_of_another_campaign_is_refused(finished: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text((finished.parent / "small.yaml").read_text().replace("layers: [6]", "layers: [7]"))
    done = process("run", other, "--run-dir", finished)
    assert done.returncode == 2
    assert "holds the run of a different campaign" in done.stderr


def test_a_changed_campaign_takes_what_it_has_in_common_with_another(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, run = tmp_path / "other.yaml", tmp_path / "run"
    other.write_text((finished.parent / "small.yaml").read_text().replace("layers: [6]", "layers: [7]"))
    assert azibflow("run", other, "--run-dir", run, "--take-from", finished) == 0
    words = capsys.readouterr()
    (taken,) = re.findall(r"(\d+) finished jobs taken from", words.out)
    assert int(taken) > 5
    done = re.findall(r"done +(.*) \(", words.err)
    assert [name.removeprefix("surfaces of copper: ") for name in done] == [
        "slabs",
        "(111) t0 7 layers",
        "(100) t0 7 layers",
        "collect",
    ]
    first, second = (load_results([folder], AdsorptionResult) for folder in (finished, run))
    assert [row.model_dump() for row in first[0].rows] == [row.model_dump() for row in second[0].rows]
    assert azibflow("run", other, "--run-dir", run, "--take-from", finished) == 0
    assert "has begun and goes on; nothing more is taken" in capsys.readouterr().out


def test_a_killed_run_goes_on_from_its_checkpoints(small_campaign: Path, tmp_path: Path) -> None:
    """Kill the process as soon as one adsorbate has relaxed; the second run must not compute it again."""
    run = tmp_path / "run"
    command = [
        *(sys.executable, "-m", "azibflow", "run", str(small_campaign)),
        *("--run-dir", str(run), "--workers", "2"),
    ]
    first = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in first.stderr:
        if "top-Cu" in line:
            break
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    # What a kill leaves half written ends in .new and is no checkpoint.
    kept = {path: path.read_bytes() for path in run.glob("jobs/*/checkpoints/*") if path.suffix != ".new"}
    assert len(kept) >= 4
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    unchanged = [path for path, content in kept.items() if path.read_bytes() == content]
    assert len(unchanged) >= len(kept) - 2  # one job per worker was in the middle
    assert len(load_results([run], AdsorptionResult)[0].rows) == 4


def test_ctrl_c_says_so_and_keeps_what_is_finished(small_campaign: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "azibflow", "run", str(small_campaign), "--run-dir", str(tmp_path / "run")]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    seen = ""
    for line in running.stderr:
        seen += line
        if "cu111: relax bulk" in line:
            running.send_signal(signal.SIGINT)
            break
    seen += running.stderr.read()
    assert running.wait(timeout=60) == 130
    assert "interrupted" in seen
    assert "Traceback" not in seen
    from azibflow.hpc.run_folder import RunFolder

    with RunFolder.open(tmp_path / "run").documents() as store:
        assert store.count({"name": "cu111: relax bulk"}) == 1


def test_build_writes_what_the_api_builds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("build", "alpha-V2O5", "--supercell", 1, 2, 1, "-o", tmp_path / "host.cif") == 0
    assert "28 atoms" in capsys.readouterr().out
    written = read_structure(tmp_path / "host.cif")
    assert written.cell.lengths() == pytest.approx(prototype("alpha-V2O5").repeat((1, 2, 1)).cell.lengths())


def test_build_lists_terminations_and_prototypes(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("build", "Zn", "--slab", "(10-10)") == 0
    assert capsys.readouterr().out.count("termination") == 2
    assert azibflow("build") == 0
    assert "2H-MoS2" in capsys.readouterr().out


def test_calculators_and_doctor_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("calculators") == 0
    assert "chgnet: usable" in capsys.readouterr().out
    assert azibflow("doctor") == 0
    assert "CHGNet computes: hcp Zn -1.26" in capsys.readouterr().out


BAD_STRUCTURES = {
    "overlap.xyz": "2\nLattice='5 0 0 0 5 0 0 0 5'\nZn 0 0 0\nZn 0 0 0.3\n",
    "element.xyz": "1\nLattice='5 0 0 0 5 0 0 0 5'\nQq 0 0 0\n",
    "nocell.xyz": "2\n\nZn 0 0 0\nZn 0 0 2.7\n",
    "rubbish.cif": "this is no structure\n",
}


@pytest.mark.parametrize(
    ("system", "words"),
    [
        ("{file: overlap.xyz}", ["overlap.xyz", "0.30"]),
        ("{file: element.xyz}", ["element.xyz", "Qq"]),
        ("{file: nocell.xyz}", ["nocell", "cell"]),
        ("{file: rubbish.cif}", ["rubbish.cif"]),
        ("{file: missing.cif}", ["missing.cif"]),
        ("{prototype: Zm}", ["line 3", "no prototype is called 'Zm'"]),
        ("{prototype: Zn, charge: 2}", ["charge", "chgnet"]),
        ("{prototype: Zn, slab: {miller: (002), termination: 3}}", ["termination"]),
    ],
)
def test_bad_systems_get_one_clear_message(
    tmp_path: Path, system: str, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in BAD_STRUCTURES.items():
        (tmp_path / name).write_text(text)
    campaign = tmp_path / "bad.yaml"
    campaign.write_text(f"name: bad\nsystems:\n  s: {system}\nstudies:\n  - {{kind: adsorption, system: s}}\n")
    assert azibflow("run", campaign) == 2
    printed = capsys.readouterr().err
    assert "Traceback" not in printed
    for word in words:
        assert word.lower() in printed.lower()
    assert len(printed.strip().splitlines()) == 1
    assert not (tmp_path / "runs").exists()


def test_missing_weights_are_named(tmp_path: Path) -> None:
    campaign = tmp_path / "bad.yaml"
    campaign.write_text(
        "name: bad\ncalculator: {kind: mace, models: mine.model}\nsystems:\n  s: {prototype: Zn}\n"
        'studies:\n  - {kind: surface, system: s, facets: ["(002)"]}\n'
    )
    done = process("run", campaign)
    assert done.returncode == 2
    assert str(tmp_path / "mine.model") in done.stderr


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = process("--debug", "validate", tmp_path / "nothing.yaml")
    assert "Traceback" in done.stderr
    assert done.returncode == 1


def test_an_empty_folder_is_no_run(tmp_path: Path) -> None:
    done = process("table", "migration", tmp_path)
    assert done.returncode == 2
    assert "is not a run folder" in done.stderr


def test_an_unconverged_row_sets_the_exit_status(small_campaign: Path, tmp_path: Path) -> None:
    small_campaign.write_text(small_campaign.read_text() + "relax: {fmax: 0.0001, max_steps: 1}\n")
    done = process("run", small_campaign, "--run-dir", tmp_path / "run")
    assert done.returncode == 1
    assert "not a result" in done.stderr
    table = process("table", "surface", tmp_path / "run")
    assert table.returncode == 1
    assert "*" in table.stdout


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_named_and_loses_nothing(small_campaign: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=120k", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not allow mounts")
    try:
        done = process("run", small_campaign, "--run-dir", disk / "run")
        assert done.returncode == 1
        assert "disk is full" in done.stderr or "No space left" in done.stderr
        assert "Traceback" not in done.stderr
        subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
        time.sleep(0.1)
        again = process("run", small_campaign, "--run-dir", disk / "run")
        assert again.returncode == 0, again.stderr
        assert len(load_results([disk / "run"], AdsorptionResult)) == 1
    finally:
        subprocess.run(["umount", str(disk)], check=False)
