"""The report's words for the result's terms, one place for each."""

from __future__ import annotations

import unicodedata
from typing import Final

from auditor.report.page import Cell, MarkKind
from auditor.results.audit_result import CheckPart, CheckResult, Finding, RequirementResult, State, Subject

STATE_WORDS: Final[dict[State, str]] = {
    "pass": "Pass",
    "fail": "Fail",
    "inconclusive": "Inconclusive",
    "invalid": "Invalid",
}

VERDICT_WORDS: Final[dict[str, tuple[MarkKind, str]]] = {
    "relies": ("relies", "Relies"),
    "does_not_rely": ("does_not_rely", "Does not rely"),
    "inconclusive": ("inconclusive", "Inconclusive"),
    "invalid": ("invalid", "Invalid"),
    "descriptive": ("descriptive", "Descriptive"),
}

QUANTITY_WORDS: Final[dict[str, str]] = {
    "importance": "Importance",
    "response": "Response",
    "systematic_response": "Systematic response",
    "flips": "Decision flips",
    "unmixed_response": "Response, unmixed",
    "spilled_importance": "Spilled importance",
    "range": "Range",
    "net_change": "Net change",
    "gradient": "E|grad| per step",
    "gradient_per_unit": "E|grad| per unit",
    "ratio": "Ratio to the controls",
    "ratio_in_general": "Ratio in general",
}

UNIT_WORDS: Final[dict[str, str]] = {
    "auroc": "AUROC",
    "macro_auroc": "macro AUROC",
    "average_precision": "average precision",
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "log loss",
    "brier": "Brier score",
    "multiclass_accuracy": "accuracy",
    "multiclass_balanced_accuracy": "balanced accuracy",
    "multiclass_log_loss": "log loss",
    "multiclass_brier": "Brier score",
    "r2": "R²",
    "mean_absolute_error": "mean absolute error",
    "mean_squared_error": "mean squared error",
    "rank": "rank, 0 to 1",
    "share": "share of rows",
    "times": "times",
}

RELATION_WORDS: Final[dict[str, str]] = {"at_most": "at most", "within": "within ±", "at_least": "at least"}

OUTCOME_SENTENCES: Final[dict[str, str]] = {
    "pass": "Every requirement of this audit holds, and no gate speaks against it.",
    "fail": "At least one requirement of this audit does not hold.",
    "inconclusive": "No requirement was shown to fail, but this audit could not show that everything holds.",
}

GATES_AMISS: Final = "Not every gate passed, so some findings may not be believed: see the section on gates."

NO_REQUIREMENTS: Final = (
    "The author declared no requirements, so the outcome speaks of the gates alone: whether the measurement can be "
    "trusted, not whether the model is acceptable."
)

SEVERITY: Final = ("fail", "invalid", "inconclusive", "pass", None)
"""States from the worst on; None is shown and not judged."""

_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def state_cell(state: State | None) -> Cell:
    """A state as shape and word; `Not judged` for None."""
    return Cell("Not judged", "none") if state is None else Cell(STATE_WORDS[state], state)


def verdict_cell(finding: Finding | None) -> Cell:
    """What may be said of model and concept; `No verdict` where the finding carries none."""
    if finding is None or finding.verdict is None:
        return Cell("No verdict", "none")
    mark, word = VERDICT_WORDS[finding.verdict]
    return Cell(word, mark)


def inside(words: str) -> str:
    """Words as they stand inside a sentence; a first word such as `E|grad|` stays as it is.

    >>> inside("Range of hue"), inside("E|grad| per step")
    ('range of hue', 'E|grad| per step')
    """
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def severity(item: RequirementResult | CheckResult | CheckPart) -> int:
    """Where the item's state stands from the worst on; sorting by it is stable."""
    return SEVERITY.index(item.state)


def quantity_word(quantity: str) -> str:
    """A quantity's name for readers."""
    return QUANTITY_WORDS.get(quantity, spoken(quantity))


def unit_word(unit: str) -> str:
    """A unit's name for readers."""
    return UNIT_WORDS.get(unit, unit.replace("_", " "))


def subject_title(subjects: tuple[Subject, ...]) -> str:
    """The head of a column of subjects: `Concept` where all are concepts, and so on."""
    kinds = {subject.kind for subject in subjects}
    return spoken(kinds.pop()) if len(kinds) == 1 else "Subject"


def full_sentence(text: str) -> str:
    """A sentence with a capital letter and a full stop; empty stays empty.

    >>> full_sentence("the largest difference is 0.05")
    'The largest difference is 0.05.'
    """
    ended = text if text[-1:] in ("", ".", "!", "?") else f"{text}."
    return ended[:1].upper() + ended[1:]


def spoken(name: str) -> str:
    """An identifier as words: `effective_generation` is `Effective generation`."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def visible(text: str) -> str:
    r"""The text with every invisible control character written out, so that it cannot mislead.

    >>> visible("a\u202eb")
    'a\\u202eb'
    """
    return "".join(map(_visible_character, text))


def _visible_character(character: str) -> str:
    hidden = character in _BIDI or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
    return f"\\u{ord(character):04x}" if hidden and character not in "\n\t" else character
