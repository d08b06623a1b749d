"""The record of a run: clocks, counts and places, which may differ between runs of one result."""

from __future__ import annotations

from typing import Literal

from auditor.judgement import ResultNode


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
    journal_records: int
    """Records in the journal, over all runs in this folder."""
    journal_head: str
    """SHA-256 of the journal's last record, which seals all before it."""
    result_digest: str
    """SHA-256 of `result.json`."""
    earlier_results: tuple[str, ...]
    """SHA-256 of each result that stood in this folder before, oldest first."""
    exit_status: int
    unwritten: dict[str, str]
    """Report formats that could not be made, and why."""
