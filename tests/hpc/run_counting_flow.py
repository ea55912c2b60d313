"""A coordinator to be killed: ``python run_counting_flow.py RUN_DIR COUNTER JOBS SECONDS``."""

from __future__ import annotations

import sys
from pathlib import Path

from flow_jobs import counting_flow

from azibflow.hpc.manager import run_flow
from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.run_folder import RunFolder


def main(run_dir: str, counter: str, jobs: str, seconds: str) -> None:
    folder = RunFolder(Path(run_dir))
    flow = folder.kept_flow() or counting_flow(counter, int(jobs), float(seconds))
    with ProcessExecutor(2, threads=1) as executor:
        run_flow(flow, folder, executor, in_flight=4)


if __name__ == "__main__":
    main(*sys.argv[1:])
