"""Frames in files: what is read is what was written, or an error that says which file is wrong."""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.constraints import FixAtoms
from hypothesis import given, settings
from hypothesis import strategies as st

from azibflow.errors import LabelError
from azibflow.workflows.surrogate.frames import FrameSet, framed, geometry_key, read_frames, write_frames

ENDINGS = pytest.mark.parametrize("name", ["frames.extxyz", "frames.extxyz.xz"])


def rough(symbols: str = "ZnOH2", seed: int = 1, **options: object) -> Atoms:
    """Atoms at positions with more digits than any file keeps."""
    atoms = Atoms(symbols, **options)
    atoms.positions = np.random.default_rng(seed).uniform(-5, 5, size=(len(atoms), 3))
    return atoms


def examples() -> list[Atoms]:
    charged = rough(info={"charge": 2, "spin": 3})
    crystal = bulk("ZnO", "wurtzite", a=3.2500000001, c=5.21234567891)
    sheet = Atoms("ZnO", positions=[(0, 0, 1.5), (1.1, -0.0, 1.5)], cell=[[3, 0, 0], [1.2, 3, 0], [0, 0, 0]])
    sheet.pbc = (True, True, False)
    boxed = rough(cell=[9, 9, 9], info={"charge": -1})
    made = [charged, crystal, sheet, boxed, molecule("H2O"), Atoms("Zn", info={"charge": 2})]
    return [framed(atoms, system=f"[Zn(H2O){n}]2+.H2O", name=f"no. {n} = x") for n, atoms in enumerate(made)]


@ENDINGS
def test_what_is_read_is_what_was_written(tmp_path: Path, name: str) -> None:
    frames = examples()
    write_frames(tmp_path / name, frames)
    again = read_frames(tmp_path / name)
    assert [geometry_key(frame) for frame in again] == [geometry_key(frame) for frame in frames]
    assert [path.name for path in tmp_path.iterdir()] == [name]
    for read, written in zip(again, frames, strict=True):
        np.testing.assert_array_equal(read.positions, written.positions)
        np.testing.assert_array_equal(read.cell.array, written.cell.array)
        np.testing.assert_array_equal(read.pbc, written.pbc)
        assert read.info == written.info


@ENDINGS
def test_no_frames_are_no_frames(tmp_path: Path, name: str) -> None:
    write_frames(tmp_path / name, [])
    assert read_frames(tmp_path / name) == []


def test_labels_come_back_to_the_digits_of_the_file(tmp_path: Path) -> None:
    frame = examples()[0]
    frame.info["REF_energy"] = -123456.12345678901
    frame.arrays["REF_forces"] = np.array([[1.23456789, -0.1, 0], [0, 0, 2], [0, 1e-7, 0], [-30.5, 0, 0]])
    write_frames(tmp_path / "x.extxyz", [frame])
    (read,) = read_frames(tmp_path / "x.extxyz")
    assert read.info["REF_energy"] == pytest.approx(-123456.12345678901, abs=1e-10)
    np.testing.assert_allclose(read.arrays["REF_forces"], frame.arrays["REF_forces"], atol=1e-8)


AWKWARD = [
    "2",
    "T",
    "F",
    "1.5 2",
    "nan",
    "true",
    "smiles:F\\C=C\\F",
    "50 %",
    "%32",
    '"',
    "a=b",
    "=",
    "0=",
    "{x}",
    "[1,2]",
    "_JSON x",
]


@pytest.mark.parametrize("text", AWKWARD)
def test_names_that_extended_xyz_takes_for_something_else_come_back(tmp_path: Path, text: str) -> None:
    write_frames(tmp_path / "x.extxyz", [framed(molecule("H2O"), system=text, name=text)])
    (read,) = read_frames(tmp_path / "x.extxyz")
    assert (read.info["system"], read.info["name"]) == (text, text)


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))
def test_any_name_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any-name.extxyz"
    write_frames(path, [framed(molecule("H2"), system=text, name="n")])
    (read,) = read_frames(path)
    assert read.info["system"] == text


def test_readable_names_stay_readable(tmp_path: Path) -> None:
    write_frames(tmp_path / "x.extxyz", [framed(molecule("H2"), system="[Zn(H2O)2]2+.H2O", name="smiles:C#N (1)")])
    assert 'system="[Zn(H2O)2]2+.H2O" name="smiles:C#N (1)"' in (tmp_path / "x.extxyz").read_text()


def test_a_frame_keeps_what_a_label_depends_on_and_nothing_else() -> None:
    atoms = rough(info={"charge": 2, "spin": 1, "label": "complex", "energy": 3.0}, cell=[9, 9, 9])
    atoms.set_constraint(FixAtoms([0]))
    atoms.set_tags([1, 2, 3, 4])
    atoms.set_velocities(np.ones((4, 3)))
    atoms.set_initial_magnetic_moments([1, 0, 0, 0])
    frame = framed(atoms, system="s", name="n")
    assert frame.info == {"charge": 2, "spin": 1, "system": "s", "name": "n"}
    assert set(frame.arrays) == {"numbers", "positions"}
    assert frame.constraints == []
    np.testing.assert_array_equal(frame.positions, atoms.positions.round(6))
    assert "momenta" in atoms.arrays
    assert framed(Atoms("H"), system="s", name="n").info["charge"] == 0


def test_a_geometry_key_sees_all_that_a_label_depends_on() -> None:
    one = framed(rough(cell=[9, 9, 9], info={"charge": 2, "spin": 1}), system="a", name="b")

    def changed(**info: object) -> Atoms:
        copy = one.copy()
        copy.info |= info
        return copy

    moved, wider, periodic, other = (one.copy() for _ in range(4))
    moved.positions[2, 1] += 1e-5
    wider.cell[0, 0] += 1e-5
    periodic.pbc = (True, False, False)
    other.numbers[0] = 12
    different = [moved, wider, periodic, other, changed(charge=0), changed(spin=3)]
    keys = [geometry_key(frame) for frame in [one, *different]]
    assert len(set(keys)) == len(keys)
    same = [changed(system="x", name="y", charge=2.0, spin=np.int64(1)), one.copy()]
    assert {geometry_key(frame) for frame in same} == {keys[0]}


@settings(deadline=None)
@given(st.lists(st.floats(-20, 20), min_size=3, max_size=3), st.booleans())
def test_a_geometry_key_knows_no_minus_zero_and_no_digits_beyond_the_file(place: list[float], negative: bool) -> None:
    zero = -0.0 if negative else 0.0
    first = Atoms("OH", positions=[place, (0.0, 1.0, 0.0)])
    second = Atoms("OH", positions=[[x + 0.0 for x in place], (zero, 1.0, zero)])
    assert geometry_key(framed(first, system="a", name="b")) == geometry_key(framed(second, system="a", name="b"))
    tiny = Atoms("OH", positions=[place, (-4e-7, 1.0, 0.0)])
    assert geometry_key(tiny) == geometry_key(first)


def job_folders(tmp_path: Path) -> tuple[Path, Path]:
    first, second = tmp_path / "jobs" / "first", tmp_path / "jobs" / "second"
    first.mkdir(parents=True)
    second.mkdir()
    return first, second


def test_the_next_job_finds_the_frames_of_the_one_before(tmp_path: Path) -> None:
    first, second = job_folders(tmp_path)
    frames = examples()
    written = FrameSet.write(frames, system="s", origin="dynamics", folder=first, force_calls=7)
    assert (written.count, written.force_calls, written.folder) == (len(frames), 7, "first")
    again = FrameSet.model_validate_json(written.model_dump_json())
    assert [geometry_key(frame) for frame in again.read(second)] == [geometry_key(frame) for frame in frames]


def test_a_file_that_is_missing_or_was_changed_is_refused_by_name(tmp_path: Path) -> None:
    first, second = job_folders(tmp_path)
    written = FrameSet.write(examples(), system="hydrate", origin="dynamics", folder=first)
    path = first / written.file.path
    write_frames(path, examples()[:-1])
    with pytest.raises(LabelError, match=f"{path}: was changed after its job had written it"):
        written.read(second)
    path.unlink()
    with pytest.raises(LabelError, match=f"hydrate: the frames of dynamics are not at {path}"):
        written.read(second)


def test_a_torn_compressed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "torn.extxyz.xz"
    write_frames(path, examples())
    complete = path.read_bytes()
    for size in (0, 1, 20, len(complete) // 2, len(complete) - 1):
        path.write_bytes(complete[:size])
        with pytest.raises(LabelError, match=r"torn\.extxyz\.xz: is no readable extended XYZ file"):
            read_frames(path)


def test_a_plain_file_torn_anywhere_but_between_frames_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "torn.extxyz"
    frame = examples()[0]
    frame.info["REF_energy"] = -1.25
    frame.arrays["REF_forces"] = np.full((4, 3), 0.12345678)
    write_frames(path, [frame, frame])
    complete = path.read_bytes()
    first = len(complete) // 2  # between the frames nothing is torn
    for size in {*range(1, 20), *range(20, first, 37), *range(first - 12, first), *range(first + 1, first + 3)}:
        path.write_bytes(complete[:size])
        with pytest.raises(LabelError, match=r"torn\.extxyz: is no readable extended XYZ file"):
            read_frames(path)


def test_what_is_no_extended_xyz_is_refused(tmp_path: Path) -> None:
    for number, content in enumerate([b"hello\n", b"\x00\xff\xfe\n", lzma.compress(b"3\n"), b"2\n\nH 0 0 0\nH 0 0\n"]):
        path = tmp_path / f"{number}.extxyz"
        path.write_bytes(content)
        with pytest.raises(LabelError, match=rf"{number}\.extxyz: is no readable"):
            read_frames(path)
    with pytest.raises(LabelError, match=r"absent\.extxyz"):
        read_frames(tmp_path / "absent.extxyz")
