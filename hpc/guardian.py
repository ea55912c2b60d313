"""Ends what a worker has started: a program that a calculator runs must not go on computing without its worker.

A worker can be killed at any moment, so it cannot see to that itself. It leads a session of its own, in which whatever
it starts is as well, and starts this file as a script of its own there, which waits for the worker to end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

POLL = 0.1
"""How often it looks whether the worker is alive, s."""
PATIENCE = 2.0
"""How long what is left may take to end by itself, s."""


def lead_session() -> None:
    """Make this process the leader of a session whose other processes are killed when it ends, however it ends."""
    if os.getsid(0) != os.getpid():
        os.setsid()
    subprocess.Popen(  # noqa: S603 - this file, without a shell
        [sys.executable, "-I", "-S", __file__, str(os.getpid())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,  # a signal to all of the worker's group shall not end this one too
    )


def guard(worker: int) -> None:
    """Wait until a worker has ended, then end what is left of its session.

    It is asked first: srun and mpiexec then end what they have started, which may be elsewhere.

    Args:
        worker: process that started this one, and leads its session.
    """
    while os.getppid() == worker:
        time.sleep(POLL)
    left = others_of(worker)
    _send(signal.SIGTERM, left)
    patient_until = time.monotonic() + PATIENCE
    while left:  # again, since what is killed may just have started something
        time.sleep(POLL)
        left = others_of(worker)
        if time.monotonic() > patient_until:
            _send(signal.SIGKILL, left)


def _send(number: signal.Signals, processes: list[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


def others_of(session: int) -> list[int]:
    """Return the living processes of a session, this one apart."""
    if not os.path.isdir("/proc/self"):  # noqa: PTH112 - pathlib takes longer to import than all of this
        return _others_by_ps(session)
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208
        try:
            with open(f"/proc/{name}/stat") as file:  # noqa: PTH123
                state, _, _, its_session = file.read().rpartition(")")[2].split()[:4]
        except OSError:  # it has just ended
            continue
        if int(its_session) == session and state not in "ZX" and int(name) != os.getpid():
            found.append(int(name))
    return found


def _others_by_ps(session: int) -> list[int]:
    """The same where there is no /proc: the process group of the worker, which is as large without job control."""
    listing = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=False
    ).stdout
    rows = [line.split() for line in listing.splitlines()]
    own = os.getpid()
    return [int(pid) for pid, group, state in rows if int(group) == session and "Z" not in state and int(pid) != own]


if __name__ == "__main__":
    guard(int(sys.argv[1]))
