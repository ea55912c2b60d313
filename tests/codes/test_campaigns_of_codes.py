"""Campaigns whose code is not here, lacks something, or does not converge: one message, and the rest is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from ase.build import bulk
from small_hop import CP2K, GPAW, counted, write_campaign

from azibflow.calculators.codes.gpaw import facts
from azibflow.calculators.factory import record
from azibflow.calculators.specs import GpawSpec
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.inputs import input_files
from azibflow.campaigns.plan import plan
from azibflow.cli.main import main
from azibflow.errors import CapabilityError, NotInstalledError
from azibflow.workflows.common.relaxation_jobs import relax_structure

CALCULATORS = {"gpaw": GPAW, "cp2k": CP2K, "vasp": "vasp"}
COPPER = """\
  - kind: surface
    system: copper
    facets: [(111)]
    layers: [4]
    calculator: {kind: ase, calculator: "ase.calculators.emt:EMT", elements: [Cu], charges: [0]}
"""


@pytest.fixture(autouse=True)
def forgotten() -> object:
    facts.cache_clear()
    yield
    facts.cache_clear()


def call(*words: object) -> int:
    with pytest.raises(SystemExit) as ending:
        main([str(word) for word in words])
    return int(ending.value.code or 0)


@pytest.fixture
def nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No program of a code, but the data of each."""
    for element in ("Li", "H"):
        folder = tmp_path / "potpaw_PBE" / element
        folder.mkdir(parents=True)
        (folder / "POTCAR").write_text("a potential")
    (tmp_path / "BASIS_MOLOPT").write_text(" H DZVP-MOLOPT-SR-GTH\n Li DZVP-MOLOPT-SR-GTH\n")
    (tmp_path / "GTH_POTENTIALS").write_text("H GTH-PBE\nLi GTH-PBE\n")
    monkeypatch.setenv("VASP_PP_PATH", str(tmp_path))
    monkeypatch.setenv("CP2K_DATA_DIR", str(tmp_path))
    for code in CALCULATORS:
        monkeypatch.setenv(f"AZIBFLOW_COMMAND_{code.upper()}", "not-here")


@pytest.mark.parametrize("code", CALCULATORS)
def test_a_code_that_is_not_here_is_told_before_anything_runs(
    nothing_here: None, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign, run = write_campaign(tmp_path, CALCULATORS[code]), tmp_path / "run"
    says = f"{code}: AZIBFLOW_COMMAND_{code.upper()}='not-here' names no program that is here"
    assert call("run", campaign, "--run-dir", run) == 2
    message = capsys.readouterr().err
    assert message.count(says) == 1
    assert "line 7: study 1 (migration)" in message
    assert "Traceback" not in message
    assert not run.exists()
    assert call("validate", campaign) == 0
    assert f"it cannot be computed on this machine: {says}" in capsys.readouterr().err
    assert call("calculators") == 0
    assert f"{code}: not usable\n    {says}" in capsys.readouterr().out


def test_a_code_of_work_that_is_done_elsewhere_need_not_be_here(nothing_here: None, tmp_path: Path) -> None:
    campaign = load_campaign(write_campaign(tmp_path, GPAW))
    with pytest.raises(NotInstalledError):
        plan(campaign, elsewhere=lambda work: work == "surrogate")
    assert {entry.calculator.kind for entry in plan(campaign, elsewhere=lambda work: work == "dft")} == {"gpaw"}
    assert [path.name for path in input_files(campaign)] == ["here.xyz", "there.xyz"]
    assert record(GpawSpec()).weights == ()  # the row of a failure, written on the login node


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("gpaw", r"gpaw: no setup Li\.PBE in"),
        ("cp2k", "BASIS_MOLOPT has no DZVP-MOLOPT-SR-GTH for Li; it has nothing for it"),
        ("vasp", "vasp: there is no .*/Li/POTCAR"),
    ],
)
def test_an_element_without_data_is_refused_wherever_it_computes(
    nothing_here: None,
    gpaw_stand_in: Callable[[str], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    code: str,
    says: str,
) -> None:
    (tmp_path / "H.PBE").write_bytes(b"hydrogen")
    (tmp_path / "BASIS_MOLOPT").write_text(" H DZVP-MOLOPT-SR-GTH\n")
    (tmp_path / "potpaw_PBE" / "Li" / "POTCAR").unlink()
    gpaw_stand_in(f'echo \'{{"gpaw": "22.8", "ase": "3.22", "setups": ["{tmp_path}"]}}\' > gpaw-results.json')
    path = write_campaign(tmp_path, CALCULATORS[code])
    assert call("run", path, "--run-dir", tmp_path / "run") == 2
    assert re.search(f"hop.yaml, line 7: study 1 .*{says}", capsys.readouterr().err)
    assert not (tmp_path / "run").exists()
    with pytest.raises(CapabilityError, match=says):
        plan(load_campaign(path), path, elsewhere=lambda work: work == "dft")


@pytest.mark.slow
def test_an_scf_that_does_not_converge_in_a_band_fails_the_band_alone(
    gpaw: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign, run = write_campaign(tmp_path, GPAW), tmp_path / "run"
    text = campaign.read_text().replace("systems:\n", "systems:\n  copper: {prototype: Cu}\n")
    campaign.write_text(text.replace("relax:", f"{COPPER}relax:"))
    fails = 'case "$PWD" in */gpaw-3) echo \'{"unconverged": "no luck"}\' > gpaw-results.json; exit;; esac'
    monkeypatch.setenv("AZIBFLOW_COMMAND_GPAW", str(counted("gpaw python", tmp_path, before=fails)))
    assert call("run", campaign, "--run-dir", run, "--workers", 1) == 1
    said = capsys.readouterr().err
    assert "band: ScfNotConvergedError: the SCF of GPAW did not converge: no luck" in said
    assert "Traceback" not in said
    call("table", "barriers", run, "--format", "json")
    (hop,) = json.loads(capsys.readouterr().out)["rows"]
    assert (hop["outcome"], hop["barrier_forward"]) == ("failed", None)
    assert hop["reason"].startswith("the band failed")
    call("table", "surfaces", run, "--format", "json")
    (surface,) = json.loads(capsys.readouterr().out)["rows"]
    assert surface["outcome"] == "ok"


def test_a_cell_is_relaxed_only_with_plane_waves_enough_for_its_stress(tmp_path: Path, gpaw: None) -> None:
    """At the default of 450 eV a relaxed MgO ended 6 % too short, as a sound result."""
    path = tmp_path / "zinc.yaml"
    text = """\
name: zinc
calculator: {kind: gpaw, smearing: 0.1}
systems:
  zinc: {prototype: Zn}
studies:
  - {kind: surface, system: zinc, facets: [(002)], layers: [4]}
"""
    path.write_text(text)
    with pytest.raises(CapabilityError, match=r"line 6: study 1 .* 450 eV is too low for a cell that relaxes"):
        plan(load_campaign(path), path)
    for change in (("smearing: 0.1", "smearing: 0.1, cutoff: 600"), ("layers: [4]", "layers: [4], cell: fixed")):
        path.write_text(text.replace(*change))
        assert plan(load_campaign(path), path)
    with pytest.raises(CapabilityError, match="too low for a cell that relaxes"):
        relax_structure(bulk("MgO", "rocksalt", a=4.2), GpawSpec(), cell="relaxed")
