"""The store keeps whole blocks or none, and notices what it should not give out."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import threading
from contextlib import closing

import numpy as np
import pytest

from auditor.digest import digest_bytes, row_keys
from auditor.errors import ExecutionError, InternalError, UsageError
from auditor.execute import Store, write_whole
from auditor.execute.op_class import OpClass
from auditor.execute.storage.block import Block, block_bytes, make_block, parse_block
from auditor.execute.storage.objects import Objects
from auditor.plan import generate, predict

KEYS = np.arange(3 * 32, dtype=np.uint8).reshape(3, 32)


MODEL = predict("a" * 64)
CLASS = OpClass.of(device="cpu", batch=32, packages={"torch": "2"})


def hexes(rows: np.ndarray) -> list[str]:
    return [row.tobytes().hex() for row in rows]


def scores_block(first: float = 1.0) -> Block:
    """Three units, one of them invalid."""
    outputs = [np.array([first, 2.0]), "why not", np.array([3.0, 4.0])]
    return make_block(MODEL, CLASS, hexes(KEYS), hexes(KEYS + 100), outputs)


def rows_of(store: Store) -> list[tuple[object, ...]]:
    return sorted(store.index._database.execute("SELECT * FROM units"))


def located(store: Store, keys: np.ndarray = KEYS) -> list[tuple[str, int] | None]:
    places = store.locate(keys)
    return [places[i] for i in range(len(places))]


def test_a_block_reads_back_as_it_was_put(tmp_path):
    store = Store(tmp_path)
    digest = store.put(scores_block())
    assert located(store) == [(digest, 0), (digest, 1), (digest, 2)]
    block = store.block(digest)
    assert block == scores_block()
    assert block.output(0).tolist() == [1.0, 2.0] and block.output(1) == "why not"
    assert located(store, KEYS[:1] + 200) == [None]
    store.close()


def test_pictures_read_back_pixel_by_pixel():
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    block = make_block(generate("a" * 64, 2, 2.0, 5, 7), CLASS, ["c" * 64], ["d" * 80], [picture])
    assert np.array_equal(parse_block(block_bytes(block)).output(0), picture)
    assert block_bytes(parse_block(block_bytes(block))) == block_bytes(block)


def test_a_block_has_an_output_for_each_key():
    with pytest.raises(InternalError, match="a block of 2 keys and 2 rows got 1 outputs"):
        make_block(MODEL, CLASS, ["c" * 64, "d" * 64], ["c" * 64, "d" * 64], ["only one"])


def test_a_block_of_another_format_is_not_guessed_at():
    data = block_bytes(scores_block()).replace(b'"auditor_block":2', b'"auditor_block":9')
    with pytest.raises(ValueError, match="block format 9, this auditor reads 2"):
        parse_block(data)


def test_unfinished_and_foreign_files_are_passed_over(tmp_path):
    store = Store(tmp_path)
    digest = store.put(scores_block())
    folder = tmp_path / "objects" / digest[:2]
    (folder / ".part-0123").write_bytes(b"torn")
    (folder / "notes.txt").write_text("not an object")
    (tmp_path / "objects" / "README").write_text("not a folder")
    assert store.rebuild_index() == 1
    assert store.block(digest) == scores_block()
    assert (folder / "notes.txt").exists() and not (tmp_path / "quarantine").exists()
    store.close()


def test_the_index_is_rebuilt_from_the_objects(tmp_path):
    store = Store(tmp_path)
    store.put(scores_block())
    before = rows_of(store)
    store.close()
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    again = Store(tmp_path)
    assert rows_of(again) == before and len(before) == 3
    again.close()


def test_a_rebuilding_that_was_cut_short_is_done_again(tmp_path):
    """As after a crash between making the index and filling it."""
    store = Store(tmp_path)
    store.put(scores_block())
    before = rows_of(store)
    store.index._database.execute("DELETE FROM units")
    store.index._database.execute("PRAGMA user_version=0")
    store.close()
    again = Store(tmp_path)
    assert rows_of(again) == before
    again.close()


@pytest.mark.parametrize("spoil", ["flip", "cut", "empty"])
def test_a_damaged_object_is_found_quarantined_and_forgotten(tmp_path, spoil):
    store = Store(tmp_path)
    digest = store.put(scores_block())
    store.close()
    path = tmp_path / "objects" / digest[:2] / digest[2:]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes({"flip": bytes(data), "cut": path.read_bytes()[:-1], "empty": b""}[spoil])
    again = Store(tmp_path)
    assert again.block(digest) is None
    assert (tmp_path / "quarantine" / digest).exists() and not path.exists()
    assert located(again) == [None, None, None]
    assert again.put(scores_block()) == digest and again.block(digest) == scores_block()
    again.close()


def test_an_object_that_is_gone_is_forgotten(tmp_path):
    store = Store(tmp_path)
    digest = store.put(scores_block())
    store.close()
    shutil.rmtree(tmp_path / "objects" / digest[:2])
    again = Store(tmp_path)
    assert again.block(digest) is None and located(again) == [None, None, None]
    again.close()


def test_every_flipped_bit_of_a_block_is_found(tmp_path):
    data = block_bytes(scores_block())
    digest = digest_bytes(data)
    rng = np.random.default_rng(0)
    for place in rng.choice(len(data), 200):
        spoilt = bytearray(data)
        spoilt[place] ^= 1 << int(rng.integers(8))
        assert digest_bytes(bytes(spoilt)) != digest


def test_a_store_of_a_newer_auditor_is_refused(tmp_path):
    Store(tmp_path).close()
    index = sqlite3.connect(tmp_path / "index.sqlite")
    index.execute("PRAGMA user_version=300")
    index.close()
    with pytest.raises(UsageError, match=r"newer auditor \(format 3, this one reads 2\); upgrade auditor, or name"):
        Store(tmp_path)


def test_blocks_of_a_newer_auditor_are_refused_without_an_index(tmp_path):
    data = block_bytes(scores_block()).replace(b'"auditor_block":2', b'"auditor_block":3')
    Objects(tmp_path / "objects", tmp_path / "quarantine").write(data)
    with pytest.raises(UsageError, match=r"newer auditor \(format 3, this one reads 2\); upgrade auditor, or name"):
        Store(tmp_path)


FORMAT_1 = (
    b'{"auditor_block":1,"invalid":{},"keys":["%s"],"makes":"scores","numerics":"%s","offsets":[0,4],"op":"%s"}\n....'
    % (b"1" * 64, b"2" * 64, b"3" * 64)
)


def test_a_store_of_format_1_is_read_as_empty_and_keeps_what_it_holds(tmp_path):
    name = Objects(tmp_path / "objects", tmp_path / "quarantine").write(FORMAT_1)
    index = sqlite3.connect(tmp_path / "index.sqlite")
    index.execute("CREATE TABLE units (key BLOB PRIMARY KEY, block BLOB, slot INTEGER) WITHOUT ROWID")
    index.execute("PRAGMA user_version=1")
    index.close()
    store = Store(tmp_path)
    assert rows_of(store) == []
    digest = store.put(scores_block())
    assert located(store)[0] == (digest, 0)
    assert store.rebuild_index() == 1
    assert (tmp_path / "objects" / name[:2] / name[2:]).read_bytes() == FORMAT_1
    assert not (tmp_path / "quarantine").exists()
    store.close()


def test_what_is_named_by_its_bytes_and_is_no_block_is_passed_over(tmp_path):
    objects = Objects(tmp_path / "objects", tmp_path / "quarantine")
    for data in (b"", b"{}\n", b"[1]\n", b'{"auditor_block":2}\n', b"\xff\xfe"):
        objects.write(data)
    store = Store(tmp_path)
    assert rows_of(store) == [] and not (tmp_path / "quarantine").exists()
    store.close()


def test_an_object_that_is_damaged_without_being_noticed_is_replaced_when_it_is_made_again(tmp_path):
    """As where the index was lost: the name is there, but the bytes are not."""
    store = Store(tmp_path)
    digest = store.put(scores_block())
    path = tmp_path / "objects" / digest[:2] / digest[2:]
    path.write_bytes(b"something else")
    assert store.put(scores_block()) == digest
    assert path.read_bytes() == block_bytes(scores_block())
    store.close()


def test_an_index_that_is_no_index_is_set_aside_and_rebuilt(tmp_path, capsys):
    (tmp_path / "index.sqlite").write_bytes(b"not a database at all, but long enough" * 40)
    with closing(Store(tmp_path)) as store:
        assert store.ops() == ()
    assert "was damaged (file is not a database) and is now index.sqlite.damaged" in capsys.readouterr().err
    assert (tmp_path / "index.sqlite.damaged").read_bytes().startswith(b"not a database")


def test_a_store_where_a_file_is_in_the_way_says_so(tmp_path):
    (tmp_path / "store").write_text("a file")
    with pytest.raises(ExecutionError, match=r"the store .*store cannot be written"):
        Store(tmp_path / "store")


def test_two_openings_share_one_store(tmp_path):
    one, two = Store(tmp_path), Store(tmp_path)
    digest = one.put(scores_block(1.0))
    other = make_block(MODEL, CLASS, ["f" * 64], ["e" * 64], [np.array([9.0])])
    assert two.locate(KEYS)[0] == (digest, 0) and two.block(digest) == scores_block(1.0)
    two.put(other)
    assert one.block(digest_bytes(block_bytes(other))) == other
    one.close()
    two.close()


def test_an_index_that_others_open_at_the_same_moment_is_waited_for(tmp_path):
    """The switch to a write-ahead log is refused at once where somebody reads, whatever the timeout."""
    with closing(sqlite3.connect(tmp_path / "index.sqlite", isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE before (one)")
        other.execute("BEGIN IMMEDIATE")  # As one who rebuilds it in the mode of a new file.
        release = threading.Timer(0.3, other.execute, ["ROLLBACK"])
        release.start()
        with closing(Store(tmp_path)) as store:
            assert store.rebuild_index() == 0
        release.join()


def test_a_whole_file_replaces_the_one_before_and_may_be_read_by_others(tmp_path):
    path = tmp_path / "new" / "result.json"
    write_whole(path, b"one")
    write_whole(path, b"two")
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert path.read_bytes() == b"two" and [each.name for each in path.parent.iterdir()] == ["result.json"]
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_whole_file_that_cannot_be_written_leaves_what_was_there(tmp_path):
    (tmp_path / "result.json").mkdir()
    (tmp_path / "result.json" / "inside").write_text("kept")
    with pytest.raises(ExecutionError, match=r"result\.json cannot be written: .* and run the same command again"):
        write_whole(tmp_path / "result.json", b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["result.json"]


def test_the_header_of_a_block_is_json_that_a_person_can_read():
    header = json.loads(block_bytes(scores_block()).split(b"\n")[0])
    assert header["invalid"] == {"1": "why not"} and header["offsets"] == [0, 8, 8, 16]
    assert header["op"] == {"kind": "predict", "revision": 1, "parameters": {"model": "a" * 64}}
    assert header["class"] == {"device": "cpu", "batch": 32, "packages": {"torch": "2"}}
    assert header["rows"] == hexes(KEYS + 100)


def test_a_block_is_found_by_what_its_units_mean(tmp_path):
    store = Store(tmp_path)
    store.put(scores_block())
    found = store.index._database.execute("SELECT semantic, row FROM units ORDER BY slot").fetchall()
    assert [semantic for semantic, _ in found] == [key.tobytes() for key in row_keys(MODEL.digest, KEYS + 100)]
    assert [row for _, row in found] == [row.tobytes() for row in KEYS + 100]
    store.close()
