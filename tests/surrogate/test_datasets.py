"""Data sets: systems are never divided, and what cannot be learnt from is one clear error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azibflow.calculators.factory import record
from azibflow.calculators.specs import XtbSpec
from azibflow.errors import LabelError
from azibflow.workflows.surrogate.datasets import ROLE, ROLES, Dataset, Split, build_dataset, fitted_energies
from azibflow.workflows.surrogate.frames import FrameSet, framed, geometry_key
from azibflow.workflows.surrogate.labels import ENERGY, FORCES, LEVEL, LabelledSet, Refusal

RECORD = record(XtbSpec())


def frame(system: str, symbols: str = "OH", energy: float = -1.0, level: str = "xtb", number: int = 0) -> Atoms:
    atoms = Atoms(symbols)
    atoms.positions[:, 0] = np.arange(len(atoms)) + 0.01 * number
    made = framed(atoms, system=system, name=f"{system} {number}")
    made.info |= {ENERGY: energy, LEVEL: level}
    made.arrays[FORCES] = np.zeros((len(atoms), 3))
    return made


Made = Callable[..., Dataset]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Gathers lists of frames, each of a job of its own."""
    counter = iter(range(10**6))

    def make(
        sets: list[list[Atoms]], validation: list[str], test: list[str], given: dict[str, float] | None = None
    ) -> Dataset:
        labelled = []
        for frames in sets:
            folder = tmp_path / f"label-{next(counter)}"
            folder.mkdir()
            found = FrameSet.write(frames, system=frames[0].info["system"], origin="x", folder=folder)
            refused = [Refusal(frame=f"{folder.name} 9", reason="no SCF")]
            labelled.append(LabelledSet(frames=found, refused=refused, seconds=1.5, calculator=RECORD))
        home = tmp_path / f"data-{next(counter)}"
        home.mkdir()
        return build_dataset(labelled, Split(validation=validation, test=test), given or {}, home)

    return make


NAMES = ("H2O", "[Zn(H2O)]2+", "2", "smiles:F\\C=C\\F", "T")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_frames_of_one_system_have_one_role(made: Made, tmp_path: Path, data: st.DataObject) -> None:
    names = data.draw(st.permutations(NAMES))
    training = data.draw(st.integers(1, 3))
    validation, test = names[training : training + 1], names[training + 1 :]
    # Several jobs sample the same system, in any order.
    order = [*names, *data.draw(st.lists(st.sampled_from(names), max_size=4))]
    sets = [[frame(name, number=10 * place + n) for n in range(2)] for place, name in enumerate(order)]
    found = made(sets, validation, test)
    frames = found.read(tmp_path / "any")
    roles = {name: {one.info[ROLE] for one in frames if one.info["system"] == name} for name in names}
    role_of = dict.fromkeys(names, "training") | dict.fromkeys(validation, "validation") | dict.fromkeys(test, "test")
    assert roles == {name: {role} for name, role in role_of.items()}
    assert found.frames == {
        role: {name: 2 * order.count(name) for name in dict.fromkeys(order) if roles[name] == {role}} for role in ROLES
    }
    assert {geometry_key(one) for one in frames} == {geometry_key(one) for several in sets for one in several}


def test_what_is_known_of_all_jobs_is_added_up(made: Made) -> None:
    sets = [[frame("a")], [frame("b")], [frame("c"), frame("c", number=1)]]
    found = made(sets, ["b"], ["c"], given={"O": -2.0, "H": -1.0})
    assert found.label_seconds == 4.5
    assert [refusal.frame for refusal in found.refused] == ["label-0 9", "label-1 9", "label-2 9"]
    assert found.atomic_energies == {"O": -2.0, "H": -1.0}


@pytest.mark.parametrize(
    ("sets", "validation", "test", "message"),
    [
        ("abc", ["b", "H2OO"], ["c"], "the split names H2OO, of which there are no frames"),
        ("abc", ["b"], ["x", "c", "w"], "the split names w, x, of which there are no frames"),
        ("bc", ["b"], ["c"], "no frame is left for training; see the systems of the split and the refused labels"),
        ("ac", ["b"], ["c"], "no frame is left for validation"),
        ("ab", ["b"], [], "no frame is left for test"),
    ],
)
def test_a_split_that_does_not_fit_its_frames_is_one_error(
    made: Made, sets: str, validation: list[str], test: list[str], message: str
) -> None:
    with pytest.raises(LabelError, match=message):
        made([[frame(system)] for system in sets], validation, test)


def test_an_element_that_only_a_system_kept_from_training_has_is_an_error(made: Made) -> None:
    sets = [[frame("a")], [frame("b")], [frame("c", "ZnVO")]]
    with pytest.raises(LabelError, match=r"c is kept from training, but V, Zn is in no other system"):
        made(sets, ["b"], ["c"])


def test_labels_of_two_calculators_are_not_mixed(made: Made) -> None:
    sets = [[frame("a")], [frame("b", level="pbe0")], [frame("c")]]
    with pytest.raises(LabelError, match="the labels are of 2 different calculators; a surrogate learns one"):
        made(sets, ["b"], ["c"])


def test_a_store_that_is_gone_is_an_error_that_says_where_it_was(made: Made, tmp_path: Path) -> None:
    found = made([[frame("a")], [frame("b")], [frame("c")]], ["b"], ["c"])
    (tmp_path / found.folder / found.file.path).unlink()
    with pytest.raises(LabelError, match=f"{found.folder}/labels.extxyz.xz; run the job that gathers"):
        found.read(tmp_path / "any")


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.sampled_from(["H", "O", "Zn", "V"]), st.floats(-5e4, 0), min_size=4))
def test_fitted_energies_are_exact_for_energies_that_add_up(energies: dict[str, float]) -> None:
    formulas = ["H2O", "ZnO", "V2O5", "O2", "ZnH4O2"]
    frames = []
    for formula in formulas:
        symbols = Atoms(formula).get_chemical_symbols()
        frames.append(frame(formula, formula, energy=sum(energies[symbol] for symbol in symbols)))
    fitted = fitted_energies(frames, {})
    assert list(fitted) == ["H", "O", "V", "Zn"]
    for symbol, energy in energies.items():
        assert fitted[symbol] == pytest.approx(energy, abs=1e-7)


def test_fitted_energies_of_compositions_that_do_not_decide_still_add_up() -> None:
    fitted = fitted_energies([frame("a", "ZnO", -10.0), frame("a", "Zn2O2", -20.0)], {})
    assert fitted["Zn"] + fitted["O"] == pytest.approx(-10.0)
    assert fitted["Zn"] == pytest.approx(fitted["O"])  # the shortest solution


def test_given_energies_stay_and_the_others_are_fitted_to_what_is_left() -> None:
    fitted = fitted_energies([frame("a", "ZnO", -10.0), frame("a", "Zn2O2", -20.0)], {"Zn": 0.5, "V": 7.0})
    assert fitted == {"O": pytest.approx(-10.5), "Zn": 0.5}


def test_fitted_energies_look_at_training_only(made: Made) -> None:
    sets = [[frame("a", "O", -3.0), frame("a", "H", -1.0)], [frame("b", energy=1e6)], [frame("c", energy=-1e6)]]
    assert made(sets, ["b"], ["c"]).atomic_energies == pytest.approx({"H": -1.0, "O": -3.0})
