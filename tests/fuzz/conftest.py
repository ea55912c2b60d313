"""What the fuzz tests share: the command line in this process, held to what every input may expect of it."""

from __future__ import annotations

import contextlib
import io
import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from azibflow.cli.main import main

LONGEST = 10
"""Seconds after which an input counts as hanging the program."""
MEMORY = 500_000
"""Kilobytes by which a whole test may let the process grow."""
JARGON = (
    "Traceback",
    "<class",
    "pydantic",
    "Input should",
    "valid dictionary",
    "Extra inputs",
    "NoneType",
    "object at 0x",
)


class Outcome(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


def _too_long(*_: object) -> None:
    raise TimeoutError(f"no end after {LONGEST} s")


SMALL = "{name: a, systems: {a: {prototype: Cu}}, studies: [{kind: surface, system: a, facets: [(111)]}]}"


@pytest.fixture(scope="session")
def _imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Import once what takes seconds to import, before anything is timed."""
    file = tmp_path_factory.mktemp("small") / "small.yaml"
    file.write_text(SMALL)
    for words in (["calculators"], ["run", "--dry-run", str(file)], ["surrogate", "train", str(file)]):
        with pytest.raises(SystemExit), contextlib.redirect_stdout(io.StringIO()):
            main(words)


@pytest.fixture
def outcome(_imported: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Outcome]]:
    """Run a command in an empty folder; whatever it is given, it ends soon, with a status and in words."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(home)
    before = signal.signal(signal.SIGALRM, _too_long)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def run(*words: object) -> Outcome:
        out, err = io.StringIO(), io.StringIO()
        signal.alarm(LONGEST)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ending:
                main([str(word) for word in words])
        finally:
            signal.alarm(0)
        status, said = int(ending.value.code or 0), err.getvalue()
        assert status in (0, 1, 2), f"status {status}"
        assert not [word for word in JARGON if word in said], said
        assert status == 0 or said.strip() or status == 1, "a failure without a word"
        assert len(said) < 20_000, f"{len(said)} characters of message"
        assert "\x1b" not in said, "control characters reach the terminal"
        return Outcome(status, out.getvalue(), said)

    yield run
    signal.signal(signal.SIGALRM, before)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - grown < MEMORY, "memory without bounds"
