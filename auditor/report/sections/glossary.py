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
    ("Apparent ratio", "How many times further than along the controls a model would seem to follow a property that "
     "follows nothing but how far pixels move."),
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


OF_SWEEPS: Final = (
    ("Adjusted p-value", "A p-value made larger because several questions were asked at once (Holm's method), so that "
     "asking many questions does not produce findings by luck."),
    ("Control property", "A property that must not matter, changed by sweeps of the same kind and at least the same "
     "strength. How far scores move along it is what moves along the property are compared with."),
    ("Decision flips", "Changes of the decision (such as yes or no) from one point of a sweep to the next."),
    ("Descriptive", "The numbers are shown and nothing is claimed, because there is nothing to compare them with."),
    ("Detector", "A separate model that says what a picture shows; it is used to check the frames."),
    ("Digest", "A fingerprint of a file. Two files with the same SHA-256 digest are the same file."),
    ("Dose", "How strong a sweep is: the mean distance of its frames from the first frame, in pixel values."),
    ("E|grad|", "The expected property gradient magnitude, the score of the method's paper: the mean size of the "
     "change of the score from point to point, per step of the sweep or per unit of the property."),
    ("Floor", "The range below which a move of one image counts as none: of the declared least effect and what 95 % of "
     "the controls' sweeps stay below, the larger. The null band reaches this far to both sides of the first score."),
    ("Frame", "One picture of a sweep."),
    ("Gate", "A check that must pass before a finding may be believed. Where it fails, the findings that it guards are "
     "invalid."),
    ("Inconclusive", "The data do not decide. More images might."),
    ("Interval, bound", "The range of values that the data allow at the stated confidence. At 95 % confidence, ranges "
     "made in this way miss the true value in about 5 of 100 audits. A bound is one end of such a range."),
    ("Margin", "The largest effect that the author, beforehand, declared to count as none."),
    ("Net change", "The score at the end of a sweep less that at its start."),
    ("p-value", "The chance of a measurement at least this extreme if there were nothing to find. Small values speak "
     "against chance."),
    ("Property", "Something of a picture that can be changed gradually, such as its brightness or the angle of view."),
    ("Range", "The largest less the smallest score along a sweep."),
    ("Ratio to the controls", "How many times further the score moves, by E|grad|, along the property than along the "
     "controls of the same image; geometric mean over images."),
    ("Ratio in general", "The same beside changes like the controls, of which the declared ones are a sample."),
    ("Requirement", "A promise of the author about the model, with a limit fixed before the run."),
    ("Smoothness test", "The published shuffle test: could the points of a sweep stand in any order? Every smooth "
     "curve says no, whether the model relies on the property or not, so that it decides nothing here."),
    ("Sweep", "One image, changed gradually in one property while everything else stays the same."),
)  # fmt: skip


def glossary_section(source: Source) -> Section:
    """The terms of concepts, of sweeps, or of both, by what the audit is about; each once, in their order."""
    terms = dict(TERMS) if source.about_concepts else {}
    if source.about_properties:
        # A term of both keeps the words that it has where concepts are examined.
        terms = dict(OF_SWEEPS) | terms
    rows = tuple((term, Cell(terms[term])) for term in sorted(terms, key=str.casefold))
    return Section("glossary", "Glossary", GUIDE, (KeyValues("Terms", rows),))
