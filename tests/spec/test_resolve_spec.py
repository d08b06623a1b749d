"""The resolved document reads back as the same audit, and says who chose each value."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.node import SpecNode
from auditor.spec import choices, load_spec, parse_spec, resolved_text
from auditor.spec.audit_spec import AuditSpec

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.yaml"))
VALID = parse_spec((Path(__file__).parent / "valid.yaml").read_bytes(), Path("valid.yaml")).spec
HIDDEN = "\u2028\u2029\ufeff\ufffe\uffff"
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters=HIDDEN), min_size=1, max_size=40)
TRAPS = (
    *[
        "no",
        "012",
        "1e3",
        "1.5",
        "null",
        "~",
        "<<",
        "2024-01-01",
        "true",
        "1:30",
        "=",
        "0x1F",
        "@",
        "%",
        "!x",
        "&a",
        "*a",
        "---",
        "...",
        "?",
        "#c",
        "'",
        '"',
        "|",
        ">",
        "-",
        "a:",
        "{a}",
        "[a]",
        "\u202e",
    ],
    *(" a ", "- b", "a: b", "a #b", "1" * 30, "\u200b"),
)
"""Texts that YAML readers like to take for something else."""


def read_back(text: str) -> AuditSpec:
    return parse_spec(text.encode(), Path("resolved.yaml")).spec


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_resolving_changes_nothing_and_settles_at_once(path: Path) -> None:
    spec = load_spec(path).spec
    text = resolved_text(spec)
    assert read_back(text) == spec
    assert resolved_text(read_back(text)) == text


def test_every_field_is_written_out_in_order(valid_text: str) -> None:
    spec = read_back(valid_text)
    keys = [line.split(":")[0] for line in resolved_text(spec).splitlines() if line[0].isalpha()]
    assert keys == [name for name in AuditSpec.model_fields if name != "extends"]
    assert "  gallery:\n    pairs: 6\n    seed: 0\n" in resolved_text(spec)
    assert "    digest: null\n" in resolved_text(spec)


@given(text=TEXT | st.sampled_from(TRAPS))
@settings(max_examples=100, deadline=None)
def test_any_text_survives(text: str) -> None:
    spec = VALID
    changed = spec.model_copy(update={"audit": spec.audit.model_copy(update={"owner": text, "intended_use": text * 3})})
    assert read_back(resolved_text(changed)).audit == changed.audit


@given(number=st.floats(min_value=1e-300, max_value=0.49))
@settings(max_examples=50, deadline=None)
def test_any_number_survives(number: float) -> None:
    spec = VALID
    promise = spec.requirements[0]
    assert promise.response is not None
    changed = promise.model_copy(update={"response": promise.response.model_copy(update={"at_most": number})})
    resolved = resolved_text(spec.model_copy(update={"requirements": (changed,)}))
    assert read_back(resolved).requirements == (changed,)


def test_choices_say_who_chose(valid_text: str) -> None:
    found = {choice.field: (choice.value, choice.chosen_by) for choice in choices(read_back(valid_text))}
    assert found["interventions[0].steps"] == ("10", "document")
    assert found["interventions[0].caption.join"] == (", ", "paper")
    assert found["interventions[0].noise.draws"] == ("2", "auditor")
    assert found["analyses[0].metric"] == ("auroc", "paper")
    assert found["analyses[0].concepts"] == ("null", "auditor")
    assert found["analyses[0].intervals.confidence"] == ("0.95", "paper")
    assert found["checks[0].max_drop"] == ("0.12", "paper")
    assert not any(field.startswith(("models", "dataset", "report")) for field in found)


def test_choices_reach_every_leaf(valid_text: str) -> None:
    spec = read_back(valid_text)

    def leaves(node: SpecNode) -> int:
        values = [getattr(node, name) for name in type(node).model_fields]
        return sum(leaves(value) if isinstance(value, SpecNode) else 1 for value in values)

    entries = (*spec.interventions, *spec.analyses, *spec.checks)
    assert len(choices(spec)) == sum(map(leaves, entries)) == len({choice.field for choice in choices(spec)})


def test_a_default_written_out_by_the_author_is_the_authors(valid_text: str) -> None:
    text = valid_text.replace("    steps: 10", "    steps: 10\n    noise: {draws: 2}")
    found = {choice.field: choice.chosen_by for choice in choices(read_back(text))}
    assert (found["interventions[0].noise.draws"], found["interventions[0].noise.seed"]) == ("document", "auditor")
