"""Who uses a store, and who removes from it."""

from __future__ import annotations

import pytest

from auditor.errors import ExecutionError, UsageError
from auditor.execute import Store
from auditor.execute.storage.store_lock import StoreLock


def test_many_use_a_store_and_one_removes_from_it(tmp_path):
    one, two = StoreLock(tmp_path, alone=False), StoreLock(tmp_path, alone=False)
    one.close()
    with pytest.raises(UsageError, match="is in use by another process; nothing was removed"):
        StoreLock(tmp_path, alone=True)
    two.close()
    alone = StoreLock(tmp_path, alone=True)
    with pytest.raises(ExecutionError, match=r"`auditor cache gc` is removing from the store .* run the same command"):
        StoreLock(tmp_path, alone=False, patience=0.2)
    alone.close()
    StoreLock(tmp_path, alone=False).close()


def test_a_store_is_held_as_long_as_it_is_open(tmp_path):
    store = Store(tmp_path)
    with pytest.raises(UsageError, match="in use"):
        Store(tmp_path, alone=True)
    store.close()
    Store(tmp_path, alone=True).close()


def test_a_store_that_cannot_be_opened_is_not_held(tmp_path):
    (tmp_path / "index.sqlite").mkdir()
    with pytest.raises(ExecutionError, match="cannot be used"):
        Store(tmp_path)
    (tmp_path / "index.sqlite").rmdir()
    Store(tmp_path, alone=True).close()


def test_a_lock_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "lock").mkdir()
    with pytest.raises(ExecutionError, match=r"the store .* cannot be written: Is a directory"):
        Store(tmp_path)
