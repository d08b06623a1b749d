"""The keeper: what comes back from workers is stored, written down and counted, before anybody relies on it."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.digest import Digest, digest_bytes
from auditor.errors import ExecutionError
from auditor.execute.groups import Group, name_of
from auditor.execute.invalid_units import InvalidUnits, TooManyInvalid, reasons_in
from auditor.execute.journal import Journal
from auditor.execute.kernels import Resources
from auditor.execute.stopwatch import Stopwatch
from auditor.execute.storage.block import parse_block
from auditor.execute.storage.store import Store
from auditor.execute.task import Findings, Packed
from auditor.execute.verdicts import Verdict, Verdicts, advice


class Keeper:
    """Keeps what comes of one group. Blocks that come before a probe's findings wait for them."""

    def __init__(
        self,
        group: Group,
        store: Store,
        journal: Journal,
        resources: Resources,
        watch: Stopwatch,
        invalid: Mapping[Digest, InvalidUnits],
        probed: bool,
    ) -> None:
        """`invalid`: the count of each op; `probed`: whether findings come before blocks may be kept."""
        self._group, self._store, self._journal, self._resources = group, store, journal, resources
        self._watch, self._invalid = watch, invalid
        self._waiting: list[Packed] | None = [] if probed else None
        self.ran: dict[Digest, int] = {}
        """How many units were kept, by the digest of the op."""

    def keep(self, found: Packed | Findings) -> int:
        """Keep blocks, or judge findings; how many units were kept.

        Raises:
            ExecutionError: the disk is full, the probe failed, or too many units are invalid.
        """
        if isinstance(found, Findings):
            self._judge(found)
            waited, self._waiting = self._waiting or [], None
            return sum(self._keep(packed) for packed in waited)
        if self._waiting is not None:
            self._waiting.append(found)
            return 0
        return self._keep(found)

    def _keep(self, packed: Packed) -> int:
        kept, too_many = 0, None
        for data in packed:
            block = parse_block(data)
            self._store.put(block)
            op, units = block.op.digest, len(block.keys)
            self._journal.append("block", op=op, block=digest_bytes(data), units=units)
            self.ran[op] = self.ran.get(op, 0) + units
            self._watch.arrived(op, units, len(data))
            kept += units
            try:
                self._invalid[op].add(reasons_in(block))
            except TooManyInvalid as error:
                too_many = error  # The other ops' blocks are kept first.
        if too_many is not None:
            raise too_many
        return kept

    def _judge(self, found: Findings) -> None:
        verdicts = Verdicts(self._store.root)
        for table in self._group.tables:
            verdict = Verdict(table.table.op.digest, table.op_class.digest, found.equal)
            verdicts.keep(verdict)
            self._journal.append(
                "probe", op=verdict.op, numerics=verdict.op_class, equal=dict(verdict.equal), holds=verdict.holds
            )
        if not verdict.holds:
            raise ExecutionError(advice(f"`{name_of(self._group.ops[0], self._resources)}`", verdict))
