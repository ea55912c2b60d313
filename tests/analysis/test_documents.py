"""Results come out of a store once, in order, and in full."""

import datetime

import pytest
from jobflow import Flow, JobStore, Response, job, run_locally
from maggma.stores import MemoryStore

from azibflow import plugins
from azibflow.analysis.stored import load_results
from azibflow.calculators.specs import CalculatorRecord, ChgnetSpec
from azibflow.errors import RunError
from azibflow.hpc.run_folder import STORE, RunFolder
from azibflow.hpc.sqlite_store import SQLiteStore
from azibflow.workflows.adsorption.results import AdsorptionResult
from azibflow.workflows.migration.results import MigrationResult


@job
def give(result):
    return result


@job
def replace_by_flow(result):
    inner = give(result)
    collect = give(inner.output)
    return Response(replace=Flow([inner, collect], output=collect.output))


@pytest.fixture
def memory():
    store = MemoryStore()
    store.connect()
    return store


def run(results, documents):
    flow = Flow([replace_by_flow(result) for result in results])
    run_locally(flow, store=JobStore(documents), log=False, ensure_success=True)


def document(result, completed_at, uuid="u", index=1):
    output = result.model_dump(mode="json") | {"@module": type(result).__module__, "@class": type(result).__name__}
    moment = datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=completed_at)
    return {"uuid": uuid, "index": index, "output": output, "completed_at": moment.isoformat()}


def test_replaced_jobs_give_each_result_once_and_unchanged(hop, unconverged_hop, failed_hop, memory):
    results = [hop(), unconverged_hop, failed_hop]
    run(results, memory)
    loaded = load_results([memory], MigrationResult)
    assert sorted(loaded, key=lambda result: result.study) == sorted(results, key=lambda result: result.study)


def test_run_folder_is_read_by_its_path(hop, tmp_path):
    run([hop()], SQLiteStore(tmp_path / STORE))
    assert load_results([tmp_path], MigrationResult) == [hop()]
    assert load_results([tmp_path], AdsorptionResult) == []
    with RunFolder.open(tmp_path).documents() as store:
        assert load_results([store, tmp_path], MigrationResult) == [hop(), hop()]


def test_nested_results_survive_the_store(zn_on_graphene, memory):
    run([zn_on_graphene], memory)
    assert load_results([memory], AdsorptionResult) == [zn_on_graphene]


def test_latest_version_counts_at_the_place_of_the_first(hop, memory):
    first = hop(given="1f", place=(0, 0))
    second, again = hop(given="1f", place=(0, 1)), hop(given="1f", place=(0, 0), barrier_forward=0.5)
    memory.update([document(again, 3, "c"), document(first, 1, "a"), document(second, 2, "b")], key=["uuid"])
    assert load_results([memory], MigrationResult) == [again, second]


def test_results_of_one_study_stand_together(hop, memory):
    first, between, last = hop(hop="a"), hop(study="other"), hop(hop="b")
    memory.update([document(r, i, str(i)) for i, r in enumerate((first, between, last))], key=["uuid"])
    assert load_results([memory], MigrationResult) == [first, last, between]


def test_what_was_asked_differently_is_another_result(hop, memory):
    results = [
        hop(),
        hop(supercell=(1, 2, 1)),
        hop(cell_policy="relaxed"),
        hop(band=hop().band.model_copy(update={"images": 7})),
        hop(calculator=CalculatorRecord(spec=ChgnetSpec(version="r2scan"), versions={})),
        hop(study="other"),
    ]
    memory.update([document(result, i, str(i)) for i, result in enumerate(results)], key=["uuid"])
    assert load_results([memory], MigrationResult) == results


def test_rows_tell_adsorption_results_apart(zn_on_graphene, memory):
    fewer = zn_on_graphene.model_copy(update={"rows": zn_on_graphene.rows[:1]})
    memory.update([document(zn_on_graphene, 1, "a"), document(fewer, 2, "b")], key=["uuid"])
    assert load_results([memory], AdsorptionResult) == [zn_on_graphene, fewer]


def test_document_of_another_version_is_a_clear_error(hop, tmp_path):
    stale = document(hop(), 1, uuid="1234-abcd")
    del stale["output"]["hop"]
    with SQLiteStore(tmp_path / STORE) as store:
        store.update([stale], key=["uuid", "index"])
    with pytest.raises(RunError, match=rf"{tmp_path}: job 1234-abcd holds a MigrationResult .*hop: Field required"):
        load_results([tmp_path], MigrationResult)


def test_a_result_by_a_calculator_of_a_package_that_is_gone_names_what_is_missing(hop, tmp_path, monkeypatch):
    monkeypatch.setattr(plugins, "_broken", {})
    plugins.refuse("azibflow.calculators", "morse", "zinc-morse", "ImportError: No module named 'numba'")
    foreign = document(hop(), 1, uuid="1234-abcd")
    foreign["output"]["calculator"]["spec"] = {"kind": "morse", "depth": 0.5}
    with SQLiteStore(tmp_path / STORE) as store:
        store.update([foreign], key=["uuid", "index"])
    with pytest.raises(
        RunError, match=r"install the package that brings 'morse'; plug-in 'morse' of zinc-morse .*numba"
    ):
        load_results([tmp_path], MigrationResult)


def test_folder_without_a_run_is_a_clear_error(tmp_path):
    with pytest.raises(RunError, match="not a run folder"):
        load_results([tmp_path], MigrationResult)
