"""Earlier results of an audit are named, and requirements that were changed after scores existed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.results.earlier import EarlierResult, changed_requirements
from auditor.run.earlier import earlier_of_audit
from auditor.run.folder import RunFolder
from auditor.spec import load_spec
from auditor.spec.load import LoadedSpec

SPECS = Path(__file__).parents[2] / "specs"


@pytest.fixture
def loaded() -> LoadedSpec:
    return load_spec(SPECS / "shapes-reliance.yaml")


def write(folder: Path, spec: str, requirements: str = "r", audit: str = "shapes-reliance", **more: object) -> None:
    """A `result.json` with what names it."""
    folder.mkdir(parents=True, exist_ok=True)
    held = {
        "audit": {"id": audit, "revision": folder.name},
        "outcome": "fail",
        "identities": [{"role": "spec", "digest": spec}, {"role": "requirements", "digest": requirements},
                       {"role": "spec", "digest": "of a file that it extends"}],
        **more,
    }  # fmt: skip
    (folder / "result.json").write_text(json.dumps(held))


def test_results_beside_it_are_found_by_id(loaded, tmp_path):
    write(tmp_path / "0.9", "other")
    write(tmp_path / "0.8", "another", partial={"rows": 3, "of": 9})
    write(tmp_path / "elsewhere", "x", audit="another-audit")
    write(tmp_path / "same document", loaded.digest)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/result.json").write_text("{")
    found = earlier_of_audit(loaded, RunFolder(tmp_path / "1.0.0"))
    assert [(one.revision, one.outcome, one.partial) for one in found] == [
        ("0.8", "fail", True),
        ("0.9", "fail", False),
    ]
    assert {one.spec_digest for one in found} == {"other", "another"}


def test_the_result_that_a_changed_document_replaces_is_earlier_with_all_that_it_named(loaded, tmp_path):
    write(tmp_path / "0.9", "first")
    first = earlier_of_audit(loaded, RunFolder(tmp_path / "1.0.0"))
    write(tmp_path / "1.0.0", "before", earlier=[one.model_dump() for one in first])
    (tmp_path / "0.9/result.json").unlink()
    found = earlier_of_audit(loaded, RunFolder(tmp_path / "1.0.0"))
    assert [one.revision for one in found] == ["0.9", "1.0.0"]


def test_the_same_document_keeps_its_list_whatever_was_run_since(loaded, tmp_path):
    write(tmp_path / "1.0.0", loaded.digest)
    write(tmp_path / "1.1.0", "later")
    assert earlier_of_audit(loaded, RunFolder(tmp_path / "1.0.0")) == ()


def test_other_requirements_were_changed_after_scores_existed():
    one = EarlierResult(
        revision="1", outcome="fail", partial=False, result_digest="a", spec_digest="b", requirements_digest="c"
    )
    assert not changed_requirements((), "c") and not changed_requirements((one,), "c")
    assert changed_requirements((one,), "d")
