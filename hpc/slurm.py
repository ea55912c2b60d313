"""An executor whose workers are SLURM jobs: groups tasks, keeps to the queue limit, finds its jobs again."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import CancelledError, Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import RunError
from .batch_script import OUTPUT, batch_script
from .slurm_groups import GroupRecords, fingerprint, kept_report, run_group
from .slurm_queue import SLURM_FOLDER, ending
from .worker import JobReport, JobTask, LostJobError, run_job

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .profiles import Profile, Resources

logger = logging.getLogger(__name__)

POLL = 0.5
"""Pause between two looks at what has finished, s."""
SETTLE = 2.0
"""How long a task waits for others that could share its SLURM job, s."""
REFUSALS = 5
"""Times that SLURM may refuse or not answer before the jobs of a group fail."""
_NO_OUTPUT = "terminated without producing output"  # executorlib's words for a job that left the queue


@dataclass
class _Member:
    """A task that somebody waits for."""

    task: JobTask
    identity: str
    resources: Resources
    future: Future[JobReport]
    since: float = field(default_factory=time.monotonic)


@dataclass
class _Group:
    """A SLURM job and the tasks in it that somebody waits for."""

    key: str
    members: list[_Member]
    outcome: Future[dict[str, JobReport]]
    refusals: int = 0
    not_before: float = 0.0


class SlurmExecutor(Executor):
    """Runs tasks as SLURM jobs through executorlib's ``SlurmClusterExecutor``.

    What executorlib leaves to its users is done here: several short tasks share a SLURM job, no more than the
    profile's number of jobs are in the queue, a refusal or a silence of SLURM is waited out, and a job that ended
    without a result says why. A coordinator that starts again with the same folder collects what has finished
    meanwhile and waits for what is still queued or running. Leaving the executor leaves its jobs in the queue.

    Args:
        profile: the machine.
        folder: run folder.
        light: executor of tasks that the profile lets run beside the coordinator.

    Raises:
        RunError: the path of the folder has a space in it.
    """

    def __init__(self, profile: Profile, folder: Path, light: Executor) -> None:
        self._home = folder.resolve() / SLURM_FOLDER
        if any(letter.isspace() for letter in str(self._home)):
            raise RunError(f"{folder}: the path of a run on SLURM must not contain spaces; choose another --run-dir")
        self._home.mkdir(parents=True, exist_ok=True)
        self._profile = profile
        self._light = light
        self._records = GroupRecords(self._home)
        self._waiting: list[_Member] = []
        self._groups: dict[str, _Group] = {}
        self._alone: set[str] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._cluster = _Cluster(self._home)
        self._dispatcher = threading.Thread(target=self._dispatch, name="slurm dispatcher", daemon=True)
        self._dispatcher.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue one task.

        Args:
            fn: :func:`azibflow.hpc.worker.run_job`; nothing else is run here.
            args: the task.
            kwargs: none.

        Returns:
            Future of its report; :class:`LostJobError` when its SLURM job ended without one.
        """
        (task,) = args
        if fn is not run_job or kwargs or not isinstance(task, JobTask):
            raise TypeError("a SLURM executor runs run_job on one JobTask")
        if self._closing.is_set():
            raise RuntimeError("this executor is shut down")
        if self._profile.runs_here(task.resources):
            return self._light.submit(fn, task)
        future: Future[JobReport] = Future()
        report = kept_report(task)
        if report is not None:
            future.set_result(report)
            return future
        member = _Member(task, fingerprint(task), self._profile.resources(task.resources), future)
        with self._lock:
            self._waiting.append(member)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop looking after the jobs; they stay in the queue unless they are cancelled.

        Args:
            wait: first wait until all tasks have ended.
            cancel_futures: take the SLURM jobs out of the queue.
        """
        while wait and not cancel_futures and self._busy():
            time.sleep(POLL)
        self._closing.set()
        self._dispatcher.join()
        self._cluster.close(cancel=cancel_futures)
        for member in [*self._waiting, *(member for group in self._groups.values() for member in group.members)]:
            member.future.cancel()

    def _busy(self) -> bool:
        with self._lock:
            return bool(self._waiting or self._groups)

    def _dispatch(self) -> None:
        while not self._closing.wait(POLL):
            with self._lock:
                try:
                    self._round()
                except Exception:  # a full disk, say: the tasks wait, and the next round tries again
                    logger.exception("the SLURM dispatcher stumbled and goes on")

    def _round(self) -> None:
        if self._cluster.revive():
            for group in self._groups.values():
                self._start(group)
        for group in list(self._groups.values()):
            if group.outcome.done() and time.monotonic() >= group.not_before:
                self._conclude(group)
        self._waiting = [member for member in self._waiting if not member.future.cancelled()]
        self._rejoin()
        for members in self._ready_groups():
            self._open(self._records.add(member.task for member in members), members)

    def _rejoin(self) -> None:
        """Wait for the jobs that an earlier coordinator, or an earlier member of the group, has put into the queue."""
        known: dict[str, list[_Member]] = {}
        for member in self._waiting:
            key = self._records.group_of(member.identity)
            if key is not None:
                known.setdefault(key, []).append(member)
        for key, members in known.items():
            if key in self._groups:
                self._groups[key].members += members
                self._take(members)
            elif max(_age(member) for member in members) >= SETTLE:
                self._open(key, members)

    def _ready_groups(self) -> list[list[_Member]]:
        """Return tasks that shall share a SLURM job, for as many jobs as the queue limit has room for."""
        alike: dict[str, list[_Member]] = {}
        for member in self._waiting:
            if self._records.group_of(member.identity) is None:
                alone = member.identity if member.identity in self._alone else ""
                alike.setdefault(member.resources.model_dump_json() + alone, []).append(member)
        ready = []
        for members in alike.values():
            size = members[0].resources.group
            for start in range(0, len(members), size):
                chunk = members[start : start + size]
                if len(chunk) == size or _age(chunk[0]) >= SETTLE:
                    ready.append(chunk)
        room = max(0, self._profile.max_jobs - len(self._groups))
        return sorted(ready, key=lambda chunk: chunk[0].since)[:room]

    def _open(self, key: str, members: list[_Member]) -> None:
        group = _Group(key, members, Future())
        self._take(members)
        self._groups[key] = group
        self._start(group)

    def _take(self, members: list[_Member]) -> None:
        taken = {id(member) for member in members}
        self._waiting = [member for member in self._waiting if id(member) not in taken]
        for member in members:
            member.future.set_running_or_notify_cancel()

    def _start(self, group: _Group) -> None:
        folder = self._home / group.key
        script = batch_script(self._profile, group.members[0].resources, f"azibflow-{group.key}", str(folder))
        group.outcome = self._cluster.submit(group.key, [member.task for member in group.members], script)

    def _conclude(self, group: _Group) -> None:
        try:
            reports = group.outcome.result()
        except (Exception, CancelledError) as error:
            self._without_result(group, error)
            return
        del self._groups[group.key]
        for member in group.members:
            self._deliver(member, reports.get(member.identity))

    def _deliver(self, member: _Member, report: JobReport | None) -> None:
        """Hand a report to whoever waits; a task whose group ran without it goes back to those that wait."""
        if report is None or not report.succeeded:
            self._records.forget(member.identity)
        if report is None:
            member.future, waiting = Future(), member.future
            _follow(member.future, waiting)
            self._waiting.append(member)
        else:
            member.future.set_result(report)

    def _without_result(self, group: _Group, error: BaseException) -> None:
        unfinished = []
        for member in group.members:
            report = kept_report(member.task)
            if report is not None:
                member.future.set_result(report)
            else:
                unfinished.append(member)
        group.members = unfinished
        lost = _NO_OUTPUT in str(error)
        if unfinished and not lost and group.refusals < REFUSALS:
            group.refusals += 1
            logger.warning("%s: SLURM: %s; trying again", group.key, _words(error))
            self._cluster.forget(group.key)
            self._start(group)
            group.not_before = time.monotonic() + 4.0**group.refusals
            return
        del self._groups[group.key]
        reason = self._ending(group.key) if lost else f"SLURM did not take the job: {_words(error)}"
        for member in unfinished:
            self._records.forget(member.identity)
            self._alone.add(member.identity)
            member.future.set_exception(LostJobError(reason))

    def _ending(self, key: str) -> str:
        """Say why a SLURM job ended without a result."""
        job_id = self._cluster.job_id(key)
        log = self._home / key / OUTPUT
        words = ending(job_id) if job_id is not None else ""
        with suppress(OSError):
            last = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()][-1:]
            words = "; ".join([part for part in [words, *last] if part])
        return f"SLURM job {job_id} ended without a result ({words}; see {log})"
