"""A run that an earlier version began and that was killed goes on to the numbers that version would have got."""

from __future__ import annotations

import csv
import tarfile
from io import StringIO
from pathlib import Path

import pytest
from command_line import azibflow

BEGUN = Path(__file__).parent / "begun_earlier.tar.gz"
"""Campaign, structure files and run folder: killed with the first of two relaxed endpoints and the bulk done."""
NUMBERS = {
    "barriers": ("barrier_forward (eV)", {"Zn in i": 1.996, "Cu in cu": 0.792}),
    "adsorption": ("e_ads_vs_molecule (eV)", {"O on slab": -0.851}),
    "surfaces": ("gamma (J/m^2)", {"surfaces of cu": 1.045}),
}
"""What the same version got without an interruption; barriers are those of saddles that settle, as at fmax 0.005."""
CORRECTED = Path(__file__).parent / "begun_earlier_corrected.tar.gz"
"""The same where a better method corrects a surrogate: killed with some single points done, none of them merged yet
(each kind of study had jobs of its own for that)."""
CORRECTED_NUMBERS = {
    "barriers": ("barrier_forward_corrected (eV)", 1.843),
    "adsorption": ("e_ads_vs_molecule_corrected (eV)", 25.451),
    "desolvation": ("energy_corrected (eV)", 2.316),
}
VOLTAGE = Path(__file__).parent / "begun_earlier_voltage.tar.gz"
"""A screening by voltage, killed with the jobs made that put ions into the first host: their functions were in the
package of screenings then."""
VOLTAGES = {"cu": -0.53, "zno": -1.00}

pytestmark = pytest.mark.usefixtures("in_this_process")


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with tarfile.open(BEGUN) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / "run" / "source.yaml"
    source.write_text(source.read_text().replace("FOLDER", str(tmp_path)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_goes_on_with_what_was_done(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its text says `ion: Zn` for the hop between endpoints, a default then, of which the campaign says nothing."""
    assert "ion: Zn" in (begun / "run/source.yaml").read_text()
    assert "Zn" not in (begun / "c.yaml").read_text()
    assert azibflow("run", "c.yaml", "--run-dir", "run") == 0
    told = capsys.readouterr().err
    assert "13 jobs finished" in told  # a line of progress may be lost: here jobs take the output of this process
    assert "relax bulk" not in told
    assert "between two given structures, first endpoint" not in told
    for kind, (column, expected) in NUMBERS.items():
        assert azibflow("table", kind, "run", "--format", "csv") == 0
        rows = list(csv.DictReader(StringIO(capsys.readouterr().out)))
        assert {row["study"]: float(row[column]) for row in rows} == pytest.approx(expected, abs=1.1e-3)
        assert {row["outcome"] for row in rows} == {"ok"}


def test_another_ion_is_another_campaign(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nickel hops, the Zn of the earlier text is not what its structures say."""
    for name in ("i.xyz", "f.xyz"):
        file = begun / name
        file.write_text(file.read_text().replace("Zn", "Ni"))
    assert azibflow("run", "c.yaml", "--run-dir", "run") == 2
    assert "a different campaign" in capsys.readouterr().err


def test_corrections_that_an_earlier_version_began_are_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with tarfile.open(CORRECTED) as archive:
        archive.extractall(tmp_path, filter="data")
    monkeypatch.chdir(tmp_path)
    assert azibflow("run", "c.yaml", "--run-dir", "run") == 0
    assert "9 jobs finished" in capsys.readouterr().err
    for kind, (column, expected) in CORRECTED_NUMBERS.items():
        assert azibflow("table", kind, "run", "--format", "csv") == 0
        (row,) = csv.DictReader(StringIO(capsys.readouterr().out))
        assert float(row[column]) == pytest.approx(expected, abs=1.1e-3)
        assert row["outcome"] == "ok"


def test_a_screening_by_voltage_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with tarfile.open(VOLTAGE) as archive:
        archive.extractall(tmp_path, filter="data")
    for name in ("source.yaml", "inputs.json"):
        file = tmp_path / "run" / name
        file.write_text(file.read_text().replace("FOLDER", str(tmp_path)))
    monkeypatch.chdir(tmp_path)
    assert azibflow("run", "c.yaml", "--run-dir", "run") == 0
    assert "8 jobs finished" in capsys.readouterr().err
    assert azibflow("table", "screening", "run", "--format", "csv") == 0
    rows = list(csv.DictReader(StringIO(capsys.readouterr().out)))
    assert {row["system"]: float(row["value (V)"]) for row in rows} == pytest.approx(VOLTAGES, abs=1e-3)
