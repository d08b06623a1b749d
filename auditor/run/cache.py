"""The store as a user sees it: what is in it, whether it is sound, and removing what no audit needs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from auditor.digest import Digest
from auditor.errors import UsageError
from auditor.execute import Progress, Store, schedule
from auditor.execute.storage.inspection import Removal, StoreInfo, Verified, removal, remove, store_info, verify_store
from auditor.run.current import BLOCKS
from auditor.run.folder import STORE_VARIABLE, RunFolder, default_folder, default_store
from auditor.run.options import Options
from auditor.run.prepare import gather, open_run, prepare
from auditor.spec import LoadedSpec

DAY = 86_400.0


def store_here(named: Path | None) -> Path:
    """The store that is meant: `named`, or what `AUDITOR_STORE` names, or `.auditor/store` in the working folder.

    Raises:
        UsageError: there is none.
    """
    return _existing(named or Path(os.environ.get(STORE_VARIABLE) or ".auditor/store"))


def info(where: Path) -> StoreInfo:
    """What the store holds."""
    with closing(Store.to_look(where)) as store:
        return store_info(store)


def verify(where: Path, progress: Progress) -> Verified:
    """Read the whole store; what is damaged goes to quarantine."""
    with closing(Store.to_look(where)) as store:
        return verify_store(store, progress)


def clean(
    specs: Sequence[Path], options: Options, folders: Sequence[Path], older_than: float | None, *, do_it: bool
) -> tuple[Path, Removal]:
    """Remove what none of these audits needs; the store, and what went. Without `do_it`, what would go.

    Needed is every stored unit that a run of one of the documents would use, and every block that a run
    folder of theirs, or one of `folders`, rests on.

    Args:
        specs: documents, or plan files.
        options: store, `reuse` and `allow_python` as a run would have them.
        folders: run folders that are not beside their documents.
        older_than: only what was written more than so many days ago.

    Raises:
        SpecError, UsageError: as a run; nothing is removed.
        UsageError: another process uses the store, or nothing says what to keep.
    """
    if not (specs or folders) and older_than is None:
        raise UsageError("nothing says what is needed: name the specs whose units are to be kept, or --older-than DAYS")
    opened = [open_run(path, options) for path in specs]
    where = _store_of([loaded for loaded, _ in opened], options)
    # Everything is found before the store is held, which keeps others waiting.
    prepared = [(prepare(loaded, own, gather(loaded, own, decode=False)), own) for loaded, own in opened]
    needed = {digest for folder in (*_run_folders(opened), *folders) for digest in blocks_of(RunFolder(folder))}
    with closing(Store(where, alone=do_it)) as store:
        for one, own in prepared:
            for table in schedule(one.plan, store, one.numerics, own.reuse):
                needed.update(table.places.digests)
        gone = removal(store, needed, None if older_than is None else time.time() - older_than * DAY)
        if do_it:
            remove(store, gone)
    return where, gone


def blocks_of(folder: RunFolder) -> set[Digest]:
    """The blocks that a run folder rests on: those of its result, and of a run that has not ended, all it has made."""
    found = set(_lines(folder.path / BLOCKS))
    try:
        ended = folder.record.stat().st_mtime >= folder.journal.stat().st_mtime
    except OSError:
        ended = False
    return found if ended else found | {name for line in _lines(folder.journal) if (name := _block(line))}


def _run_folders(opened: Sequence[tuple[LoadedSpec, Options]]) -> list[Path]:
    """The folders of all revisions of these audits, where they are beside their documents."""
    beside = {default_folder(loaded).parent for loaded, _ in opened}
    return sorted(path for folder in beside if folder.is_dir() for path in folder.iterdir() if path.is_dir())


def _store_of(loaded: Sequence[LoadedSpec], options: Options) -> Path:
    if options.store is not None or not loaded:
        return store_here(options.store)
    stores = {default_store(one).resolve() for one in loaded}
    if len(stores) > 1:
        raise UsageError("the specs have their stores in several places; name the one that is meant with --store")
    return _existing(default_store(loaded[0]))


def _existing(where: Path) -> Path:
    if not (where / "objects").is_dir():
        raise UsageError(f"there is no store at {where}; name one with --store")
    return where


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _block(line: str) -> str:
    """The block that a line of a journal tells of; empty where it tells of none."""
    try:
        return str(json.loads(line).get("block", ""))
    except (ValueError, AttributeError):
        return ""
