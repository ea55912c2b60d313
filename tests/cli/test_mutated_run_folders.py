"""Run folders with damaged files: a clear message or the right result, never a traceback, never other numbers."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from azibflow.cli.main import main

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


FOREIGN = (
    *(b"", b"{}", b"[]", b"null", b"3", b'"x"', b"name: d", b"\xff" * 9, b"[" * 9999, b'{"uuid": 1}'),
    b'{"@module": "os", "@callable": "getcwd"}',
    b'{"host": "x", "pid": -1, "born": 0, "since": 3}',
)


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


def mistakes(folders: list[Path], azibflow: Callable[..., Ending], seeds: range) -> list[str]:
    """Damage run folders, one per seed, and return what commands did wrong."""
    expected = azibflow(*command_of("table", folders[0])).said
    wrong = []
    for seed in seeds:
        chance = random.Random(seed)
        folder = Path(f"mutated-{seed}")
        shutil.copytree(chance.choice(folders), folder)
        what, name = mutate(folder, chance), chance.choice(COMMANDS)
        try:
            ended = azibflow(*command_of(name, folder))
            wrong += [f"{seed}: {what}: {name}: {fault}" for fault in faults(ended)]
            if not ended.status and name in ("table", "run", "resume"):
                shown = azibflow(*command_of("table", folder)).said
                wrong += [f"{seed}: {what}: {name}: other numbers: {shown}"] if shown != expected else []
        except Exception as error:  # a traceback, for whoever uses the command
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
    assert not mistakes(folders, azibflow, range(300))


@pytest.mark.slow
def test_many_mutated_run_folders(folders: list[Path], azibflow: Callable[..., Ending]) -> None:
    assert not mistakes(folders, azibflow, range(300, 10300))
