"""Concepts: what a picture may show, and how the document names it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from auditor.node import Name, SpecNode, default

Level = int | str
"""One value of a concept as the table has it: 0 or 1, a count, the word of a category, a text."""

PRESENCE: Final[tuple[Level, ...]] = (0, 1)
"""The levels of a concept that a picture shows or does not show."""


@dataclass(frozen=True)
class Sight:
    """One thing about a concept that a detector can tell: that there is any, or that it has a value.

    Attributes:
        concept: the concept's name.
        title: the concept's name, with the value where there are several things to tell: `colour: red`.
        output: the label under which detectors report it.
        value: the value that a category has; None where it is told whether there is any.
        beyond: what it does not tell, in words; empty where it tells all.
    """

    concept: str
    title: str
    output: str
    value: Level | None = None
    beyond: str = ""

    def shows(self, level: Level) -> bool:
        """Whether pictures of the concept's `level` show it."""
        return bool(level) if self.value is None else level == self.value


class Property(SpecNode):
    """Something about a picture that can be changed gradually, such as how dark its background is."""

    name: Name
    """The name by which interventions and requirements call the property."""

    unit: str = default("", "chosen", max_length=60)
    """The unit in which points of a sweep are told, such as `degrees`; a share of the whole change by default."""


class CategoryValue(SpecNode):
    """One of the values that a category may have."""

    value: Name
    """The value as it stands in the column."""

    phrase: str = Field(max_length=200)
    """The words that stand for the value in a caption; empty where it adds none."""

    detector_output: Name | None = default(None, "chosen")
    """The detector's output label for the value; by default the label equal to `value`."""

    @property
    def output(self) -> str:
        """The label under which detectors report the value."""
        return self.detector_output or self.value


class Concept(SpecNode):
    """Something that pictures show or tell, such as a red circle, three people, or a colour.

    Values come from a column of the data set's table."""

    name: Name
    """The name by which analyses, requirements and the report call the concept."""

    kind: Literal["presence", "count", "category", "text"] = default("presence", "paper")
    """What the column holds. `presence`: 0 (absent) or 1. `count`: 0, 1, 2 and so on, which stand
    in front of the phrase: "2 person". `category`: one of the `values`. `text`: words that are
    kept in the caption as they are, and never permuted."""

    column: Name
    """The column of the table with the concept's value in each row."""

    phrase: str | None = default(None, "chosen", min_length=1, max_length=200)
    """The words that stand for the concept in a caption; presences and counts must have one."""

    absent: str = default("", "paper", max_length=200)
    """The words that stand in a caption where a presence or count is 0; none by default."""

    values: tuple[CategoryValue, ...] | None = default(None, "chosen", min_length=2)
    """The values of a category, in order: what stands in the column, and its phrase."""

    detector_output: Name | None = default(None, "chosen")
    """The detector's output label for the concept; by default the label equal to `name`. Of a
    count it tells whether there is any; of a category each of the `values` has its own."""

    unseen: Literal["undecided", "accepted"] | None = default(None, "chosen")
    """Says that no detector has an output for the concept. `undecided`: gates cannot speak about
    it, and its findings stay inconclusive. `accepted`: its findings stand without those gates,
    and the report says so."""

    @property
    def output(self) -> str:
        """The label under which detectors report the concept."""
        return self.detector_output or self.name

    @property
    def permutable(self) -> bool:
        """Whether the concept can be dealt out anew among the rows; text is kept as it is."""
        return self.kind != "text"

    @property
    def detected(self) -> bool:
        """Whether detectors must have outputs for the concept."""
        return self.permutable and self.unseen is None

    def words(self, level: Level) -> str:
        """What a caption says of the concept at a level; empty where it says nothing.

        >>> Concept(name="person", kind="count", column="person", phrase="person").words(2)
        '2 person'
        """
        if self.kind == "text":
            return str(level)
        if self.kind == "category":
            return next(value.phrase for value in self.values or () if value.value == level)
        if not level:
            return self.absent
        return f"{level} {self.phrase}" if self.kind == "count" else self.phrase or ""

    def sights(self, levels: Sequence[Level]) -> tuple[Sight, ...]:
        """What detectors can tell of the concept: whether there is any, or which of its values it has.

        Args:
            levels: the concept's levels, in the order of value indices.
        """
        if not self.detected:
            return ()
        if self.kind != "category":
            beyond = "whether there is any, not how many" if self.kind == "count" else ""
            return (Sight(self.name, self.name, self.output, beyond=beyond),)
        outputs = {value.value: value.output for value in self.values or ()}
        return tuple(Sight(self.name, f"{self.name}: {level}", outputs[str(level)], level) for level in levels)
