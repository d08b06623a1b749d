"""The journal is a chain: what a crash does to it is mended, what somebody does to it is found."""

from __future__ import annotations

import json

import pytest

from auditor.digest import digest_bytes
from auditor.errors import ExecutionError, VerificationError
from auditor.execute import Journal
from auditor.execute.journal import read_chain


@pytest.fixture
def path(tmp_path):
    """A journal of five records."""
    with Journal(tmp_path / "run" / "journal.jsonl") as journal:
        for number in range(5):
            journal.append("block", block=f"{number}", units=number)
    return tmp_path / "run" / "journal.jsonl"


def test_records_follow_each_other(path):
    whole, records, head = read_chain(path)
    assert whole == path.stat().st_size and records == 5
    with Journal(path) as journal:
        assert (journal.records, journal.head) == (5, head)
        journal.append("block", block="6")
    assert read_chain(path)[1] == 6


def test_the_line_format_is_pinned(path):
    # A new value here makes every older journal unreadable.
    assert path.read_text().splitlines()[1] == (
        '{"block":"1","event":"block","prev":"3ab394c17cb798181b57f31fdccee4c2cabdbaed1afb23ed5e3c10a8941c5500",'
        '"seq":1,"units":1}'
    )


@pytest.mark.parametrize("cut", [1, 5, 60])
def test_a_torn_last_line_is_cut_off(path, cut):
    path.write_bytes(path.read_bytes()[:-cut])
    with Journal(path) as journal:
        assert journal.records == 4
        journal.append("block", block="again")
    assert read_chain(path)[1] == 5
    assert json.loads(path.read_text().splitlines()[-1])["block"] == "again"


def changed(lines):
    lines[1] = lines[1].replace(b'"units":1', b'"units":7')


def dropped(lines):
    del lines[2]


def swapped(lines):
    lines[1], lines[2] = lines[2], lines[1]


def doubled(lines):
    lines.insert(2, lines[2])


def begun_later(lines):
    del lines[0]


def no_json(lines):
    lines[3] = b"{" + lines[3]


def no_record(lines):
    lines[3] = b'["a list"]'


@pytest.mark.parametrize("tamper", [changed, dropped, swapped, doubled, begun_later, no_json, no_record])
def test_a_journal_that_was_changed_is_refused(path, tamper):
    lines = path.read_bytes().splitlines()
    tamper(lines)
    path.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(VerificationError, match=r"does not follow from the one before it.*Restore it, or run .* --out"):
        Journal(path)


def test_a_changed_last_record_moves_the_head(path):
    """Nothing follows the last record, so its guard is the head that stands in the run's record."""
    _, _, head = read_chain(path)
    path.write_bytes(path.read_bytes().replace(b'"units":4', b'"units":5'))
    assert read_chain(path)[2] != head


@pytest.mark.parametrize("records", [5, 3])
def test_a_journal_that_ended_like_that_may_go_on(path, records):
    """What a later run adds stands behind the end of the one before."""
    head = digest_bytes(path.read_bytes().splitlines()[records - 1])
    with Journal(path, (records, head)) as journal:
        assert journal.records == 5


def test_a_journal_whose_end_was_changed_or_cut_is_refused(path):
    _, records, head = read_chain(path)
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    spoilt = {
        "changed": whole.replace(b'"units":4', b'"units":5'),
        "cut": b"".join(lines[:-1]),
        "torn": whole[:-1],
        "empty": b"",
    }
    for name, data in spoilt.items():
        path.write_bytes(data)
        with pytest.raises(VerificationError, match=r"had 5 records, .*Restore it, or run .* --out"):
            Journal(path, (records, head))
        assert path.read_bytes() == data, name
    path.unlink()
    with pytest.raises(VerificationError, match="had 5 records"):
        Journal(path, (records, head))
    assert not path.exists()


def test_every_torn_length_of_the_last_record_is_mended(path):
    data = path.read_bytes()
    last = len(data) - len(data.splitlines(keepends=True)[-1])
    for length in range(last, len(data)):
        path.write_bytes(data[:length])
        with Journal(path) as journal:
            assert journal.records == 4
        assert path.read_bytes() == data[:last]


def test_a_journal_that_cannot_be_opened_says_so(tmp_path):
    (tmp_path / "journal.jsonl").mkdir()
    with pytest.raises(ExecutionError, match=r"the journal .* cannot be written"):
        Journal(tmp_path / "journal.jsonl")
