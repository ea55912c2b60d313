"""The batch script of one SLURM job: what it asks for, and how it requeues itself before its walltime ends."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from .processes import IMAGES_VARIABLE

if TYPE_CHECKING:
    from .profiles import Profile, Resources

OUTPUT = "slurm.log"
"""Output of a SLURM job, in its own folder below the run folder's."""

PATIENCE = 20
"""Time that the work has to let go of its folder before it is killed, s."""


def batch_script(profile: Profile, resources: Resources, name: str, command: str) -> str:
    """Write the script of one SLURM job.

    The shell, not the work, gets SLURM's notice: it ends the work, whose state is on disk after every step, and puts
    the job back into the queue, where it starts again with the same script. Where a site forbids that, the job just
    ends, and the coordinator submits it anew.

    Args:
        profile: the machine.
        resources: of this job.
        name: of the job.
        command: what to run, quoted for a shell.

    Returns:
        Text of the script; its working folder and its output are for who submits it to say.
    """
    return "\n".join(
        [
            "#!/bin/bash",
            *_directives(profile, resources, name),
            "",
            *_environment(resources),
            _requeue(profile.restarts),
            f"{command} &",
            "work=$!",
            "trap requeue USR1",
            'wait "$work"',
            "",
        ]
    )


def resource_options(resources: Resources) -> list[str]:
    """Return the resources of a job as options of sbatch; those not given are left to the cluster."""
    at_once = resources.images_at_once
    options = ["--nodes=1", f"--ntasks={at_once * resources.tasks}", f"--cpus-per-task={resources.cpus}"]
    for option, value in [
        ("partition", resources.partition),
        ("account", resources.account),
        ("qos", resources.qos),
        ("mem", resources.memory and f"{at_once * int(resources.memory[:-1])}{resources.memory[-1]}"),
        ("time", resources.walltime),
        ("gres", f"gpu:{resources.gpus}" if resources.gpus else None),
    ]:
        if value is not None:
            options.append(f"--{option}={value}")
    return [*options, *resources.sbatch]


def _directives(profile: Profile, resources: Resources, name: str) -> list[str]:
    options = [
        f"--job-name={name}",
        "--open-mode=append",
        "--requeue",
        f"--signal=B:USR1@{profile.grace}",
        *resource_options(resources),
    ]
    return [f"#SBATCH {shlex.quote(option)}" for option in options]


def _environment(resources: Resources) -> list[str]:
    """Tell the work its threads, which images side by side share: processes of one node that the work starts itself."""
    threads = resources.images_at_once * resources.cpus
    variables: dict[str, int | str] = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    if resources.images_at_once > 1:
        variables |= {IMAGES_VARIABLE: resources.images_at_once, **_share_of_an_image(resources)}
    return [*(f"export {name}={value}" for name, value in variables.items()), *resources.prologue.splitlines()]


def _share_of_an_image(resources: Resources) -> dict[str, int | str]:
    """Return what srun reads: without it, the program of one image would take the tasks and memory of all."""
    memory = {} if resources.memory is None else {"SLURM_MEM_PER_NODE": resources.memory}
    tasks = dict.fromkeys(("SLURM_NTASKS", "SLURM_NPROCS", "SLURM_TASKS_PER_NODE"), resources.tasks)
    return {**tasks, "SLURM_EXACT": 1, **memory}


def _requeue(restarts: int) -> str:
    return f"""
requeue() {{
  trap '' USR1
  kill -TERM "$work" 2>/dev/null
  for _ in $(seq {PATIENCE}); do
    kill -0 "$work" 2>/dev/null || break
    sleep 1
  done
  kill -KILL "$work" 2>/dev/null
  wait "$work" 2>/dev/null
  if [ "${{SLURM_RESTART_COUNT:-0}}" -ge {restarts} ]; then
    echo "azibflow: the walltime ended after {restarts} restarts; giving up"
  elif scontrol requeue "$SLURM_JOB_ID"; then
    sleep 300
  fi
  exit 75
}}"""
