"""Rules between parts, where a golden text does not say enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor import codes
from auditor.errors import SpecError
from auditor.spec import parse_spec

SIGNIFICANCE = "{kind: significance, of: reliance}"


def with_significance(text: str, fields: str) -> str:
    """`text` with more fields in its significance check."""
    assert SIGNIFICANCE in text
    return text.replace(SIGNIFICANCE, f"{SIGNIFICANCE[:-1]}, {fields}}}")


def codes_of(text: str) -> list[str]:
    try:
        parse_spec(text.encode(), Path("a.yaml"))
    except SpecError as error:
        return [problem.code for problem in error.problems]
    return []


def test_a_missing_margin_is_no_error(valid_text: str) -> None:
    assert "margin" not in valid_text
    assert codes_of(valid_text) == []


@pytest.mark.parametrize(
    ("check", "found"),
    [
        ("swaps: 399", []),
        ("swaps: 398", [codes.TOO_FEW_SWAPS]),
        ("swaps: 99, alpha: 0.04", []),
        ("swaps: 99, alpha: 0.039", [codes.TOO_FEW_SWAPS]),
        ("swaps: 199, correction: benjamini_hochberg", []),
        ("alpha: 0.0001", [codes.TOO_FEW_SWAPS]),
    ],
)
def test_swaps_are_enough_when_the_smallest_adjusted_p_reaches_alpha(
    valid_text: str, check: str, found: list[str]
) -> None:
    assert codes_of(with_significance(valid_text, check)) == found


def test_the_swaps_that_are_asked_for_are_enough(valid_text: str) -> None:
    for alpha in (0.01, 0.003, 0.007, 0.0123):
        text = with_significance(valid_text, f"swaps: 99, alpha: {alpha}")
        with pytest.raises(SpecError) as caught:
            parse_spec(text.encode(), Path("a.yaml"))
        needed = int(caught.value.problems[0].way_out.split("swaps: ")[1].split("`")[0])
        assert codes_of(text.replace("swaps: 99", f"swaps: {needed}")) == []
        assert codes_of(text.replace("swaps: 99", f"swaps: {needed - 1}")) == [codes.TOO_FEW_SWAPS]


def test_only_the_concepts_of_the_analysis_count_for_swaps(valid_text: str) -> None:
    text = valid_text.replace("    intervention: captions", "    intervention: captions\n    concepts: [blue circle]")
    assert codes_of(with_significance(text, "swaps: 199")) == []


def test_a_phrase_may_hold_the_join_that_no_intervention_uses(valid_text: str) -> None:
    text = valid_text.replace("phrase: red circle", 'phrase: "red, round"').replace(
        "    steps: 10", '    caption: {join: " and "}'
    )
    assert codes_of(text.replace("red, round", "red,round")) == []
    assert codes_of(text) == []
    assert codes_of(text.replace("red, round", "red and round")) == [codes.PHRASE_HOLDS_JOIN]
