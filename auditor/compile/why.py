"""Why the units of an op must run: each that does has one reason, from what the store holds of the op."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

import numpy as np

from auditor.compile.explain import label_of, weights_of
from auditor.compile.why_words import changes, class_changes, counted, listed
from auditor.digest import KEY_BYTES
from auditor.execute import ScheduledTable, Store
from auditor.execute.reuse import choose
from auditor.plan import Op, positions_of

ReasonKind = Literal["nothing", "weights", "parameters", "class", "noise", "prompts", "pictures", "inputs", "together"]

Noise = Mapping[int, tuple[str, int]]
"""The row and draw that a noise seed belongs to."""

_NEVER = {
    "load": "no picture file was read yet",
    "generate": "no picture was generated into this store yet",
    "edit": "no picture was edited into this store yet",
    "image_to_image": "no picture was drawn again into this store yet",
    "ledits_pp": "no picture was inverted for this store yet",
    "locate": "nothing was located for this store yet",
    "composite": "nothing was blended into a picture in this store yet",
    "composite_located": "nothing was blended into a picture in this store yet",
    "compare": "no pictures were compared into this store yet",
    "predict": "nothing was scored into this store yet",
}


@dataclass(frozen=True)
class Reason:
    """Why some units of an op run: `units` of them, for what `sentence` says."""

    kind: ReasonKind
    units: int
    sentence: str


@dataclass(frozen=True)
class WhyOp:
    """Why an op runs: what it is called, how many of its units run, and reasons that add up to them."""

    op: str
    op_digest: str
    to_run: int
    reasons: tuple[Reason, ...]


def why(
    tables: Sequence[ScheduledTable],
    store: Store | None,
    names: Mapping[str, str],
    payloads: Mapping[str, str],
    noise: Noise,
) -> tuple[WhyOp, ...]:
    """The reasons of every op of which something runs, in the order of the plan.

    Args:
        tables: the plan, scheduled on this store.
        store: None where there is none.
        names: names of models and pipelines by digest.
        payloads: the plan's texts by digest.
        noise: which row and draw each seed of the audit belongs to.
    """
    found = []
    for number, table in enumerate(tables):
        if table.run.any():
            op = table.table.op
            looking = _Looking(table, tables[:number], store, payloads, noise)
            found.append(WhyOp(label_of(op, names), op.digest, int(table.run.sum()), tuple(looking.reasons())))
    return tuple(found)


class _Looking:
    """What the store holds beside the units of one op that run."""

    def __init__(
        self,
        table: ScheduledTable,
        earlier: Sequence[ScheduledTable],
        store: Store | None,
        payloads: Mapping[str, str],
        noise: Noise,
    ) -> None:
        self._scheduled, self._earlier, self._store = table, earlier, store
        self._payloads, self._noise = payloads, noise
        self._op = table.table.op
        self._table = table.table.only(table.run)
        self._open = np.ones(len(self._table), bool)
        self._found: list[Reason] = []

    def reasons(self) -> list[Reason]:
        """From the widest to the narrowest: the op, its class, then what is new in each unit."""
        held = self._store.ops() if self._store is not None else ()
        stored = [op for op in held if op.kind == self._op.kind]
        if not stored:
            self._close("nothing", self._open, _NEVER[self._op.kind])
        elif self._op not in stored:
            self._other_op(stored)
        else:
            self._known_meaning()
            {"generate": self._generate, "predict": self._predict}.get(self._op.kind, self._made_of_pictures)()
        return self._found

    def _other_op(self, stored: Sequence[Op]) -> None:
        weights = weights_of(self._op)
        same = [op for op in stored if weights_of(op) == weights]
        if not same:
            return self._close("weights", self._open, f"nothing is stored of these weights ({weights[:12]})")
        differences = min((changes(op, self._op) for op in same), key=lambda found: (len(found), found))
        self._close("parameters", self._open, f"stored with other parameters: {', '.join(differences)}")

    def _known_meaning(self) -> None:
        """Units that are stored, but not of these bits: of another class, or made from other pictures."""
        assert self._store is not None
        candidates = self._store.of_meaning(self._table.keys)
        own = self._scheduled.op_class
        chosen = choose(candidates, own, lambda one: np.zeros((len(self._table), 32), np.uint8))
        classes = candidates.op_class[chosen]
        for number, one in enumerate(candidates.classes):
            units = np.zeros(len(self._table), bool)
            units[candidates.unit[chosen[classes == number]]] = True
            if one == own:
                self._close("inputs", units & self._input_runs(), "the pictures they are of must be made anew")
                self._close("pictures", units, "their pictures are stored, but not the scores of these very pictures")
            else:
                self._close("class", units, f"stored under another numerics class: {class_changes(one, own)}")

    def _generate(self) -> None:
        held = self._held()
        seeds, old_seeds = _seeds(self._table.column("seed")), _seeds(held[:, -8:])
        new = ~np.isin(seeds, old_seeds)
        self._close("noise", new, self._noise_sentence(seeds[new & self._open], set(old_seeds.tolist())))
        prompts = self._table.column("prompt")
        new = positions_of(prompts, held[:, :32]) < 0
        texts = [self._payloads[cell.tobytes().hex()] for cell in np.unique(prompts[new & self._open], axis=0)]
        self._close("prompts", new, f"{counted(len(texts), 'new prompt')}: {listed(texts)}")
        self._close("together", self._open, "their prompts and their noise are stored, but not together")

    def _predict(self) -> None:
        self._close("inputs", self._input_runs(), "the pictures they are of must be made")
        for source in self._earlier:
            at = positions_of(self._table.column("image"), source.table.keys)
            mine = (at >= 0) & self._open
            if source.table.op.kind == "load":
                cells = source.table.column("file")[at[mine]]
                files = sorted(PurePath(self._payloads[cell.tobytes().hex()]).name for cell in cells)
                self._close("pictures", mine, f"{counted(len(files), 'picture file')} not scored yet: {listed(files)}")
            else:
                self._close("pictures", mine, "their pictures are stored, but not scored yet")

    def _made_of_pictures(self) -> None:
        """Edits, composites, comparisons: their pictures are new, or what is done to them is."""
        self._close("inputs", self._input_runs(), "the pictures they are made of must be made")
        held = self._held()
        new = positions_of(self._table.column("image"), held[:, :KEY_BYTES]) < 0
        self._close("pictures", new, "their pictures are new to this op")
        self._close("together", self._open, "their pictures are known, but not with these settings")

    def _input_runs(self) -> np.ndarray:
        """Which units have an input that runs, too, (n,) bool."""
        found = np.zeros(len(self._table), bool)
        for operand in self._op.shape.operands:
            for source in self._earlier:
                at = positions_of(self._table.column(operand), source.table.keys[source.run])
                found |= at >= 0
        return found

    def _noise_sentence(self, seeds: np.ndarray, stored: set[int]) -> str:
        """Whose noise is new: of whole rows, or more draws of rows that are stored."""
        of = [self._noise[seed] for seed in dict.fromkeys(seeds.tolist()) if seed in self._noise]
        known = {row for seed, (row, _) in self._noise.items() if seed in stored}
        rows = sorted({row for row, _ in of if row not in known})
        more = sorted({draw + 1 for row, draw in of if row in known})
        parts = [f"new noise of {counted(len(rows), 'row')}: {listed(rows)}"] if rows else []
        if more:
            count = len({row for row, _ in of if row in known})
            parts.append(f"draw {', '.join(map(str, more))} of {counted(count, 'row')} is new")
        return "; ".join(parts) or f"{counted(len(np.unique(seeds)), 'new noise seed')}"

    def _held(self) -> np.ndarray:
        """The rows of everything that is stored of the op, (m, width) uint8."""
        assert self._store is not None
        return self._store.rows_of(self._op)

    def _close(self, kind: ReasonKind, units: np.ndarray, sentence: str) -> None:
        """Give those of `units` that have no reason yet this one."""
        mine = units & self._open
        if mine.any():
            self._found.append(Reason(kind, int(mine.sum()), sentence))
            self._open = self._open & ~mine


def _seeds(cells: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(cells).view("<u8").reshape(-1)
