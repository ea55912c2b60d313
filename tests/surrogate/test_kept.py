"""A surrogate's folder put where it belongs, and a surrogate opened for who wants to judge it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from azibflow.calculators.surrogates.card import CARD
from azibflow.errors import CapabilityError, RunError, WeightsError
from azibflow.workflows.surrogate.kept import KeptSurrogate, check_replaceable, put_in_place
from azibflow.workflows.surrogate.validation import energy_differences


def folder(path: Path, **files: str) -> Path:
    path.mkdir(parents=True)
    for name, text in files.items():
        (path / name.replace("_", ".")).write_text(text)
    return path


def test_a_complete_copy_takes_the_place_of_a_surrogate(tmp_path: Path) -> None:
    source = folder(tmp_path / "job" / "mine", card_json="new", labels="l")
    target = folder(tmp_path / "home" / "mine", **{CARD.replace(".", "_"): "old"}, stale="s")
    folder(tmp_path / "home" / "mine.part", half="of a copy that was killed")
    assert put_in_place(source, target) == target
    assert {path.name for path in target.iterdir()} == {path.name for path in source.iterdir()}
    assert [path.name for path in target.parent.iterdir()] == ["mine"]
    assert put_in_place(source, source) == source
    assert (source / "labels").read_text() == "l"


def test_nothing_but_a_surrogate_is_replaced(tmp_path: Path) -> None:
    thesis = folder(tmp_path / "mine", thesis="three years")
    for refuse in (lambda: check_replaceable(thesis), lambda: put_in_place(folder(tmp_path / "new"), thesis)):
        with pytest.raises(RunError, match="is no surrogate, so it is not replaced"):
            refuse()
    assert (thesis / "thesis").read_text() == "three years"
    check_replaceable(tmp_path / "nothing")


def test_a_surrogate_is_opened_by_its_name(tmp_path: Path) -> None:
    surrogate = KeptSurrogate.open("zn-water")
    assert len(surrogate.members) == len(surrogate.card.models) >= 2
    known = {role: sum(systems.values()) for role, systems in surrogate.card.frames.items()}
    assert len(surrogate.frames) == sum(known.values())
    few = KeptSurrogate(
        surrogate.card,
        surrogate.members,
        surrogate.environments,
        [frame for frame in surrogate.frames if frame.info["role"] == "test"][:3],
    )
    assert len(few.judged("test")) == 3
    assert few.judged("training") == []
    assert all(abs(one.error) < 1.0 for one in energy_differences(few.judged("test")))
    with pytest.raises(WeightsError):
        KeptSurrogate.open(str(tmp_path / "none"))


def test_a_device_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(CapabilityError, match="surrogate: device: 'nowhere' is no device; use auto, cpu"):
        KeptSurrogate.open("zn-water", "nowhere")
