"""What predicting flips came to: rows of scores, readings of each, numbers with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from auditor.evaluation.as_json import plain
from auditor.evaluation.flip_prediction import Accuracy
from auditor.statistics.intervals import Interval

FlipRule = Literal["ends", "anywhere"]
MAJORITY, GRADIENT, CHANGE = "majority", "E|grad|", "|p_end - p_start|"
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Number:
    """An estimate with its interval, of `n` images in `units` independent ones."""

    value: float
    interval: Interval
    n: int
    units: int


@dataclass(frozen=True)
class Reading:
    """How well a score predicts flips, read in one way.

    Attributes:
        accuracy: of all images.
        thresholds: that were chosen; an infinite one predicts the same of every image.
        halves: of two thresholds, the accuracy on the half that each predicts; else empty.
        resampled_sd: of the published reading, over resamples; else None.
        above_change: accuracy above that of the row |p_end - p_start|, paired over images; None in that row.
    """

    accuracy: Accuracy
    thresholds: tuple[float, ...]
    halves: tuple[Accuracy, ...]
    resampled_sd: float | None
    above_change: Number | None


@dataclass(frozen=True)
class FlipRow:
    """A row of the table; readings of flips that are not defined are None.

    Attributes:
        method: whose score it is.
        published: threshold chosen and accuracy read on the same images.
        held_out: threshold of one half, accuracy on the other, over both directions.
        even_to_odd: as `held_out`, the score taken from even points alone and the flips from odd ones.
        auroc: of the score for flips; None for the majority.
        auroc_even_to_odd: the same from even points for flips on odd ones.
    """

    method: str
    published: Reading | None
    held_out: Reading | None
    even_to_odd: Reading | None
    auroc: Number | None
    auroc_even_to_odd: Number | None


@dataclass(frozen=True)
class Flipped:
    """How many predictions flip, and why predicting them is not defined, if it is not."""

    count: int
    n: int
    reason: str | None


@dataclass(frozen=True)
class FlipTable:
    """Rows for every score.

    Attributes:
        rows: the more frequent answer, E|grad| per step, |p_end - p_start|, and each method's maps.
        flips: over all points; odd_flips: over the odd points alone.
        n: images; units: independent ones.
        points: of each sweep.
        rule: what counts as a flip: the last point decided otherwise than the first, or any point.
        seed: of the halves and resamples.
        confidence: of every interval.
        about_maps: how maps were made, in words; empty where there are none.
    """

    rows: tuple[FlipRow, ...]
    flips: Flipped
    odd_flips: Flipped
    n: int
    units: int
    points: int
    rule: FlipRule
    seed: int
    confidence: float
    about_maps: str = ""

    def row(self, method: str) -> FlipRow:
        """The row of a method."""
        return next(row for row in self.rows if row.method == method)

    def as_json(self) -> dict[str, Any]:
        """The whole table as plain values; what does not exist, and an infinite threshold, is None."""
        found: dict[str, Any] = plain(self)
        return found
