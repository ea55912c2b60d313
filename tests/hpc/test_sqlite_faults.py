"""Nothing committed is lost: several processes and threads, kill -9, a full disk, a damaged file."""

import os
import random
import re
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from azibflow.hpc.sqlite_file import DamagedStoreError
from azibflow.hpc.sqlite_store import SQLiteStore, SQLiteStoreError

# Waits for a line; then writes two documents of 20 kB and their journal entry in one transaction, and says so.
WRITER = """
import sys, time
from azibflow.hpc.sqlite_store import SQLiteStore
print("ready", flush=True)
sys.stdin.readline()
path, writer, number, pause = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
store = SQLiteStore(path)
journal = store.sibling("journal")
store.connect()
journal.connect()
for i in range(number):
    with store.transaction():
        docs = [{"uuid": f"{writer}-{i}", "index": index, "body": [float(i)] * 1700} for index in (1, 2)]
        store.update(docs, key=["uuid", "index"])
        journal.update({"uuid": f"{writer}-{i}"})
    print(i, flush=True)
    time.sleep(pause)
"""

# Reads until it sees the given number of documents: never half a transaction, never fewer than before, never torn ones.
READER = """
import sys, time
from azibflow.hpc.sqlite_store import SQLiteStore
with SQLiteStore(sys.argv[1], read_only=True) as store:
    seen, deadline = 0, time.monotonic() + 120
    print("ready", flush=True)
    while seen < int(sys.argv[2]) and time.monotonic() < deadline:
        number = store.count()
        docs = list(store.query())
        assert number % 2 == 0 and seen <= number <= len(docs)
        assert all(len(doc["body"]) == 1700 and len(set(doc["body"])) == 1 for doc in docs)
        seen = number
        print(number, flush=True)
        time.sleep(0.002)
"""


def start(script, *arguments):
    """Start a script and wait until it says it is ready."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def go(process):
    process.stdin.write("go\n")
    process.stdin.flush()


def run_together(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def recovered(path):
    """The uuids in a store, after a look at the integrity of file and index."""
    with SQLiteStore(path, read_only=True) as store:
        assert store._collection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store._collection.execute("PRAGMA foreign_key_check").fetchall() == []
        found = [doc["uuid"] for doc in store.query(properties=["uuid"])]
        assert found[::2] == found[1::2] == [doc["uuid"] for doc in store.sibling("journal").query()]
        assert all(store.count({"uuid": uuid}) == 2 for uuid in found)
    return set(found)


def test_three_readers_while_one_process_writes(tmp_path):
    path = tmp_path / "store.db"
    SQLiteStore(path).connect()
    writer = start(WRITER, path, "w", 40, 0.01)
    readers = [start(READER, path, 80) for _ in range(3)]
    go(writer)
    writer.communicate(timeout=60)
    assert writer.returncode == 0
    for reader in readers:
        counts, _ = reader.communicate(timeout=60)
        assert reader.returncode == 0
        assert len(set(counts.split())) > 2  # it read in the middle of the writing


def test_two_writing_processes_lose_nothing(tmp_path):
    path = tmp_path / "store.db"  # both also try to make it
    writers = [start(WRITER, path, name, 100, 0) for name in "ab"]
    for writer in writers:
        go(writer)
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    assert recovered(path) == {f"{name}-{i}" for name in "ab" for i in range(100)}


def test_kill_9_loses_nothing_acknowledged(tmp_path):
    path = tmp_path / "store.db"
    moments = random.Random(1)
    acknowledged = set()
    for attempt in range(8):
        writer = start(WRITER, path, attempt, 10**6, 0)
        go(writer)
        writer.stdout.readline()
        time.sleep(moments.uniform(0, 0.05))
        writer.kill()
        rest = writer.stdout.read()  # not communicate(), which misses the lines that readline() has buffered
        writer.wait(timeout=60)
        acknowledged |= {f"{attempt}-{i}" for i in range(1 + len(rest.splitlines()))}
        found = recovered(path)
        assert acknowledged <= found
        assert len(found) <= len(acknowledged) + attempt + 1  # committed, killed before it could say so
    assert len(acknowledged) > 8


def test_reader_undoes_what_a_killed_writer_left_half_written(tmp_path):
    path = tmp_path / "store.db"
    with SQLiteStore(path) as store:
        store.update([{"uuid": str(n), "body": "a" * 20000} for n in range(50)])
    # A cache of one page makes SQLite write to the file long before the commit that never comes.
    torn = """
import os, sys
from azibflow.hpc.sqlite_store import SQLiteStore
store = SQLiteStore(sys.argv[1])
store.connect()
store._collection.execute("PRAGMA cache_size = 1")
print("ready", flush=True)
with store.transaction():
    store.update([{"uuid": str(n), "body": "b" * 20000} for n in range(40)])
    os.kill(os.getpid(), 9)
"""
    assert start(torn, path).wait(60) == -9
    assert path.read_bytes().count(b"b" * 3000) > 10
    with SQLiteStore(path, read_only=True) as store:
        assert store.count({"body": "a" * 20000}) == 50
    assert path.read_bytes().count(b"b" * 3000) == 0


def test_slow_reader_does_not_stop_a_writer(tmp_path):
    with SQLiteStore(tmp_path / "store.db") as store:
        store.update([{"uuid": n} for n in range(100)])
        reading = store.query()
        next(reading)
        with SQLiteStore(tmp_path / "store.db", timeout=0.1) as other:
            other.update([{"uuid": 100}, {"uuid": 99, "new": True}])
        assert list(reading)[-2:] == [{"uuid": 99, "new": True}, {"uuid": 100}]


def test_waiting_for_another_process_ends_in_a_clear_error(tmp_path):
    with SQLiteStore(tmp_path / "store.db") as store, SQLiteStore(tmp_path / "store.db", timeout=0.1) as other:
        with store.transaction():
            store.update({"uuid": "a"})
            with pytest.raises(SQLiteStoreError, match="another process kept the file locked"), other.transaction():
                pytest.fail("the lock is not taken at the beginning, so that two writers may each wait for the other")
            assert other.count() == 0
        assert other.count() == 1


def test_several_make_the_same_store_at_once(tmp_path):
    stores = [SQLiteStore(tmp_path / "store.db") for _ in range(6)]
    barrier = threading.Barrier(len(stores))
    failures = []

    def make(store):
        barrier.wait()
        try:
            with store:
                store.update({"uuid": str(id(store)), "index": 1})
        except SQLiteStoreError as error:
            failures.append(error)

    run_together([threading.Thread(target=make, args=(store,)) for store in stores])
    assert failures == []
    with stores[0] as store:
        assert store.count({"index": 1}) == 6


def test_threads_see_no_transaction_of_another_half_done(tmp_path):
    with SQLiteStore(tmp_path / "store.db") as store:
        counts = []
        reader = threading.Thread(target=lambda: counts.append(store.count()))
        with store.transaction():
            store.update({"uuid": "a"})
            reader.start()
            reader.join(0.2)
            store.update({"uuid": "b"})
        reader.join()
        assert counts == [2]


def test_threads_share_a_store(tmp_path):
    with SQLiteStore(tmp_path / "store.db") as store:

        def write(writer):
            for i in range(20):
                with store.transaction():
                    store.update({"uuid": f"{writer}-{i}", "index": 1})
                    store.update({"uuid": f"{writer}-{i}", "index": 2}, key=["uuid", "index"])
                    counts.append(store.count())

        counts = []
        run_together([threading.Thread(target=write, args=(name,)) for name in "abc"])
        assert counts == list(range(2, 122, 2))


def fill_until_full(store, size):
    """Write documents until the store refuses; return how many it took."""
    with pytest.raises(SQLiteStoreError, match="disk is full"):
        for n in range(1000):
            store.update([{"uuid": str(n), "body": "x" * size}, {"uuid": f"{n}+", "body": "x" * size}])
    assert n > 1
    assert store.count() == 2 * n
    assert not store._collection.in_transaction
    return n


def check_after_full(store, n, size):
    assert {len(doc["body"]) for doc in store.query()} == {size}
    assert store._collection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with pytest.raises(SQLiteStoreError, match="disk is full"), store.transaction():
        store.update({"uuid": "0", "body": "short"})
        store.update({"uuid": str(n), "body": "x" * 100 * size})
    assert len(store.query_one({"uuid": "0"})["body"]) == size


def test_full_file_keeps_its_contents(tmp_path):
    """By SQLite's own limit of pages, so that the test needs no right to mount anything."""
    with SQLiteStore(tmp_path / "store.db") as store:
        store._collection.execute("PRAGMA max_page_count = 100")
        n = fill_until_full(store, 10_000)
        check_after_full(store, n, 10_000)
        store._collection.execute("PRAGMA max_page_count = 1000")
        store.update({"uuid": "more", "body": "x" * 10_000})
        assert store.count() == 2 * n + 1


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root may mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk_keeps_its_contents_and_goes_on_once_there_is_space(small_disk):
    (small_disk / "ballast").write_bytes(b"x" * 150_000)
    with SQLiteStore(small_disk / "store.db") as store:
        n = fill_until_full(store, 10_000)
        check_after_full(store, n, 10_000)
        (small_disk / "ballast").unlink()
        store.update({"uuid": "more", "body": "x" * 10_000})
    with SQLiteStore(small_disk / "store.db") as store:
        assert store.count() == 2 * n + 1


def test_full_disk_refuses_a_new_store(small_disk):
    (small_disk / "ballast").write_bytes(b"x" * 600 * 1024)
    with pytest.raises(SQLiteStoreError, match="disk is full"):
        SQLiteStore(small_disk / "store.db").connect()


def test_files_that_are_no_stores(tmp_path):
    text = tmp_path / "text.db"
    text.write_text("no database, but long enough for a header\n" * 100)
    with pytest.raises(SQLiteStoreError, match=r"text\.db: the file is not a store"):
        SQLiteStore(text).connect()
    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE other (a)")
    for read_only in (False, True):
        with pytest.raises(SQLiteStoreError, match="the file is not a store"):
            SQLiteStore(foreign, read_only=read_only).connect()
    with sqlite3.connect(foreign) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("other",)]
    for path in (tmp_path, tmp_path / "no folder" / "store.db"):
        with pytest.raises(SQLiteStoreError, match="cannot be opened"):
            SQLiteStore(path).connect()


def test_a_reader_waits_for_a_store_that_is_just_being_made(tmp_path):
    """Between its appearance and its first commit the file is empty: `azibflow status` in the first second of a run."""
    path = tmp_path / "store.db"
    path.touch()
    making = threading.Timer(0.3, lambda: SQLiteStore(path).connect())
    making.start()
    with SQLiteStore(path, read_only=True) as store:
        assert store.count() == 0
    making.join()


def test_an_empty_file_that_nobody_makes_a_store_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("azibflow.hpc.sqlite_file.NEWBORN", 0.1)
    path = tmp_path / "store.db"
    path.touch()
    with pytest.raises(SQLiteStoreError, match="nothing is in it; what began it was stopped at once"):
        SQLiteStore(path, read_only=True).connect()
    with SQLiteStore(path) as store:  # as a run that begins again does
        assert store.count() == 0


def test_damaged_store_is_reported(tmp_path):
    path = tmp_path / "store.db"
    with SQLiteStore(path) as store:
        store.update([{"uuid": str(n), "body": "x" * 20_000} for n in range(20)])
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(SQLiteStoreError, match="damaged"), SQLiteStore(path) as store:
        list(store.query())
    path.write_bytes(content.replace(b"\x02body", b"\x42body"))
    with pytest.raises(SQLiteStoreError, match="damaged"), SQLiteStore(path) as store:
        list(store.query())


def test_what_sqlite_finds_in_a_damaged_file_may_be_no_document_and_no_text(tmp_path):
    """The first a store that lost its end had in place of a document, the second a flipped bit in the schema gave."""
    path = tmp_path / "store.db"
    with SQLiteStore(path) as store:
        store.update([{"uuid": "a", "name": "first", "index": 1}, {"uuid": "b", "name": "second", "index": 1}])
        store._collection.execute("UPDATE documents SET body = 'text' WHERE id = 1")
        with pytest.raises(SQLiteStoreError, match=r"document of first \(a\) in 'documents' has changed"):
            list(store.query())
        with store.leaving_out_damaged() as damaged:
            assert [doc["uuid"] for doc in store.query()] == ["b"]
        assert [one.known for one in damaged] == [{"uuid": "a", "name": "first", "index": 1}]
    content = path.read_bytes()
    path.write_bytes(content.replace(b"CREATE INDEX documents_by", b"CREATE INDEX \xf4ocuments_by"))
    with pytest.raises(SQLiteStoreError, match="the file is damaged"):
        SQLiteStore(path).connect()


def test_read_only(tmp_path):
    path = tmp_path / "odd ?#% name.db"
    with pytest.raises(SQLiteStoreError, match="cannot be opened"):
        SQLiteStore(path, read_only=True).connect()
    assert not path.exists()
    with SQLiteStore(path) as store:
        store.update({"uuid": "a", "n": 1})
    content = path.read_bytes()
    with SQLiteStore(path, read_only=True) as store:
        assert store.query_one({"uuid": "a"}) == {"uuid": "a", "n": 1}
        assert store.ensure_index("uuid")
        assert not store.ensure_index("n")
        for refused in (lambda: store.update({"uuid": "b"}), lambda: store.remove_docs({})):
            with pytest.raises(SQLiteStoreError, match="read-only"):
                refused()
    assert path.read_bytes() == content


def test_a_changed_digit_is_noticed_wherever_it_is(tmp_path: Path) -> None:
    """A flipped bit in a number is a document that can be read, of another result."""
    path = tmp_path / "store.sqlite"
    store = SQLiteStore(path)
    store.connect()
    store.update({"uuid": "a", "index": 1, "output": {"energy": -3.6547, "name": "Zn"}})
    store.close()
    with sqlite3.connect(path) as file:
        ((number, body),) = file.execute("SELECT id, body FROM documents").fetchall()
    for place in range(len(body)):
        changed = bytearray(body)
        changed[place] ^= 1 << (place % 8)
        with sqlite3.connect(path) as file:
            file.execute("UPDATE documents SET body = ? WHERE id = ?", (bytes(changed), number))
        again = SQLiteStore(path)
        again.connect()
        with pytest.raises(SQLiteStoreError, match=r"store\.sqlite"):
            list(again.query())
        again.close()


def test_a_document_of_an_early_version_has_no_checksum_and_is_read(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    store = SQLiteStore(path)
    store.connect()
    store.update({"uuid": "a", "index": 1, "output": 1.5})
    store.close()
    with sqlite3.connect(path) as file:
        ((number, body),) = file.execute("SELECT id, body FROM documents").fetchall()
        file.execute("UPDATE documents SET body = ? WHERE id = ?", (body[:-4], number))
    again = SQLiteStore(path)
    again.connect()
    assert again.query_one({"uuid": "a"})["output"] == 1.5


def test_documents_in_a_circle_are_damage_and_no_endless_reading(tmp_path: Path) -> None:
    """The number of the last document is damaged, so that whoever reads on from it comes by it again."""
    path = tmp_path / "store.sqlite"
    with SQLiteStore(path) as store:
        store.update([{"uuid": str(number), "index": 1} for number in range(3)], key=["uuid", "index"])
    whole = path.read_bytes()
    for place in (place for place, byte in enumerate(whole) if byte == 3):
        path.write_bytes(whole[:place] + b"\x01" + whole[place + 1 :])
        try:
            with sqlite3.connect(path) as file:
                numbers = [number for (number,) in file.execute("SELECT id FROM documents WHERE id > 0 ORDER BY id")]
        except sqlite3.DatabaseError:
            continue
        if numbers == [1, 2, 1]:
            break
    else:
        pytest.fail("no byte of the file is the number of the last document")

    with SQLiteStore(path, read_only=True) as store, pytest.raises(DamagedStoreError, match="document 1 stands behind"):
        list(store.suspects(re.compile(rb"")))
