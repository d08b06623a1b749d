"""Section: what this audit does not say."""

from __future__ import annotations

from typing import Final

from auditor.report.page import Block, Bullets, Heading, Section, Text
from auditor.report.source import Source

GUIDE = "What this audit did not look at, and what no audit of this kind can say."

OF_CONCEPTS: Final = (
    "The findings hold for these rows, this picture generator and these versions of the models. Other data, another "
    "generator or a retrained model need an audit of their own.",
    "Only declared concepts were examined. A model may rely on something that no concept names.",
    "Importance is not reliance: performance can stay the same although a model reacts strongly to a concept. "
    "“Does not rely” is therefore said of the response alone, and only within a declared margin.",
    "“Inconclusive” means that these data do not decide. It is not evidence that there is no effect.",
    "A detector judged what the pictures show. Where the detector errs, the gates err with it.",
)

OF_SWEEPS: Final = (
    "What is said of properties holds for these images, these interventions and these versions of the models. Other "
    "images, another editor or a retrained model need an audit of their own.",
    "Only declared properties were examined. A model may follow something that no property names.",
    "A sweep shows that the score follows the pictures. What an intervention changes beside the property, the score "
    "may follow too; gates and controls bound that, and cannot exclude it.",
    "“Relies” means further than along the declared controls. They stand for changes that must not matter: whoever "
    "chose weak or odd ones would see reliance everywhere, or nowhere. The gate control dose looks at their strength.",
    "“Inconclusive” means that these images do not decide; “descriptive”, that nothing was there to compare with. "
    "Neither is evidence that there is no effect.",
    "One sweep is one observation, however many points it has. What a single strip shows is an example, not a finding.",
)


def limits_section(source: Source) -> Section:
    """The result's own list, then the limits that every such audit has."""
    own = source.result.not_measured
    always: tuple[str, ...] = OF_CONCEPTS if source.about_concepts else ()
    always += OF_SWEEPS if source.about_properties else ()
    listed: Block = Bullets(own) if own else Text(("The audit names nothing in particular that it left out.",))
    blocks: tuple[Block, ...] = (Heading("Not measured here"), listed, Heading("Limits of the method"), Bullets(always))
    return Section("limits", "Not measured, and limits", GUIDE, blocks)
