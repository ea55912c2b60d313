"""The kind of work of each job, in the configuration that managers read; a machine profile gives it resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...calculators.devices import images_at_most

if TYPE_CHECKING:
    from jobflow import Job

    from ...calculators.specs import CalculatorSpec


def computing(job: Job, calculator: CalculatorSpec, images: int = 1) -> Job:
    """Mark a job that calls a calculator as the work that its kind says: ``surrogate`` or ``dft``.

    Args:
        job: changed in place.
        calculator: that the job uses.
        images: that the job can compute side by side, where a profile gives it room.

    Returns:
        The job.
    """
    job.config.manager_config["kind"] = calculator.queue()
    if (number := images_at_most(calculator, images)) > 1:
        job.config.manager_config["images"] = number
    return job


def training_work(job: Job) -> Job:
    """Mark a job that trains or asks networks: ``surrogate`` work, which a profile may give a GPU.

    Args:
        job: changed in place.

    Returns:
        The job.
    """
    job.config.manager_config["kind"] = "surrogate"
    return job


def light(job: Job) -> Job:
    """Mark a job that takes milliseconds: it builds structures, or gathers results. Jobs that it makes keep their kind.

    A cluster may run it on its login node, so a calculator cannot be made in it.

    Args:
        job: changed in place.

    Returns:
        The job.
    """
    job.config.manager_config["kind"] = "light"
    job.config.pass_manager_config = False
    return job
