"""An executor whose workers are batch jobs: groups tasks, keeps to the queue limit, finds its jobs again."""

from __future__ import annotations

import logging
import shlex
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..errors import RunError
from . import grouping
from .batch_script import OUTPUT
from .experience import Experience
from .grouping import Member, closed_groups
from .locks import holder
from .run_folder import write_atomically
from .scheduler import QueueWatch, RefusedJobError, SilentSchedulerError
from .slurm_groups import GroupRecords, keep_tasks, names_of_tasks
from .slurm_queue import CANCELLED, SLURM_FOLDER, Slurm, cancel_jobs
from .worker import LOCK, NO_SPACE, JobReport, JobTask, kept_report, run_job

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .profiles import Profile
    from .scheduler import Queue, Scheduler

logger = logging.getLogger(__name__)

POLL = 0.5
"""Pause between two looks at what has finished, s."""
STARTED = 5.0
"""Pause between two looks at what has started, s."""
LAG = 5.0
"""How long after its end the reports of a job may still be on their way through a shared file system, s."""
LEAVE = 1.0
"""How long a job takes to leave the queue after its last report, s; until then it counts among those of the run."""
LONGEST_PAUSE = 600.0
"""Longest pause before a group is submitted again that SLURM has not taken, s."""
SCRIPT = "job.sh"

HERE = "this run"
REFUSED = "SLURM refuses the job"


class LostJobError(BrokenExecutor):
    """A SLURM job ended without a report: killed at a limit, with its node, or before it could start."""


@dataclass
class _Group:
    """A SLURM job and the tasks in it that somebody waits for.

    Attributes:
        key: name of the group and of its folder.
        members: tasks without a report so far.
        job_id: number of the job; none when it is not in the queue, or nobody knows whether it is.
        since: when its job was known to be in the queue; answers to earlier questions do not count.
        doubtful: whether it may be in the queue although its number is not known.
        submission: the attempt to submit it that is under way.
        ending: the question how its job ended that is under way.
        silences: attempts to submit it that SLURM did not answer.
        start_at: when to try again.
        missed: when its job was first missing in the queue.
        left: when its last report was there.
    """

    key: str
    members: list[Member]
    job_id: str | None = None
    since: float = field(default_factory=time.monotonic)
    doubtful: bool = False
    submission: Future[str] | None = None
    ending: Future[str] | None = None
    silences: int = 0
    start_at: float = 0.0
    missed: float | None = None
    left: float | None = None


class SlurmExecutor(Executor):
    """Runs tasks as SLURM jobs.

    Several short tasks share a SLURM job, no more than the profile's number of jobs are in the queue, and what is in it
    is asked for all of them at once, at most once per interval. A silence of SLURM, of seconds or hours, is waited out:
    reports arrive through the folders of the jobs, with or without it. A job that ended without a result says why. A
    coordinator that starts again with the same folder collects what has finished meanwhile and waits for what is still
    queued or running: a shutdown that does not wait leaves the jobs in the queue.

    Args:
        profile: the machine.
        folder: run folder.
        light: executor of tasks that the profile lets run beside the coordinator.
        scheduler: the batch system; SLURM when none.
        experience: of jobs that have finished; it grows by those of this run.

    Raises:
        RunError: the path of the folder has a line end in it.
    """

    def __init__(
        self,
        profile: Profile,
        folder: Path,
        light: Executor,
        scheduler: Scheduler | None = None,
        experience: Experience | None = None,
    ) -> None:
        self._home = folder.resolve() / SLURM_FOLDER
        if not str(self._home).isprintable():
            raise RunError(f"{str(folder)!r}: the path of a run on SLURM must be printable; choose another --run-dir")
        self._home.mkdir(parents=True, exist_ok=True)
        self._profile = profile
        self._light = light
        self._scheduler = scheduler or Slurm()
        self._queue = QueueWatch(self._scheduler, profile.interval)
        self._question: Future[None] | None = None
        self._calls = ThreadPoolExecutor(1, thread_name_prefix="slurm calls")  # one after the other: SLURM is shared
        self._records = GroupRecords(self._home)
        self._experience = experience or Experience()
        self._waiting: list[Member] = []
        self._groups: dict[str, _Group] = {}
        self._alone: set[str] = set()
        self._lock = threading.Lock()
        self._looked = time.monotonic()
        self._closing = threading.Event()
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
        resources = self._profile.resources(task.resources)
        member = Member(replace(task, folder=task.folder.resolve()), resources, future)
        member.alone = member.name in self._alone
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
        self._calls.shutdown(cancel_futures=True)  # what is being submitted gets its number noted
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
        for group in list(self._groups.values()):
            self._attend(group)
        self._waiting = [member for member in self._waiting if not member.future.cancelled()]
        self._rejoin()
        for members in self._ready_groups():
            self._open(self._records.add(member.name for member in members), members)
        self._ask_if_due()
        if time.monotonic() - self._looked > STARTED:
            self._looked = time.monotonic()
            self._notice_started()

    def _ask_if_due(self) -> None:
        """Ask what is in the queue, in the background, as long as there is anything to learn from it."""
        if self._question is not None and self._question.done():
            self._question.result()
            self._question = None
        if self._question is None and self._groups and self._queue.due:
            self._question = self._calls.submit(self._queue.ask)

    def _notice_started(self) -> None:
        """Mark the futures of those tasks as running whose folder some process has locked."""
        for group in self._groups.values():
            for member in group.members:
                if not member.future.done() and not member.future.running() and holder(member.task.folder / LOCK):
                    member.future.set_running_or_notify_cancel()

    def _rejoin(self) -> None:
        """Wait for the jobs that an earlier coordinator, or an earlier member of the group, has put into the queue."""
        known: dict[str, list[Member]] = {}
        for member in self._waiting:
            key = self._records.group_of(member.name)
            if key is not None:
                known.setdefault(key, []).append(member)
        for key, members in known.items():
            given = names_of_tasks(self._home / key)
            for member in [member for member in members if given is not None and member.name not in given]:
                self._records.forget(member.name)  # its group went into the queue without it
                members.remove(member)
            if not members:
                continue
            if key in self._groups:
                self._groups[key].members += members
                self._take(members)
            elif max(member.age for member in members) >= grouping.SETTLE:
                self._open(key, members)

    def _ready_groups(self) -> list[list[Member]]:
        """Return tasks that shall share a SLURM job, for as many jobs as the queue limit has room for."""
        free = [member for member in self._waiting if self._records.group_of(member.name) is None]
        room = max(0, self._profile.max_jobs - len(self._groups))
        return closed_groups(free, self._profile, self._experience)[:room] if room else []

    def _open(self, key: str, members: list[Member]) -> None:
        # Where an earlier coordinator was, its job may still be in the queue, or have been lost or cancelled with it.
        self._groups[key] = _Group(key, members, doubtful=(self._home / key).exists())
        self._take(members)

    def _take(self, members: list[Member]) -> None:
        taken = {id(member) for member in members}
        self._waiting = [member for member in self._waiting if id(member) not in taken]

    def _attend(self, group: _Group) -> None:
        """Do what is next for a group."""
        self._deliver_reports(group)
        if not group.members:
            if group.left is None:
                group.left = time.monotonic()
            elif time.monotonic() - group.left >= LEAVE:
                del self._groups[group.key]
        elif group.ending is not None:
            if group.ending.done():
                self._lose(group, group.ending.result())
        elif group.submission is not None:
            if group.submission.done():
                self._note(group, group.submission)
        elif group.job_id is not None:
            self._watch(group, group.job_id)
        elif group.doubtful:
            self._adopt(group)
        elif time.monotonic() >= group.start_at:
            group.submission = self._calls.submit(self._submit, group.key, list(group.members))

    def _deliver_reports(self, group: _Group) -> None:
        for member in list(group.members):
            report = kept_report(member.task.folder)
            if report is None:
                continue
            if report.reason is not None:  # another attempt shall not find this one
                self._records.forget(member.name)
            else:
                self._experience.add(member.kind, report.seconds, HERE)
            member.resolve(report)
            group.members.remove(member)

    def _submit(self, key: str, members: list[Member]) -> str:
        """Put a group into the queue and write down its number."""
        folder = self._home / key
        folder.mkdir(exist_ok=True)
        tasks = keep_tasks(folder, [member.task for member in members])
        command = shlex.join([sys.executable, "-m", "azibflow.hpc.slurm_groups", str(tasks)])
        script = self._scheduler.script(self._profile, members[0].resources, f"azibflow-{key}", command)
        write_atomically(folder / SCRIPT, script)
        return self._scheduler.submit(folder / SCRIPT, folder)

    def _note(self, group: _Group, submission: Future[str]) -> None:
        """Take note of how an attempt to submit a group ended."""
        group.submission = None
        error = submission.exception()
        if error is None:
            group.job_id, group.since, group.silences = submission.result(), time.monotonic(), 0
        elif isinstance(error, RefusedJobError):
            self._refuse(group, f"{REFUSED}: {error}")
        elif isinstance(error, OSError) and error.errno in NO_SPACE:
            self._resolve(group, error)
        else:
            group.silences += 1
            pause = min(2.0**group.silences, LONGEST_PAUSE)
            logger.warning("%s: %s; trying again in %.0f s", group.key, error, pause)
            group.start_at = time.monotonic() + pause
            # What was not answered may have been done all the same: the queue knows.
            group.doubtful, group.since = isinstance(error, SilentSchedulerError), time.monotonic()

    def _watch(self, group: _Group, job_id: str) -> None:
        """Find out whether a job has left the queue without its reports."""
        queue = self._news(group)
        if queue is None:
            return
        if job_id in queue.by_id:
            group.missed = None
        elif group.missed is None:
            group.missed = time.monotonic()
        elif time.monotonic() - group.missed >= LAG:
            group.ending = self._calls.submit(self._scheduler.ending, job_id)

    def _adopt(self, group: _Group) -> None:
        """Find out whether a group is in the queue; what is not is submitted."""
        queue = self._news(group)
        if queue is None or time.monotonic() < group.start_at:
            return
        job = queue.by_folder.get(self._home / group.key)
        if job is not None:
            group.job_id = job.job_id
        group.doubtful = False

    def _news(self, group: _Group) -> Queue | None:
        """Return what is in the queue, if that was asked since the group may be there."""
        queue = self._queue.latest
        return queue if queue is not None and queue.asked > group.since else None

    def _lose(self, group: _Group, ended: str) -> None:
        """Give up a job that has left the queue, and say how it ended."""
        folder = self._home / group.key
        if ended.startswith(CANCELLED):
            cancelled = f"{CANCELLED}: SLURM job {group.job_id} was cancelled by somebody"
            self._refuse(group, f"{cancelled}; `azibflow retry` runs it again")
            return
        words = [ended]
        with suppress(OSError):
            lines = (folder / OUTPUT).read_text(errors="replace").splitlines()
            words += [line.strip() for line in lines if line.strip()][-1:]
        why = "; ".join(filter(None, words))
        self._resolve(
            group, LostJobError(f"SLURM job {group.job_id} ended without a result ({why}; see {folder / OUTPUT})")
        )

    def _refuse(self, group: _Group, reason: str) -> None:
        """Fail the jobs of a group that would fare no better the next time."""
        for member in list(group.members):
            job = member.task.job
            self._resolve_member(group, member, JobReport(job["uuid"], job["index"], job["name"], reason=reason))
        del self._groups[group.key]

    def _resolve(self, group: _Group, error: BaseException) -> None:
        for member in list(group.members):
            self._resolve_member(group, member, error)
        del self._groups[group.key]

    def _resolve_member(self, group: _Group, member: Member, outcome: JobReport | BaseException) -> None:
        self._records.forget(member.name)
        self._alone.add(member.name)
        member.resolve(outcome)
        group.members.remove(member)
