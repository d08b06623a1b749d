"""Requirements: what an author promises of one concept or property, as a bound on one number."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from auditor.node import Confidence, Name, Share, SpecNode, default


class ResponseBound(SpecNode):
    """How far the score may move when the concept is put in or taken out."""

    at_most: float = Field(gt=0)
    """The margin, as a move of the score's rank (0 to 1)."""

    of: Literal["systematic", "mean"] = default("systematic", "chosen")
    """`systematic`: the root mean square response, which also sees reactions whose sign differs
    between rows. `mean`: the signed mean response, bounded on both sides."""


class ImportanceBound(SpecNode):
    """How much performance may fall when the concept is permuted. Exactly one bound."""

    at_most: float | None = default(None, "chosen", ge=0)
    """Performance falls by at most this much."""

    within: float | None = default(None, "chosen", gt=0)
    """Performance changes by at most this much, in either direction."""

    at_least: float | None = default(None, "chosen", gt=0)
    """Performance falls by at least this much."""


class FlipsBound(SpecNode):
    """How many decisions may change when the concept is put in or taken out, or along the sweep of a property."""

    at_most: Share
    """Largest share of rows or images whose decision changes."""


class RangeBound(SpecNode):
    """How far the score may move along the sweep of a property."""

    at_most: float = Field(gt=0)
    """The margin: the mean over images of largest less smallest score, in the score's own unit."""


class RatioBound(SpecNode):
    """How many times further the score may move along the sweep of a property than along those of the controls."""

    at_most: float = Field(gt=0)
    """The margin, as a ratio of E|grad|; 1 is as far as along the controls."""


class Requirement(SpecNode):
    """A promise of the author about one concept or property; it gates the exit status. Exactly one bound."""

    name: Name
    """The promise in words."""

    analysis: Name
    """The analysis that measures it."""

    concept: Name | None = default(None, "chosen")
    """The concept it is about, where the analysis permutes concepts."""

    property: Name | None = default(None, "chosen")
    """The property it is about, where the analysis follows gradual interventions."""

    model: Name | None = default(None, "chosen")
    """The audited model it is about; every model of the analysis by default."""

    subgroup: Name | None = default(None, "chosen")
    """The subgroup of rows it is about: a value of the column that the analysis names as `by`; all rows by default."""

    response: ResponseBound | None = default(None, "chosen")
    """Bounds how far the score moves: the kind of bound for `does not rely on`."""

    importance: ImportanceBound | None = default(None, "chosen")
    """Bounds how much performance falls."""

    flips: FlipsBound | None = default(None, "chosen")
    """Bounds how many decisions change."""

    range: RangeBound | None = default(None, "chosen")
    """Bounds how far the score moves along a sweep: the kind of bound for `does not rely on` a property."""

    ratio: RatioBound | None = default(None, "chosen")
    """Bounds how much further the score moves along a sweep than along those of the controls."""

    confidence: Confidence = default(0.95, "chosen")
    """One-sided confidence with which the promise must hold."""
