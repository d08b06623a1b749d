"""The builder: asking twice for one unit plans it once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from auditor.digest import KEY_BYTES, Digest, digest_bytes, row_keys
from auditor.plan.ops import Op
from auditor.plan.plan import Plan, UnitTable, as_scalars


@dataclass(frozen=True)
class Units:
    """A handle: `index` (any shape) into the table of distinct units of `op`."""

    op: Op
    index: np.ndarray

    def __getitem__(self, which: Any) -> Units:
        return Units(self.op, np.asarray(self.index[which]))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.index.shape


class _Growing:
    """The rows of one op while the plan is being built."""

    def __init__(self, op: Op) -> None:
        self.op = op
        self.rows = np.empty((0, sum(width for _, width in op.shape.columns)), np.uint8)
        self.wanted = np.empty(0, bool)
        self.asked = 0
        self._keys = np.empty((0, KEY_BYTES), np.uint8)

    def known_keys(self) -> np.ndarray:
        """The key of each row, (n_rows, 32) uint8; hashes only rows that are new since the last call."""
        fresh = row_keys(self.op.digest, self.rows[len(self._keys) :])
        self._keys = np.concatenate([self._keys, fresh])
        return self._keys

    def add(self, rows: np.ndarray) -> np.ndarray:
        """Add the rows that are new; the index of every row, (n,) int64."""
        self.asked += len(rows)
        together = as_scalars(np.concatenate([self.rows, rows]))
        # The order of first appearance, so that equal documents give equal plans.
        _, first, inverse = np.unique(together, return_index=True, return_inverse=True)
        order = np.argsort(first)
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        known = len(self.rows)
        self.rows = np.concatenate([self.rows, rows])[first[order]]
        self.wanted = np.concatenate([self.wanted, np.zeros(len(self.rows) - known, bool)])
        return np.asarray(rank[inverse][known:], np.int64)


class PlanBuilder:
    """Collects what is asked for. Units are distinct by construction; ops keep the order in
    which they were first asked for, so that operands stand before what needs them."""

    def __init__(self) -> None:
        self._growing: dict[Digest, _Growing] = {}
        self._payloads: dict[Digest, str] = {}

    def add(self, op: Op, shape: tuple[int, ...], **columns: np.ndarray) -> Units:
        """Plan units of `op`; each column is (n, width) uint8 with n the product of `shape`."""
        growing = self._growing.setdefault(op.digest, _Growing(op))
        rows = np.concatenate([columns[name] for name, _ in op.shape.columns], axis=1)
        return Units(op, growing.add(rows).reshape(shape))

    def payload(self, text: str, digest: Digest | None = None) -> np.ndarray:
        """Carry a text; its digest (or the one given) as a row of 32 bytes."""
        digest = digest or digest_bytes(text.encode())
        self._payloads[digest] = text
        return np.frombuffer(bytes.fromhex(digest), np.uint8)

    def payload_rows(self, texts: Sequence[str]) -> np.ndarray:
        """The digests of many texts, (n, 32) uint8; each distinct text is hashed once."""
        distinct = {text: self.payload(text) for text in dict.fromkeys(texts)}
        return np.stack([distinct[text] for text in texts])

    def keys(self, units: Units) -> np.ndarray:
        """The keys of `units` in order, (n, 32) uint8."""
        growing = self._growing[units.op.digest]
        return np.asarray(growing.known_keys()[units.index.reshape(-1)])

    def want(self, units: Units) -> None:
        """Mark units whose own output somebody needs."""
        self._growing[units.op.digest].wanted[units.index.reshape(-1)] = True

    def plan(self) -> Plan:
        """Everything asked for so far."""
        tables = tuple(
            UnitTable(g.op, g.rows, g.wanted.copy(), g.asked, np.arange(len(g.rows))) for g in self._growing.values()
        )
        return Plan(tables, dict(self._payloads))

    @property
    def payloads(self) -> Mapping[Digest, str]:
        return self._payloads
