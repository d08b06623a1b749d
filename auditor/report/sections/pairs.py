"""Section: pictures and their counterfactuals, chosen by rules that are stated above them."""

from __future__ import annotations

from typing import Final

from auditor.report.number_text import value_text
from auditor.report.page import Block, Heading, Pair, Pairs, Section, Text
from auditor.report.pictures import load_picture
from auditor.report.source import Source
from auditor.results.audit_result import PairPicture

GUIDE = (
    "Each pair shows one row of the data: on the left as its caption says, on the right with one concept put in, "
    "taken out, or set to another of its values. Everything else, the noise included, is the same. No pair was picked "
    "by hand."
)

RULES: Final[dict[str, tuple[str, str]]] = {
    "random": ("Drawn at random", "Drawn by a seeded random generator from all pairs: what a typical pair looks like."),
    "most_changed": (
        "Most changed",
        "Of each concept, the pair whose score moved most: where the model responds most strongly.",
    ),
    "least_changed": (
        "Least changed",
        "Of each concept, the pair whose score moved least: where the model does not respond.",
    ),
    "failed": ("Failed", "Pairs with a picture or score that is invalid. They are in no number of this report."),
}


def pairs_section(source: Source) -> Section:
    """The pairs by rule, in a fixed order of rules; says so where there are none."""
    pairs = source.result.pairs
    blocks: list[Block] = [] if pairs else [Text(("This audit keeps no pictures to show.",))]
    for rule, (title, words) in RULES.items():
        chosen = tuple(_pair(source, pair) for pair in pairs if pair.rule == rule)
        if chosen:
            blocks += [Heading(title), Pairs(words, chosen)]
        elif pairs and rule == "failed":
            blocks += [Heading(title), Text(("No pair failed among those that this report was given.",))]
    return Section("pairs", "Picture pairs", GUIDE, tuple(blocks))


def _pair(source: Source, pair: PairPicture) -> Pair:
    title = f"{pair.concept} {pair.change}: row {pair.row}, draw {pair.draw}"
    factual = f"Factual picture of row {pair.row}, made from the caption: {pair.factual_caption}"
    other = f"Counterfactual of row {pair.row}, {pair.concept} {pair.change}, made from the caption: "
    scores = tuple(
        f"Score of {model}: {_score(before)} → {_score(after)}" for model, (before, after) in pair.scores.items()
    )
    return Pair(
        title=title,
        factual=load_picture(source.folder, pair.factual_image, factual),
        counterfactual=load_picture(source.folder, pair.counterfactual_image, other + pair.counterfactual_caption),
        factual_caption=pair.factual_caption,
        counterfactual_caption=pair.counterfactual_caption,
        scores=scores,
        reason=pair.reason,
    )


def _score(score: float | None) -> str:
    return "no score" if score is None else value_text(score)
