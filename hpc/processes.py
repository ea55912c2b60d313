"""Run jobs in processes of this machine, which are used again and again and die with the one that started them."""

from __future__ import annotations

import ast
import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, TypeVar

from ..errors import RunError
from .guardian import lead_session

T = TypeVar("T")

MEMORY_PER_WORKER = 1.5e9
"""What a worker with torch and a network in it may need, bytes."""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

IMAGES_VARIABLE = "AZIBFLOW_IMAGES_AT_ONCE"
"""How many processes a job may start that share its threads among them."""

_PR_SET_PDEATHSIG = 1  # from linux/prctl.h
_ENVIRONMENT = threading.Lock()


class WorkerLostError(RunError):
    """A worker process died while it ran a job."""


class ProcessExecutor(Executor):
    """Calls functions in spawned processes, one call per process at a time.

    Unlike ``ProcessPoolExecutor``, the death of one process fails one call, with [`WorkerLostError`][], and not all
    of them. Processes are started when they are first needed, ignore Ctrl-C, and end with this process, however it
    ends; so do the programs that they have started. Leaving the ``with`` block by an exception stops the calls that
    run.

    Args:
        workers: largest number of processes.
        threads: threads that the numerical libraries use in each; its share of the cores when none.
        images_at_once: how many processes a job in one of them may start, as for images of a band; they share the
            threads of the job.

    Raises:
        RunError: there are more images at once than threads.
    """

    def __init__(self, workers: int, threads: int | None = None, images_at_once: int = 1) -> None:
        self._threads = threads or max(1, cores() // workers)
        self._images_at_once = images_at_once
        if images_at_once > self._threads:
            raise RunError(
                f"{images_at_once} images at once need a thread each, but each of {workers} workers has "
                f"{self._threads}; take fewer workers or images at once, or give each worker more threads"
            )
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="worker")
        self._local = threading.local()
        self._workers: set[_Worker] = set()
        self._lock = threading.Lock()
        self._stopping = False

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Call a function in one of the processes; it and its arguments must be picklable."""
        return self._pool.submit(self._call, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes, after the calls that were submitted or, if told so, after those that run."""
        self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)
        if wait:
            self._end_workers()

    def stop(self) -> None:
        """End the processes at once, whatever they do."""
        with self._lock:
            self._stopping = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._end_workers()
        self._pool.shutdown()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.shutdown()
                return
        except BaseException:  # Ctrl-C while the last calls are waited for
            self.stop()
            raise
        self.stop()

    def _call(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        worker = self._worker()
        try:
            return worker.call(fn, args, kwargs)
        except WorkerLostError:
            self._workers.discard(worker)
            raise

    def _worker(self) -> _Worker:
        """Return the process of this thread, a new one when there is none or it has died."""
        worker: _Worker | None = getattr(self._local, "worker", None)
        if worker is None or not worker.process.is_alive():
            with self._lock:
                if self._stopping:
                    raise WorkerLostError("the executor was stopped")
                worker = self._local.worker = _Worker(self._threads, self._images_at_once)
                self._workers.add(worker)
        return worker

    def _end_workers(self) -> None:
        while self._workers:
            self._workers.pop().end()


class _Worker:
    """One process, and the pipe to it."""

    def __init__(self, threads: int, images_at_once: int) -> None:
        context = get_context("spawn")
        self._pipe, far_end = context.Pipe()
        self.process = context.Process(target=_serve, args=(far_end,), daemon=False)
        variables = dict.fromkeys(THREAD_VARIABLES, str(threads)) | {IMAGES_VARIABLE: str(images_at_once)}
        with _environment(variables), _importable_main():
            self.process.start()
        far_end.close()

    def call(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        try:
            self._pipe.send((fn, args, kwargs))
            result, error = self._pipe.recv()
        except (EOFError, ConnectionError, OSError) as broken:
            self.process.join()
            raise WorkerLostError(_ending(self.process.exitcode)) from broken
        if error is not None:
            raise error
        return result  # type: ignore[no-any-return]

    def end(self) -> None:
        self.process.kill()
        self.process.join()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_workers() -> int:
    """Return how many workers suit this machine: one per core, as far as its memory reaches."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(cores(), int(memory // MEMORY_PER_WORKER)))


def _serve(pipe: Connection) -> None:
    """Answer calls until the other side hangs up."""
    _die_with_parent()
    lead_session()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(EOFError, ConnectionError):
        while True:
            fn, args, kwargs = pipe.recv()
            try:
                answer: tuple[Any, Exception | None] = fn(*args, **kwargs), None
            except Exception as error:
                answer = None, error
            pipe.send(answer)


def _die_with_parent() -> None:
    """Have the kernel kill this process when the thread that started it ends; elsewhere than on Linux, watch for it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=lambda: wait([parent.sentinel]) and os._exit(1), daemon=True).start()


@contextmanager
def lend_processes(most: int) -> Iterator[list[ProcessExecutor]]:
    """Lend processes to a job of this process: as many as it may start, each with its share of the threads here.

    Args:
        most: that the job has work for.

    Yields:
        Executors of one process each, which start when they are first used; none when one process is all there is.
    """
    number = min(most, int(os.environ.get(IMAGES_VARIABLE, "1")))
    threads = int(os.environ.get(THREAD_VARIABLES[0], str(cores())).partition(",")[0])
    with ExitStack() as stack:
        fair = max(1, threads // max(1, number))
        yield [stack.enter_context(ProcessExecutor(1, fair)) for _ in range(number)] if number > 1 else []


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables that numerical libraries read when they are loaded, for a process that starts meanwhile."""
    with _ENVIRONMENT:
        before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


@contextmanager
def _importable_main() -> Iterator[None]:
    """Keep a new process from importing a script that would start its run there once more; one start at a time.

    A process imports the script that was started, for functions that are defined there. One that does not ask for its
    ``__name__`` does its work whenever it is imported; none of its functions could ever be found there.
    """
    main = sys.modules["__main__"]
    script = getattr(main, "__file__", None)
    if script is None or _asks_for_its_name(Path(script)):
        yield
        return
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _asks_for_its_name(script: Path) -> bool:
    try:
        tree = ast.parse(script.read_bytes())
    except (OSError, SyntaxError, ValueError):  # no script of Python: an executable with everything in it
        return True
    names = [node for item in tree.body if isinstance(item, ast.If) for node in ast.walk(item.test)]
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in names)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        hint = " (out of memory?)" if -code == signal.SIGKILL else ""
        return f"the worker process was killed by {signal.Signals(-code).name}{hint}"
    return f"the worker process ended with exit status {code}"
