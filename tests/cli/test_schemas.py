"""The schemas of what auditor writes: current, draft 07, and of one mind with what is written.

Regenerate the files with `AUDITOR_WRITE_GOLDEN=1 pytest tests/cli/test_schemas.py`, and read the diff.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from auditor.run.schemas import FILES, text_of_schema
from tests.cli.conftest import ROOT, Command
from tests.cli.user_audit import run_folder

FOLDER = ROOT / "schemas"


@pytest.mark.parametrize("of", FILES)
def test_the_committed_schemas_are_current(of: str, auditor: Command) -> None:
    text = text_of_schema(of)
    if os.environ.get("AUDITOR_WRITE_GOLDEN"):
        (FOLDER / FILES[of]).write_text(text, encoding="utf-8")
    assert (FOLDER / FILES[of]).read_text(encoding="utf-8") == text, "regenerate it, see the first lines of this file"
    assert auditor("schema", of).out == text
    Draft7Validator.check_schema(json.loads(text))


def test_every_committed_schema_has_its_source() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(FILES.values())


@pytest.mark.parametrize("of", ["plan", "lock"])
def test_every_field_is_described_and_every_node_closed(of: str) -> None:
    schema = json.loads(text_of_schema(of))
    for name, node in {of: schema, **schema["definitions"]}.items():
        assert node["additionalProperties"] is False and node["description"], name
        assert all(field.get("description") for field in node["properties"].values()), name


def test_what_is_written_fits(finished: Path, auditor: Command) -> None:
    assert auditor("plan", "--no-estimate", "audit.yaml", "--allow-python", "-o", "plan.json").status == 0
    assert auditor("lock", "audit.yaml", "--allow-python").status == 0
    files = {"plan": Path("plan.json"), "lock": Path("audit.lock.json"), "result": run_folder(finished) / "result.json"}
    for of, file in files.items():
        written = json.loads(file.read_text(encoding="utf-8"))
        validator = Draft7Validator(json.loads(text_of_schema(of)))
        assert list(validator.iter_errors(written)) == []
        assert not validator.is_valid({**written, "unheard_of": 1})
        assert not validator.is_valid({**written, "schema_version": 2})
