"""Regions that a detector sees: found by covering, small, deterministic, and blended over as a mask file would be."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from auditor.attribution import MASKS, open_masks
from auditor.digest import digest_file
from auditor.execute import Executor, Journal, Resources, Silent, Store, default_numerics
from auditor.execute.kernels import KERNELS, UnitRows
from auditor.execute.kernels.locate import hanging_together
from auditor.models import ModelIdentity, PythonModel, TransformersModel
from auditor.plan import Ask, PlanBuilder, composite, composite_located, locate

TEST = Path(__file__).parents[2] / "auditor/zoo/shapes/test"
COLUMN, OUTPUT = "blue_circle", "blue circle"


@pytest.fixture(scope="module")
def detector(tmp_path_factory) -> ModelIdentity:
    node = TransformersModel(name="shapes", adapter="transformers", source="builtin:shapes/detector")
    return node.identify(tmp_path_factory.mktemp("base"), ())


@pytest.fixture(scope="module")
def shown() -> list[str]:
    """Pictures with a blue circle; none of them was looked at to choose grid, window and share."""
    with (TEST / "metadata.csv").open(newline="") as file:
        return [row["file_name"] for row in list(csv.DictReader(file))[100:] if row[COLUMN] == "1"][:8]


def mask_of(name: str) -> np.ndarray:
    (region,) = open_masks(TEST / MASKS, [COLUMN]).of(name, 64, 64)
    return np.asarray(region)


def picture(name: str) -> np.ndarray:
    return np.asarray(Image.open(TEST / name).convert("RGB"))


def located(model: ModelIdentity, images, output=OUTPUT, **how):
    op = locate(model.digest, output, **how)
    kernel = KERNELS["locate"]((op,), Resources({model.digest: model}, {}), default_numerics(), "cpu")
    return kernel.run(kernel.prepare(UnitRows({}, np.empty(0, np.uint64), tuple(images), len(images))))[0]


def test_the_region_lies_over_the_shape(detector, shown):
    overlaps = []
    for name, mask in zip(shown, located(detector, [picture(name) for name in shown]), strict=True):
        assert set(np.unique(mask)) == {0, 255} and (mask == mask[..., :1]).all()
        region, shape = mask[..., 0] > 0, mask_of(name)
        overlaps.append((region & shape).sum() / (region | shape).sum())
        assert region.mean() < 0.2
    print(
        f"mean intersection over union of {len(overlaps)} regions: {np.mean(overlaps):.2f}, least {min(overlaps):.2f}"
    )
    assert min(overlaps) > 0.2 and np.mean(overlaps) > 0.45


def test_neither_neighbours_nor_repeating_change_a_bit(detector, shown):
    images = [picture(name) for name in shown[:3]]
    together = located(detector, images)
    for image, mask in zip(images, together, strict=True):
        assert (located(detector, [image])[0] == mask).all()


def test_cells_are_covered_as_declared(detector, shown):
    """With windows of one cell a coarse grid is what a loop over its cells finds."""
    image = picture(shown[0])
    (mask,) = located(detector, [image], grid=4, window=1, share=0.5)
    op = locate(detector.digest, OUTPUT, grid=4, window=1)
    kernel = KERNELS["locate"]((op,), Resources({detector.digest: detector}, {}), default_numerics(), "cpu")
    step, mean = image.shape[0] // 4, np.rint(image.reshape(-1, 3).mean(0))
    falls = np.zeros((4, 4))
    for i, j in np.ndindex(4, 4):
        covered = image.copy()
        covered[i * step : (i + 1) * step, j * step : (j + 1) * step] = mean
        before, after = kernel._scores([image]), kernel._scores([covered])
        falls[i, j] = before[0] - after[0]
    wanted = hanging_together(falls >= 0.5 * falls.max(), np.unravel_index(falls.argmax(), falls.shape))
    assert (mask[::step, ::step, 0] > 0).tolist() == wanted.tolist()


def test_what_is_seen_nowhere_has_no_region(tmp_path):
    """A model that answers with the same number for every picture."""
    (tmp_path / "model.py").write_text(
        "import numpy as np\n\ndef score(images):\n    return np.ones((len(images), 1), np.float32)\n"
    )
    node = PythonModel(name="flat", adapter="python", source="model.py:score", outputs=("any",), revision="1")
    model = node.identify(tmp_path, ())
    flat = np.random.default_rng(0).integers(0, 256, (24, 30, 3), np.uint8)
    assert located(model, [flat, "is damaged"], "any") == [
        "`flat` sees `any` nowhere: covering no part of the picture lowers its score",
        "is damaged",
    ]


@pytest.mark.parametrize("side", [(64, 64), (50, 70)])
def test_cells_of_sides_that_the_grid_does_not_divide_fill_the_picture(tmp_path, side):
    (tmp_path / "model.py").write_text(
        "import numpy as np\n\ndef score(images):\n    return images[:, :9, :9].mean((1, 2, 3))[:, None]\n"
    )
    node = PythonModel(name="corner", adapter="python", source="model.py:score", outputs=("any",), revision="1")
    image = np.zeros((*side, 3), np.uint8)
    image[:9, :9] = 255
    (mask,) = located(node.identify(tmp_path, ()), [image], "any")
    assert mask.shape == image.shape and mask[0, 0, 0] == 255 and mask[-1, -1, 0] == 0


def test_a_located_region_is_blended_over_as_a_mask_file_would_be(detector, shown, tmp_path):
    files = [TEST / name for name in shown[:2]]
    strengths = np.array([0.0, 0.5, 1.0])
    shape = (2, len(strengths))

    def run(plan_of):
        ask = Ask(PlanBuilder())
        loaded = ask.load([str(file) for file in files], [digest_file(file) for file in files])
        units = plan_of(ask, loaded)
        ask.builder.want(units)
        store = Store(tmp_path / "store")
        try:
            with Journal(tmp_path / "journal.jsonl") as journal:
                resources = Resources({detector.digest: detector}, {})
                executor = Executor(store, journal, resources, default_numerics(), 1, Silent())
                answers = executor.run(ask.builder.plan())
                assert all(verdict.holds for verdict in executor.verdicts.values())
                return [answers.png(units[at]) for at in np.ndindex(*units.shape)]
        finally:
            store.close()

    nothing = np.full(shape, None, dtype=object)
    twice = np.repeat([[0], [1]], len(strengths), 1)
    find = locate(detector.digest, OUTPUT)
    masks = run(lambda ask, loaded: ask.locate(find, loaded))
    for number, mask in enumerate(masks):
        (tmp_path / f"mask{number}.png").write_bytes(mask)
    drawn = np.empty(shape, object)
    for at in np.ndindex(*shape):
        path = tmp_path / f"mask{at[0]}.png"
        drawn[at] = (str(path), digest_file(path))
    over = {"colour": [255, 0, 0]}
    found = run(
        lambda ask, loaded: ask.composite_located(
            composite_located("colour", **over), loaded[twice], ask.locate(find, loaded)[twice],
            np.tile(strengths, (2, 1)), nothing,
        )
    )  # fmt: skip
    by_file = run(
        lambda ask, loaded: ask.composite(
            composite("colour", **over), loaded[twice], np.tile(strengths, (2, 1)), nothing, drawn
        )
    )
    assert found == by_file
    whole = np.asarray(Image.open(io.BytesIO(found[2])))
    region = np.asarray(Image.open(io.BytesIO(masks[0])))[..., 0] > 0
    assert (whole[region] == [255, 0, 0]).all() and (whole[~region] == picture(shown[0])[~region]).all()
