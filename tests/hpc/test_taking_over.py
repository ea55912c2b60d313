"""A run that begins with what another has computed: nothing twice, everything as if it were."""

from __future__ import annotations

from pathlib import Path

import pytest
from flow_jobs import branch, count, fail_unless, large, total
from jobflow import Flow

from azibflow.errors import RunError
from azibflow.hpc.graph import JobState
from azibflow.hpc.journal import RunStore
from azibflow.hpc.manager import run_flow
from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.status import read_status
from azibflow.hpc.taking_over import take_over


def computed(flow: Flow, folder: RunFolder) -> None:
    with ProcessExecutor(1, threads=1) as executor:
        run_flow(flow, folder, executor)


def outputs(folder: RunFolder) -> dict[str, object]:
    """Return the output of each submitted job by its name."""
    flow = folder.kept_flow()
    with RunStore(folder.store_path(), read_only=True).connected() as store:
        return {job.name: store.job_store.get_output(job.uuid) for job, _ in flow.iterflow()}


def counting(counter: Path, *extra: int) -> Flow:
    """Make a flow of a job that brings others, one that waits for it, and further ones."""
    first = branch(str(counter), 1)
    after = count(str(counter), 2, first.output)
    others = [count(str(counter), number) for number in extra]
    last = count(str(counter), 9, after.output, *(job.output for job in others))
    for job, name in zip((first, after, *others, last), ("first", "after", *map(str, extra), "last"), strict=True):
        job.name = name
    return Flow([first, after, *others, last])


def test_what_both_have_is_computed_once(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    earlier, folder = RunFolder(tmp_path / "earlier"), RunFolder(tmp_path / "later")
    computed(counting(counter), earlier)
    assert sorted(counter.read_text().split()) == sorted(["1", "1001", "2001", "2", "9"])
    folder.path.mkdir()
    assert take_over(counting(counter, 5), folder, earlier) == 2
    computed(folder.kept_flow(), folder)
    # the new job and the one that waits for it; neither what brought others nor what it brought
    assert sorted(counter.read_text().split()) == sorted(["1", "1001", "2001", "2", "9", "5", "9"])
    assert read_status(folder).complete
    assert outputs(folder) == outputs(earlier) | {"5": 5}


def test_an_unfinished_run_gives_what_it_has(tmp_path: Path) -> None:
    counter, marker = tmp_path / "counter", tmp_path / "marker"

    def flow() -> Flow:
        waiting = fail_unless(str(marker))
        waiting.name = "waiting"
        done = count(str(counter), 1)
        done.name = "done"
        return Flow([done, waiting])

    earlier, folder = RunFolder(tmp_path / "earlier"), RunFolder(tmp_path / "later")
    computed(flow(), earlier)
    folder.path.mkdir()
    assert take_over(flow(), folder, earlier) == 1
    marker.write_text("here")
    computed(folder.kept_flow(), folder)
    assert counter.read_text().split() == ["1"]
    assert outputs(folder) == {"done": 1, "waiting": "here"}
    assert [job.state for job in read_status(earlier).jobs] == [JobState.FINISHED, JobState.FAILED]


def test_other_arguments_anywhere_before_make_another_job(tmp_path: Path) -> None:
    counter = tmp_path / "counter"

    def flow(number: int) -> Flow:
        first = count(str(counter), number)
        return Flow([first, count(str(counter), 7, first.output)])

    earlier, folder = RunFolder(tmp_path / "earlier"), RunFolder(tmp_path / "later")
    computed(flow(1), earlier)
    folder.path.mkdir()
    assert take_over(flow(2), folder, earlier) == 0


def test_two_equal_jobs_are_served_by_one_each(tmp_path: Path) -> None:
    counter = tmp_path / "counter"

    def flow(times: int) -> Flow:
        return Flow([count(str(counter), 1) for _ in range(times)])

    earlier, folder = RunFolder(tmp_path / "earlier"), RunFolder(tmp_path / "later")
    computed(flow(2), earlier)
    folder.path.mkdir()
    assert take_over(flow(3), folder, earlier) == 2
    computed(folder.kept_flow(), folder)
    assert counter.read_text().split() == ["1"] * 3


def test_files_and_what_is_kept_in_other_stores_come_along(tmp_path: Path) -> None:
    def flow() -> Flow:
        kept = large()
        kept.name = "large"
        reader = total(kept.output)
        reader.name = "reader"
        return Flow([kept, reader])

    earlier, folder = RunFolder(tmp_path / "earlier"), RunFolder(tmp_path / "later")
    computed(flow(), earlier)
    (job,) = [job for job, _ in earlier.kept_flow().iterflow() if job.name == "large"]
    (earlier.job_folder((job.uuid, 1)) / "orbitals.h5").write_text("orbitals")
    folder.path.mkdir()
    assert take_over(flow(), folder, earlier) == 2
    assert (folder.job_folder((job.uuid, 1)) / "orbitals.h5").read_text() == "orbitals"
    assert read_status(folder).complete
    assert outputs(folder) == outputs(earlier)


def test_a_run_that_has_begun_and_one_without_results_are_refused(tmp_path: Path) -> None:
    earlier, folder, empty = (RunFolder(tmp_path / name) for name in ("earlier", "later", "empty"))
    computed(counting(tmp_path / "counter"), earlier)
    computed(counting(tmp_path / "counter"), folder)
    with pytest.raises(RunError, match="has begun"):
        take_over(counting(tmp_path / "counter"), folder, earlier)
    empty.path.mkdir()
    with pytest.raises(RunError, match="nothing to take over"):
        take_over(counting(tmp_path / "counter"), RunFolder(tmp_path / "new"), empty)
