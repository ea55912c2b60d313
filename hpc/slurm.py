"""An executor whose workers are SLURM jobs: groups tasks, keeps to the queue limit, finds its jobs again."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..errors import RunError
from .batch_script import OUTPUT, batch_script
from .locks import holder
from .slurm_cluster import NO_OUTPUT, SlurmCluster
from .slurm_groups import GroupRecords
from .slurm_queue import CANCELLED, SLURM_FOLDER, cancel_jobs, ending
from .worker import LOCK, NO_SPACE, JobReport, JobTask, kept_report, run_job

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .profiles import Profile, Resources

logger = logging.getLogger(__name__)

POLL = 0.5
"""Pause between two looks at what has finished, s."""
SETTLE = 2.0
"""How long a task waits for others that could share its SLURM job, s."""
STARTED = 5.0
"""Pause between two looks at what has started, s."""
REFUSALS = 5
"""Times that SLURM may refuse or not answer before the jobs of a group fail."""

REFUSED = "SLURM refuses the job"


class LostJobError(BrokenExecutor):
    """A SLURM job ended without a report: killed at a limit, with its node, or before it could start."""


@dataclass
class _Member:
    """A task that somebody waits for."""

    task: JobTask
    resources: Resources
    future: Future[JobReport]
    since: float = field(default_factory=time.monotonic)

    @property
    def name(self) -> str:
        return self.task.folder.name

    def resolve(self, outcome: JobReport | BaseException) -> None:
        """Hand the outcome to whoever waits, if anybody still does."""
        if not self.future.running() and not self.future.set_running_or_notify_cancel():
            return
        if isinstance(outcome, BaseException):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


@dataclass
class _Group:
    """A SLURM job and the tasks in it that somebody waits for."""

    key: str
    members: list[_Member]
    outcome: Future[dict[str, JobReport]] | None = None
    refusals: int = 0
    start_at: float = 0.0


class SlurmExecutor(Executor):
    """Runs tasks as SLURM jobs through executorlib's ``SlurmClusterExecutor``.

    What executorlib leaves to its users is done here: several short tasks share a SLURM job, no more than the
    profile's number of jobs are in the queue, a refusal or a silence of SLURM is waited out, and a job that ended
    without a result says why. A coordinator that starts again with the same folder collects what has finished
    meanwhile and waits for what is still queued or running: a shutdown that does not wait leaves the jobs in the queue.

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
        self._looked = time.monotonic()
        self._closing = threading.Event()
        self._cluster = SlurmCluster(self._home)
        self._dispatcher = threading.Thread(target=self._dispatch, name="slurm dispatcher", daemon=True)
        self._dispatcher.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue one task.

        Args:
            fn: [`run_job`][]; nothing else is run here.
            args: the task.
            kwargs: none.

        Returns:
            Future of its report; [`LostJobError`][] when its SLURM job ended without one.
        """
        (task,) = args
        if fn is not run_job or kwargs or not isinstance(task, JobTask):
            raise TypeError("a SLURM executor runs run_job on one JobTask")
        if self._closing.is_set():
            raise RuntimeError("this executor is shut down")
        if self._profile.runs_here(task.resources):
            return self._light.submit(fn, task)
        future: Future[JobReport] = Future()
        member = _Member(replace(task, folder=task.folder.resolve()), self._profile.resources(task.resources), future)
        with self._lock:
            self._waiting.append(member)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop looking after the jobs; they stay in the queue unless they are cancelled.

        Args:
            wait: first wait until all tasks have ended.
            cancel_futures: take the SLURM jobs out of the queue.
        """
        if self._closing.is_set():
            return
        while wait and not cancel_futures and self._busy():
            time.sleep(POLL)
        self._closing.set()
        self._dispatcher.join()
        self._cluster.close()
        if cancel_futures:
            cancel_jobs(self._home.parent)
        for member in [*self._waiting, *(member for group in self._groups.values() for member in group.members)]:
            if not member.future.cancel():
                member.resolve(CancelledError())

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
                group.outcome = None
        for group in list(self._groups.values()):
            if group.outcome is None and time.monotonic() >= group.start_at:
                self._start(group)
            elif group.outcome is not None and group.outcome.done():
                self._conclude(group, group.outcome)
        self._waiting = [member for member in self._waiting if not member.future.cancelled()]
        self._rejoin()
        for members in self._ready_groups():
            self._open(self._records.add(member.name for member in members), members)
        if time.monotonic() - self._looked > STARTED:
            self._looked = time.monotonic()
            self._notice_started()

    def _notice_started(self) -> None:
        """Mark the futures of those tasks as running whose folder some process has locked."""
        for group in self._groups.values():
            for member in group.members:
                if not member.future.done() and not member.future.running() and holder(member.task.folder / LOCK):
                    member.future.set_running_or_notify_cancel()

    def _rejoin(self) -> None:
        """Wait for the jobs that an earlier coordinator, or an earlier member of the group, has put into the queue."""
        known: dict[str, list[_Member]] = {}
        for member in self._waiting:
            key = self._records.group_of(member.name)
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
            if self._records.group_of(member.name) is None:
                alone = member.name if member.name in self._alone else ""
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
        self._groups[key] = _Group(key, members)
        self._take(members)

    def _take(self, members: list[_Member]) -> None:
        taken = {id(member) for member in members}
        self._waiting = [member for member in self._waiting if id(member) not in taken]

    def _start(self, group: _Group) -> None:
        folder = self._home / group.key
        script = batch_script(self._profile, group.members[0].resources, f"azibflow-{group.key}", str(folder))
        group.outcome = self._cluster.submit(group.key, [member.task for member in group.members], script)

    def _conclude(self, group: _Group, outcome: Future[dict[str, JobReport]]) -> None:
        error = outcome.exception()
        if error is None:
            reports = outcome.result()
        else:
            kept = {member.name: kept_report(member.task.folder) for member in group.members}
            reports = {name: report for name, report in kept.items() if report is not None}
        for member in list(group.members):
            report = reports.get(member.name)
            if report is not None:
                self._deliver(member, report)
                group.members.remove(member)
        if error is not None and group.members:
            self._without_result(group, error)
            return
        for member in list(group.members):  # its group went into the queue without it
            self._records.forget(member.name)
            group.members.remove(member)
            self._waiting.append(member)
        del self._groups[group.key]

    def _deliver(self, member: _Member, report: JobReport) -> None:
        if report.reason is not None:  # another attempt shall not find this one
            self._records.forget(member.name)
        member.resolve(report)

    def _without_result(self, group: _Group, error: BaseException) -> None:
        """Try again what SLURM refused or did not answer; fail what it lost."""
        lost = NO_OUTPUT in str(error)
        full = isinstance(error, OSError) and error.errno in NO_SPACE
        if not lost and not full and group.refusals < REFUSALS:
            logger.warning("%s: SLURM: %s; trying again", group.key, _words(error))
            group.refusals += 1
            group.outcome = None
            group.start_at = time.monotonic() + 2.0**group.refusals
            self._cluster.forget_refusal(group.key)
            return
        reason = self._loss(group.key) if lost else f"{REFUSED}: {_words(error)}"
        for member in list(group.members):
            self._records.forget(member.name)
            self._alone.add(member.name)
            if full:
                member.resolve(error)
            elif reason.startswith((CANCELLED, REFUSED)):  # trying again would not help
                job = member.task.job
                member.resolve(JobReport(job["uuid"], job["index"], job["name"], reason=reason))
            else:
                member.resolve(LostJobError(reason))
            group.members.remove(member)
        del self._groups[group.key]

    def _loss(self, key: str) -> str:
        """Say why a SLURM job ended without a result."""
        job_id = self._cluster.job_id(key)
        log = self._home / key / OUTPUT
        words = [ending(job_id)] if job_id is not None else []
        with suppress(OSError):
            words += [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()][-1:]
        if words and words[0].startswith(CANCELLED):
            return f"{CANCELLED}: SLURM job {job_id} was cancelled by somebody; `azibflow retry` runs it again"
        return f"SLURM job {job_id} ended without a result ({'; '.join(filter(None, words))}; see {log})"


def _age(member: _Member) -> float:
    return time.monotonic() - member.since


def _words(error: BaseException) -> str:
    """Return what SLURM said, or else what Python did."""
    return " ".join(str(getattr(error, "output", None) or error or type(error).__name__).split())
