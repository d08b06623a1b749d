"""Whatever is written, the answer is an audit or problems at places; a wrong letter in a key is understood.

`python -m tests.benchmarks.execution specs` prints the figures, of 5,000 documents and 5,000 typos.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import SpecError
from auditor.spec import parse_spec
from auditor.spec.audit_spec import AuditSpec
from tests.contracts.test_catalogues import nodes
from tests.spec.fuzzing import Figures, fuzz
from tests.spec.typos import EVERY_KEY, KEYS, typo_figures


def judged(figures: Figures) -> None:
    assert not figures.tracebacks, figures.tracebacks
    assert figures.hangs == 0, f"the slowest took {figures.slowest:.1f} s"
    assert figures.placed == figures.problems


def test_spoilt_documents_are_answered() -> None:
    figures = fuzz(150)
    judged(figures)
    assert figures.documents >= 150
    # The spoiling spoils, and leaves something to read.
    assert figures.documents * 0.5 < figures.refused < figures.documents


@pytest.mark.slow
def test_five_thousand_spoilt_documents_are_answered() -> None:
    figures = fuzz(5_000)
    judged(figures)
    assert figures.documents >= 5_000 and len(figures.codes) > 45


def test_one_wrong_letter_in_a_key_is_understood() -> None:
    right, asked, missed = typo_figures(300)
    assert asked == 300
    assert right / asked >= 0.95, f"{right} of {asked}; missed {missed}"


@pytest.mark.slow
def test_one_wrong_letter_in_any_key_is_understood() -> None:
    right, asked, missed = typo_figures(5_000)
    assert right / asked >= 0.95, f"{right} of {asked}; missed {missed}"


def test_every_key_of_the_language_stands_in_the_document_that_is_misspelt() -> None:
    written = {(key.node, key.name) for key in KEYS}
    known = {(node.__name__, name) for node in nodes(AuditSpec) for name in node.model_fields}
    assert known == written


def test_that_document_is_valid() -> None:
    try:
        parse_spec(EVERY_KEY.encode(), Path("every_key.yaml"))
    except SpecError as error:
        raise AssertionError([problem.message for problem in error.problems]) from None
