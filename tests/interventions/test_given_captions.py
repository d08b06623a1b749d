"""Captions and permutations from outside: both forms, what a table may leave out, and each fault of a table."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pytest

from auditor import codes
from auditor.concepts import Concept
from auditor.errors import DataError
from auditor.interventions import Caption, TextToImage
from auditor.interventions.given_captions import GivenCaptions, read_given
from auditor.interventions.row_captions import incomplete, row_captions
from auditor.statistics import GivenDeals, metric_value, sampled_importance
from tests.valued import Valued
from tests.world import drive, reliance

LOC = ("interventions", 0, "caption", "table")
NODES = (
    Concept(name="bed", kind="count", column="bed", phrase="bed"),
    Concept(name="cell phone", kind="count", column="cell phone", phrase="cell phone"),
)
CAPTION = Caption(counts="collapsed", include="permuted", empty="")
LEVELS = ((0, 1, 3), (0, 2))


def rows(n: int = 8):  # type: ignore[no-untyped-def]
    """Rows with beds and phones, as captions tell them: any or none."""
    rng = np.random.default_rng(3)
    values = np.stack([rng.integers(0, 3, n), rng.integers(0, 2, n)], axis=1)
    values[:2] = [[0, 0], [2, 1]]
    rows = dataclasses.replace(Valued(rows=n).view().rows, values=values, levels=LEVELS)
    return CAPTION.told(rows, NODES)


def write_released_form(folder: Path, n: int = 8, permutations: int = 6) -> None:
    """Tables as DEPICT's released code writes them: a folder for each concept, a file for each permutation."""
    told, rng = rows(n), np.random.default_rng(5)
    for j, concept in enumerate(NODES):
        below = folder / f"{concept.name}_permutations"
        below.mkdir(parents=True)
        (below / ".ipynb_checkpoints").mkdir()
        for k in range(permutations):
            values = told.values.copy()
            values[:, j] = rng.permutation(values[:, j])
            with (below / f"{k}.csv").open("w", newline="", encoding="utf-8") as file:
                table = csv.writer(file, lineterminator="\n")
                table.writerow(["", "image_id", "file_name", "text", *(c.name for c in NODES), "permuted_text"])
                for i, name in enumerate(told.names):
                    said = [f"1 {c.phrase}" for c, v in zip(NODES, values[i], strict=True) if v]
                    table.writerow([i, i, name, "2 cat, 3 bed", *values[i], ", ".join(said)])
                table.writerow([n, n, "not-in-the-audit.png", "", 0, 0, "1 cat"])


def long_form(lines: list[str], folder: Path, header: str = "file_name,concept,value,caption") -> None:
    (folder / "captions.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def every_line(told, caption=lambda i, j, v: f"row {i} with {v} of {j}") -> list[str]:  # type: ignore[no-untyped-def]
    """A caption for each row, concept and value; one for the row as it is."""
    return [
        f"{name},{concept.name},{v},{f'row {i}' if v == told.values[i, j] else caption(i, j, v)}"
        for i, name in enumerate(told.names)
        for j, concept in enumerate(NODES)
        for v in (0, 1)
    ]


def read(folder: Path, source: str) -> GivenCaptions:
    return read_given(source, folder, rows(), NODES, LOC)


def test_the_released_form_is_read_and_its_gaps_are_written_by_an_equal_policy(tmp_path):
    write_released_form(tmp_path / "metadata")
    given = read(tmp_path, "metadata")
    assert [len(given.dealt[concept.name]) for concept in NODES] == [6, 6]
    names = [concept.name for concept in NODES]
    assert incomplete(CAPTION, rows(), NODES, names, given, LOC) is None
    with_table, without = (row_captions(CAPTION, rows(), NODES, names, one) for one in (given, None))
    assert np.array_equal(with_table.by_value, without.by_value)
    assert np.array_equal(with_table.factual, without.factual) and "" in with_table.factual
    for j, name in enumerate(names):
        dealt = given.deals(name, rows().names)
        assert dealt is not None and dealt.shape == (8, 6)
        assert all(sorted(dealt[:, k]) == sorted(rows().values[:, j]) for k in range(6))


def test_gaps_of_captions_that_the_document_would_write_otherwise_are_refused(tmp_path):
    lines = every_line(rows())
    long_form(lines, tmp_path)
    names = [concept.name for concept in NODES]
    given = read(tmp_path, "captions.csv")
    assert incomplete(CAPTION, rows(), NODES, names, given, LOC) is None, "nothing is missing"
    found = row_captions(CAPTION, rows(), NODES, names, given)
    assert found.by_value[3, 0, 1 - rows().values[3, 0]] == f"row 3 with {1 - rows().values[3, 0]} of 0"
    assert found.factual[3] == "row 3" == found.by_value[3, 1, rows().values[3, 1]]
    gap = next(line for line in lines if line.startswith("0004.png,bed") and "with" in line)
    long_form([line for line in lines if line != gap], tmp_path)
    error = incomplete(CAPTION, rows(), NODES, names, read(tmp_path, "captions.csv"), LOC)
    assert error is not None and error.code == codes.CAPTION_MISSING and error.loc == LOC
    assert f"no caption for `0004.png` with `bed` at {gap.split(',')[2]}" in str(error)
    assert "line 2 of `captions.csv` has" in str(error) and "the document would write" in str(error)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda t: t.replace("file_name,", "file,"), "has no column `file_name`"),
        (lambda t: t.replace("bed,1", "bet,1", 1), "names the concept `bet`, which is not declared"),
        (lambda t: t.replace("bed,1", "bed,2", 1), "gives `bed` the value `2`, and these rows have `0`, `1`"),
        (lambda t: t + "0000.png,bed,1,another\n", "line 34 of `captions.csv` gives `0000.png` with `bed` at 1"),
        (lambda t: t.replace("cell phone,0,row 0", "cell phone,0,other"), "gives `0000.png` as it is the caption"),
        (lambda t: t.replace("0002.png,bed,1,", "0002.png,bed,1,a,b,"), "has 6 values, and 4 columns"),
    ],
)
def test_tables_that_contradict_themselves_or_the_document(tmp_path, spoil, said):
    long_form(every_line(rows()), tmp_path)
    path = tmp_path / "captions.csv"
    path.write_text(spoil(path.read_text()))
    with pytest.raises(DataError) as caught:
        read(tmp_path, "captions.csv")
    assert caught.value.code == codes.CAPTION_TABLE and said in str(caught.value), str(caught.value)
    assert caught.value.loc == LOC and caught.value.way_out


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (lambda line: None if line.startswith("0005.png,bed,p1") else line, codes.CAPTION_MISSING,
         "permutation `p1` of `bed` deals no value to `0005.png`"),
        (lambda line: None if ",p1," in line else line, codes.CAPTION_MISSING, "holds one permutation of `bed`"),
        (lambda line: line.replace("0000.png,bed,p1,0", "0000.png,bed,p1,1"), codes.NOT_A_PERMUTATION,
         "permutation `p1` of `bed` does not deal out the values"),
    ],
)  # fmt: skip
def test_permutations_that_are_none(tmp_path, spoil, code, said):
    told = rows()
    lines = [f"{name},bed,p{k},{told.values[i, 0]},as it is {i}" for k in range(2) for i, name in enumerate(told.names)]
    spoilt = [line for line in map(spoil, lines) if line]
    # Given a value that is not its own, a row's caption is another.
    spoilt = [line.replace("as it is", "changed") if line.startswith("0000.png,bed,p1,1") else line for line in spoilt]
    long_form(spoilt, tmp_path, "file_name,concept,permutation,value,caption")
    with pytest.raises(DataError) as caught:
        read(tmp_path, "captions.csv")
    assert caught.value.code == code and said in str(caught.value), str(caught.value)


def test_a_table_outside_the_project_or_of_no_kind_is_refused(tmp_path):
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec/empty").mkdir()
    for source, said in (("../captions.csv", "outside"), ("nothing.csv", "nothing at"), ("empty", "holds no folder")):
        with pytest.raises(DataError, match=said):
            read_given(source, tmp_path / "spec", rows(), NODES, LOC)


def test_captions_of_a_table_are_held_against_the_text_encoder(materials, tmp_path):
    node = TextToImage(name="captions", kind="text_to_image", source="pipeline", caption=CAPTION)
    for length, refused in ((46, False), (47, True)):
        long_form(every_line(rows(), lambda i, j, v, text="a" * length: text), tmp_path)
        found = node.check(rows(), NODES, materials.pipelines["captions"], LOC[:2],
                           [["bed", "cell phone"]], read(tmp_path, "captions.csv"))  # fmt: skip
        assert [error.code for error in found] == [codes.CAPTION_TOO_LONG] * refused


def test_importance_over_given_permutations_is_the_mean_over_these_very_ones():
    """Slow twin: each permutation's AUROC from its picked scores; 600 fill more than one block."""
    rng = np.random.default_rng(0)
    scores, values, labels = rng.normal(size=(12, 2, 3)), rng.integers(0, 3, 12), np.arange(12) % 2
    dealt = np.stack([rng.permutation(values) for _ in range(600)], axis=1)
    found = sampled_importance(scores, values, labels, "auroc", 600, 0, deals=GivenDeals(dealt))
    each = [metric_value("auroc", labels, scores[np.arange(12), :, dealt[:, k]]) for k in range(600)]
    factual = metric_value("auroc", labels, scores[np.arange(12), :, values])
    assert found.importance == pytest.approx(factual - np.mean(each), abs=1e-12)
    assert found.expectation == "sampled" and found.permutations == 600
    assert found.monte_carlo_se == pytest.approx(np.std(each, ddof=1) / 600**0.5, abs=1e-12)


def test_an_analysis_takes_the_permutations_of_the_table():
    world = Valued(rows=30, effects={"person": (0.0, 1.0, 2.0, 3.0)})
    view = world.view()
    rng = np.random.default_rng(1)
    dealt = [rng.permutation(world.values[:, 0]) for _ in range(7)]
    given = GivenCaptions({}, {}, {"person": tuple(dict(zip(view.rows.names, one, strict=True)) for one in dealt)},
                          {}, "0" * 64)  # fmt: skip
    view = dataclasses.replace(view, captions={"captions": given})
    analysis = reliance(concepts=("person",), permutations="table")
    estimates = drive(analysis.rounds(view), world.answers(("person",)))
    found = estimates.concepts["outcome", "person"].importance
    scores = estimates.swapped_scores["outcome"][:, 0]
    each = [metric_value("auroc", world.labels, scores[np.arange(30), :, one]) for one in dealt]
    assert found.permutations == 7 and found.expected == pytest.approx(np.mean(each), abs=1e-12)
    assert analysis.as_published(view)["generate"] == 30 * 2 * (1 + 7)
