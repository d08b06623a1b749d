"""What fails while a plan runs: damaged stores, full disks, pipelines and models that return no numbers."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from auditor.digest import digest_file
from auditor.errors import ExecutionError
from auditor.execute import Journal, Resources, Store, schedule, write_whole
from auditor.execute.journal import read_chain
from auditor.models import PythonModel, identify_pipeline
from auditor.plan import Ask, PlanBuilder, generate


@contextlib.contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """A disk on which files stop growing: the system refuses, as it does where there is no room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) * 2 // 3] ^= 4
    path.write_bytes(data)


def test_every_damaged_object_is_found_and_made_again_identically(bench, small_plan, pairs):
    small = small_plan(pairs)
    first = bench("same")
    found = small.outputs(first.run(small.plan))
    objects = {path.name: path.read_bytes() for path in first.objects()}
    for path in first.objects():
        flip_a_byte(path)
        again = bench("same")
        assert small.outputs(again.run(small.plan)) == found
        assert {each.name: each.read_bytes() for each in again.objects()} == objects
        assert again.ran() > 0 and (first.folder / "store" / "quarantine").is_dir()
        again.close()


def test_all_objects_damaged_at_once_are_made_again(bench, small_plan, pairs):
    small = small_plan(pairs)
    first = bench("same")
    found = small.outputs(first.run(small.plan))
    for path in first.objects():
        flip_a_byte(path)
    again = bench("same")
    assert small.outputs(again.run(small.plan)) == found
    assert again.ran() == 2 * len(pairs)


@pytest.mark.parametrize("size", [100, 3_000, 9_000, 25_000])
def test_a_full_disk_stops_the_run_and_tears_nothing(bench, small_plan, pairs, size):
    small = small_plan(pairs)
    full = bench("same")
    with no_file_larger_than(size), pytest.raises(ExecutionError, match="what was finished before is kept"):
        full.run(small.plan)
    full.close()
    for path in full.objects():
        assert digest_file(path) == path.parent.name + path.name
    read_chain(full.folder / "journal.jsonl")
    again = bench("same")
    assert small.outputs(again.run(small.plan)) == small.outputs(bench("fresh").run(small.plan))


def test_a_journal_on_a_full_disk_keeps_whole_records(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.append("block", block="1")
        with no_file_larger_than(path.stat().st_size + 20), pytest.raises(ExecutionError, match="make room"):
            journal.append("block", block="2")
        assert read_chain(path)[1] == 1
        journal.append("block", block="3")
    assert read_chain(path)[1] == 2


def test_a_whole_file_on_a_full_disk_leaves_the_old_one(tmp_path):
    write_whole(tmp_path / "file", b"old")
    with no_file_larger_than(50), pytest.raises(ExecutionError, match="cannot be written: File too large"):
        write_whole(tmp_path / "file", b"new" * 100)
    assert (tmp_path / "file").read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


def spoil_token(pipeline: Path, letter: str) -> None:
    """Let the text encoder return NaN for every prompt with this letter."""
    import json

    from safetensors.numpy import load_file, save_file

    token = json.loads((pipeline / "tokenizer" / "tokenizer.json").read_text())["model"]["vocab"][letter]
    file = next((pipeline / "text_encoder").glob("*.safetensors"))
    tensors = load_file(file)
    name = next(name for name in tensors if name.endswith("token_embedding.weight"))
    tensors[name][token] = np.nan
    save_file(tensors, file, metadata={"format": "pt"})


def test_a_picture_that_is_not_finite_is_an_invalid_unit_and_never_a_picture(bench, materials, tiny_copy):
    """Prompts with a `q` become NaN: they alone are invalid, with a reason, and are never scored."""
    spoil_token(tiny_copy / "pipeline", "q")
    identity = identify_pipeline("captions", "pipeline", tiny_copy, ())
    model = materials.models[0]
    resources = Resources({model.digest: model}, {identity.digest: identity})
    ask = Ask(PlanBuilder())
    prompts = np.array(["blue square", "red circle", "green circle", "square", "nothing"], dtype=object)
    op = generate(identity.digest, 2, 2.0, 16, 16)
    pictures = ask.generate(op, prompts, np.arange(5, dtype=np.uint64))
    scores = ask.predict(model.digest, pictures)
    answers = bench(resources=resources).run(ask.builder.plan())
    assert answers.reasons(scores).tolist() == [
        "the pipeline returned numbers that are not finite", "", "",
        "the pipeline returned numbers that are not finite", "",
    ]  # fmt: skip
    assert np.isnan(answers[scores]).all(axis=1).tolist() == [True, False, False, True, False]
    assert answers.png(pictures[0]) == "the pipeline returned numbers that are not finite"
    assert isinstance(answers.png(pictures[1]), bytes)


ODD_MODEL = '''
import numpy as np

def not_finite(images):
    """NaN for dark pictures, infinity for bright ones."""
    light = images.reshape(len(images), -1).mean(1)
    return np.stack([np.where(light < 60, np.nan, np.where(light > 200, np.inf, light / 100)), light], 1)

def fails(images):
    raise KeyError("no such column")

def wrong_shape(images):
    return np.zeros((len(images), 3))
'''


@pytest.fixture
def odd(tmp_path, bench):
    """Score three flat pictures (dark, middling, bright) with a function of the odd model."""
    from PIL import Image

    (tmp_path / "odd.py").write_text(ODD_MODEL)
    paths = []
    for level in (10, 120, 250):
        paths.append(tmp_path / f"{level}.png")
        Image.new("RGB", (8, 8), (level,) * 3).save(paths[-1])

    def score(function: str, name: str = "odd"):  # type: ignore[no-untyped-def]
        node = PythonModel(
            name="odd",
            adapter="python",
            source=f"odd.py:{function}",
            outputs=("one", "two"),
            revision="1",
            target="one",
        )
        model = node.identify(tmp_path, ("models", 0))
        ask = Ask(PlanBuilder())
        pictures = ask.load([str(path) for path in paths], [digest_file(path) for path in paths])
        scores = ask.predict(model.digest, pictures)
        run = bench(name, resources=Resources({model.digest: model}, {}))
        return run.run(ask.builder.plan()), scores

    score.paths = paths
    return score


def test_scores_that_are_not_finite_are_invalid_units(odd):
    answers, scores = odd("not_finite")
    assert answers.reasons(scores).tolist() == [
        "the model returned numbers that are not finite", "", "the model returned numbers that are not finite"
    ]  # fmt: skip
    assert np.isnan(answers[scores][[0, 2]]).all() and answers[scores][1].tolist() == [np.float32(1.2), 120.0]


def test_a_model_that_fails_says_what_and_where(odd):
    with pytest.raises(ExecutionError, match=r"^model `odd` failed: KeyError: 'no such column' \(odd\.py:\d+\)$"):
        odd("fails")


def test_a_model_of_the_wrong_shape_says_which_is_right(odd):
    with pytest.raises(ExecutionError, match=r"returned an array of shape \(32, 3\) .* it must return \(32, 2\)"):
        odd("wrong_shape")


def test_pictures_of_many_sizes_are_scored_in_turn_by_the_python_adapter(odd):
    from PIL import Image

    Image.new("RGB", (9, 8), (130,) * 3).save(odd.paths[0])
    Image.new("RGB", (8, 12), (140,) * 3).save(odd.paths[2])
    answers, scores = odd("not_finite")
    assert answers[scores][:, 1].tolist() == [130.0, 120.0, 140.0]


@pytest.mark.parametrize("spoil", ["changed", "gone"])
def test_a_picture_file_that_changed_is_no_answer_about_the_picture(odd, tmp_path, bench, spoil):
    """It stops the run; were it stored as invalid, it would be invalid for ever, also when restored."""
    path = odd.paths[1]
    kept, digest = path.read_bytes(), digest_file(path)
    node = PythonModel(
        name="odd", adapter="python", source="odd.py:not_finite", outputs=("one", "two"), revision="1", target="one"
    )
    model = node.identify(tmp_path, ())
    ask = Ask(PlanBuilder())
    scores = ask.predict(model.digest, ask.load([str(path)], [digest]))
    run = bench(resources=Resources({model.digest: model}, {}))
    path.unlink() if spoil == "gone" else flip_a_byte(path)
    with pytest.raises(ExecutionError, match="restore it"):
        run.run(ask.builder.plan())
    path.write_bytes(kept)
    assert run.run(ask.builder.plan()).reasons(scores).tolist() == [""]


def test_an_undecodable_picture_is_an_invalid_unit(odd):
    odd.paths[0].write_bytes(odd.paths[0].read_bytes()[:-30])
    answers, scores = odd("not_finite")
    assert answers.reasons(scores)[0] == "the picture `10.png` is truncated or damaged"
    assert answers.reasons(scores)[1] == ""


def test_a_stored_picture_that_is_lost_while_the_run_goes_on_stops_it(bench, small_plan, pairs):
    from auditor.execute.picture_reader import PicturePlace, PictureReader

    small = small_plan(pairs[:2])
    run = bench()
    run.run(small.plan)
    store: Store = run.store
    place = schedule(small.plan, store, run.numerics)[0].places[0]
    reader = PictureReader(store.root)
    assert reader.read(PicturePlace(block=place[0], slot=place[1])).shape == (16, 16, 3)
    (store.root / "objects" / place[0][:2] / place[0][2:]).unlink()
    with pytest.raises(ExecutionError, match="is gone or damaged; run the same command again"):
        PictureReader(store.root).read(PicturePlace(block=place[0], slot=place[1]))


@pytest.mark.slow
def test_workers_that_fail_leave_nothing_behind_for_the_next_plan(bench, small_plan, pairs):
    """A failed op must not hand its late blocks to the one after it."""
    many = [(prompt, seed + 100 * block) for block in range(4) for prompt, seed in pairs]
    small = small_plan(many)
    full = bench("same", workers=2)
    with no_file_larger_than(100), pytest.raises(ExecutionError, match="what was finished before is kept"):
        full.run(small.plan)
    assert small.outputs(full.run(small.plan))[:40] == small_plan(pairs).outputs(bench("x").run(small_plan(pairs).plan))
