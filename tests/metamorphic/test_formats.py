"""No number depends on the format or the name of a structure's file; the command line gives those of the functions."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import write
from campaign_runs import MORSE, computed, written
from command_line import azibflow

from azibflow.analysis.stored import load_results
from azibflow.structures.files import read_structure
from azibflow.workflows.surfaces.results import SurfaceResult

NOISE = 2e-4
"""J/m^2: formats keep 1e-6 angstrom or more, two relaxations with fmax 0.01 eV/angstrom 1e-5 eV/angstrom^2."""

FILES = {
    "plain.extxyz": "extxyz",
    "POSCAR": "vasp",
    "direct.vasp": "vasp",
    "UPPER.VASP": "vasp",
    "crystal.cif": "cif",
    "UPPER.CIF": "cif",
    "crystal.xsf": "xsf",
    "crystal.json": "json",
    "UPPER.XYZ": "extxyz",
    "crystal.traj": "traj",
    "with two spaces.cif": "cif",
    "{braces} {0}.cif": "cif",
    "Zn@Cu.cif": "cif",
    "POSCAR@0": "vasp",
    "Cu@Zn@0.vasp": "vasp",
    "Übergitter-ζ.cif": "cif",
    "100%.cif": "cif",
    "#1.cif": "cif",
    "a:b.cif": "cif",
    "[1].cif": "cif",
    "star*.cif": "cif",
    "quote's.cif": "cif",
}


def alloy() -> Atoms:
    """A hexagonal crystal without inversion."""
    atoms = bulk("Zn", "hcp", a=2.45, c=4.00)
    atoms.symbols[0] = "Cu"
    atoms.rotate(77.0, (0.3, -0.5, 0.81), rotate_cell=True)
    return atoms


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("formats")
    for name, form in FILES.items():
        write(path / "partial", alloy(), format=form)
        (path / "partial").rename(path / name)
    return path


@pytest.mark.parametrize("name", FILES)
def test_every_file_holds_the_same_crystal(name: str, folder: Path) -> None:
    found = read_structure(folder / name)
    assert found.get_volume() == pytest.approx(alloy().get_volume(), rel=1e-5)
    assert sorted(found.get_chemical_symbols()) == ["Cu", "Zn"]
    assert found.get_distance(0, 1, mic=True) == pytest.approx(alloy().get_distance(0, 1, mic=True), abs=1e-4)
    assert found.pbc.all()


def test_every_file_gives_the_same_surface_energies(folder: Path) -> None:
    systems = {name: {"file": name} for name in FILES}
    studies = [{"kind": "surface", "name": n, "system": n, "facets": ["(001)"], "layers": [2]} for n in FILES]
    path = written(folder, systems, studies, calculator=MORSE, relax={"fmax": 0.01})
    found = computed(path, SurfaceResult)
    expected = [row.gamma for row in found["plain.extxyz"].rows]
    for name in FILES:
        assert [row.gamma for row in found[name].rows] == pytest.approx(expected, abs=NOISE), name


def test_the_command_line_gives_the_same_numbers(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))
    names = ["plain.extxyz", "with two spaces.cif", "{braces} {0}.cif"]
    systems = {name: {"file": str(folder / name)} for name in names}
    studies = [{"kind": "surface", "name": n, "system": n, "facets": ["(001)"], "layers": [2]} for n in names]
    path = written(tmp_path, systems, studies, calculator=MORSE, relax={"fmax": 0.01})
    run = tmp_path / "run of {braces}"
    assert azibflow("run", path, "--run-dir", run, "--workers", 1) == 0
    capsys.readouterr()
    assert azibflow("table", "surface", run, "--format", "json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert len(rows) == len(names)
    stored = load_results([run], SurfaceResult)
    gammas = [row.gamma for result in stored for row in result.rows]
    assert gammas == pytest.approx([gammas[0]] * len(names), abs=NOISE)
    assert gammas[0] == pytest.approx(computed(path, SurfaceResult)[names[0]].rows[0].gamma, abs=1e-9)
