"""Labels: equal to direct calculation, never computed twice, never a number that is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule

from azibflow.calculators.factory import identity, make_calculator
from azibflow.calculators.specs import ChgnetSpec, PyscfSpec, XtbSpec
from azibflow.calculators.xtb import XtbCalculator
from azibflow.errors import CapabilityError, LabelError
from azibflow.structures.sampling import rattled
from azibflow.workflows.surrogate.frames import FrameSet, framed, geometry_key, read_frames, write_frames
from azibflow.workflows.surrogate.labels import (
    ENERGY,
    FORCES,
    LEVEL,
    LabelledSet,
    isolated_energies,
    label_frames,
    label_problem,
    read_labels,
)

XTB = XtbSpec()


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    """The folder in which jobs have theirs."""
    for name in ("sample", "label"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Formulas that xTB was asked for; it still computes them."""
    asked: list[str] = []
    calculate = XtbCalculator.calculate

    def counted(self: XtbCalculator, atoms: Atoms, *others: object) -> None:
        asked.append(geometry_key(atoms))
        calculate(self, atoms, *others)

    monkeypatch.setattr(XtbCalculator, "calculate", counted)
    return asked


def waters(count: int, charge: int = 0) -> list[Atoms]:
    water = molecule("H2O")
    water.info["charge"] = charge
    if charge:
        water.info["spin"] = 2
    shaken = rattled(water, count, amplitude=0.1)
    return [framed(atoms, system="H2O", name=f"H2O {n}") for n, atoms in enumerate(shaken, start=1)]


def sampled(jobs: Path, frames: list[Atoms]) -> FrameSet:
    return FrameSet.write(frames, system="H2O", origin="rattled", folder=jobs / "sample")


def labelled(jobs: Path, frames: list[Atoms], known: Path | None = None) -> LabelledSet:
    return label_frames(sampled(jobs, frames), XTB, jobs / "label", known)


@pytest.mark.parametrize("charge", [0, 1])
def test_labels_are_what_the_calculator_says(jobs: Path, charge: int) -> None:
    frames = waters(3, charge)
    result = labelled(jobs, frames)
    assert (result.reused, result.refused) == (0, [])
    assert result.seconds > 0
    for label, frame in zip(result.frames.read(jobs / "any"), frames, strict=True):
        direct = make_calculator(XTB)
        assert label.info[ENERGY] == pytest.approx(direct.get_potential_energy(frame), abs=1e-6)
        np.testing.assert_allclose(label.arrays[FORCES], direct.get_forces(frame), atol=1e-6)
        assert geometry_key(label) == geometry_key(frame)
        assert label.info["name"] == frame.info["name"]
        assert label.info[LEVEL] == identity(XTB)
        assert np.abs(label.arrays[FORCES]).max() > 0.1


@pytest.mark.parametrize("cut", ["first number", "last number", "header", "count", "nothing"])
def test_a_killed_job_goes_on_after_the_last_whole_label(jobs: Path, computed: list[str], cut: str) -> None:
    frames = waters(4)
    whole = labelled(jobs, frames).frames.read(jobs / "any")
    journal = jobs / "label" / "labels.extxyz"
    lines = journal.read_text().splitlines(keepends=True)
    assert len(lines) == 4 * 5
    torn = {
        "first number": lines[12][:9],
        "last number": lines[14][:-2],
        "header": lines[11][:30],
        "count": "3",
        "nothing": "",
    }
    upto = {"first number": 12, "last number": 14, "header": 11, "count": 10, "nothing": 10}[cut]
    journal.write_text("".join(lines[:upto]) + torn[cut])
    computed.clear()
    again = labelled(jobs, frames)
    assert computed == [geometry_key(frame) for frame in frames[2:]]
    assert len(read_frames(journal)) == 4
    for first, second in zip(whole, again.frames.read(jobs / "any"), strict=True):
        assert first.info[ENERGY] == pytest.approx(second.info[ENERGY], abs=1e-7)
        np.testing.assert_allclose(first.arrays[FORCES], second.arrays[FORCES], atol=1e-7)
    computed.clear()
    labelled(jobs, frames)
    assert computed == []


def test_rubbish_at_the_end_of_a_journal_is_cut_off(jobs: Path, computed: list[str]) -> None:
    frames = waters(2)
    labelled(jobs, frames)
    with (jobs / "label" / "labels.extxyz").open("ab") as journal:
        journal.write(b"\x00" * 300)
    computed.clear()
    labelled(jobs, frames)
    assert computed == []
    assert len(read_frames(jobs / "label" / "labels.extxyz")) == 2


@pytest.mark.parametrize("ending", ["extxyz", "extxyz.xz"])
def test_a_label_store_is_used_again(jobs: Path, computed: list[str], ending: str) -> None:
    frames = waters(5)
    store = jobs / f"store.{ending}"
    write_frames(store, labelled(jobs, frames[:3]).frames.read(jobs / "any"))
    (jobs / "label" / "labels.extxyz").unlink()
    computed.clear()
    result = labelled(jobs, frames, store)
    assert result.reused == 3
    assert computed == [geometry_key(frame) for frame in frames[3:]]
    read = result.frames.read(jobs / "any")
    assert [frame.info["name"] for frame in read] == [frame.info["name"] for frame in frames]
    direct = make_calculator(XTB)
    for label, frame in zip(read, frames, strict=True):
        assert label.info[ENERGY] == pytest.approx(direct.get_potential_energy(frame), abs=1e-6)


def test_labels_of_another_calculator_or_charge_are_not_used(jobs: Path, computed: list[str]) -> None:
    frames = waters(2)
    other = label_frames(sampled(jobs, frames), XtbSpec(method="GFN1-xTB"), jobs / "label")
    store = jobs / "store.extxyz"
    write_frames(store, other.frames.read(jobs / "any"))
    (jobs / "label" / "labels.extxyz").unlink()
    computed.clear()
    result = labelled(jobs, frames, store)
    assert (result.reused, len(computed)) == (0, 2)

    assert other.frames.file.sha256 != result.frames.file.sha256

    write_frames(store, result.frames.read(jobs / "any"))
    (jobs / "label" / "labels.extxyz").unlink()
    assert labelled(jobs, waters(2, charge=1), store).reused == 0


def test_a_frame_whose_self_consistent_field_fails_is_refused_by_name_and_the_others_are_kept(jobs: Path) -> None:
    apart = framed(Atoms("Fe4", positions=8.0 * np.eye(4, 3)), system="H2O", name="iron far apart")
    touching = framed(Atoms("H2", positions=np.zeros((2, 3))), system="H2O", name="one in the other")
    first, second = waters(2)
    result = labelled(jobs, [first, apart, second, touching])
    assert [frame.info["name"] for frame in result.frames.read(jobs / "any")] == ["H2O 1", "H2O 2"]
    assert [refusal.frame for refusal in result.refused] == ["iron far apart", "one in the other"]
    assert "SCF not converged" in result.refused[0].reason
    assert "Too close" in result.refused[1].reason


def test_what_a_calculator_cannot_treat_is_an_error_and_no_refusal(jobs: Path) -> None:
    frames = sampled(jobs, waters(1, charge=1))
    with pytest.raises(CapabilityError, match=r"total charge \+1, but calculator chgnet"):
        label_frames(frames, ChgnetSpec(), jobs / "label")


def store_of(path: Path, **changes: dict[str, object]) -> Path:
    """A store of eight good labels, some of them changed: info by the name of the frame."""
    frames = waters(8)
    for frame in frames:
        frame.info[ENERGY] = -10.0
        frame.arrays[FORCES] = np.zeros((3, 3))
        changed = changes.get(frame.info["name"].replace("H2O ", "n"), {})
        for key, value in changed.items():
            if key == FORCES and value is None:
                del frame.arrays[FORCES]
            elif key == FORCES:
                frame.arrays[FORCES][2, 1] = value
            elif value is None:
                del frame.info[key]
            else:
                frame.info[key] = value
    write_frames(path, frames)
    return path


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({ENERGY: np.nan}, "its energy is not a finite number"),
        ({ENERGY: -np.inf}, "its energy is not a finite number"),
        ({ENERGY: None}, "has no REF_energy"),
        ({ENERGY: "unknown"}, "its energy is not a finite number"),
        ({FORCES: None}, "has no REF_forces"),
        ({FORCES: np.nan}, "the force on atom 2 is not a finite number"),
        ({FORCES: np.inf}, "the force on atom 2 is not a finite number"),
        ({"converged": False}, "its self-consistent field did not converge"),
    ],
)
def test_labels_that_are_none_are_refused_with_their_names(
    tmp_path: Path, change: dict[str, object], problem: str
) -> None:
    assert len(read_labels(store_of(tmp_path / "good.extxyz", n1={"converged": True}))) == 8
    path = store_of(tmp_path / "bad.extxyz", n3=change)
    with pytest.raises(LabelError, match=rf"bad\.extxyz: H2O 3: {problem}; remove these frames or label them again"):
        read_labels(path)


def test_many_refused_labels_are_shortened(tmp_path: Path) -> None:
    bad = {ENERGY: np.nan}
    with pytest.raises(LabelError) as five:
        read_labels(store_of(tmp_path / "five.extxyz", **{f"n{n}": bad for n in (1, 2, 3, 4, 5)}))
    assert "H2O 5" in str(five.value)
    assert "more" not in str(five.value)
    with pytest.raises(LabelError) as seven:
        read_labels(store_of(tmp_path / "seven.extxyz", **{f"n{n}": bad for n in (1, 2, 3, 4, 5, 6, 8)}))
    assert "H2O 5" in str(seven.value)
    assert "H2O 6" not in str(seven.value)
    assert " and 2 more" in str(seven.value)


def test_a_store_with_a_bad_label_stops_the_labelling(jobs: Path) -> None:
    store = store_of(jobs / "store.extxyz", n2={FORCES: np.nan})
    with pytest.raises(LabelError, match="H2O 2: the force on atom 2"):
        labelled(jobs, waters(2), store)


def test_a_frame_without_a_name_is_called_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "x.extxyz"
    write_frames(path, [molecule("H2")])
    with pytest.raises(LabelError, match="frame 1: has no REF_energy"):
        read_labels(path)
    assert label_problem(molecule("H2")) == "has no REF_energy"


def test_free_atoms_are_in_their_ground_states_and_ions_have_their_charge() -> None:
    spec = PyscfSpec.model_validate({"functional": "hf", "basis": "sto-3g", "dispersion": None})
    found = isolated_energies(["O", "H", "Zn", "H"], {"Zn": 2}, spec)
    assert list(found) == ["H", "O", "Zn"]
    for symbol, charge, spin in (("H", 0, 2), ("O", 0, 3), ("Zn", 2, 1)):
        atom = Atoms(symbol, info={"charge": charge, "spin": spin})
        assert found[symbol] == pytest.approx(make_calculator(spec).get_potential_energy(atom), abs=1e-6)
    hydrogen = -0.46658184955728  # hartree: the well-known energy of an STO-3G hydrogen atom
    assert found["H"] == pytest.approx(hydrogen * 27.211386, abs=1e-4)
    neutral = isolated_energies(["Zn"], {}, spec)["Zn"]
    assert neutral < found["Zn"] - 10.0


def test_free_atoms_mean_nothing_to_some_calculators() -> None:
    with pytest.raises(CapabilityError, match=r"free Zn: .*has no neighbour within 6 angstrom"):
        isolated_energies(["Zn"], {}, ChgnetSpec())
    with pytest.raises(CapabilityError, match=r"free Zn: total charge \+2, but calculator chgnet"):
        isolated_energies(["Zn"], {"Zn": 2}, ChgnetSpec())
