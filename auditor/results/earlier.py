"""Earlier results of one audit: running until it passes is counted."""

from __future__ import annotations

from typing import Literal

from auditor.judgement import ResultNode


class EarlierResult(ResultNode):
    """A result that stood for the same audit id before this one."""

    revision: str
    outcome: Literal["pass", "fail", "inconclusive"]
    partial: bool
    """Whether it was a run of a part of the rows."""
    result_digest: str
    """SHA-256 of its `result.json`."""
    spec_digest: str
    requirements_digest: str


def changed_requirements(earlier: tuple[EarlierResult, ...], digest: str) -> bool:
    """Whether the requirements with this digest were written, or changed, after scores of the audit existed."""
    return any(one.requirements_digest != digest for one in earlier)
