"""Convergence with cutoffs and k-points, by a program that stands for GPAW and has numbers one can work out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from math import exp
from pathlib import Path

import pytest
from command_line import azibflow

from azibflow.calculators.codes.gpaw import facts, valence_electrons
from azibflow.calculators.specs import ChgnetSpec, Cp2kSpec, GpawSpec
from azibflow.campaigns.convergence_campaign import usual_values
from azibflow.campaigns.files import load_campaign
from azibflow.errors import CapabilityError
from azibflow.structures.prototypes import prototype
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.relaxation_jobs import relax_structure
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.convergence.flow import convergence_study
from azibflow.workflows.convergence.results import ConvergencePoint, Tolerances, compared

PROGRAM = """
import json, math, sys
from pathlib import Path
question = Path("gpaw-input.json")
if not question.is_file():
    Path("gpaw-results.json").write_text(json.dumps({"gpaw": "22.8", "ase": "3.22", "setups": [HERE]}))
    sys.exit()
asked = json.loads(question.read_text())
cutoff, mesh = asked["cutoff"], asked["settings"]["kpts"]["size"]
with open(HERE + "/computed", "a") as log:
    log.write(f"{cutoff:g} {mesh}\\n")
if f"{cutoff:g}" in Path(HERE + "/unconverged").read_text().split():
    Path("gpaw-results.json").write_text(json.dumps({"unconverged": "Did not converge!"}))
    sys.exit()
error = math.exp(-cutoff / 50) + 0.1 / math.prod(mesh)
atoms = asked["atoms"]["positions"]
Path("gpaw-results.json").write_text(json.dumps({
    "energy": len(atoms) * (error - 3), "free_energy": len(atoms) * (error - 3),
    "forces": [[0.3 + error, 0, 0], *[[0, 0, 0]] * (len(atoms) - 1)],
    "stress": [-error / 10] * 3 + [0] * 3,
}))
"""
"""Energy -3 eV and an error per atom that falls with cutoff and k-points; so do a force and the pressure."""
ZINC = StructureRecipe(prototype="Zn")


@pytest.fixture(autouse=True)
def gpaw_of_numbers(tmp_path: Path, gpaw_stand_in: Callable[[str], None]) -> Iterator[None]:
    """Let GPAW be that program."""
    (tmp_path / "program.py").write_text(f"HERE = {str(tmp_path)!r}\n{PROGRAM}")
    (tmp_path / "unconverged").write_text("")
    for element in ("H", "Zn"):
        (tmp_path / f"{element}.PBE").write_text(f'<atom symbol="{element}" valence="12"/>')
    gpaw_stand_in(f"exec {sys.executable} {tmp_path}/program.py")
    valence_electrons.cache_clear()
    yield
    facts.cache_clear()
    valence_electrons.cache_clear()


def computed(folder: Path) -> list[str]:
    return (folder / "computed").read_text().splitlines()


def test_each_key_is_compared_with_its_finest_value(tmp_path: Path) -> None:
    spec = GpawSpec(cutoff=400, kspacing=0.5)
    result = convergence_study(ZINC, spec, {"cutoff": [400, 200, 300], "kspacing": [0.3, 0.5, 0.49, 0.9]})
    cutoffs, spacings = result.of_key("cutoff"), result.of_key("kspacing")
    assert [row.value for row in cutoffs] == [200, 300, 400]
    assert [row.value for row in spacings] == [0.9, 0.5, 0.49, 0.3]
    assert [row.kpoints for row in spacings] == ["4x4x2", "6x6x3", "6x6x3", "10x10x5"]
    change = exp(-4) - exp(-8)
    assert cutoffs[0].energy_change == pytest.approx(change)
    assert cutoffs[0].force_change == pytest.approx(change)
    assert cutoffs[0].pressure_change == pytest.approx(change / 10 * 160.2176634)
    assert cutoffs[1].fmax == pytest.approx(0.3 + exp(-6) + 0.1 / 108)
    assert spacings[0].energy_change == pytest.approx(0.1 / 32 - 0.1 / 500)
    assert result.coarsest_within("cutoff") is None, "300 eV is 2.1 meV off"
    assert result.coarsest_within("kspacing").value == 0.5
    with pytest.raises(CapabilityError, match="'ecut' decides no accuracy of gpaw"):
        convergence_study(ZINC, spec, {"ecut": [300, 400]})
    # Two spacings have one mesh, and one of them is that of the cutoffs: five calculations for seven settings.
    assert len(computed(tmp_path)) == 5


def test_a_setting_is_near_enough_only_where_all_finer_ones_are() -> None:
    spec = GpawSpec()
    settings = [{"key": "cutoff", "value": value} for value in (100.0, 200.0, 300.0, 400.0)]
    result = convergence_study(ZINC, spec, {"cutoff": [100, 200]})
    energies = (0.0004, 0.0020, 0.0002, 0.0)
    points = [
        ConvergencePoint(energy=energy, forces=[[0, 0, 0]], seconds=1, calculator=result.calculator)
        for energy in energies
    ]
    rows = [result.rows[0].model_copy(update=setting) for setting in settings]
    crossing = result.model_copy(update={"rows": compared(rows, points)})
    assert [row.within(Tolerances()) for row in crossing.rows] == [True, False, True, True]
    assert crossing.coarsest_within("cutoff").value == 300
    without_finest = result.model_copy(update={"rows": compared(rows, [*points[:3], None])})
    assert [row.reference for row in without_finest.rows] == [False, False, True, False]


def test_one_that_fails_is_a_row_and_alone_is_computed_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "unconverged").write_text("300")
    words = ("converge", "Zn", "--calculator", "{kind: gpaw, kspacing: 0.5, smearing: 0.1}")
    words = (*words, "--vary", "cutoff=500,300,400", "--energy", "0.0005", "--run-dir", "run", "--workers", 1)
    assert azibflow(*words) == 1
    shown = capsys.readouterr()
    assert "failed: convergence of Zn: cutoff 300" in shown.err
    said = " ".join(shown.out.split())
    assert (
        "Missing in the rows of run: convergence of Zn: cutoff 300 failed: ScfNotConvergedError: the SCF of GPAW"
        in said
    )
    assert "convergence of Zn, cutoff: near enough from 400 on, beside 500." in said
    assert len(computed(tmp_path)) == 3
    assert azibflow("table", "convergence", "run", "-o", "table.json") == 1
    rows = json.loads((tmp_path / "table.json").read_text())["rows"]
    assert [row["outcome"] for row in rows] == [Outcome.FAILED, Outcome.OK, Outcome.OK]
    assert rows[1]["energy_change"] == pytest.approx(1000 * (exp(-8) - exp(-10)), abs=0.01)
    (tmp_path / "unconverged").write_text("")
    assert azibflow("retry", "run") == 0
    assert azibflow(*words) == 0
    assert computed(tmp_path)[3:] == ["300 [6, 6, 3]"]
    capsys.readouterr()
    assert azibflow("table", "convergence", "run", "--format", "csv") == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("convergence of Zn,cutoff,300,6x6x3,-2.99660,")


def test_a_cell_that_moves_keeps_its_mesh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("azibflow.calculators.kinds.gpaw.MOVING_CELL", 0.0)  # the stand-in's stress falls with it
    spec = GpawSpec(cutoff=100, kspacing=0.317, smearing=0.1)
    found = relax_structure(prototype("Zn"), spec, RelaxSettings(max_steps=4), cell="relaxed")
    expanded = found.structure.to_atoms()
    assert spec.mesh(prototype("Zn")) == (9, 9, 5)
    assert spec.mesh(expanded) != (9, 9, 5), "which another spacing of points would have been"
    assert len(computed(tmp_path)) == 5
    assert set(computed(tmp_path)) == {"100 [9, 9, 5]"}
    assert found.calculator.spec == spec


def test_a_campaign_says_which_settings_it_computes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("converge", "Zn", "--calculator", "gpaw", "--campaign", "made.yaml")
    assert azibflow(*words) == 0
    (study,) = load_campaign(tmp_path / "made.yaml").studies
    assert study.vary == usual_values(GpawSpec()) == {"cutoff": [320, 450, 630], "kspacing": [0.17, 0.25, 0.35]}
    assert set(usual_values(Cp2kSpec())) == {"cutoff", "kspacing", "relative_cutoff"}
    assert azibflow("run", "made.yaml", "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "Zn, cutoff 320: single point: Zn2, 2 atoms" in shown
    assert "5 calculations" in shown, "the spacing that the calculator has anyway is that of the cutoffs"
    assert not (tmp_path / "computed").exists()


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("cutof=300,400", "'cutof' decides no accuracy of gpaw; there are cutoff, kspacing"),
        ("cutoff=300,300", "cutoff has a value twice"),
        ("cutoff=300", "is no key with two or more positive values"),
        ("cutoff=300,much", "is no key with two or more positive values"),
        ("cutoff=-300,400", "is no key with two or more positive values"),
    ],
)
def test_what_cannot_be_varied_is_said(vary: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("converge", "Zn", "--calculator", "gpaw", "--vary", vary, "--campaign", "made.yaml") == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--calculator", "chgnet"), "calculator chgnet has neither cutoff nor k-points; set calculator: gpaw"),
        (("--calculator", "{kind: gpaw"), "is no mapping in YAML"),
        (("--calculator", "gpaw", "--energy", "0"), "a tolerance is greater than 0"),
    ],
)
def test_what_cannot_converge_is_said(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("converge", "Zn", *words) == 2
    assert said in capsys.readouterr().err


def test_a_campaign_file_with_a_wrong_key_names_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wrong.yaml").write_text(
        "name: wrong\ncalculator: gpaw\nsystems: {Zn: {prototype: Zn}}\n"
        "studies:\n- {kind: convergence, system: Zn, vary: {ecut: [300, 400]}}\n"
    )
    assert azibflow("validate", "wrong.yaml") == 2
    assert "wrong.yaml, line 5: " in (said := capsys.readouterr().err)
    assert "vary: 'ecut' decides no accuracy of gpaw" in said
    assert not ChgnetSpec().accuracy
