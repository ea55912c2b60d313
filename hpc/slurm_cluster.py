"""The use that is made of executorlib: one call of [`run_group`][] is one SLURM job, known by a key."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from .batch_script import as_template
from .slurm_groups import run_group
from .slurm_queue import queued_jobs

if TYPE_CHECKING:
    from pathlib import Path

    from .worker import JobReport, JobTask

REFRESH = 0.5
"""Pause between executorlib's looks at its files, s."""
NO_OUTPUT = "terminated without producing output"
"""Executorlib's words for a job that has left the queue."""


class SlurmCluster:
    """Submits groups of tasks, and finds those again that were submitted before.

    Executorlib keeps the input, the number and the output of each SLURM job in files named by its key: an input with
    the number of a live job is waited for, an output is read, anything else is submitted.

    Args:
        home: folder of these files and of one folder per key.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._executor = self._start()

    def submit(self, key: str, tasks: list[JobTask], script: str) -> Future[dict[str, JobReport]]:
        """Submit a group, unless it has run, runs or is queued.

        Args:
            key: of the group.
            tasks: what to run if it must be submitted.
            script: its batch script, without the command.

        Returns:
            Future of the reports by fingerprint; an error with [`NO_OUTPUT`][] for a job that ended without any.
        """
        self._adopt(key)
        resources = {
            "cores": 1,
            "cache_key": key,
            "cwd": str(self._home / key),
            "submission_template": as_template(script),
        }
        future: Future[dict[str, JobReport]] = self._executor.submit(run_group, tasks, resource_dict=resources)
        return future

    def revive(self) -> bool:
        """Start executorlib again if its thread has died of an answer of squeue that it could not read.

        Returns:
            Whether that was so; all groups must then be submitted again, which finds them as they are.
        """
        if self._executor._task_scheduler._process.is_alive():
            return False
        self._detach()
        self._executor = self._start()
        return True

    def job_id(self, key: str) -> int | None:
        """Return the number of a group's SLURM job; none before it is known."""
        from executorlib.standalone.hdf import get_queue_id

        try:
            number: int | None = get_queue_id(str(self._input(key)))
        except OSError:  # torn by a coordinator that was killed while writing
            return None
        return number

    def forget_refusal(self, key: str) -> None:
        """Remove the output that executorlib made of a refusal of SLURM, so that the group can be submitted again."""
        (self._home / f"{key}_o.h5").unlink(missing_ok=True)

    def close(self) -> None:
        """Stop; jobs stay in the queue."""
        thread, queue = self._detach()
        if thread.is_alive():
            queue.put({"shutdown": True, "wait": False, "cancel_futures": False})
            thread.join()

    def _detach(self) -> tuple[Any, Any]:
        """Take thread and queue away from executorlib, whose own shutdown waits for ever for a thread that has died.

        Its destructor calls that shutdown too, so that a process with a dead thread would never end.
        """
        scheduler = self._executor._task_scheduler
        thread, queue = scheduler._process, scheduler._future_queue
        scheduler._process = scheduler._future_queue = None
        return thread, queue

    def _adopt(self, key: str) -> None:
        """Write down the number of a job whose coordinator was killed between submitting it and noting its number."""
        from executorlib.standalone.hdf import dump

        if not self._input(key).exists() or self.job_id(key) is not None:
            return
        numbers = [job.job_id for job in queued_jobs(self._home.parent) if job.folder == self._home / key]
        if numbers:
            dump(str(self._input(key)), {"queue_id": numbers[0]})
        else:
            self._input(key).unlink()

    def _input(self, key: str) -> Path:
        return self._home / f"{key}_i.h5"

    def _start(self) -> Any:
        from executorlib import SlurmClusterExecutor

        return SlurmClusterExecutor(cache_directory=str(self._home), refresh_rate=REFRESH, disable_dependencies=True)
