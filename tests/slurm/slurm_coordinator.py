"""A coordinator that the tests may kill: run_on_slurm on a flow of counted jobs, or on one that its folder keeps."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from jobflow import Flow
from slurm_helpers import PROFILE
from slurm_jobs import count, join

from azibflow.hpc.profiles import Profile
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.submission import run_on_slurm


def counted_flow(tally: Path, width: int, seconds: float) -> Flow:
    """Several jobs side by side, a second row that waits for the first, and one that joins the second."""
    first = [count(str(tally), f"a{i}", seconds) for i in range(width)]
    second = [count(str(tally), job.output, seconds) for job in first]
    for job in [*first, *second]:
        job.config.manager_config = {"kind": "short"}
    last = join([job.output for job in second])
    last.config.manager_config = {"kind": "light"}
    return Flow([*first, *second, last])


if __name__ == "__main__":
    path = Path(sys.argv[1])
    folder = RunFolder.create(path / "run", "a run of the tests\n")
    flow = folder.kept_flow() or counted_flow(path / "tally", width=4, seconds=0.3)
    summary = run_on_slurm(flow, folder, Profile.model_validate(PROFILE))
    print(json.dumps({"finished": summary.finished, "failed": summary.failed, "complete": summary.complete}))
