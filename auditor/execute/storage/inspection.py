"""What a store holds, whether it is sound, and what of it goes when only some of it is needed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from auditor.digest import Digest
from auditor.execute.progress import Progress
from auditor.execute.storage.block import FORMAT
from auditor.execute.storage.places import Held
from auditor.execute.storage.store import Store


@dataclass(frozen=True)
class StoreInfo:
    """What a store holds; nothing is read but names and sizes.

    Attributes:
        format: the format of its blocks.
        objects: how many objects there are, and `bytes` in them.
        held: units by op and class.
        unused: objects that hold no unit which this auditor could use: of format 1, or not its own.
        quarantined: how many objects are in quarantine, and `quarantined_bytes` in them.
        oldest: when the first object was written, `newest` the last, in seconds since the epoch; None for none.
    """

    format: int
    objects: int
    bytes: int
    held: tuple[Held, ...]
    unused: int
    quarantined: int
    quarantined_bytes: int
    oldest: float | None
    newest: float | None


@dataclass(frozen=True)
class Verified:
    """What reading a whole store came to.

    Attributes:
        objects: how many objects were read, and `bytes` in them.
        damaged: objects whose bytes were not those of their names; they are in quarantine now, unless `looked`.
        gone: blocks that the index knew and that are not there.
        entered: blocks that were there and that the index did not know.
    """

    objects: int
    bytes: int
    damaged: tuple[Digest, ...]
    gone: tuple[Digest, ...]
    entered: int
    looked: bool = False
    """Whether the store may not be written, so that nothing was changed."""

    @property
    def sound(self) -> bool:
        """Whether everything that was stored is there."""
        return not self.damaged and not self.gone


@dataclass(frozen=True)
class Removal:
    """What goes: objects that are not needed, everything in quarantine, and what killed writers left unfinished.

    Attributes:
        kept: how many objects stay, and `kept_bytes` in them.
        removed: objects that go, and `removed_bytes` in them.
        quarantined: how many objects go from quarantine, and `quarantined_bytes` in them.
        unfinished: how many unfinished files go.
    """

    kept: int
    kept_bytes: int
    removed: tuple[Digest, ...]
    removed_bytes: int
    quarantined: int
    quarantined_bytes: int
    unfinished: int


def store_info(store: Store) -> StoreInfo:
    """What a store holds."""
    used, objects = store.index.sizes().keys(), store.objects.listed()
    quarantined = store.objects.quarantined()
    written = [when for _, when in objects.values()]
    return StoreInfo(
        format=FORMAT,
        objects=len(objects),
        bytes=_total(objects),
        held=store.index.held(),
        unused=len(objects.keys() - used),
        quarantined=len(quarantined),
        quarantined_bytes=sum(path.stat().st_size for path in quarantined),
        oldest=min(written, default=None),
        newest=max(written, default=None),
    )


def verify_store(store: Store, progress: Progress) -> Verified:
    """Read every object and compare it with its name; what is damaged goes to quarantine, and its units are forgotten.

    What is forgotten is made again by the next run that needs it.
    """
    known = store.index.sizes().keys()  # Before the objects: what is written from now on is not missed.
    names = list(store.objects.digests())
    damaged, sizes, entered = [], {}, 0
    progress.begin("reading the store", len(names))
    for digest in names:
        data = store.objects.read(digest)
        if data is None:
            damaged.append(digest)
        else:
            sizes[digest] = len(data)
            entered += digest not in known and not store.look and store.enter(digest, data)
        progress.advance(1)
    progress.end()
    gone = sorted(known - sizes.keys() - set(damaged))
    if not store.look:
        store.index.forget([*damaged, *gone])
    return Verified(len(names), sum(sizes.values()), tuple(damaged), tuple(gone), entered, store.look)


def removal(store: Store, needed: Collection[Digest], before: float | None = None) -> Removal:
    """What goes if only what is `needed` stays, and what was not written `before` then; nothing is removed."""
    objects, quarantined = store.objects.listed(), store.objects.quarantined()
    gone = {
        digest: found
        for digest, found in objects.items()
        if digest not in needed and (before is None or found[1] < before)
    }
    return Removal(
        kept=len(objects) - len(gone),
        kept_bytes=_total(objects) - _total(gone),
        removed=tuple(gone),
        removed_bytes=_total(gone),
        quarantined=len(quarantined),
        quarantined_bytes=sum(path.stat().st_size for path in quarantined),
        unfinished=len(store.objects.unfinished()),
    )


def remove(store: Store, gone: Removal) -> None:
    """Remove what `removal` found from a store that is held alone.

    The index forgets first: where this is cut short, an object is left that nobody finds, and no unit without one.
    """
    store.index.forget(gone.removed)
    for digest in gone.removed:
        store.objects.remove(digest)
    for path in (*store.objects.quarantined(), *store.objects.unfinished()):
        path.unlink(missing_ok=True)


def _total(objects: Mapping[Digest, tuple[int, float]]) -> int:
    return sum(size for size, _ in objects.values())
