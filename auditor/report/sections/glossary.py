"""Section: the words of the report in plain English."""

from __future__ import annotations

from typing import Final

from auditor.report.page import Cell, KeyValues, Section
from auditor.report.source import Source

GUIDE = "The words of this report, in plain English."

TERMS: Final = (
    ("Adjusted p-value", "A p-value made larger because several questions were asked at once (Holm's method), so that "
     "asking many questions does not produce findings by luck."),
    ("AUROC", "How well a score tells two kinds of pictures apart: the chance that a picture with the label scores "
     "higher than one without. 0.5 is guessing, 1 is perfect."),
    ("Concept", "Something a picture shows or does not show, such as a red circle."),
    ("Counterfactual picture", "The picture of a row as it would look with one concept put in or taken out."),
    ("Decision flips", "The share of rows whose decision (such as yes or no) changes when the concept changes."),
    ("Detector", "A separate model that says which concepts a picture shows; it is used to check the pictures."),
    ("Digest", "A fingerprint of a file. Two files with the same SHA-256 digest are the same file."),
    ("Factual picture", "The generated picture of a row as the data describe it."),
    ("Gate", "A check that must pass before a finding may be believed. Where it fails, the findings that it guards are "
     "invalid."),
    ("Importance", "How much of the model's performance is lost when a concept is dealt out anew at random among the "
     "rows. It says what performance hangs on, and not everything the model reacts to."),
    ("Inconclusive", "The data do not decide. More rows might."),
    ("Interval, bound", "The range of values that the data allow at the stated confidence. At 95 % confidence, ranges "
     "made in this way miss the true value in about 5 of 100 audits. A bound is one end of such a range."),
    ("Margin", "The largest effect that the author, beforehand, declared to count as none."),
    ("Noise SD, stability", "How far a number moves when the same rows are generated again with other noise; and how "
     "many times that a verdict's bound is away from its limit. Below 2, another seed may change the verdict."),
    ("p-value", "The chance of a measurement at least this extreme if there were nothing to find. Small values speak "
     "against chance."),
    ("Rank", "Where a score stands among all scores, from 0 (lowest) to 1 (highest). A move of 0.05 is a move past 5 "
     "of 100 pictures."),
    ("Requirement", "A promise of the author about the model, with a limit fixed before the run."),
    ("Response", "How far the model's score moves, in rank, when a concept is put into a picture. Positive: the score "
     "rises."),
    ("Side effect", "What a counterfactual picture changes beyond the concept that was meant to change."),
    ("Spilled importance", "As much importance as side effects on other concepts may bring to a concept of which the "
     "model takes no notice. A margin below it decides nothing."),
    ("Systematic response", "The size of the typical move, whatever its direction. It also sees a model that reacts "
     "upwards in some pictures and downwards in others."),
    ("Unmixed response", "The response less what side effects on the other concepts bring, as far as the detector sees "
     "them and their effects add up. Where it may be zero, side effects explain the response."),
)  # fmt: skip


def glossary_section(source: Source) -> Section:
    """The same terms in every report."""
    rows = tuple((term, Cell(meaning)) for term, meaning in TERMS)
    return Section("glossary", "Glossary", GUIDE, (KeyValues("Terms", rows),))
