"""Families of hosts: which candidates are relaxed, which one is loaded, and what is said of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import yaml
from command_line import azibflow
from registry_toy import square_pair

from azibflow.analysis.breathing.limit import breathing_limit
from azibflow.analysis.breathing.report import sentences
from azibflow.analysis.stored import load_results
from azibflow.calculators.specs import AseSpec
from azibflow.errors import StructureError
from azibflow.structures.heterostructures import candidates
from azibflow.structures.heterostructures.anchoring import anchored
from azibflow.structures.prototypes import prototype
from azibflow.workflows.breathing.annealing import AnnealSettings
from azibflow.workflows.breathing.family import HostFamily, build_family, check_family
from azibflow.workflows.breathing.family_flow import breathing_family_study
from azibflow.workflows.breathing.results import BreathingResult
from azibflow.workflows.breathing.search import SearchSettings
from azibflow.workflows.breathing.tasks import BreathingSettings
from azibflow.workflows.common.results import RelaxSettings
from azibflow.workflows.interfaces.results import InterfaceResult

SPEC = AseSpec(calculator="registry_toy:Registries")
SETTINGS = BreathingSettings(ions=1, anneal=AnnealSettings(steps=0), search=SearchSettings(sites=6, sketched=2))
HOLLOW, BRIDGE, TOP = -0.4, 0.4, 1.2
"""Adhesion of four vanadium atoms, eV per cell."""


def studied(**hosts: object) -> list[BreathingResult]:
    # a step of half a cell makes registries of top, bridges and hollow alone
    recipe, family = square_pair(registry_step=1.5), HostFamily(**hosts)
    tight = RelaxSettings(fmax=1e-4, max_steps=300)
    return breathing_family_study(recipe, "Zn", SPEC, tight, hosts=family, breathing=SETTINGS)


def test_registries_equal_by_symmetry_are_one_candidate_and_sides_are_relaxed_once():
    recipe = square_pair(registry_step=1.5)
    pair = recipe.heterostructure
    assert len(candidates(pair.film, pair.support, pair)) == 4
    family = build_family(recipe, 6)
    assert len(family.members) == 3, "the two bridges of a square are one"
    assert (len(family.films), len(family.supports)) == (1, 1)
    assert [member.number for member in build_family(recipe, 2).members] == [one.number for one in family.members[:2]]


def test_the_host_that_holds_best_is_loaded_though_it_is_not_the_first():
    (result,) = studied(candidates=4)
    assert [one.adhesion_energy for one in result.tried] == pytest.approx([HOLLOW, BRIDGE, TOP], abs=1e-6)
    assert [one.kept for one in result.tried] == [False, False, True]
    assert result.candidate == result.tried[2].number
    assert result.hosts[0].energy == pytest.approx(-TOP, abs=1e-6)
    assert breathing_limit(result).rows[1].binding == pytest.approx(-0.7, abs=1e-5)
    said = sentences(result, breathing_limit(result))[0]
    assert said.startswith(f"The host is candidate {result.candidate}, shifted by 0.00 0.00")
    assert "adhesion 1.200 eV per cell; beside it were tried" in said


def test_a_host_that_is_not_bound_says_so_first():
    (result,) = studied(candidates=1)
    assert result.chosen_host.adhesion_energy == pytest.approx(HOLLOW, abs=1e-6)
    assert sentences(result, breathing_limit(result))[0].startswith("The host is not bound to its support: apart")


@pytest.mark.parametrize(("window", "kept"), [(0.5, [TOP]), (0.9, [TOP, BRIDGE]), (9.0, [TOP, BRIDGE])])
def test_a_further_host_is_kept_only_where_it_is_bound_and_near(window, kept):
    found = studied(candidates=3, keep=3, window=window)
    assert [one.chosen_host.adhesion_energy for one in found] == pytest.approx(kept, abs=1e-6)


def test_faces_of_a_cluster_are_set_down_in_several_ways():
    from azibflow.structures.heterostructures.oxide_clusters import v8o16

    piece = v8o16()[[0, 1, 8, 9, 10, 11, 12]]
    graphene = prototype("graphene")
    once = anchored(piece, graphene, contact="bonded", image_distance=4.0)
    more = anchored(piece, graphene, contact="bonded", image_distance=4.0, places=3)
    firsts = {place.face: place for place in reversed(more)}
    assert [firsts[place.face].turn for place in once] == [place.turn for place in once]
    assert len(once) < len(more) <= 3 * len(once)
    for face in {place.face for place in more}:
        bonds = [place.bonds for place in more if place.face == face]
        assert bonds == sorted(bonds, reverse=True)
        turns = [place.turn for place in more if place.face == face]
        assert len(set(np.mod(turns, 60))) == len(turns), "graphene turned by 60 degrees is itself"


def test_what_has_no_family_is_refused():
    with pytest.raises(StructureError, match=r"is none; remove hosts"):
        check_family(square_pair().model_copy(update={"heterostructure": None, "prototype": "Zn"}), SETTINGS)
    with pytest.raises(StructureError, match=r"names candidate 2; remove candidate, or hosts"):
        check_family(square_pair(candidate=2), SETTINGS)
    with pytest.raises(StructureError, match=r"remove film and cell, or hosts"):
        check_family(square_pair(), SETTINGS.model_copy(update={"film": "all"}))


def test_the_command_relaxes_a_family_and_prints_it(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))
    recipe = square_pair(registry_step=1.5).model_dump(mode="json", exclude_defaults=True)
    study = {
        "kind": "breathing",
        "system": "square",
        "hosts": {"candidates": 3, "keep": 2, "window": 1.0},
        "breathing": {"ions": 1, "anneal": {"steps": 0}, "search": {"sites": 6, "sketched": 2}},
    }
    campaign = {
        "name": "square",
        "calculator": {"kind": "ase", "calculator": "registry_toy:Registries"},
        "relax": {"fmax": 0.0001, "max_steps": 300},
        "systems": {"square": recipe},
        "studies": [study],
    }
    (tmp_path / "square.yaml").write_text(yaml.safe_dump(campaign))
    assert azibflow("run", tmp_path / "square.yaml", "--dry-run") == 0
    assert capsys.readouterr().out.count("relax candidate") == 3
    run = tmp_path / "run"
    assert azibflow("run", tmp_path / "square.yaml", "--run-dir", run, "--workers", 2) == 0
    results = load_results([run], BreathingResult)
    plain = studied(candidates=3, keep=2, window=1.0)
    assert [one.study for one in results] == [f"Zn in square, candidate {one.candidate}" for one in results]
    assert {one.candidate for one in results} == {one.candidate for one in plain}
    assert [one.tried for one in results] == [plain[0].tried] * 2
    adhesions = load_results([run], InterfaceResult)
    assert [one.adhesion_energy for one in adhesions] == pytest.approx([HOLLOW, BRIDGE, TOP], abs=1e-6)
    capsys.readouterr()
    assert azibflow("table", "breathing", run, "--format", "json") == 0
    table = json.loads(capsys.readouterr().out)
    assert [row["n"] for row in table["rows"]] == [0, 1] * 2
    assert any("beside it were tried" in note for note in table["notes"])
    study["system"], campaign["systems"]["zinc"] = "zinc", {"prototype": "Zn"}
    (tmp_path / "square.yaml").write_text(yaml.safe_dump(campaign))
    assert azibflow("validate", tmp_path / "square.yaml") == 2
    assert "candidates of a heterostructure, and zinc: Zn is none; remove hosts" in capsys.readouterr().err


def test_a_family_is_chosen_by_one_method(tmp_path, capsys):
    (tmp_path / "family.yaml").write_text(
        "name: family\ncalculator: {surrogate: chgnet, correct_with: {kind: chgnet, version: r2scan}}\n"
        "systems: {host: {heterostructure: V8O16/Ti3C2O2}}\n"
        "studies:\n  - {kind: breathing, system: host, hosts: {candidates: 2}, breathing: {ions: 1}}\n"
    )
    assert azibflow("run", tmp_path / "family.yaml", "--dry-run") == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "hosts: chooses among candidates by one method" in line
