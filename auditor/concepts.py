"""Concepts: what a picture may show, and how the document names it."""

from __future__ import annotations

from pydantic import Field

from auditor.node import Name, SpecNode, default


class Concept(SpecNode):
    """Something a picture shows or does not show, such as a red circle.

    Values come from a column of the data set's table: 0 (absent) or 1 (present).
    """

    name: Name
    """The name by which analyses, requirements and the report call the concept."""

    column: Name
    """The column of the table with the concept's value in each row: 0 or 1."""

    phrase: str = Field(min_length=1, max_length=200)
    """The words that stand for the concept in a caption."""

    detector_output: Name | None = default(None, "chosen")
    """The detector's output label for the concept; by default the label equal to `name`."""

    @property
    def output(self) -> str:
        """The label under which detectors report the concept."""
        return self.detector_output or self.name
