"""``azibflow build`` for molecules and clusters, and how plans describe them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from command_line import azibflow

from azibflow.structures.clusters import CLUSTERS, cluster
from azibflow.structures.files import read_structure
from azibflow.structures.heterostructures import PAIRS
from azibflow.structures.prototypes import PROTOTYPES, prototype


def test_the_list_holds_every_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("build") == 0
    lines = capsys.readouterr().out.splitlines()
    listed = [line[2:].split("  ")[0] for line in lines if line.startswith("  ")]
    assert listed == [*PROTOTYPES, *CLUSTERS, *PAIRS]


@pytest.mark.parametrize(
    ("name", "line", "charge", "spin"),
    [
        ("[Zn(H2O)6]2+", "[Zn(H2O)6]2+: H12O6Zn, 19 atoms, charge +2, multiplicity 1", 2, 1),
        ("[Zn(H2O)4]2+.2H2O", "[Zn(H2O)4]2+.2H2O: H12O6Zn, 19 atoms, charge +2, multiplicity 1", 2, 1),
        ("[VO(H2O)5]2+", "[VO(H2O)5]2+: H10O6V, 17 atoms, charge +2, multiplicity 2", 2, 2),
        ("SO42-", "SO42-: O4S, 5 atoms, charge -2, multiplicity 1", -2, 1),
        ("smiles:CCO", "smiles:CCO: C2H6O, 9 atoms, charge 0, multiplicity 1", 0, 1),
        ("O2", "O2: O2, 2 atoms, charge 0, multiplicity 3", 0, 3),
    ],
)
@pytest.mark.parametrize("ending", [".xyz", ".traj"])
def test_files_keep_charge_and_multiplicity(
    name: str, line: str, charge: int, spin: int, ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert azibflow("build", name, "-o", tmp_path / f"molecule{ending}") == 0
    assert capsys.readouterr().out.splitlines()[0] == line
    written = read_structure(tmp_path / f"molecule{ending}")
    assert (written.info["charge"], written.info["spin"]) == (charge, spin)
    assert not written.pbc.any()


def test_the_file_holds_the_cluster(tmp_path: Path) -> None:
    assert azibflow("build", "[Zn(H2O)6]2+", "-o", tmp_path / "zn.xyz") == 0
    written, meant = read_structure(tmp_path / "zn.xyz"), cluster("[Zn(H2O)6]2+")
    assert written.get_chemical_symbols() == meant.get_chemical_symbols()
    np.testing.assert_allclose(written.positions, meant.positions, atol=1e-7)


@pytest.mark.parametrize("ending", [".cif", ".json", ".pdb"])
def test_no_charge_gets_lost_in_a_file(ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("build", "[Zn(H2O)6]2+", "-o", tmp_path / f"zn{ending}") != 0
    assert "has no place for the charge +2; write .extxyz" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_crystals_come_before_molecules(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("build", "V2O5") == 0
    lengths = " x ".join(f"{length:.2f}" for length in prototype("alpha-V2O5").cell.lengths())
    assert capsys.readouterr().out.strip().endswith(f"14 atoms, {lengths} angstrom")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("alpha-V2O6", "near names: alpha-V2O5"),
        ("[Zn(H2O)7]2+", "near names: [Zn(H2O)6]2+"),
        ("smiles:C(", "'C(' is no SMILES that RDKit can read"),
        ("missing.xyz", "missing.xyz does not exist"),
    ],
)
def test_wrong_names_get_one_clear_line(name: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("build", name) == 2
    error = capsys.readouterr().err.strip()
    assert words in error
    assert "\n" not in error


def test_a_plan_names_charge_and_multiplicity_of_molecules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ladder.yaml").write_text(
        "name: ladder\n"
        "calculator: xtb\n"
        "studies:\n"
        "  - {kind: desolvation, name: ladder, ion: Zn, charge: 2, waters: [1, 0]}\n"
    )
    assert azibflow("run", tmp_path / "ladder.yaml", "--dry-run") == 0
    out = capsys.readouterr().out
    assert "H2OZn, 4 atoms, charge +2, multiplicity 1, xtb" in out
    assert "H2O, 3 atoms, charge 0, multiplicity 1, xtb" in out
    assert "angstrom" not in out
