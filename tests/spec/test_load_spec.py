"""All errors at once: order, cap, places, and the faults of data that are told at places too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError, model_validator

from auditor import codes
from auditor.digest import digest_bytes
from auditor.errors import DataError, SpecError
from auditor.node import SpecNode
from auditor.spec import at_positions, load_spec, parse_spec, render_error
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.field_faults import Fault, wrong_type
from auditor.spec.places import place_of
from auditor.spec.wanted import PATTERN_WORDS
from auditor.spec.yaml_reader import read_yaml

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").glob("*.yaml"))


def problems_of(text: str) -> SpecError:
    with pytest.raises(SpecError) as caught:
        parse_spec(text.encode(), Path("a.yaml"))
    return caught.value


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_specs_that_are_shipped_load(path: Path) -> None:
    loaded = load_spec(path)
    assert loaded.spec.version == 1
    assert loaded.digest == digest_bytes(path.read_bytes())
    assert loaded.text == path.read_text(encoding="utf-8")


def test_problems_are_sorted_and_capped(valid_text: str) -> None:
    many = "".join(f"    key_{i:02}: {i}\n" for i in range(60))
    error = problems_of(valid_text.replace("    steps: 10\n", many).replace("sees,", "sees, ownr: x,"))
    lines = [problem.where.line for problem in error.problems if problem.where]
    assert len(error.problems) == 51
    assert lines == sorted(lines)
    assert error.problems[0].message == "unknown key `ownr` in `audit`"
    assert error.problems[-1].code == codes.MORE_PROBLEMS
    assert error.problems[-1].message == "11 more problems are not shown"


def test_a_fault_of_yaml_does_not_hide_the_fields_nor_shows_them_wrongly(valid_text: str) -> None:
    text = valid_text.replace("steps: 10", "steps: !x 10\n    stpes: 3").replace("steps: !x", "steps: !x")
    assert [problem.code for problem in problems_of(text).problems] == [codes.TAG, codes.UNKNOWN_KEY]


def test_every_path_of_pydantic_maps_to_a_node(valid_text: str) -> None:
    """Breaks every single value of a document in several ways, and looks each error up."""
    document = read_yaml(valid_text, "a.yaml")
    seen = 0
    for loc in document.positions.values:
        for wrong in (None, 7.5, "x" * 5000, (), {"transformers": 1}, {"kind": "x"}, True, -1):
            try:
                AuditSpec.model_validate(replaced(document.value, loc, wrong))
            except ValidationError as error:
                for item in error.errors():
                    seen += 1
                    found = place_of(item["loc"])
                    assert found.loc[:-1] == () or holds(replaced(document.value, loc, wrong), found.loc[:-1]), item
                    assert item["type"] in ("missing", "extra_forbidden") or found.wanted is not None
                    assert item["type"] == "extra_forbidden" or found.field is not None or found.loc == ()
    assert seen > 500


def replaced(value: object, loc: tuple[str | int, ...], new: object) -> object:
    """`value` with `new` at `loc`."""
    if not loc:
        return new
    if isinstance(value, dict):
        return {key: replaced(entry, loc[1:], new) if key == loc[0] else entry for key, entry in value.items()}
    assert isinstance(value, tuple)
    return tuple(replaced(entry, loc[1:], new) if i == loc[0] else entry for i, entry in enumerate(value))


def holds(value: object, loc: tuple[str | int, ...]) -> bool:
    """Whether the document `value` has something at `loc`."""
    for part in loc:
        if isinstance(value, dict) and part in value:
            value = value[str(part)]
        elif isinstance(value, tuple) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return False
    return True


class Cat(SpecNode):
    """A node for tests."""

    kind: Literal["cat"]
    lives: Literal["nine"] | int = Field("nine", union_mode="left_to_right")


class Dog(SpecNode):
    """Another node for tests."""

    kind: Literal["dog"]
    cat: int


class Pets(SpecNode):
    """A node with a union, which the document may not have yet."""

    pets: tuple[Annotated[Cat | Dog, Field(discriminator="kind")], ...]

    @model_validator(mode="after")
    def no_crowd(self) -> Pets:
        if len(self.pets) > 1:
            raise ValueError("Pets must live alone.")
        return self


def test_tags_and_labels_of_unions_are_left_out_of_paths() -> None:
    assert place_of(("pets", 0, "cat", "lives", "int"), Pets).loc == ("pets", 0, "lives")
    assert place_of(("pets", 0, "dog", "cat"), Pets).loc == ("pets", 0, "cat")
    assert place_of(("pets", 0, "cat", "cat"), Pets).loc == ("pets", 0, "cat")


def test_rules_of_nodes_are_told_in_their_own_words() -> None:
    with pytest.raises(ValidationError) as caught:
        Pets.model_validate({"pets": ({"kind": "cat"}, {"kind": "dog", "cat": 1})})
    item = caught.value.errors()[0]
    document = read_yaml("pets: []", "a.yaml")
    fault = Fault(item["type"], place_of(("pets",), Pets), item["input"], {}, item["msg"])
    problem = wrong_type(fault, document.positions)
    assert (problem.code, problem.message) == (codes.REFUSED_VALUE, "`pets` is refused: pets must live alone")


def test_every_pattern_of_the_language_is_told_in_words() -> None:
    def patterns(node: object) -> set[str]:
        if isinstance(node, dict):
            own = {node["pattern"]} if isinstance(node.get("pattern"), str) else set()
            return own.union(*map(patterns, node.values()))
        return set().union(*map(patterns, node)) if isinstance(node, list) else set()

    assert patterns(AuditSpec.model_json_schema()) <= set(PATTERN_WORDS)


def test_faults_of_data_are_told_where_the_document_leads_to_them(valid_text: str) -> None:
    loaded = parse_spec(valid_text.encode(), Path("a.yaml"))
    error = at_positions(
        loaded,
        [
            DataError("no folder `x`", code=codes.FOLDER_MISSING, loc=("dataset", "source"), way_out="make it"),
            DataError("no output", code=codes.UNKNOWN_TARGET, loc=("models", 0, "target")),
            DataError("weights of another kind", code=codes.DIGEST_MISMATCH, loc=("models", 0, "digest")),
        ],
    )
    assert [(problem.code, problem.where.line if problem.where else 0) for problem in error.problems] == [
        (codes.DIGEST_MISMATCH, 4),
        (codes.UNKNOWN_TARGET, 4),
        (codes.FOLDER_MISSING, 7),
    ]
    assert "a.yaml:7:19: AUD301 no folder `x`" in render_error(error)
    assert "= way out: make it" in render_error(error)


def test_loading_imports_nothing_heavy() -> None:
    heavy = [
        "torch",
        "scipy",
        "diffusers",
        "transformers",
        "PIL",
        "rich",
        "jinja2",
        "pandas",
        "pyarrow",
        "matplotlib",
        "weasyprint",
        "jsonschema",
    ]
    program = f"import sys, auditor.spec; print([name for name in {heavy!r} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert told.stdout.strip() == "[]"
