"""A lock keeps others out while its holder lives, on this machine and on others, and not a moment longer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from azibflow.hpc import locks
from azibflow.hpc.locks import SILENCE, Holder, Lock, LockHeldError, holder

HOLD = """
import sys, time
from pathlib import Path
from azibflow.hpc.locks import Lock
lock = Lock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


def record(path: Path, **changes: object) -> None:
    """Write what a holder on another machine would have written."""
    path.write_text(json.dumps(asdict(Holder("another-node", 1, 1, "2026-01-01T00:00:00+00:00")) | changes))


def test_one_at_a_time_and_free_again(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with Lock(path):
        assert holder(path).pid == os.getpid()
        with pytest.raises(LockHeldError, match=f"process {os.getpid()}"):
            Lock(path).acquire()
        assert holder(path).pid == os.getpid()
    assert holder(path) is None
    with Lock(path):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE)
    assert other.stdout.readline() == b"held\n"
    assert holder(path).pid == other.pid
    with pytest.raises(LockHeldError, match=f"process {other.pid}"):
        Lock(path).acquire()
    other.kill()
    other.wait()
    assert holder(path) is None
    with Lock(path):
        assert holder(path).pid == os.getpid()


def test_a_holder_on_another_machine_counts_as_long_as_it_touches_the_file(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    record(path, batch_job="4711")
    with pytest.raises(LockHeldError, match="process 1 on another-node"):
        Lock(path).acquire()
    silent = time.time() - SILENCE - 1
    os.utime(path, (silent, silent))
    assert holder(path) is None
    with Lock(path):
        assert holder(path).pid == os.getpid()


def test_a_later_process_of_the_same_number_is_not_the_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with Lock(path):
        written = path.read_text()
    record(path, **(json.loads(written or "{}") | {"host": os.uname().nodename, "pid": os.getpid(), "born": 1}))
    assert holder(path) is None


def test_without_flock_the_file_alone_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_flock", lambda file: None)
    path = tmp_path / "lock"
    with Lock(path), pytest.raises(LockHeldError):
        Lock(path).acquire()
    with Lock(path):
        pass


def test_a_holder_touches_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "BEAT", 0.02)
    path = tmp_path / "lock"
    with Lock(path):
        os.utime(path, (0, 0))
        time.sleep(0.3)
        assert path.stat().st_mtime > time.time() - 10
