"""The record of a run: clocks, counts and places, which may differ between runs of one result."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from auditor.judgement import ResultNode


class Expected(ResultNode):
    """A cost before it was known: the best guess, and between what it should lie."""

    estimate: float
    low: float
    high: float


class OpRecord(ResultNode):
    """What one op of the plan came to in this run."""

    op: str
    as_published: int | None
    asked: int
    distinct: int
    stored: int
    """Units found in the store when the run began."""
    to_run: int
    """Units that the run was to compute."""
    ran: int
    """Units that it computed."""
    reused: int = 0
    """Units of the plan that another numerics class made; only with `--reuse semantic`."""
    seconds: float = 0.0
    """How long it took, workers and weights included."""
    bytes: int = 0
    """What its objects take on the disk."""
    expected_seconds: Expected | None = None
    """How long it was expected to take; null where nothing was to run, or too little to tell."""
    expected_bytes: Expected | None = None
    expected_from: str = ""
    """What that was told from."""


class SmallerBatches(ResultNode):
    """A batch that was halved because memory ran out."""

    op: str
    """The model or generator, as the document calls it."""
    before: int
    after: int


class Probed(ResultNode):
    """What a probe found: whether bits depend on what is computed together."""

    op: str
    class_digest: str
    """SHA-256 of the op's numerics class."""
    equal: dict[str, bool]
    """Of each check, whether all bits were equal."""


class RunRecord(ResultNode):
    """What `run.json` holds and `run-record.html` draws."""

    schema_version: Literal[1] = 1
    tool_version: str
    started: str
    """UTC."""
    finished: str
    """UTC."""
    seconds_computing: float
    seconds_reporting: float
    workers: int
    numerics: dict[str, str]
    """The numerics class by its parts."""
    ops: tuple[OpRecord, ...]
    seconds_of_ops: float = 0.0
    """How long all ops took together; the rest of computing is checking the document and planning."""
    bytes: int = 0
    """What their objects take on the disk."""
    expected_seconds: Expected | None = None
    """How long the ops were expected to take; null where that is not known of one of them."""
    expected_bytes: Expected | None = None
    smaller_batches: tuple[SmallerBatches, ...] = ()
    """Batches that were halved, over all runs in this folder."""
    probes: tuple[Probed, ...] = ()
    """What probes found of each op, in this run or when its class was first used."""
    journal_records: int
    """Records in the journal, over all runs in this folder."""
    journal_head: str
    """SHA-256 of the journal's last record, which seals all before it."""
    result_digest: str
    """SHA-256 of `result.json`."""
    earlier_results: tuple[str, ...]
    """SHA-256 of each result that stood in this folder before, oldest first."""
    inputs: dict[str, str] = Field({})
    """What the result depends on, in words or by digest: where all of it is as it was, the result is current."""
    files: dict[str, str] = Field({})
    """SHA-256 of each file that the run left, by its name below the folder."""
    exit_status: int
    unwritten: dict[str, str]
    """Report formats that could not be made, and why."""
