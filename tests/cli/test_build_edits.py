"""``azibflow build`` with edits: the list of distinct ones, the one that is written, all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import azibflow

from azibflow.structures.building import build
from azibflow.structures.files import read_structure
from azibflow.structures.recipes import StructureRecipe


def test_a_recipe_keeps_its_supercell_and_lists_its_edits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ov.yaml").write_text("prototype: VO2(B)\nsupercell: [1, 2, 1]\nvacancies: {O: 1}\nchoose: 2\n")
    assert azibflow("build", tmp_path / "ov.yaml", "-o", tmp_path / "ov.cif") == 0
    head, *edits, last = capsys.readouterr().out.splitlines()
    assert head == "VO2(B): O31V16, 47 atoms, 12.09 x 7.40 x 6.43 angstrom"
    assert [line.split(":")[0] for line in edits] == [f"  edit {number}" for number in range(4)]
    assert [line.endswith("<- this one") for line in edits] == [False, False, True, False]
    assert all("vacancy of O at (" in line and ", 8 such, site m, nearest " in line for line in edits)
    assert last == f"written to {tmp_path / 'ov.cif'}"
    wanted = build(StructureRecipe(prototype="VO2(B)", supercell=(1, 2, 1), vacancies={"O": 1}, choose=2))
    assert read_structure(tmp_path / "ov.cif").get_scaled_positions() == pytest.approx(
        wanted.get_scaled_positions(), abs=1e-4
    )


def test_all_edits_are_written_to_a_file_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--slab", "(111)", "--layers", 3, "--supercell", 1, 1, 1, "--edit", "substitute: {Cu: Zn}"]
    assert azibflow("build", "Cu", *words, "--edit", "choose: all", "-o", tmp_path / "brass.xyz") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in lines[:2]] == [f"Cu(111)#{number}: Cu2Zn" for number in (0, 1)]
    first, second = (read_structure(tmp_path / f"brass-{number}.xyz") for number in (0, 1))
    assert first.positions[first.symbols == "Zn", 2].max() == pytest.approx(first.positions[:, 2].max())
    assert second.positions[second.symbols == "Zn", 2] == pytest.approx(second.positions[:, 2].mean())


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        (["vacancies: {O: 1}"], "Cu: vacancies: {O: 1}: there is no O in it, only Cu"),
        (["cell: {a: 4}"], "keys are strain, terminate, vacancies, substitute, insert, adsorb, choose"),
        (["vacancies"], "an edit is a key and a value"),
        (["vacancies: {"], "--edit 'vacancies: {'"),
        (["vacancies: {Cu: 1}", "vacancies: {Cu: 2}"], "vacancies is given twice"),
        (["substitute: {Cu: Cu}"], "Cu in the place of Cu leaves the structure as it is"),
    ],
)
def test_a_wrong_edit_is_one_line(edits: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("build", "Cu", *(word for edit in edits for word in ("--edit", edit))) != 0
    said = capsys.readouterr().err.strip()
    assert words in said
    assert len(said.splitlines()) == 1
