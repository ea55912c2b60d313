"""Run folders with damaged files: a clear message or the right result, never a traceback, never other numbers."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from azibflow.analysis.stored import load_results
from azibflow.cli.main import main
from azibflow.workflows.surfaces.results import SurfaceResult

CAMPAIGN = """\
name: c
calculator: {kind: ase, calculator: 'ase.calculators.emt:EMT'}
relax: {fmax: 0.001}
systems: {cu: {file: cu.xyz}}
studies: [{kind: surface, system: cu, facets: [(111)], layers: [2]}]
"""
COPPER = '1\nLattice="0 1.8 1.8 1.8 0 1.8 1.8 1.8 0" pbc="T T T"\nCu 0 0 0\n'
COMMANDS = ("status", "table", "retry", "resume", "run")
PATIENCE = 10.0
"""No command computes longer, s; nor does it take six times that on a busy machine."""


class Ending(NamedTuple):
    """How a command ended."""

    status: int
    said: str
    computed: float
    took: float


@pytest.fixture
def azibflow(capsys: pytest.CaptureFixture[str], in_this_process: None) -> Callable[..., Ending]:
    """Run a command here; whatever it raises but an exit is a failure of the test."""

    def call(*words: object) -> Ending:
        capsys.readouterr()
        computed, since = time.process_time(), time.monotonic()
        with pytest.raises(SystemExit) as ending:
            main([str(word) for word in words])
        said = capsys.readouterr()
        spent = time.process_time() - computed, time.monotonic() - since
        return Ending(int(ending.value.code or 0), said.out + said.err, *spent)

    return call


class Endless(BaseException):
    """A command that does not end, also where everything else is caught."""


@contextmanager
def ending() -> Iterator[None]:
    """Stop what would go on for ever."""

    def give_up(*_: object) -> None:
        raise Endless(f"still going on after {12 * PATIENCE:g} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(int(12 * PATIENCE))
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class Stop(Exception):
    """Ends a job in the middle."""


@pytest.fixture
def folders(tmp_path: Path, azibflow: Callable[..., Ending], monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A complete run, and one that was stopped in its last relaxation but one, with its checkpoint."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.yaml").write_text(CAMPAIGN)
    (tmp_path / "cu.xyz").write_text(COPPER)
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    assert azibflow("run", "c.yaml", "--run-dir", whole).status == 0
    with monkeypatch.context() as patched:
        _stop_in_a_slab(patched)
        assert azibflow("run", "c.yaml", "--run-dir", stopped).status == 1
    assert list(stopped.rglob("checkpoints/*"))
    return [whole, stopped]


def _stop_in_a_slab(patched: pytest.MonkeyPatch) -> None:
    """Let the disk be full at the fourth evaluation of a slab."""
    from ase.calculators.emt import EMT

    calculate, calls = EMT.calculate, []

    def stops(self: Any, atoms: Any = None, *arguments: Any) -> None:
        calls.append(len(atoms))
        if calls.count(2) > 3:
            raise OSError(28, "No space left on device")
        calculate(self, atoms, *arguments)

    patched.setattr(EMT, "calculate", stops)


MUTATED = ("flow.json", "source.yaml", "inputs.json", "store.sqlite", "lock", "checkpoint", "report.bson", "cancel")


def flipped(data: bytes, chance: random.Random) -> bytes:
    """Change some bits."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def torn(data: bytes, chance: random.Random) -> bytes:
    """Keep the beginning."""
    return data[: chance.randrange(len(data))]


def spliced(data: bytes, chance: random.Random) -> bytes:
    """Write a piece of the file over another, as a disk that mixes its blocks does."""
    size = min(len(data), chance.choice((16, 128, 512)))
    source, target = (chance.randrange(len(data) - size + 1) for _ in range(2))
    return data[:target] + data[source : source + size] + data[target + size :]


def zeroed(data: bytes, chance: random.Random) -> bytes:
    """Lose a block."""
    start = chance.randrange(len(data))
    return data[:start] + bytes(min(512, len(data) - start)) + data[start + 512 :]


def foreign(_: bytes, chance: random.Random) -> bytes:
    """Put something else there."""
    others = (
        b"",
        b"{}",
        b"[]",
        b"null",
        b"3",
        b'"x"',
        b'{"@module": "os", "@callable": "getcwd"}',
        b"name: d",
        b"\xff" * 9,
    )
    return chance.choice((*others, b"[" * 9999, b'{"uuid": 1}', b'{"host": "x", "pid": -1, "born": 0, "since": 3}'))


MUTATIONS = (flipped, flipped, flipped, torn, spliced, zeroed, foreign)


def mutate(folder: Path, chance: random.Random) -> str:
    """Damage one file, or remove it; return which and how."""
    kind = chance.choice(MUTATED)
    path = folder / kind
    if kind == "checkpoint":
        found = sorted(folder.rglob("checkpoints/*"))
        path = chance.choice(found) if found else folder / "flow.json"
    elif kind == "report.bson":
        path = chance.choice(sorted(folder.glob("jobs/*"))) / kind
    if chance.random() < 0.08:
        path.unlink(missing_ok=True)
        return f"{kind} removed"
    if chance.random() < 0.02 and path.is_file():
        path.unlink()
        path.mkdir()
        return f"{kind} is a folder"
    data = path.read_bytes() if path.is_file() else b""
    how = chance.choice(MUTATIONS) if data else foreign
    path.write_bytes(how(data, chance))
    return f"{kind} {how.__name__}"


def command_of(name: str, folder: Path) -> list[object]:
    """Return the words of a command on a run folder."""
    if name == "run":
        return ["run", "c.yaml", "--run-dir", folder]
    return [name, "surfaces", folder, "--format", "csv"] if name == "table" else [name, folder]


def mistakes(folders: list[Path], azibflow: Callable[..., Ending], seeds: Iterable[int]) -> list[str]:
    """Damage run folders, one per seed, and return what commands did wrong."""
    expected = azibflow(*command_of("table", folders[0])).said
    wrong = []
    for seed in seeds:
        chance = random.Random(seed)
        folder = Path(f"mutated-{seed}")
        shutil.copytree(chance.choice(folders), folder)
        what, name = mutate(folder, chance), chance.choice(COMMANDS)
        try:
            with ending():
                ended = azibflow(*command_of(name, folder))
                wrong += [f"{seed}: {what}: {name}: {fault}" for fault in faults(ended)]
                if not ended.status and name in ("table", "run", "resume"):
                    shown = azibflow(*command_of("table", folder)).said
                    wrong += [f"{seed}: {what}: {name}: other numbers: {shown}"] if shown != expected else []
        except (Exception, Endless) as error:  # a traceback, for whoever uses the command
            wrong.append(f"{seed}: {what}: {name}: {type(error).__name__}: {error}")
        shutil.rmtree(folder)
    return wrong


def faults(ended: Ending) -> list[str]:
    """Say what is wrong with the way in which a command ended."""
    return [
        *([f"exit status {ended.status}"] if ended.status not in (0, 1, 2) else []),
        *([ended.said] if "Traceback" in ended.said else []),
        *(["says nothing"] if ended.status and not ended.said.strip() else []),
        *([f"took {ended.took:.0f} s"] if ended.computed > PATIENCE or ended.took > 6 * PATIENCE else []),
    ]


def test_mutated_run_folders(folders: list[Path], azibflow: Callable[..., Ending]) -> None:
    assert not mistakes(folders, azibflow, (*range(120), 3130, 3609, 7177))


def test_a_flipped_bit_in_a_store_changes_nothing_or_is_named(
    folders: list[Path], azibflow: Callable[..., Ending]
) -> None:
    run, chance, named = folders[0], random.Random(80), 0
    store, shows = run / "store.sqlite", [["status", run], command_of("table", run)]
    whole, expected = store.read_bytes(), [azibflow(*words) for words in shows]
    used = [place for place, byte in enumerate(whole) if byte]
    for _ in range(80):
        changed = bytearray(whole)
        changed[chance.choice(used)] ^= 1 << chance.randrange(8)
        store.write_bytes(changed)
        for words, before in zip(shows, expected, strict=True):
            ended = azibflow(*words)
            assert (ended.status, ended.said) == (0, before.said) or (ended.status and str(store) in ended.said)
            named += ended.status > 0
    assert named > 100, "little was looked at"


def test_a_damaged_result_is_named_and_computed_again_and_the_others_are_there(
    folders: list[Path], azibflow: Callable[..., Ending]
) -> None:
    run = folders[0]
    before = azibflow(*command_of("table", run)).said
    flip_documents(run, "cu: relax bulk", "documents")
    for words in (["status", run], command_of("table", run), ["resume", run]):
        ended = azibflow(*words)
        assert ended.status == 1
        assert "store.sqlite: the document of cu: relax bulk (" in ended.said
        assert "in 'documents' has changed since it was written" in ended.said
        assert ended.said.count("has changed since") == 1
    assert "4 finished, 1 failed" in azibflow("status", run).said
    assert azibflow(*command_of("table", run)).said.startswith(before), "the row is there, its number was not touched"
    again = azibflow("retry", run)
    assert again.status == 0
    assert "runs again: cu: relax bulk\n" in again.said
    assert azibflow("resume", run).status == 0
    assert azibflow(*command_of("table", run))[:2] == (0, before)


def test_the_job_that_passes_a_result_on_is_none_of_those_shown_but_of_those_that_are_to_run(
    folders: list[Path], azibflow: Callable[..., Ending]
) -> None:
    run = folders[0]
    before = azibflow(*command_of("table", run)).said
    flip_documents(run, "store_inputs", "documents")
    with pytest.warns(UserWarning, match="left out: .* has changed since it was written"):
        load_results([run], SurfaceResult)
    assert azibflow("status", run).status == 1
    assert "runs again: store_inputs" in azibflow("retry", run).said
    ended = azibflow("resume", run)
    assert ended.status == 0
    assert "nothing to compute" not in ended.said
    assert azibflow(*command_of("table", run))[:2] == (0, before)


def test_a_job_whose_entry_in_the_journal_is_damaged_has_not_quietly_not_run(
    folders: list[Path], azibflow: Callable[..., Ending]
) -> None:
    run = folders[0]
    flip_documents(run, "cu: relax bulk", "journal")
    ended = azibflow("status", run)
    assert (ended.status, ended.said.count("FAILED"), ended.said.count("waiting")) == (1, 1, 0)
    assert "in 'journal' has changed since it was written" in ended.said
    assert azibflow("retry", run).status == 0
    assert azibflow("resume", run).status == 0


def test_a_store_that_is_damaged_as_a_whole_is_set_aside_and_what_can_be_read_of_it_kept(
    folders: list[Path], azibflow: Callable[..., Ending]
) -> None:
    """A page of an index, of which the documents need nothing, is lost."""
    run = folders[0]
    before = azibflow(*command_of("table", run)).said
    store = run / "store.sqlite"
    with closing(sqlite3.connect(store)) as file:
        ((page,),) = file.execute("SELECT rootpage FROM sqlite_master WHERE name = 'entries_by_value'").fetchall()
        ((size,),) = file.execute("PRAGMA page_size").fetchall()
    damaged = bytearray(store.read_bytes())
    damaged[(page - 1) * size : page * size] = bytes(size)
    store.write_bytes(damaged)
    for words in (["status", run], command_of("table", run), ["resume", run], ["run", "c.yaml", "--run-dir", run]):
        ended = azibflow(*words)
        assert ended.status == 2
        assert "store.sqlite: the file is damaged" in ended.said
        assert "azibflow retry" in ended.said
    assert "has the 12 documents that can be read" in azibflow("retry", run).said
    assert (run / "store.sqlite.damaged-1").read_bytes() == damaged
    assert azibflow("status", run).said.count("5 finished") == 1
    assert azibflow(*command_of("table", run))[:2] == (0, before)


def test_a_store_that_is_gone_is_not_a_run_that_has_not_begun(
    folders: list[Path], azibflow: Callable[..., Ending]
) -> None:
    run = folders[0]
    before = azibflow(*command_of("table", run)).said
    (run / "store.sqlite").unlink()
    for words in (["status", run], command_of("table", run), ["resume", run], ["run", "c.yaml", "--run-dir", run]):
        ended = azibflow(*words)
        assert ended.status == 2
        assert "the store store.sqlite is gone, and with it the results of 5 jobs" in ended.said
        assert "1 of the 3 jobs planned from checkpoints" in ended.said
        assert not (run / "store.sqlite").exists()
    assert "a new one is begun" in azibflow("retry", run).said
    assert "3 waiting" in azibflow("status", run).said
    assert azibflow("resume", run).status == 0
    assert azibflow(*command_of("table", run))[:2] == (0, before)


def flip_documents(run: Path, job: str, collection: str) -> None:
    """Change a digit in what a collection holds of a job."""
    found = "SELECT id, body FROM documents JOIN entries ON document = id WHERE collection = ? AND value = ?"
    with closing(sqlite3.connect(run / "store.sqlite")) as file, file:
        for number, body in file.execute(found, (collection, job)).fetchall():
            changed = body[:100] + bytes([body[100] ^ 1]) + body[101:]
            file.execute("UPDATE documents SET body = ? WHERE id = ?", (changed, number))


@pytest.mark.slow
def test_many_mutated_run_folders(folders: list[Path], azibflow: Callable[..., Ending]) -> None:
    assert not mistakes(folders, azibflow, range(120, 10300))
