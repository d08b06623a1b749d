"""What the audit could have seen: how far its statistics reach, and what noise alone looks like."""

from __future__ import annotations

from auditor.judgement import ResultNode


class ReachResult(ResultNode):
    """What the analysis can find about one model and one concept, by the spread measured in this run."""

    analysis: str
    model: str
    concept: str
    alpha: float
    """Level at which an effect counts as found: the declared one, or 0.05 where nothing is tested."""
    family: int
    """By how many the smallest p-value is multiplied."""
    power: float
    """The chance with which effects are found, and margins passed."""
    confidence: float
    """One-sided confidence of the bounds that margins are held against."""
    smallest_p: float | None
    """Smallest adjusted p-value that both tests can reach; null without a significance check."""
    largest_importance: float | None
    """Bound on the size of the importance at these labels and values; null where the metric has none."""
    detectable_importance: float | None
    """Importance found with that chance; null where no score moved, so that nothing tells its error."""
    smallest_margin: float | None
    """Smallest margin of importance that a model without importance stays below with that chance."""
    detectable_response: float | None
    """Mean response found with that chance, in ranks."""
    smallest_response: float | None
    """Smallest margin of the systematic response that a model blind to the concept stays below with that chance."""
    smallest_cell: float
    """Least expected number of rows of one label with one value."""


class RenoisedResult(ResultNode):
    """Self-test: the swap test where another draw of the row's own picture stands for the changed one.

    Whatever the model, it is significant at alpha in about a share alpha of audits: it tests pipeline and statistic.
    """

    analysis: str
    model: str
    concept: str
    importance: float
    p_value: float
    quantile: float
    """95 % quantile of the size of this importance over swaps: what noise alone makes."""
    swaps: int
    seed: int
