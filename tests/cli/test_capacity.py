"""``azibflow capacity`` beside the function it is a shell around."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from command_line import azibflow

from azibflow.analysis.ledgers.capacity import UNITS, capacity_ledger
from azibflow.analysis.ledgers.capacity_checks import published_beside


def test_the_json_is_that_of_the_api(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("capacity", "--host", "V8O16", "--ion", "Zn", "--n", 7, "--support-mass", 240.22, "--json") == 0
    ledger = capacity_ledger("V8O16", "Zn", 7.0, support_mass=240.22)
    expected = {**ledger.model_dump(mode="json"), "published": published_beside(ledger), "units": UNITS}
    assert json.loads(capsys.readouterr().out) == expected


def test_the_text_has_every_basis_and_says_that_717_does_not_follow(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("capacity", "--host", "V8O16", "--n", 7, "--support-mass", 240.22) == 0
    lines = capsys.readouterr().out.splitlines()
    numbers = [line.split()[-2:] for line in lines[3:7]]
    assert numbers == [["663.516", "565.50"], ["1121.176", "334.67"], ["903.736", "415.19"], ["1361.396", "275.61"]]
    assert any("1.75 e per V" in line and "possible down to V(+2)" in line for line in lines)
    assert any("717.06" in line and "does not follow on any basis" in line for line in lines)


def test_another_case_is_silent_about_717(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("capacity", "--host", "V2O5", "--n", 1) == 0
    out = capsys.readouterr().out
    assert "294.72" in out
    assert "717" not in out


def test_the_charge_can_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("capacity", "--host", "V2O5", "--n", 1, "--charge", 1) == 0
    assert "147.36" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--host", "V8O16", "--n", "-1"], "must be a number of 0 or more, not -1"),
        (["--host", "V8O16", "--n", "7", "--charge", "-2"], "charge of the inserted ion must be 1 or more, not -2"),
        (["--host", "Vv8O16", "--n", "7"], "unknown element 'Vv'"),
        (["--host", "", "--n", "7"], "no atoms, and so no mass"),
        (["--host", "V8O16", "--n", "7", "--support-mass", "-3"], "mass of the support"),
        (["--host", "V8O16", "--n", "7", "--ion", "Zn2+"], "carries a charge"),
    ],
)
def test_bad_input_gets_one_clear_message(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("capacity", *words) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len(err.strip().splitlines()) == 1


def test_it_loads_nothing_heavy() -> None:
    code = (
        "import sys; from azibflow.cli.main import main\n"
        "try: main(['capacity', '--host', 'V8O16', '--n', '7'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'pymatgen', 'pyscf', 'jobflow', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")
