"""The search as a flow of jobs, on the toy whose answer is known by hand."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from jobflow import run_locally
from toy import DEFAULT_COLUMNS, default_wells, toy_host, toy_interface

from azibflow.analysis.breathing_limit import breathing_limit
from azibflow.calculators.specs import AseSpec
from azibflow.structures.documents import StructureDocument
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.annealing import AnnealSettings
from azibflow.workflows.breathing import BreathingMaker, BreathingSettings
from azibflow.workflows.breathing_results import BreathingResult, LadderEnd
from azibflow.workflows.insertion_search import SearchSettings
from azibflow.workflows.results import RelaxSettings

TIGHT = RelaxSettings(fmax=1e-3, max_steps=300)


def tagged_host(columns=DEFAULT_COLUMNS):
    host, sides = toy_host(len(columns)), toy_interface(len(columns))
    tags = [1 if i in sides.support else 2 for i in range(len(host))]
    host.set_tags(tags)
    return host


def search(tmp_path, monkeypatch, host=None, options=None, **settings) -> BreathingResult:
    monkeypatch.chdir(tmp_path)
    settings = {"ions": 7, "anneal": AnnealSettings(steps=0), "search": SearchSettings(sites=20, sketched=4), **settings}
    maker = BreathingMaker(
        name="toy",
        calculator=AseSpec(calculator="toy:ToyInterface", options=options or {}),
        relax=TIGHT,
        settings=BreathingSettings(**settings),
    )
    recipe = StructureRecipe(document=StructureDocument.from_atoms(host or tagged_host()))
    responses = run_locally(maker.make(recipe), ensure_success=True)
    (result,) = [r[1].output for jobs in responses.values() for r in [jobs] if isinstance(r[max(r)].output, BreathingResult)]
    return result
