"""Locks on files: one process at a time, also across machines, and nobody stays locked out by a dead one."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from ..errors import RunError

BEAT = 15.0
"""How often a holder touches its lock file, s."""

SILENCE = 90.0
"""After how long without a touch a holder on another machine counts as dead, s; six beats, since a shared file system
shows a change late."""

LARGEST_PID = 2**22  # PID_MAX_LIMIT of Linux

NO_FLOCK = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS})


@dataclass(frozen=True)
class Holder:
    """Who has a lock.

    Attributes:
        host: machine.
        pid: process there.
        born: start of that process in the kernel's clock ticks, which tells it from a later one of the same number;
            0 where the system does not say.
        since: when it took the lock, UTC, ISO 8601.
        batch_job: number of the SLURM job it runs in, or nothing.
    """

    host: str
    pid: int
    born: int
    since: str
    batch_job: str = ""

    def __str__(self) -> str:
        where = f"process {self.pid} on {self.host}"
        return f"{where} (SLURM job {self.batch_job})" if self.batch_job else where


class LockHeldError(RunError):
    """Another process has the lock."""


class Lock:
    """A lock on a file, which also says who holds it.

    The kernel's ``flock`` decides where it works, and frees the lock of a process that died. Some shared file systems
    do not pass it between machines, so the holder also touches the file every ``BEAT`` seconds: a file that was
    touched lately by another machine is held, whatever ``flock`` says.

    Args:
        path: the file; made when it does not exist, and left in place.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None
        self._released = threading.Event()

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            LockHeldError: another process has it; the message says which.
        """
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            locked = _flock(self._file)
            other = _recorded(self.path)
            if locked is False or (other is not None and _is_alive(other, self.path, flock_works=locked is True)):
                raise LockHeldError(f"{self.path.parent} is in use by {other or 'another process'}")
            _record(self._file, Holder(platform.node(), os.getpid(), _born(os.getpid()) or 0, _now(), _batch_job()))
        except BaseException:
            os.close(self._file)
            self._file = None
            raise
        self._released.clear()
        threading.Thread(target=self._beat, daemon=True).start()

    def release(self) -> None:
        """Let go."""
        self._released.set()
        if self._file is not None:
            with suppress(OSError):
                os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _beat(self) -> None:
        while not self._released.wait(BEAT):
            with suppress(OSError):
                os.utime(self.path)


def holder(path: Path) -> Holder | None:
    """Return who holds the lock of a file; none when nobody who lives does."""
    found = _recorded(path)
    return found if found is not None and _is_alive(found, path, flock_works=False) else None


def _flock(file: int) -> bool | None:
    """Try to lock; none where the file system cannot."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in NO_FLOCK:
            return None
        raise
    return True


def _is_alive(other: Holder, path: Path, flock_works: bool) -> bool:
    if other.host == platform.node():
        # Two threads of one process count as two holders; a lock that flock gave us was not held on this machine.
        return not flock_works and other.born == _born(other.pid)
    try:
        return time.time() - path.stat().st_mtime < SILENCE
    except FileNotFoundError:
        return False


def _recorded(path: Path) -> Holder | None:
    try:
        found = Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError, RecursionError):
        return None
    numbers = isinstance(found.pid, int) and isinstance(found.born, int) and 0 < found.pid <= LARGEST_PID
    return found if numbers and isinstance(found.host, str) else None


def _record(file: int, owner: Holder) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, json.dumps(asdict(owner)).encode(), 0)


def _born(pid: int) -> int | None:
    """Return when a process started, 0 where the system does not say, none when there is no such process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return None if fields[0] == "Z" else int(fields[19])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _batch_job() -> str:
    return os.environ.get("SLURM_JOB_ID", "")
