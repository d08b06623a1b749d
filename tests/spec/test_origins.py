"""A document written out says of every value where it comes from, and is the same document still."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import SpecError
from auditor.spec import explained_text, field_path, load_spec, origins, parse_spec
from auditor.spec.yaml_reader import read_yaml
from tests.spec.family import BASE, HEADER, VALID, write

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").glob("*.yaml"))


def comments(text: str) -> dict[str, str]:
    """The comment behind each value, by the path of the value."""
    positions = read_yaml(text, "a.yaml").positions
    lines = text.split("\n")
    return {
        field_path(loc): lines[where.line - 1].partition("  # ")[2]
        for loc, where in positions.values.items()
        if "  # " in lines[where.line - 1]
    }


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_what_is_printed_reads_back_as_an_equal_audit(path: Path) -> None:
    loaded = load_spec(path)
    again = parse_spec(explained_text(loaded).encode(), path)
    assert again.spec == loaded.spec
    assert all(origin.where for origin in origins(again))


def test_every_value_says_where_it_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    over = "dataset: {rows: 20, digest: null}\nreport: {gallery: {seed: 5}}\nfail_on_invalid: ~\n"
    base = BASE.replace("steps: 10", "caption: {empty: none}") + "fail_on_invalid: 3\n"
    write(tmp_path, audit=HEADER + over, base=base)
    loaded = load_spec(Path("audit.yaml"))
    found = comments(explained_text(loaded))
    assert found["version"] == "audit.yaml:1"
    assert found["audit.revision"] == "audit.yaml:3"
    assert (found["dataset.rows"], found["dataset.label"]) == ("audit.yaml:4", "base.yaml:6")
    assert (found["dataset.digest"], found["dataset.seed"]) == ("audit.yaml:4", "default (chosen)")
    assert found["interventions[0].caption.join"] == "default (paper)"
    assert found["interventions[0].caption.empty"] == "base.yaml:14"
    assert found["report.formats[0]"] == found["report.gallery.pairs"] == "default (chosen)"
    assert (found["report.gallery.seed"], found["fail_on_invalid"]) == ("audit.yaml:5", "default (chosen)")
    assert "extends" not in found
    assert parse_spec(explained_text(loaded).encode(), Path("audit.yaml")).spec == loaded.spec
    assert explained_text(loaded).startswith("# audit.yaml, base.yaml, written out: ")
    # Every value has exactly one origin, and no mapping or list has any.
    leaves = {field_path(loc) for loc, value in everything(loaded.spec.model_dump(exclude={"extends"})).items()}
    assert {field_path(origin.loc) for origin in origins(loaded)} == leaves
    assert all((origin.where is None) != (origin.default_from is None) for origin in origins(loaded))


def everything(value: object, loc: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], object]:
    """The values below `value` that hold no others, by path."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple) else None
    if inner is None or not value:
        return {loc: value}
    return {path: leaf for key, entry in inner for path, leaf in everything(entry, (*loc, key)).items()}


def test_names_of_files_play_no_tricks(tmp_path: Path) -> None:
    path = tmp_path / "odd\n\u202e # x: y.yaml"
    path.write_text(VALID, encoding="utf-8")
    loaded = load_spec(path)
    text = explained_text(loaded)
    assert text.replace("\n", "").isprintable()
    assert parse_spec(text.encode(), path).spec == loaded.spec


@given(
    text=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40) | st.sampled_from(["a:", ":"])
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_text_keeps_its_line(text: str) -> None:
    written = VALID.replace("title: What the classifier sees", f"title: {json.dumps(text)}")
    try:
        loaded = parse_spec(written.encode(), Path("a.yaml"))
    except SpecError as error:
        assert "cannot be seen" in str(error)
        return
    again = parse_spec(explained_text(loaded).encode(), Path("a.yaml"))
    assert again.spec == loaded.spec
    assert comments(explained_text(loaded))["audit.title"] == "a.yaml:2"
