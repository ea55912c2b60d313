"""Documents in one SQLite file behave as documents in maggma's other stores do."""

import copy
import pickle
from datetime import UTC, datetime, timedelta
from enum import Enum
from math import inf, nan

import bson
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jobflow import Flow, JobStore, Response, job, run_locally
from jsonschema import ValidationError
from maggma.core import Sort, StoreError
from maggma.stores import MemoryStore
from maggma.validators import JSONSchemaValidator
from monty.json import MontyDecoder

from azibflow.errors import AzibflowError
from azibflow.hpc.sqlite_store import PAGE, SQLiteStore, SQLiteStoreError


@pytest.fixture
def store(tmp_path):
    with SQLiteStore(tmp_path / "store.db") as store:
        yield store


def fill(store, docs):
    store.update([{"uuid": str(number), **doc} for number, doc in enumerate(docs)])


def uuids(docs):
    return [doc["uuid"] for doc in docs]


# What maggma asks of every store


def test_store_must_be_connected_before_use_and_can_be_connected_again(tmp_path):
    store = SQLiteStore(tmp_path / "store.db")
    with pytest.raises(StoreError, match="connect"):
        store.count()
    with pytest.raises(AzibflowError, match="connect"), store.transaction():
        pass
    store.connect()
    store.update({"uuid": "a"})
    store.close()
    with pytest.raises(StoreError, match="connect"):
        list(store.query())
    store.connect()
    store.connect(force_reset=True)
    assert store.count() == 1


def test_properties_are_a_list_or_a_projection(store):
    fill(store, [{"a": 1, "b": {"c": 2, "d": [3, 4]}, "_id": "dropped"}])
    whole = {"uuid": "0", "a": 1, "b": {"c": 2, "d": [3, 4]}}
    assert store.query_one() == whole
    assert store.query_one(properties=[]) == whole
    assert store.query_one(properties=["b", "a", "missing"]) == {"a": 1, "b": whole["b"]}
    assert store.query_one(properties=["b.c"]) == {"b": {"c": 2}}
    assert store.query_one(properties={"b.d": 0}) == {"uuid": "0", "a": 1, "b": {"c": 2}}
    assert store.query_one(properties={"a": True, "_id": 0}) == {"a": 1}
    assert store.query_one(properties={"a": 0}) == {"uuid": "0", "b": whole["b"]}
    assert store.query_one({"a": 2}) is None


def test_sort_skip_and_limit(store):
    fill(store, [{"n": n, "half": n // 2} for n in (5, 3, 4, 1, 2)])
    assert [doc["n"] for doc in store.query()] == [5, 3, 4, 1, 2]
    assert [doc["n"] for doc in store.query(sort={"n": -1}, skip=1, limit=2)] == [4, 3]
    assert [doc["n"] for doc in store.query(skip=3)] == [1, 2]
    assert [doc["n"] for doc in store.query(limit=2)] == [5, 3]
    assert [doc["n"] for doc in store.query(sort={"half": Sort.Descending, "n": Sort.Ascending})] == [4, 5, 2, 3, 1]
    assert store.query_one(properties=["uuid"], sort={"n": 1}) == {"uuid": "3"}


def test_update_replaces_by_key_and_keeps_the_place(store):
    fill(store, [{"n": 0}, {"n": 1}])
    store.update({"uuid": "0", "m": 2})
    assert list(store.query()) == [{"uuid": "0", "m": 2}, {"uuid": "1", "n": 1}]
    assert store.count({"n": 0}) == 0


def test_update_by_several_keys_by_nested_keys_and_within_one_call(store):
    store.update([{"uuid": "a", "index": 1, "n": 1}, {"uuid": "a", "index": 2, "n": 2}], key=["uuid", "index"])
    store.update([{"uuid": "a", "index": 2, "n": 3}, {"uuid": "a", "index": 2, "n": 4}], key=["uuid", "index"])
    assert [doc["n"] for doc in store.query()] == [1, 4]
    store.update({"meta": {"id": 7}, "n": 5}, key="meta.id")
    store.update({"meta": {"id": 7}, "n": 6}, key="meta.id")
    store.update({"uuid": ["a", "b"], "n": 7})
    store.update({"uuid": None, "n": 8})
    assert [doc["n"] for doc in store.query()] == [1, 4, 8, 7]  # a missing uuid equals none, as in MongoDB
    store.update({"uuid": {"$exists": True}, "n": 9})
    assert [doc["n"] for doc in store.query()] == [1, 4, 8, 7, 9]


def test_update_refuses_a_document_without_its_key_and_keeps_nothing_of_the_call(store):
    with pytest.raises(SQLiteStoreError, match="'uuid'"):
        store.update([{"uuid": "a"}, {"index": 1}])
    with pytest.raises(SQLiteStoreError, match="8-byte"):
        store.update([{"uuid": "a"}, {"uuid": "b", "n": 2**70}])
    assert store.count() == 0


def test_validator(store):
    store.validator = JSONSchemaValidator(schema={"type": "object", "properties": {"n": {"type": "integer"}}})
    store.update([{"uuid": "a", "n": 1}, {"uuid": "b", "n": "one"}])
    assert uuids(store.query()) == ["a"]
    store.validator = JSONSchemaValidator(schema=store.validator.schema, strict=True)
    with pytest.raises(ValidationError, match="integer"):
        store.update([{"uuid": "c", "n": 1}, {"uuid": "b", "n": "one"}])
    assert uuids(store.query()) == ["a"]


def test_count_distinct_and_remove(store):
    fill(
        store, [{"a": 1, "tags": ["x", "y"]}, {"a": 4, "g": {"h": 1}}, {"a": 4, "g": {"h": 2}}, {"i": None, "a": True}]
    )
    assert store.count() == 4
    assert store.count({"a": 4}) == 2
    assert store.distinct("a") == [1, 4, True]
    assert store.distinct("g.h") == [1, 2]
    assert store.distinct("g.h", {"g.h": {"$gt": 1}}) == [2]
    assert store.distinct("tags") == ["x", "y"]
    assert store.distinct("i") == [None]
    assert store.distinct("blue") == []
    store.remove_docs({"a": 4})
    assert uuids(store.query()) == ["0", "3"]
    assert store.count({"uuid": "1"}) == 0
    store.remove_docs({})
    assert store.count() == 0


def test_remove_and_count_reach_past_the_first_page(store):
    fill(store, [{"n": n} for n in range(2 * PAGE + 1)])
    assert [doc["n"] for doc in store.query()] == list(range(2 * PAGE + 1))
    assert store.count({"n": {"$gte": 1}}) == 2 * PAGE
    assert store.count({"uuid": {"$in": [str(n) for n in range(1, 2 * PAGE + 5)]}}) == 2 * PAGE
    store.remove_docs({"n": {"$gte": 1}})
    assert uuids(store.query()) == ["0"]
    assert store._collection.execute("SELECT count(*) FROM entries").fetchone() == (1,)


def test_groupby(store):
    fill(store, [{"e": 7, "d": 9}, {"e": 8, "d": {"f": 1}}, {"e": 7, "d": 9}, {"e": 7}, {"e": 9, "d": {"f": 1}}])
    assert [(group, uuids(docs)) for group, docs in store.groupby("d")] == [
        ({"d": 9}, ["0", "2"]),
        ({"d": {"f": 1}}, ["1", "4"]),
    ]
    assert list(store.groupby("d.f", properties=["uuid"])) == [
        ({"d": {"f": 1}}, [{"uuid": "1", "d": {"f": 1}}, {"uuid": "4", "d": {"f": 1}}])
    ]
    assert [group for group, _ in store.groupby(["e", "d"], sort={"e": -1})] == [
        {"e": 9, "d": {"f": 1}},
        {"e": 8, "d": {"f": 1}},
        {"e": 7, "d": 9},
    ]
    assert [uuids(docs) for _, docs in store.groupby("e", {"d": 9}, limit=1)] == [["0"]]


def test_last_updated(store):
    assert store.last_updated == datetime.min
    store.update({"uuid": "a"})
    with pytest.raises(StoreError, match="last_updated"):
        store.last_updated  # noqa: B018
    now = datetime(2026, 1, 2, 3, 4, 5, 678900)
    store.update([{"uuid": "a", "last_updated": now}, {"uuid": "b", "last_updated": now - timedelta(days=1)}])
    assert store.last_updated == datetime(2026, 1, 2, 3, 4, 5, 678000)


def test_newer_in(store):
    other = store.sibling("other")
    other.connect()
    start = datetime(2026, 1, 1)
    store.update([{"uuid": n, "last_updated": start} for n in range(3)])
    other.update([{"uuid": n, "last_updated": start + timedelta(seconds=n)} for n in range(4)])
    assert sorted(store.newer_in(other)) == [1, 2, 3]
    assert sorted(store.newer_in(other, exhaustive=True)) == [1, 2, 3]
    assert other.newer_in(store) == []


def test_ensure_index(store):
    fill(store, [{"tag": "x", "n": 1}, {"tag": "x", "n": 2}])
    assert store.ensure_index("tag")
    assert store.ensure_index("tag")
    assert not store.ensure_index("tag", unique=True)
    assert store.ensure_index("quo'te\"; DROP TABLE documents --")
    assert store.ensure_index("absent", unique=True)
    assert store.ensure_index("n", unique=True)
    with pytest.raises(SQLiteStoreError, match="unique"):
        store.update([{"uuid": "new", "n": 3}, {"uuid": "other", "n": 2}])
    assert store.count() == 2
    store.update({"uuid": "1", "n": 2, "tag": "y"})
    assert uuids(store.query({"tag": "y"})) == ["1"]


def test_unique_index_is_not_made_over_duplicates(store):
    fill(store, [{"tag": "x"}, {"tag": "x"}])
    assert not store.ensure_index("tag", unique=True)
    fill(store, [{"tag": "x"}, {"tag": "y"}])
    assert store.ensure_index("tag", unique=True)


def test_index_narrows_the_search_and_follows_changes(store):
    fill(store, [{"meta": {"tags": ["a", "b"]}, "n": n} for n in range(PAGE)])
    store.ensure_index("meta.tags")
    store.update({"uuid": "5", "meta": {"tags": "c"}})
    rows = []
    store._collection.set_trace_callback(rows.append)
    assert uuids(store.query({"meta.tags": "c"})) == ["5"]
    assert "entries" in rows[-1]
    assert store.count({"meta.tags": {"$in": ["a", "c"]}}) == PAGE
    assert store.count({"meta.tags": {"$eq": "b", "$ne": "c"}}) == PAGE - 1
    assert store.count({"meta.tags": {"$in": []}}) == 0
    assert store.count({"meta.tags": {"$in": [None, "c"]}}) == 1
    assert store.count({"meta.tags": ["a", "b"]}) == PAGE - 1
    assert store.count({"uuid": {"$regex": "^1"}, "meta.tags": "a"}) == 11


def test_index_on_uuid_leads_over_a_common_index_number(store):
    store.update([{"uuid": str(n), "index": 1} for n in range(1500)], key=["uuid", "index"])
    steps = []
    store._collection.set_progress_handler(lambda: steps.append(1), 100)
    store.update({"uuid": "7", "index": 1, "n": 1}, key=["index", "uuid"])
    assert len(steps) < 30  # following every entry of index 1 takes over a hundred
    store._collection.set_progress_handler(None, 0)
    assert store.count() == 1500


def test_work_per_lookup_and_write_does_not_grow_with_the_number_of_documents(store):
    def steps_of(action):
        steps = []
        store._collection.set_progress_handler(lambda: steps.append(1), 10)
        action()
        store._collection.set_progress_handler(None, 0)
        return len(steps)

    def work(n):
        store.update([{"uuid": str(i), "index": 1, "name": "relax"} for i in range(n)], key=["uuid", "index"])
        return [
            steps_of(lambda: store.query_one({"uuid": str(n // 2)}, ["index"], sort={"index": -1})),
            steps_of(lambda: list(store.query({"uuid": {"$in": [str(i) for i in range(20)]}}))),
            steps_of(lambda: store.update({"uuid": "1", "index": 1, "n": n}, key=["uuid", "index"])),
            steps_of(lambda: store.update({"uuid": f"new {n}", "index": 1}, key=["uuid", "index"])),
        ]

    few, many = work(50), work(2000)
    assert all(b <= 1.2 * a + 5 for a, b in zip(few, many, strict=True))


def test_more_values_than_sqlite_takes_parameters(store):
    fill(store, [{}, {}, {}])
    store._collection.setlimit(9, 50)  # SQLITE_LIMIT_VARIABLE_NUMBER, 999 in old builds
    assert store.count({"uuid": {"$in": [str(n) for n in range(1, 1000)]}}) == 2


# Values


class Colour(Enum):
    RED = "red"


def test_values_round_trip(store):
    doc = {
        "uuid": "a",
        "floats": [inf, -inf, -0.0, 1e-320, 0.1 + 0.2],
        "large": 2**62,
        "bytes": b"\x00\xff",
        "text": "Å\x00\u0416",
        "time": datetime(2026, 5, 17, 12, 30, 0, 123000),
        "empty": [None, [], {}, ""],
        "dotted.key": {"$oid": 1},
    }
    store.update(doc)
    found = store.query_one({"uuid": "a"})
    assert found == doc
    assert list(found) == list(doc)
    assert str(found["floats"][2]) == "-0.0"


def test_values_are_converted_as_in_the_memory_store(store):
    doc = {
        "uuid": "a",
        "array": np.arange(4.0).reshape(2, 2),
        "scalars": (np.float64(1.5), np.int32(2), np.bool_(True), nan),
        "time": datetime(2026, 5, 17, 14, 30, 0, 123456, tzinfo=UTC),
        "enum": Colour.RED,
        "object": SQLiteStore("/x.db"),
        3: "key",
    }
    memory = MemoryStore(key="uuid")
    memory.connect()
    for each in (store, memory):
        each.update(copy.deepcopy(doc))
    expected = memory.query_one(properties={"_id": 0})
    assert bson.encode(store.query_one()) == bson.encode(expected)
    assert expected["array"] == [[0.0, 1.0], [2.0, 3.0]]
    later = datetime(2026, 5, 17, 15, 30, 0, 123000, tzinfo=UTC)
    for moment, count in ((later, 1), (later - timedelta(hours=1), 0)):
        assert store.count({"time": {"$lt": moment}}) == count
    assert store.count({"scalars": nan}) == 1


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from([1.0, 0.5, -0.0, inf, nan, 2**53 + 1, 2.0**53]),
    st.sampled_from(["", "a", "b", "a\x00", "1"]),
    st.sampled_from([datetime(2026, 1, 1), datetime(2026, 1, 2)]),
    st.binary(max_size=2),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
documents = st.fixed_dictionaries(
    {"uuid": st.integers(0, 5), "index": st.integers(1, 2)}, optional={"a": values, "b": values, "name": scalars}
)
fields = st.sampled_from(["uuid", "index", "name", "a", "b", "a.b", "b.a", "a.0", "a.a.b"])
conditions = st.one_of(
    values,
    st.builds(lambda v: {"$eq": v}, values),
    st.builds(lambda v: {"$ne": v}, scalars),
    st.builds(lambda v: {"$in": v}, st.lists(scalars, max_size=3)),
    st.builds(lambda v: {"$nin": v}, st.lists(scalars, max_size=3)),
    st.builds(lambda v: {"$gte": v}, st.integers(-2, 2)),
    st.builds(lambda v: {"$exists": v}, st.booleans()),
    st.just({"$regex": "a"}),
)
simple_filters = st.dictionaries(fields, conditions, max_size=2)
filters = st.one_of(
    simple_filters,
    st.builds(lambda f: {"$or": f}, st.lists(simple_filters, min_size=1, max_size=2)),
    st.builds(lambda f, g: {"$and": [f], **g}, simple_filters, simple_filters),
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    memory = MemoryStore(key="uuid")
    with SQLiteStore(tmp_path_factory.mktemp("pair") / "store.db") as store, memory:
        for field in ("a", "a.b", "b.a", "a.0"):
            store.ensure_index(field)
        yield store, memory


@settings(max_examples=300, deadline=None)
@given(
    docs=st.lists(documents, max_size=8),
    criteria=filters,
    sort=st.dictionaries(st.sampled_from(["uuid", "index", "name"]), st.sampled_from([1, -1]), max_size=2),
    projection=st.sampled_from([None, ["a"], ["b", "uuid"], {"a": 0}, {"b": 0, "index": 0}]),
    skip=st.integers(0, 2),
    limit=st.integers(0, 3),
)
def test_random_documents_and_filters_agree_with_the_memory_store(pair, docs, criteria, sort, projection, skip, limit):
    store, memory = pair
    for each in pair:
        each.remove_docs({})
        each.update(copy.deepcopy(docs), key=["uuid", "index"])

    def found(each, **options):
        rows = list(each.query(copy.deepcopy(criteria), copy.copy(projection), **options))
        for row in rows:
            row.pop("_id", None)
        return bson.encode({"rows": rows})

    assert found(store, sort=sort, skip=skip, limit=limit) == found(memory, sort=sort, skip=skip, limit=limit)
    assert store.count(criteria) == memory.count(criteria)
    for each in pair:
        each.remove_docs(criteria)
    assert uuids(store.query()) == uuids(memory.query())


# mongomock cannot project through a list that holds anything but documents, so the generated lists hold none.
nested = st.recursive(
    st.integers(0, 3),
    lambda inner: (
        st.lists(st.dictionaries(st.sampled_from("ab"), inner)) | st.dictionaries(st.sampled_from("ab"), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(
    doc=st.fixed_dictionaries({}, optional={"a": nested, "b": nested}),
    paths=st.sampled_from([["a.b"], ["a.a.b", "b"], ["a.b", "a.a"], ["b.b.b.a", "a.a"]]),
)
def test_random_inclusions_agree_with_the_memory_store(pair, doc, paths):
    projection = {"_id": 0, **dict.fromkeys(paths, 1)}
    for each in pair:
        each.remove_docs({})
        each.update({"uuid": 1, **copy.deepcopy(doc)})
    store, memory = pair
    assert store.query_one({}, projection) == memory.query_one({}, projection)


def test_projection_through_lists_of_anything(store):
    fill(store, [{"a": [None, 1, {"b": 2, "c": 3}, [{"b": 4}], {"c": 5}], "d.e": 6, "f": 7}])
    assert store.query_one(properties=["a.b", "f.g"]) == {"a": [{"b": 2}, [{"b": 4}], {}]}
    assert store.query_one(properties={"a.b": 0, "uuid": 0}) == {
        "a": [None, 1, {"c": 3}, [{}], {"c": 5}],
        "d.e": 6,
        "f": 7,
    }
    assert store.query_one(properties={"f.g": 0, "a": 0}) == {"uuid": "0", "d.e": 6, "f": 7}
    assert store.query_one(properties={"a": {"$slice": 2}, "f": 1}) == {"a": [None, 1], "f": 7}
    assert store.query_one(properties=["a.b", "a"]) == store.query_one(properties=["a"])


# Identity


def test_equality_hash_and_name(tmp_path):
    store = SQLiteStore(tmp_path / "a.db")
    same = SQLiteStore(str(tmp_path / "x" / ".." / "a.db"))
    others = [SQLiteStore(tmp_path / "b.db"), SQLiteStore(tmp_path / "a.db", "other"), MemoryStore()]
    assert store == same
    assert hash(store) == hash(same)
    assert all(store != other for other in others)
    assert store.name == f"sqlite://{tmp_path}/a.db/documents"


def test_pickle_and_msonable_carry_no_connection(store, tmp_path, monkeypatch):
    store.update({"uuid": "a"})
    monkeypatch.chdir("/")
    for twin in (
        pickle.loads(pickle.dumps(store)),
        copy.deepcopy(store),
        MontyDecoder().process_decoded(store.as_dict()),
    ):
        assert twin == store
        with pytest.raises(StoreError, match="connect"):
            twin.count()
        with twin:
            assert twin.count() == 1
    custom = SQLiteStore(tmp_path / "c.db", "jobs", key="id", last_updated_field="when", read_only=True, timeout=3)
    assert pickle.loads(pickle.dumps(custom)).as_dict() == custom.as_dict()
    assert custom.as_dict()["timeout"] == 3


def test_collections_do_not_mix(store):
    other = store.sibling("other", key="id")
    other.connect()
    store.update({"uuid": "a", "name": "x"})
    other.update({"id": "a", "name": "x"})
    assert store.count({"name": "x"}) == other.count({"name": "x"}) == 1
    other.remove_docs({})
    assert store.count() == 1


def test_transaction_covers_siblings_and_a_failed_inner_block_undoes_itself_alone(store):
    journal = store.sibling("journal")
    journal.connect()
    with pytest.raises(KeyboardInterrupt), store.transaction():
        store.update({"uuid": "a"})
        journal.update({"uuid": "a"})
        raise KeyboardInterrupt
    assert store.count() == journal.count() == 0
    with store.transaction():
        store.update({"uuid": "a"})
        with pytest.raises(SQLiteStoreError), journal.transaction():
            journal.update({"uuid": "a"})
            journal.update([{"uuid": "b"}, {}])
        journal.update({"uuid": "c"})
    assert uuids(store.query()) == ["a"]
    assert uuids(journal.query()) == ["c"]


# Jobflow


@job(data="samples")
def sample(number):
    return {"samples": list(range(number)), "number": number}


@job
def total(samples, number):
    return sum(samples) + number


@job
def replaced(number):
    return Response(output=number, replace=total([number], 100))


def test_jobflow_runs_a_flow_on_it(store):
    first = sample(5)
    second = total(first.output["samples"], first.output["number"])
    third = replaced(second.output)
    blobs = store.sibling("data", key="blob_uuid")
    jobs = JobStore(store, additional_stores={"data": blobs})
    responses = run_locally(Flow([first, second, third]), store=jobs, ensure_success=True, log=False)
    assert responses[third.uuid][2].output == 115
    assert jobs.get_output(third.uuid) == 115
    assert jobs.get_output(third.uuid, which=1) == 15
    assert jobs.get_output(third.uuid, which="all") == [15, 115]
    assert store.query_one({"uuid": first.uuid})["output"]["samples"]["blob_uuid"] == blobs.query_one()["blob_uuid"]
    assert jobs.get_output(first.uuid, load=True)["samples"] == [0, 1, 2, 3, 4]
    assert store.count({"name": "total"}) == 2

    again = pickle.loads(pickle.dumps(jobs))
    store.close()
    with again:
        assert again.get_output(second.uuid) == 15
        again.remove_docs({"uuid": first.uuid})
        assert again.additional_stores["data"].count() == 0
