"""The schema that editors read: current, draft 07, and of one mind with `auditor validate`.

Regenerate the file with `AUDITOR_WRITE_GOLDEN=1 pytest tests/spec/test_spec_schema.py`, and read the diff.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pydantic import ValidationError

from auditor.spec import schema_text, spec_schema
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.positions import Loc
from auditor.spec.yaml_reader import read_yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "schemas" / "audit-spec.v1.json"
SPECS = sorted((ROOT / "specs").glob("*.yaml"))
VALIDATOR = Draft7Validator(spec_schema())


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_the_committed_schema_is_current() -> None:
    if os.environ.get("AUDITOR_WRITE_GOLDEN"):
        FILE.write_text(schema_text(), encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == schema_text(), "regenerate it, see the first lines of this file"


def test_the_schema_is_one_that_editors_read() -> None:
    schema = spec_schema()
    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert list(schema)[:4] == ["$schema", "$id", "title", "description"]
    text = schema_text()
    assert "discriminator" not in text
    assert "$defs" not in text
    assert text.count('"x-default-from"') > 40


def test_every_field_has_a_description_and_every_node_is_closed() -> None:
    schema = spec_schema()
    for name, node in {"AuditSpec": schema, **schema["definitions"]}.items():
        assert node["additionalProperties"] is False, name
        assert node["description"], name
        for key, field in node["properties"].items():
            assert field.get("description") or {"$ref", "allOf"} & set(field), f"{name}.{key}"


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_specs_that_are_shipped_fit(path: Path) -> None:
    document = read_yaml(path.read_text(encoding="utf-8"), path.name)
    assert list(VALIDATOR.iter_errors(as_json(document.value))) == []
    first_line = path.read_text(encoding="utf-8").splitlines()[0]
    assert first_line == "# yaml-language-server: $schema=../schemas/audit-spec.v1.json"


def test_check_jsonschema_agrees() -> None:
    files = [str(ROOT / "specs" / "shapes-reliance.yaml")]
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(FILE), *files]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


EXAMPLE = read_yaml((ROOT / "specs" / "shapes-reliance.yaml").read_text(encoding="utf-8"), "a.yaml")
PLACES = sorted(EXAMPLE.positions.values, key=repr)
VALUES = st.one_of(
    st.sampled_from(
        [
            *(
                None,
                True,
                False,
                0,
                1,
                -1,
                2,
                50,
                99,
                200,
                10**7,
                2**53,
                0.5,
                0.05,
                0.999,
                -0.5,
                1.5,
                "",
                "exact",
                "auroc",
                "python",
            ),
            *(
                "transformers",
                "holm",
                "significance",
                "text_to_image",
                "x" * 130,
                "x" * 5000,
                "a" * 64,
                "two\nlines",
                "Big",
                "pdf",
                "reference",
            ),
            *(
                {},
                (),
                ("html",),
                ("html", "pdf", "html"),
                (1,),
                {"a": 1},
                {"name": "x"},
                {"at_most": 0.1},
                {"within": 0},
                {"name": "mine", "batch": {"generate": 4}},
                {"name": "mine", "batch": {"generate": 0}},
                ("a.yaml", "b/c.yml"),
                "base.yaml",
            ),
        ]
    ),
    st.integers(-(2**62), 2**62),
    st.floats(-2, 2).filter(lambda number: not number.is_integer()),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=6),
)
KEYS = st.sampled_from(
    [
        *("name", "kind", "adapter", "seed", "of", "models", "digest", "rows", "outputs", "stpes", "mean"),
        *("numerics", "fail_on_invalid", "extends"),
    ]
)
STEPS = st.tuples(st.sampled_from(PLACES), st.sampled_from(["drop", "add", "put"]), KEYS, VALUES)


def changed(value: Any, loc: Loc, kind: str, key: str, new: Any) -> Any:
    """`value` with the part at `loc` replaced, left out, or given another key."""
    if loc and not (kind == "drop" and len(loc) == 1):
        inner = {loc[0]: changed(value[loc[0]], loc[1:], kind, key, new)}
        if isinstance(value, dict):
            return {name: inner.get(name, entry) for name, entry in value.items()}
        return tuple(inner.get(index, entry) for index, entry in enumerate(value))
    if kind == "drop" and loc:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        rest = [(name, entry) for name, entry in pairs if name != loc[0]]
        return dict(rest) if isinstance(value, dict) else tuple(entry for _, entry in rest)
    return {**value, key: new} if kind == "add" and isinstance(value, dict) else new


@given(steps=st.lists(STEPS, min_size=1, max_size=2))
@settings(max_examples=400, deadline=None)
def test_schema_and_program_agree(steps: list[tuple[Loc, str, str, Any]]) -> None:
    value: Any = EXAMPLE.value
    for loc, kind, key, new in steps:
        if loc == ("version",):
            continue  # Read before the fields are, and by a rule of its own.
        try:
            value = changed(value, loc, kind, key, new)
        except (KeyError, IndexError, TypeError):
            continue
    try:
        AuditSpec.model_validate(value)
        program = None
    except ValidationError as error:
        program = error.errors()[0]
    schema = next(VALIDATOR.iter_errors(as_json(value)), None)
    assert (program is None) == (schema is None), f"program: {program}; schema: {schema and schema.message}"
