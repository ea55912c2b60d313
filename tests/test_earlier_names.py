"""What stores of earlier versions name is still found: job functions, models, and the modules they were in."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from azibflow.earlier_names import MOVED

NAMES = (Path(__file__).parent / "data" / "names_of_2026-11-29.txt").read_text().splitlines()


def test_every_class_and_job_of_an_earlier_version_is_found() -> None:
    missing = []
    for line in NAMES:
        module, name = line.split()
        if not hasattr(import_module(module), name):
            missing.append(line)
    assert len(NAMES) > 200
    assert missing == []


@pytest.mark.parametrize("study", ["adsorption", "barrier", "ladder"])
def test_the_correction_of_each_study_leads_to_the_one_of_all(study: str) -> None:
    from azibflow.workflows.common.corrections import correct, correct_job, merge_job

    module = {"adsorption": "adsorption_corrections", "barrier": "barrier_corrections"}
    earlier = import_module(f"azibflow.workflows.{module.get(study, 'desolvation_corrections')}")
    assert getattr(earlier, f"correct_{study}_job") is correct_job
    assert getattr(earlier, f"merge_{study}_job") is merge_job
    assert getattr(earlier, f"correct_{study}") is correct


def test_an_earlier_module_gives_the_same_object_and_refuses_what_it_never_held() -> None:
    from azibflow.workflows.migration.results import MigrationResult

    earlier = import_module("azibflow.workflows.barriers")
    assert earlier.MigrationResult is MigrationResult
    with pytest.raises(AttributeError, match="barriers' has no attribute 'no_such_thing'"):
        _ = earlier.no_such_thing
    with pytest.raises(ModuleNotFoundError):
        import_module("azibflow.workflows.never_there")


def test_no_earlier_name_hides_a_module_that_is_there() -> None:
    package = Path(import_module("azibflow").__file__).parent
    for earlier, modules in MOVED.items():
        assert not (package / earlier.replace(".", "/")).with_suffix(".py").exists()
        for module in modules:
            assert (package / module.replace(".", "/")).with_suffix(".py").exists(), module
