"""Documents over documents: what merges, what replaces, what a path means, and what may be read at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auditor import codes
from auditor.digest import digest_bytes
from auditor.errors import SpecError
from auditor.spec import LoadedSpec, load_spec, parse_spec, render_error, resolved_text
from tests.spec.family import BASE, HEADER, VALID, write

DATASET = 'dataset: {source: "builtin:shapes/test", label: outcome}\n'


def problems_of(path: Path) -> SpecError:
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    return caught.value


def loaded(folder: Path, over: str = "", base: str = BASE, **more: str) -> LoadedSpec:
    return load_spec(write(folder, audit=HEADER + over, base=base, **more))


def test_a_document_split_in_two_is_the_same_audit(tmp_path: Path) -> None:
    split = loaded(tmp_path)
    assert split.spec == parse_spec(VALID.encode(), Path("valid.yaml")).spec
    assert [file.name for file in split.files] == ["audit.yaml", "base.yaml"]
    assert split.text == HEADER
    assert split.positions.of_value(("dataset", "label")).path == str(tmp_path / "base.yaml")
    assert split.positions.of_value(("audit", "title")).path == str(tmp_path / "audit.yaml")


def test_mappings_merge_key_by_key_at_any_depth(tmp_path: Path) -> None:
    base = BASE + "report: {formats: [html], gallery: {pairs: 3}}\nnumerics: {name: mine, batch: {generate: 4}}\n"
    over = "dataset: {rows: 20, seed: 7}\nreport: {gallery: {seed: 5}}\nnumerics: {batch: {predict: 8}, device: cpu}\n"
    spec = loaded(tmp_path, over, base).spec
    assert (spec.dataset.source, spec.dataset.rows, spec.dataset.seed) == ("builtin:shapes/test", 20, 7)
    assert (spec.report.formats, spec.report.gallery.pairs, spec.report.gallery.seed) == (("html",), 3, 5)
    assert spec.numerics.model_dump() == {  # type: ignore[union-attr]
        "name": "mine",
        "device": "cpu",
        "dtype": None,
        "batch": {"generate": 4, "edit": None, "predict": 8},
        "compile": "auto",
    }


def test_lists_and_single_values_replace(tmp_path: Path) -> None:
    over = "concepts:\n  - {name: blue circle, column: blue_circle, phrase: round and blue}\nnumerics: reference\n"
    spec = loaded(tmp_path, over, BASE + "numerics: {name: mine}\n").spec
    assert [concept.phrase for concept in spec.concepts] == ["round and blue"]
    assert spec.numerics == "reference"


def test_null_deletes_what_the_base_has_and_is_a_value_elsewhere(tmp_path: Path) -> None:
    base = BASE.replace("label: outcome}", "label: outcome, rows: 20, cluster: patient}") + "fail_on_invalid: 3\n"
    spec = loaded(tmp_path, "dataset: {rows: null, digest: null}\nfail_on_invalid:\n", base).spec
    assert (spec.dataset.rows, spec.dataset.digest, spec.dataset.cluster) == (None, None, "patient")
    assert spec.fail_on_invalid == 0.1
    assert not {"rows", "fail_on_invalid"} & (spec.dataset.model_fields_set | spec.model_fields_set)


def test_files_of_a_list_are_written_over_each_other_in_order(tmp_path: Path) -> None:
    header = HEADER.replace("base.yaml", "[base.yaml, rows.yaml, seed.yaml]")
    rows = "version: 1\ndataset: {rows: 10, seed: 1}\n"
    seed = "version: 1\nextends: deep/seeds.yaml\ndataset: {seed: 2}\n"
    seeds = "version: 1\ndataset: {seed: 3, rows: 99, cluster: patient}\n"
    spec = load_spec(write(tmp_path, audit=header, base=BASE, rows=rows, seed=seed, deep__seeds=seeds)).spec
    assert (spec.dataset.rows, spec.dataset.seed, spec.dataset.cluster) == (99, 2, "patient")


def test_two_files_may_extend_a_third(tmp_path: Path) -> None:
    header = HEADER.replace("base.yaml", "[one.yaml, two.yaml]")
    one, two = ("version: 1\nextends: base.yaml\ndataset: {rows: 5}\n", "version: 1\nextends: base.yaml\n")
    found = load_spec(write(tmp_path, audit=header, one=one, two=two, base=BASE))
    assert [file.name for file in found.files] == ["audit.yaml", "one.yaml", "base.yaml", "two.yaml"]
    assert found.spec.dataset.rows == 5


def test_the_digest_covers_every_file(tmp_path: Path) -> None:
    first = loaded(tmp_path)
    assert first.digest != digest_bytes(HEADER.encode())
    assert loaded(tmp_path).digest == first.digest
    assert loaded(tmp_path, "", BASE + "# a remark\n").digest != first.digest
    assert loaded(tmp_path, "# a remark\n").digest != first.digest
    alone = load_spec(write(tmp_path / "alone", audit=VALID))
    assert alone.digest == digest_bytes(VALID.encode())
    assert alone.whole_text == alone.text == VALID
    assert first.whole_text == f"# ======== audit.yaml ========\n{HEADER}\n# ======== base.yaml ========\n{BASE}"


def test_a_path_is_seen_from_the_file_in_which_it_stands(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    weights = "outputs: [a], weights: [w.npy, deep/v.npy], revision: '1'"
    models = f"""\
version: 1
models:
  - {{name: folder, adapter: transformers, source: models/outcome, target: a}}
  - {{name: file, adapter: python, source: "model.py:score", {weights}, target: a}}
  - {{name: bundled, adapter: transformers, source: "builtin:shapes/outcome", target: outcome}}
  - {{name: hub, adapter: transformers, source: "some/model@{"1" * 40}", target: outcome}}
  - {{name: above, adapter: transformers, source: ../elsewhere/model, target: a}}
dataset: {{source: pictures}}
"""
    header = HEADER.replace("base.yaml", "[../../base.yaml, ../../shared/models.yaml, below/rows.yaml]")
    rows = "version: 1\ndataset: {source: pictures, rows: 5}\n"
    files = {"specs__a__audit": header, "base": BASE, "shared__models": models, "specs__a__below__rows": rows}
    write(tmp_path, **files)
    path = tmp_path / "specs/a/audit.yaml"
    found = load_spec(path)
    assert [model.source for model in found.spec.models] == [
        "../../shared/models/outcome",
        "../../shared/model.py:score",
        "builtin:shapes/outcome",
        f"some/model@{'1' * 40}",
        "../../elsewhere/model",
    ]
    assert found.spec.models[1].weights == ("../../shared/w.npy", "../../shared/deep/v.npy")  # type: ignore[union-attr]
    assert found.spec.dataset.source == "below/pictures"
    assert found.positions.written(("dataset", "source")) == "pictures"
    # Written out, the audit means the same beside the document.
    assert parse_spec(resolved_text(found.spec).encode(), path).spec == found.spec
    # From wherever it is read.
    here = Path.cwd()
    try:
        os.chdir(tmp_path / "specs/a")
        again = load_spec(Path("audit.yaml"))
    finally:
        os.chdir(here)
    assert (again.spec, again.digest) == (found.spec, found.digest)
    assert [file.path for file in again.files] == [
        "audit.yaml",
        "../../base.yaml",
        "../../shared/models.yaml",
        "below/rows.yaml",
    ]


def test_files_above_are_read_in_a_repository_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "specs", audit=HEADER.replace("base.yaml", "../base.yaml"))
    write(tmp_path, base=BASE)
    (problem,) = problems_of(path).problems
    assert problem.code == codes.SOURCE_OUTSIDE
    assert problem.message == "`../base.yaml` leads outside the folder of the document"
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")
    assert load_spec(path).spec.dataset.label == "outcome"


def test_the_same_limit_holds_when_a_file_is_shown_as_above(tmp_path: Path) -> None:
    """Positions name a file as seen from where the user stands, whatever links lead there."""
    write(tmp_path / "real", audit=HEADER, base=BASE.replace("outcome}\n", "outcome, rowz: 1}\n", 1))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    error = problems_of(tmp_path / "link/audit.yaml")
    assert [problem.where.path for problem in error.problems if problem.where] == [str(tmp_path / "link/base.yaml")]
    assert "rowz" in render_error(error)


def test_every_file_is_of_the_language_and_says_so(tmp_path: Path) -> None:
    without = BASE.removeprefix("version: 1\n")
    (problem,) = problems_of(write(tmp_path, audit=HEADER, base=without)).problems
    assert (problem.code, problem.where and problem.where.path) == (codes.MISSING_VERSION, str(tmp_path / "base.yaml"))
    newer = "version: 2\nsomething: new\n"
    (problem,) = problems_of(write(tmp_path, audit=HEADER, base=newer)).problems
    assert (problem.code, problem.where and problem.where.path) == (codes.NEWER_VERSION, str(tmp_path / "base.yaml"))


def test_a_file_that_cannot_be_had_is_told_without_what_would_be_in_it(tmp_path: Path) -> None:
    error = problems_of(write(tmp_path, audit=HEADER.replace("base.yaml", "[bsae.yaml, other.yaml]"), base=BASE))
    assert [problem.code for problem in error.problems] == [codes.FOLDER_MISSING] * 2
    assert error.problems[0].suggestion == "base.yaml"


def test_limits_count_over_all_files_together(tmp_path: Path) -> None:
    half = "version: 1\n# " + "x" * 600_000 + "\n"
    header = HEADER.replace("base.yaml", "[one.yaml, two.yaml]")
    error = problems_of(write(tmp_path, audit=header, one=half, two=half))
    assert [problem.code for problem in error.problems] == [codes.FILE_TOO_LARGE]
    assert error.problems[0].where and error.problems[0].where.path.endswith("two.yaml")
    many = "version: 1\nextra:\n" + "- [x, y]\n" * 9_000
    error = problems_of(write(tmp_path, audit=header, one=many, two=many))
    assert [problem.code for problem in error.problems] == [codes.TOO_MANY_NODES]
    twos = {f"f{i}": f"version: 1\nextends: [f{i + 1}.yaml, g{i + 1}.yaml]\n" for i in range(5)}
    twos |= {f"g{i}": twos[f"f{i}"] for i in range(1, 5)} | {"f5": "version: 1\n", "g5": "version: 1\n"}
    error = problems_of(write(tmp_path, audit=HEADER.replace("base.yaml", "f0.yaml"), **twos))
    assert {problem.code for problem in error.problems} == {codes.EXTENDS_TOO_MUCH}
    chain = {f"c{i}": f"version: 1\nextends: c{i + 1}.yaml\n" for i in range(1, 6)} | {"c6": BASE}
    write(tmp_path, **chain)
    assert load_spec(write(tmp_path, audit=HEADER.replace("base.yaml", "c2.yaml"))).spec
    error = problems_of(write(tmp_path, audit=HEADER.replace("base.yaml", "c1.yaml")))
    assert [problem.code for problem in error.problems] == [codes.EXTENDS_TOO_MUCH]
