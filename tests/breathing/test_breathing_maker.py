"""The search as a flow of jobs, on the toy whose answer is known by hand."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from jobflow import run_locally
from toy import DEFAULT_COLUMNS, LOW, toy_host, toy_interface

from azibflow.analysis.breathing.limit import breathing_limit
from azibflow.analysis.breathing.report import sentences
from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.breathing import breathing_table
from azibflow.calculators.specs import AseSpec
from azibflow.errors import AzibflowError, StructureError
from azibflow.hpc.manager import run_flow
from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.run_folder import RunFolder
from azibflow.structures.documents import StructureDocument
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.breathing import search as insertion_search
from azibflow.workflows.breathing.annealing import AnnealSettings
from azibflow.workflows.breathing.flow import BreathingMaker
from azibflow.workflows.breathing.hosts import fullest, host_states
from azibflow.workflows.breathing.results import BreathingResult, HostState, LadderEnd, lower_intact_host
from azibflow.workflows.breathing.search import SearchSettings
from azibflow.workflows.breathing.study import breathing_study
from azibflow.workflows.breathing.tasks import BreathingSettings
from azibflow.workflows.common.relaxation_jobs import relax_structure
from azibflow.workflows.common.results import RelaxSettings

TIGHT = RelaxSettings(fmax=1e-3, max_steps=300)
BY_HAND = [-0.50, -0.58, -0.64, -0.88, -0.85, -0.90, -0.83]


def tagged_host(columns=DEFAULT_COLUMNS):
    host, sides = toy_host(len(columns)), toy_interface(len(columns))
    host.set_tags([1 if i in sides.support else 2 for i in range(len(host))])
    return host


def recipe(host=None):
    return StructureRecipe(document=StructureDocument.from_atoms(host or tagged_host()))


def maker(options=None, **settings):
    chosen = {"ions": 7, "anneal": AnnealSettings(steps=0), "search": SearchSettings(sites=20), **settings}
    return BreathingMaker(
        name="toy",
        calculator=AseSpec(calculator="toy:ToyInterface", options=options or {}),
        relax=TIGHT,
        settings=BreathingSettings(**chosen),
    )


def computed(flow) -> BreathingResult:
    responses = run_locally(flow, ensure_success=True)
    outputs = [response.output for several in responses.values() for response in several.values()]
    (result,) = [output for output in outputs if isinstance(output, BreathingResult)]
    return result


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def energies(result):
    return [row.binding for row in breathing_limit(result).rows[1:]]


def test_the_limit_known_by_hand():
    result = computed(maker().make(recipe()))
    assert energies(result) == pytest.approx(BY_HAND, abs=1e-5)
    limit = breathing_limit(result)
    assert (limit.thermodynamic.n, limit.reversible.n, limit.maximum.n) == (6, 4, 4)
    assert result.end is LadderEnd.COMPLETE
    assert [record.sites_tried for record in result.records] == [20] * 7
    assert [len(record.structure.symbols) for record in result.records] == [13, 14, 15, 16, 17, 18, 19]
    plain = breathing_study(recipe(), calculator=maker().calculator, settings=TIGHT, breathing=maker(ions=4).settings)
    assert energies(plain) == pytest.approx(BY_HAND[:4], abs=1e-5)
    assert plain.records == result.records[:4]
    assert plain.end is LadderEnd.COMPLETE


def test_the_order_of_sites_does_not_matter(monkeypatch):
    plain = insertion_search.insertion_sites

    def shuffled(*args):
        return np.random.default_rng(5).permutation(plain(*args))

    monkeypatch.setattr(insertion_search, "insertion_sites", shuffled)
    assert energies(computed(maker(ions=3).make(recipe()))) == pytest.approx(BY_HAND[:3], abs=1e-5)


def test_the_number_of_workers_does_not_matter(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))
    found = []
    for workers in (1, 2):
        folder = RunFolder(tmp_path / f"run {workers}")
        flow = maker(ions=2, seeds=2, search=SearchSettings(sites=12, width=2, relaxed=2)).make(recipe())
        with ProcessExecutor(workers, threads=1) as executor:
            run_flow(flow, folder, executor)
        (result,) = load_results([folder.path], BreathingResult)
        found.append([(one.n, one.seed, one.energy, one.structure.sha256()) for one in result.records])
    assert found[0] == found[1]
    assert [one[:2] for one in found[0]] == [(1, 0), (2, 0), (1, 1), (2, 1)]


def test_a_wider_beam_is_never_higher():
    # Wells of different depths, the deepest one small and far from where sites are sampled most.
    wells = [{"x": 4.0 * k, "y": 3.0 * (k % 2), "energy": -1.5 - 0.1 * (k % 3)} for k in range(8)]
    before = None
    for width in (1, 2, 3):
        search = SearchSettings(sites=6, sketched=2, sketch_steps=3, relaxed=2, width=width)
        found = [one.energy for one in computed(maker({"wells": wells}, ions=3, search=search).make(recipe())).records]
        if before is not None:
            assert all(wide <= narrow + 1e-9 for wide, narrow in zip(found, before, strict=True))
        before = found


def test_seeds_are_searches_of_their_own():
    result = computed(maker(ions=2, seeds=3).make(recipe()))
    assert sorted((record.n, record.seed) for record in result.records) == [(n, s) for n in (1, 2) for s in range(3)]
    assert energies(result) == pytest.approx(BY_HAND[:2], abs=1e-5)
    spreads = [row.spread for row in breathing_limit(result).rows[1:]]
    assert spreads == pytest.approx([0, 0], abs=1e-5)


def test_annealed_hosts_are_among_the_states_and_the_lowest_is_the_reference():
    annealed = maker(ions=1, seeds=2, anneal=AnnealSettings(temperature=50, steps=20))
    result = computed(annealed.make(recipe()))
    assert {host.origin for host in result.hosts} >= {"relaxed as built"}
    assert min(host.energy for host in result.hosts) == pytest.approx(-4.0, abs=1e-5)


def test_only_a_lower_and_intact_emptied_host_is_a_new_start():
    result = computed(maker(ions=2).make(recipe()))
    record, host = result.records[0], result.hosts[0]
    higher = host.model_copy(update={"energy": host.energy + 0.3})
    found = lower_intact_host(record, higher, 0.05)
    assert isinstance(found, HostState)
    assert (found.origin, found.energy) == ("emptied after n = 1, seed 0", pytest.approx(-4.0, abs=1e-5))
    assert lower_intact_host(record, higher, 0.4) is None
    assert lower_intact_host(record, host, 0.05) is None
    torn = record.emptied.model_copy(update={"bonds": record.bonds.model_copy(update={"broken": record.bonds.intact})})
    assert lower_intact_host(record.model_copy(update={"emptied": torn}), higher, 0.05) is None


def test_no_site_left_ends_the_ladder(monkeypatch):
    plain = insertion_search.insertion_sites

    def two_at_most(atoms, *args):
        return plain(atoms, *args)[: 20 if list(atoms.symbols).count("Zn") < 2 else 0]

    monkeypatch.setattr(insertion_search, "insertion_sites", two_at_most)
    result = computed(maker(ions=5).make(recipe()))
    assert result.end is LadderEnd.NO_SITE
    assert [record.n for record in result.records] == [1, 2]
    assert energies(result) == pytest.approx(BY_HAND[:2], abs=1e-5)


def test_an_annealed_state_that_lost_its_interface_bonds_is_no_reference():
    calculator = AseSpec(calculator="toy:ToyInterface")
    built = relax_structure(tagged_host(), calculator, TIGHT)
    moved = built.structure.to_atoms()
    moved.positions[4:8, 2] += 0.9
    lost = built.model_copy(update={"structure": StructureDocument.from_atoms(moved)})
    kept = host_states(built, [lost.model_copy(update={"energy": -99.0}), built], BreathingSettings().criteria)
    assert [state.origin for state in kept] == ["relaxed as built", "annealed, seed 1"]
    unbonded = host_states(lost, [built], BreathingSettings().criteria)
    assert [state.origin for state in unbonded] == ["relaxed as built", "annealed, seed 0"], "it never had any"


def test_a_parent_that_nothing_carries_has_a_limit_by_its_own_bonds():
    result = computed(maker(ions=2, film="all").make(recipe(toy_host())))
    assert energies(result) == pytest.approx(BY_HAND[:2], abs=1e-5)
    limit = breathing_limit(result)
    assert (limit.of_interface, limit.bonds) == (False, 8), "four C-O and four O-V, 2.27 angstrom long"
    assert limit.mass == pytest.approx(4 * (12.011 + 15.999 + 50.9415), abs=1e-3), "carbon is no support now"
    assert [row.broken for row in limit.rows] == [0, 0, 1], "the column that two zinc open"
    assert limit.reversible.n == 2
    notes = " ".join(breathing_table([result]).notes)
    assert "that nothing carries, 8 bonds of its own" in notes
    assert "without the support" not in notes
    plain = breathing_study(
        toy_host(), calculator=maker().calculator, settings=TIGHT, breathing=maker(ions=2, film="all").settings
    )
    assert plain.records == result.records


def test_a_film_that_only_lies_there_says_so_first():
    calculator = AseSpec(calculator="toy:ToyInterface")
    built = relax_structure(tagged_host(), calculator, TIGHT)
    result = computed(maker(ions=1).make(recipe()))
    moved = built.structure.to_atoms()
    moved.positions[4:8, 2] += 0.9
    apart = result.hosts[0].model_copy(update={"structure": StructureDocument.from_atoms(moved), "energy": -99.0})
    unbound = result.model_copy(update={"hosts": [apart], "records": []})
    assert sentences(unbound, breathing_limit(unbound))[0].startswith("The host is not bound to its support")


def test_more_ions_than_there_is_room_for_are_refused():
    with pytest.raises(
        StructureError, match=r"toy has room for \d+ Zn at least 1.95 angstrom apart, fewer than the 500"
    ):
        fullest(tagged_host(), "Zn", BreathingSettings(ions=500))
    assert len(fullest(tagged_host(), "Zn", BreathingSettings(ions=3))) == 15


def test_other_bad_input():
    untagged = toy_host()
    with pytest.raises(StructureError, match="does not say which atoms are film"):
        fullest(untagged, "Zn", BreathingSettings())
    with pytest.raises(AzibflowError, match="no bulk reference for the ion Rb"):
        BreathingMaker(ion="Rb").make(recipe())
    with pytest.raises(AzibflowError, match=r"Li brings 1 electron, and charge is 2 .* set breathing: \{charge: 1\}"):
        BreathingMaker(ion="Li").make(recipe())
    assert BreathingMaker(ion="Li", settings=BreathingSettings(charge=1)).make(recipe())
    with pytest.raises(ValueError, match="charge"):
        BreathingSettings(charge=-2)


def test_the_toy_is_what_the_tests_say():
    assert tagged_host().positions[4, 2] == LOW
