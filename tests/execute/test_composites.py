"""Composites and comparisons: exact to the pixel, from files that are checked."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from auditor.digest import digest_file
from auditor.errors import ExecutionError
from auditor.execute import Executor, Journal, Resources, Silent, Store, default_numerics
from auditor.execute.kernels.compare import structural_similarity
from auditor.interventions.sweep import SweepPoints
from auditor.pictures import read_layer
from auditor.plan import Ask, PlanBuilder, composite


@pytest.fixture
def world(tmp_path):
    """A folder with two pictures, an overlay whose right half is transparent, and a mask of the upper half."""
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8)).save(tmp_path / f"{name}.png")
    overlay = np.zeros((4, 4, 4), np.uint8)
    overlay[..., 0], overlay[:, :2, 3] = 255, 255
    Image.fromarray(overlay, "RGBA").save(tmp_path / "overlay.png")
    mask = np.zeros((12, 16), np.uint8)
    mask[:6] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    return tmp_path


def file(world, name):
    return str(world / name), digest_file(world / name)


def made(world, op, strengths=(0.0, 0.5, 1.0), overlay=None, mask=None):
    """Pictures a and b at these strengths, (2, n, 12, 16, 3), and their `compare` with the first."""
    ask = Ask(PlanBuilder())
    pictures = ask.load(*zip(*(file(world, f"{name}.png") for name in "ab"), strict=True))
    shape = (2, len(strengths))
    files = [np.empty(shape, object) for _ in range(2)]
    for each, given in zip(files, (overlay, mask), strict=True):
        for at in np.ndindex(*shape):
            each[at] = given
    images = pictures[np.repeat(np.arange(2)[:, None], len(strengths), 1)]
    units = ask.composite(op, images, np.tile(np.array(strengths), (2, 1)), *files)
    ask.builder.want(units)
    compared = ask.compare(units, units[:, np.zeros(len(strengths), int)])
    store = Store(world / "store")
    try:
        with Journal(world / "journal.jsonl") as journal:
            executor = Executor(store, journal, Resources({}, {}), default_numerics(), 1, Silent())
            answers = executor.run(ask.builder.plan())
            found = [
                [np.asarray(Image.open(io.BytesIO(answers.png(units[i, j])))) for j in range(shape[1])]
                for i in range(2)
            ]
            return np.array(found), answers[compared]
    finally:
        store.close()


def original(world):
    return np.stack([np.asarray(Image.open(world / f"{name}.png")) for name in "ab"])


def test_at_strength_0_a_picture_is_itself_and_at_1_the_effect(world):
    found, compared = made(world, composite("colour", colour=[10, 20, 30]))
    plain = original(world)
    assert (found[:, 0] == plain).all() and (found[:, 2] == [10, 20, 30]).all()
    assert (found[:, 1] == np.rint((plain + np.array([10.0, 20.0, 30.0])) / 2)).all()
    for i, j in np.ndindex(2, 3):
        assert compared[i, j, 0] == pytest.approx(np.abs(found[i, j].astype(int) - found[i, 0]).mean() / 255, rel=1e-6)
    assert (compared[:, 0, 1] == 1).all()


def test_a_mask_and_a_box_say_where(world):
    plain = original(world)
    masked, _ = made(world, composite("colour", colour=[0, 0, 0]), mask=file(world, "mask.png"))
    assert (masked[:, 2, :6] == 0).all() and (masked[:, 2, 6:] == plain[:, 6:]).all()
    boxed, _ = made(world, composite("colour", colour=[0, 0, 0], box=[0.5, 0.0, 1.0, 0.5]))
    assert (boxed[:, 2, :6, 8:] == 0).all() and (boxed[:, 2, :, :8] == plain[:, :, :8]).all()


def test_an_overlay_is_stretched_over_the_region_and_keeps_its_transparency(world):
    plain = original(world)
    found, _ = made(world, composite("overlay"), overlay=file(world, "overlay.png"), mask=file(world, "mask.png"))
    assert (found[:, 2, :6, :6] == [255, 0, 0]).all()
    assert (found[:, 2, :6, 10:] == plain[:, :6, 10:]).all() and (found[:, 2, 6:] == plain[:, 6:]).all()


@pytest.mark.parametrize(
    "op",
    [
        composite("brightness", factor=0.5),
        composite("hue", degrees=180.0),
        composite("blur", radius=3.0),
        composite("noise", sd=40.0, seed=0),
        composite("jpeg", quality=5),
    ],
    ids=lambda op: str(op.parameter("effect")),
)
def test_every_effect_grows_with_its_strength(world, op):
    found, compared = made(world, op, strengths=(0.0, 0.25, 1.0))
    assert (found[:, 0] == original(world)).all()
    assert (compared[:, 1, 0] > 0).all() and (compared[:, 2, 0] > compared[:, 1, 0]).all()
    if op.parameter("effect") == "brightness":
        assert (found[:, 2] == np.rint(original(world) * 0.5)).all()


def test_noise_is_the_pictures_own(world):
    found, _ = made(world, composite("noise", sd=20.0, seed=0), strengths=(0.0, 0.5, 1.0))
    change = found[:, 1:].astype(float) - found[:, :1]
    inside = (found[:, 1:] > 0) & (found[:, 1:] < 255)
    both = inside.all(axis=1)
    assert np.abs(change[:, 1] - 2 * change[:, 0])[both].max() <= 2, "one noise at every strength"
    assert np.corrcoef(change[0, 1].ravel(), change[1, 1].ravel())[0, 1] < 0.2, "another for another picture"


def test_a_mask_of_another_size_is_no_answer(world):
    Image.fromarray(np.zeros((5, 5), np.uint8)).save(world / "small.png")
    ask = Ask(PlanBuilder())
    pictures = ask.load(*([each] for each in file(world, "a.png")))
    files = np.empty((2, 1), object)
    files[1, 0] = file(world, "small.png")
    units = ask.composite(composite("colour", colour=[0, 0, 0]), pictures, np.ones(1), files[0], files[1])
    compared = ask.compare(units, pictures)
    with Journal(world / "journal.jsonl") as journal:
        store = Store(world / "store")
        answers = Executor(store, journal, Resources({}, {}), default_numerics(), 1, Silent()).run(ask.builder.plan())
        assert answers.reasons(compared)[0] == "the mask small.png has 5 x 5 pixels, its picture 16 x 12"
        assert np.isnan(answers[compared]).all()
        store.close()


def test_pictures_of_several_sizes_and_one_bad_mask_share_a_batch(world):
    """One picture has a mask of another size: it alone is invalid, and says so."""
    rng = np.random.default_rng(5)
    sizes = ((12, 16), (30, 20), (7, 9))
    for number, size in enumerate(sizes):
        Image.fromarray(rng.integers(0, 256, (*size, 3), np.uint8)).save(world / f"of{number}.png")
        Image.fromarray(np.full(size, 255, np.uint8)).save(world / f"over{number}.png")
    names = [file(world, f"of{number}.png") for number in range(3)]
    ask = Ask(PlanBuilder())
    pictures = ask.load(*zip(*names, strict=True))
    masks = np.empty(3, object)
    masks[:] = [file(world, f"over{number}.png") for number in (0, 0, 2)]
    nothing = np.full(3, None, dtype=object)
    units = ask.composite(composite("colour", colour=[0, 0, 0]), pictures, np.ones(3), nothing, masks)
    whole = ask.composite(composite("brightness", factor=0.0), pictures, np.ones(3), nothing, nothing)
    compared = ask.compare(units, whole)
    with Journal(world / "journal.jsonl") as journal:
        store = Store(world / "store")
        answers = Executor(store, journal, Resources({}, {}), default_numerics(), 1, Silent()).run(ask.builder.plan())
        assert answers.reasons(compared).tolist() == [
            "",
            "the mask over0.png has 16 x 12 pixels, its picture 20 x 30",
            "",
        ]
        assert (answers[compared][[0, 2]] == [0.0, 1.0]).all()
        store.close()


def test_an_overlay_over_a_box_and_over_the_whole_picture(world):
    plain = original(world)
    overlay = file(world, "overlay.png")
    boxed, _ = made(world, composite("overlay", box=[0.0, 0.0, 0.5, 1.0]), overlay=overlay)
    assert (boxed[:, 2, :, :3] == [255, 0, 0]).all() and (boxed[:, 2, :, 5:] == plain[:, :, 5:]).all()
    whole, _ = made(world, composite("overlay"), overlay=overlay)
    assert (whole[:, 2, :, :6] == [255, 0, 0]).all() and (whole[:, 2, :, 10:] == plain[:, :, 10:]).all()
    assert (np.abs(whole[:, 1, :, :6] - (plain[:, :, :6] + [255.0, 0, 0]) / 2) <= 0.5).all(), "opacity is swept"


@pytest.mark.parametrize(
    "op",
    [composite("blur", radius=3.0, box=[0.0, 0.0, 0.5, 1.0]), composite("jpeg", quality=5, box=[0.0, 0.0, 0.5, 1.0]),
     composite("hue", degrees=90.0, box=[0.0, 0.0, 0.5, 1.0])],
    ids=lambda op: str(op.parameter("effect")),
)  # fmt: skip
def test_outside_its_region_an_effect_changes_nothing(world, op):
    found, _ = made(world, op)
    assert (found[:, 2, :, 8:] == original(world)[:, :, 8:]).all() and (found[:, 2] != original(world)).any()


def test_a_file_that_changed_stops_the_run(world):
    name, _ = file(world, "mask.png")
    with pytest.raises(ExecutionError, match="changed while the audit ran; restore it"):
        made(world, composite("colour", colour=[0, 0, 0]), mask=(name, "ab" * 32))


def test_structural_similarity_by_loops():
    rng = np.random.default_rng(2)
    one, other = rng.integers(0, 256, (2, 9, 10, 3), np.uint8)
    a, b = one @ (0.299, 0.587, 0.114), other @ (0.299, 0.587, 0.114)
    found = []
    for top in range(3):
        for left in range(4):
            x, y = a[top : top + 7, left : left + 7], b[top : top + 7, left : left + 7]
            covariance = ((x - x.mean()) * (y - y.mean())).mean()
            found.append(
                (2 * x.mean() * y.mean() + 6.5025) * (2 * covariance + 58.5225)
                / ((x.mean() ** 2 + y.mean() ** 2 + 6.5025) * (x.var() + y.var() + 58.5225))
            )  # fmt: skip
    assert structural_similarity(one, other) == pytest.approx(np.mean(found), rel=1e-9)
    assert structural_similarity(one, one) == 1.0
    assert structural_similarity(one[:3, :4], other[:3, :4]) < 1.0


@pytest.mark.parametrize(("height", "width", "block"), [(383, 500, 1), (400, 900, 2), (775, 769, 3)])
def test_large_pictures_are_compared_as_from_further_away(height: int, width: int, block: int):
    rng = np.random.default_rng(3)
    one, other = rng.integers(0, 256, (2, height, width, 3), np.uint8)
    rows, columns = height // block, width // block
    small = [
        np.array([
            [picture[y * block : (y + 1) * block, x * block : (x + 1) * block].mean((0, 1)) for x in range(columns)]
            for y in range(rows)
        ])
        for picture in (one, other)
    ]  # fmt: skip
    # Blocks are small enough that their means need no blocks of their own.
    assert max(1, round(min(rows, columns) / 256)) == 1
    assert structural_similarity(one, other) == pytest.approx(structural_similarity(*small), rel=1e-9)
    if block > 1:
        assert structural_similarity(one, other) != pytest.approx(structural_similarity(one[:256], other[:256]), 0.01)


def as_bytes(image, **fields):
    file = io.BytesIO()
    image.save(file, "PNG", **fields)
    return file.getvalue()


def test_masks_and_overlays_are_read_as_pictures_are():
    quarter = Image.fromarray(np.full((4, 6), 16_384, np.uint16))
    assert (read_layer(as_bytes(quarter), "L") == 64).all()
    assert (read_layer(as_bytes(quarter), "RGBA")[..., :3] == 64).all()
    turned = Image.Exif()
    turned[0x0112] = 6
    assert read_layer(as_bytes(Image.new("L", (6, 4)), exif=turned), "L").shape == (6, 4)
    clear = Image.new("RGBA", (2, 2), (255, 255, 255, 0))
    assert (read_layer(as_bytes(clear), "L") == 0).all(), "what is transparent is no region"
    assert (read_layer(as_bytes(clear), "RGBA") == [255, 255, 255, 0]).all()


def test_the_last_point_of_a_sweep_is_what_was_written():
    for hundredths in range(100):
        for points in (3, 7, 11, 50):
            sweep = SweepPoints.model_validate({"from": hundredths / 100, "to": 1.0, "points": points})
            assert sweep.positions[-1] == 1.0 and len(sweep.positions) == points
