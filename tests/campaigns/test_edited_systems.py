"""Edits in campaigns: one system for each, what studies make of them, and what a dry run shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.campaigns.model import Campaign
from azibflow.campaigns.plan import plan
from azibflow.errors import AzibflowError, CampaignError, StructureError

EMT = {"kind": "ase", "calculator": "ase.calculators.emt:EMT", "elements": ["Al", "Cu", "H", "O"], "charges": [0]}
SLAB = {"prototype": "Cu", "slab": {"miller": "(111)", "layers": 3, "supercell": [2, 1], "vacuum": 8.0}}
EVERY = {**SLAB, "substitute": {"Cu": "Al"}, "choose": "all"}
ALLOY = {"prototype": "Cu", "supercell": [2, 1, 1], "substitute": {"Cu": "Al"}}
ON = {"kind": "adsorption", "system": ["alloy"], "adsorbate": "H", "sites": ["top-Al"]}


def campaign(folder: Path, systems: dict[str, Any], *studies: dict[str, Any]) -> Campaign:
    data = {"name": "c", "calculator": EMT, "systems": systems, "studies": list(studies)}
    (folder / "c.yaml").write_text(json.dumps(data, indent=1))
    return load_campaign(folder / "c.yaml")


def formulas(made: Campaign) -> dict[str, str]:
    return {entry.task: entry.atoms.get_chemical_formula() for entry in plan(made)}


def test_all_edits_become_systems_of_their_own(tmp_path: Path) -> None:
    """Three planes of which the outer two are equal: two distinct places for one Al."""
    made = campaign(tmp_path, {"alloy": EVERY, "plain": SLAB}, ON | {"system": ["plain", "alloy"], "sites": None})
    assert list(made.systems) == ["alloy#0", "alloy#1", "plain"]
    assert made.studies[0].systems == ["plain", "alloy#0", "alloy#1"]
    assert [made.systems[f"alloy#{n}"].choose for n in (0, 1)] == [0, 1]
    planned = formulas(made)
    assert [planned[f"{name}: relax surface"] for name in made.studies[0].systems] == ["Cu6", "AlCu5", "AlCu5"]
    assert any(task.startswith("H on alloy#0, top-Al") for task in planned)
    assert not any(task.startswith("H on alloy#1, top-Al") for task in planned)


def test_a_study_of_one_system_becomes_one_of_each(tmp_path: Path) -> None:
    every = ALLOY | {"substitute": {"Cu": "Al", "count": 2}, "choose": "all"}
    study = {"kind": "surface", "system": "alloy", "facets": ["(001)"], "layers": [1], "name": "facets"}
    made = campaign(tmp_path, {"alloy": every}, study, study | {"name": "again", "system": "alloy"})
    names = [study.name for study in made.studies]
    count = len(made.systems)
    assert count > 1
    assert names == [f"{name}#{n}" for name in ("facets", "again") for n in range(count)]
    assert [made.number_in_file(number) for number in range(2 * count)] == [0] * count + [1] * count
    assert len(campaign_flow(made).jobs) > 0


def test_a_mistake_after_such_a_study_is_told_with_its_own_line(tmp_path: Path) -> None:
    every = ALLOY | {"substitute": {"Cu": "Al", "count": 2}, "choose": "all"}
    study = {"kind": "surface", "system": "alloy", "facets": ["(001)"], "layers": [1]}
    wrong = {"kind": "adsorption", "system": "slab", "adsorbate": "H", "sites": ["nowhere"]}
    made = campaign(tmp_path, {"alloy": every, "slab": SLAB}, study, wrong)
    lines = (tmp_path / "c.yaml").read_text().splitlines()
    line = next(n for n, text in enumerate(lines, start=1) if '"adsorption"' in text) - 1
    with pytest.raises(AzibflowError, match=rf"line {line}: study 2 \(adsorption\)"):
        plan(made, tmp_path / "c.yaml")


def test_a_place_for_one_structure_does_not_take_several(tmp_path: Path) -> None:
    ends = {"kind": "migration", "endpoints": ["alloy", "plain"]}
    with pytest.raises(CampaignError, match=r"study 1 \(migration\) takes one structure where it names 'alloy'"):
        campaign(tmp_path, {"alloy": EVERY, "plain": SLAB}, ends)


def test_hops_are_those_of_the_edited_host(tmp_path: Path) -> None:
    hops = {"supercell": [1, 2, 2], "max_distance": 2.6, "max_hops": 1}
    study = {"kind": "migration", "system": "alloy", "ion": "H", "hops": hops}
    planned = formulas(campaign(tmp_path, {"alloy": ALLOY}, study))
    assert planned["alloy: relax bulk"] == "Cu4"
    assert planned["alloy: relax edited bulk"] == "AlCu7"
    endpoints = [formula for task, formula in planned.items() if "relax endpoint" in task]
    assert endpoints
    assert set(endpoints) == {"HAl4Cu28"}


def test_an_edit_that_cannot_be_made_names_system_key_and_value(tmp_path: Path) -> None:
    wrong = {**SLAB, "substitute": {"Cu": "Al", "at": 7}}
    with pytest.raises(StructureError, match=r"system 'alloy'.*substitute: \{Cu: Al, at: 7\}.*3 plane"):
        plan(campaign(tmp_path, {"alloy": wrong}, ON))
    with pytest.raises(StructureError, match=r"system 'alloy'.*choose: 5: there are 2 distinct edit"):
        plan(campaign(tmp_path, {"alloy": {**EVERY, "choose": 5}}, ON))
    with pytest.raises(StructureError, match=r"system 'alloy': .*vacancies: \{O: 1\}: there is no O"):
        campaign(tmp_path, {"alloy": {**SLAB, "vacancies": {"O": 1}, "choose": "all"}}, ON)


def test_a_dopant_that_the_calculator_does_not_know_is_named(tmp_path: Path) -> None:
    doped = {**SLAB, "substitute": {"Cu": "In", "at": "surface"}}
    with pytest.raises(AzibflowError, match=r"system 'alloy'.*In"):
        plan(campaign(tmp_path, {"alloy": doped}, ON))
