"""In words: over how many images numbers are means, with which intervals, and how to compute them again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from auditor.report.number_text import count_text, percent_text
from auditor.results.audit_result import Finding

AGAIN: Final = "All of it can be computed again from units.jsonl (see How to check these numbers)."


def over_images(findings: Iterable[Finding]) -> str:
    """Such as `Over 59 images, intervals two-sided at 95 %.`; empty where nothing was measured."""
    measured = [one for one in findings if one.estimate is not None]
    if not measured:
        return ""
    least, most = min(one.n for one in measured), max(one.n for one in measured)
    counts = count_text(least) if least == most else f"{count_text(least)} to {count_text(most)}"
    images = "image" if most == 1 else "images"
    levels = sorted({one.interval.confidence for one in measured if one.interval})
    intervals = f"intervals two-sided at {' or '.join(map(percent_text, levels))}" if levels else "without intervals"
    return f"Over {counts} {images}, {intervals}."
