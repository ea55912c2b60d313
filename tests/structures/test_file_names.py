"""Names of structure files: each is read itself, in the format that its name says."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import write
from command_line import azibflow

from azibflow.errors import StructureError
from azibflow.structures.files import read_structure, write_structure

FORMATS = {
    "vasp": ["POSCAR", "CONTCAR", "POSCAR.vasp", "X.VASP", "foo.POSCAR", "CONTCAR_relaxed", "POSCAR_3", "poscar"],
    "cif": ["x.cif", "X.CIF", "POSCAR_of_zinc.cif", "CONTCAR.cif", "Zn 002.cif", "zinc*.cif", "mysql.cif", "-.cif"],
    "extxyz": ["geom.xyz", "geom.XYZ", "POSCAR.xyz", "run.1.xyz", "INCAR@2.extxyz", "postgres_zinc.xyz", "a%b#c.xyz"],
    "xsf": ["x.xsf"],
    "json": ["x.json"],
    "traj": ["x.traj"],
}  # fmt: skip
NAMES = [(name, kind) for kind, names in FORMATS.items() for name in names]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_at_sign_is_part_of_the_name(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("POSCAR", bulk("Zn"), format="vasp")
    for name in ("POSCAR@0", "POSCAR@-1", "POSCAR@:", "user@host_POSCAR", "@"):
        with Path(name).open("w") as file:
            write(file, bulk("Cu", cubic=True), format="vasp")
    for name in ("POSCAR@0", "POSCAR@-1", "POSCAR@:", "user@host_POSCAR"):
        assert read_structure(name).get_chemical_formula() == "Cu4"
    assert azibflow("build", "POSCAR@0") == 0
    assert "POSCAR@0: Cu4, 4 atoms" in capsys.readouterr().out
    assert read_structure("POSCAR").get_chemical_formula() == "Zn2"
    with pytest.raises(StructureError, match="POSCAR@1 does not exist"):
        read_structure("POSCAR@1")


@pytest.mark.parametrize("name", [f"Zn@MnO2.{ending}" for ending in ("cif", "vasp", "xyz", "json", "traj", "xsf")])
def test_composites_are_written_and_read_by_their_name(
    here: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert azibflow("build", "Zn", "-o", name) == 0
    assert [path.name for path in here.iterdir()] == [name]
    assert azibflow("build", name) == 0
    assert f"{Path(name).stem}: Zn2, 2 atoms" in capsys.readouterr().out
    (here / "campaign.yaml").write_text(
        f"name: at\nsystems: {{z: {{file: {name!r}}}}}\nstudies: [{{kind: surface, system: z, facets: [(001)]}}]\n"
    )
    assert azibflow("run", "--dry-run", "campaign.yaml") == 0
    assert "z: relax bulk: Zn2, 2 atoms" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_the_ending_decides_then_the_name(here: Path, name: str, kind: str) -> None:
    with (here / name).open("wb" if kind in ("cif", "traj") else "w") as file:
        write(file, bulk("Zn"), format=kind)
    assert read_structure(name).get_chemical_formula() == "Zn2"
    assert read_structure(here / name).cell.volume == pytest.approx(bulk("Zn").cell.volume)


@pytest.mark.parametrize("name", ["x.cif.gz", "POSCAR.gz", "geom.xyz.bz2", "CONTCAR_1.xz"])
def test_compressed_files_are_read(here: Path, name: str) -> None:
    from ase.io.formats import open_with_compression

    kind = {"x": "cif", "P": "vasp", "g": "extxyz", "C": "vasp"}[name[0]]
    write("plain", bulk("Zn"), format=kind)
    with open_with_compression(name, "wb") as file:
        file.write(Path("plain").read_bytes())
    assert read_structure(name).get_chemical_formula() == "Zn2"


@pytest.mark.parametrize("name", ["zinc", "zinc.mol2", "zinc.foo", "zinc.inp"])
def test_unknown_formats_are_refused_in_words(here: Path, name: str) -> None:
    (here / name).write_text("@<TRIPOS>MOLECULE\nzinc\n1 0 0 0 0\n")
    with pytest.raises(StructureError, match=rf"{name}: (its format cannot be told|the charge and multiplicity of)"):
        read_structure(name)


def test_writing_needs_a_name_that_says_the_format(here: Path) -> None:
    for name in ("zinc", "POSCAR@0", "-", "zinc.cif.gz", "zinc.sdf"):
        with pytest.raises(StructureError, match="cannot tell the format"):
            write_structure(Atoms("Zn"), name)
    assert list(here.iterdir()) == []
