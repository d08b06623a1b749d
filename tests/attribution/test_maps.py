"""Maps of every method on models whose function is known: they lie where it looks, and add up as they must."""

from __future__ import annotations

import dataclasses
import itertools
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from auditor import codes
from auditor.attribution import MAP_METHODS, MapSettings, maps, squared_differences
from auditor.attribution.kernel_shap import kernel_shap_loads
from auditor.attribution.map_settings import cell_means
from auditor.errors import DataError, UsageError
from auditor.models import ModelIdentity, PythonModel, TransformersModel

SIZE = 32
SETTINGS = MapSettings(grid=(8, 8), samples=60, segments=16, steps=8, window=2, stride=1)
SPOT = np.s_[2:5, 4:7]
"""Cells of the grid in which the pictures are red."""

REGIONAL = """\
import numpy as np

def score(images):
    \"\"\"How red the third quarter of the rows is, in the second quarter of the columns; and nothing else.\"\"\"
    part = images[:, 16:24, 8:16].astype(np.float64) / 255
    return np.stack([part[..., 0].mean(axis=(1, 2)), np.zeros(len(images))], axis=1)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models that see red, with the activations of old and new classifiers; a black box that looks at a place."""
    found = tmp_path_factory.mktemp("models")
    for activation in ("relu", "gelu"):
        save_red_seeing(found / activation, activation)
    save_red_seeing(found / "softmax", "relu", "single_label_classification")
    (found / "model.py").write_text(REGIONAL, encoding="utf-8")
    return found


def save_red_seeing(folder: Path, activation: str, problem: str = "multi_label_classification") -> None:
    """A ResNet whose first logit is the mean over places of how red each is, through its own layers."""
    import torch
    from transformers import ConvNextImageProcessorPil, ResNetConfig, ResNetForImageClassification

    torch.manual_seed(0)
    config = ResNetConfig(
        embedding_size=4, hidden_sizes=[4], depths=[1], layer_type="basic", downsample_in_first_stage=False,
        hidden_act=activation, id2label={0: "red", 1: "other"}, problem_type=problem,
    )  # fmt: skip
    model = ResNetForImageClassification(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        for name, part in model.named_modules():
            if isinstance(part, torch.nn.BatchNorm2d) and "embedder" in name:
                part.weight.fill_(1.0)
        seeing = model.resnet.embedder.embedder.convolution.weight
        seeing[0, :, 3, 3] = torch.tensor([1.0, -1.0, -1.0])
        model.classifier[-1].weight[0, 0] = 1.0
    model.save_pretrained(folder)
    ConvNextImageProcessorPil(
        do_resize=False, do_center_crop=False, image_mean=[0.5] * 3, image_std=[0.5] * 3
    ).save_pretrained(folder)


def opened(folder: Path, name: str) -> ModelIdentity:
    return TransformersModel(name=name, adapter="transformers", source=name, target=0).identify(folder, ())


def black_box(folder: Path) -> ModelIdentity:
    return PythonModel(
        name="box", adapter="python", source="model.py:score", outputs=("there", "nothing"), target=0, revision="1"
    ).identify(folder, ())


def pictures() -> np.ndarray:
    """Grey ones: with a red square, with a green one at the same place, and plain."""
    found = np.full((3, SIZE, SIZE, 3), 128, np.uint8)
    found[0, 8:20, 16:28] = (255, 0, 0)
    found[1, 8:20, 16:28] = (0, 255, 0)
    return found


@pytest.mark.parametrize("method", MAP_METHODS)
def test_every_map_lies_where_the_model_looks(method: str, folder: Path) -> None:
    shown = pictures()
    found = maps(method, opened(folder, "relu"), shown, 0, settings=SETTINGS)
    assert found.shape == (3, 8, 8) and found.dtype == np.float64 and np.isfinite(found).all()
    weight = np.abs(found)
    # Occlusion's squares and Grad-CAM's layer reach a cell beyond the spot.
    near = np.zeros((8, 8), bool)
    near[1:6, 3:8] = True
    assert weight[0][near].sum() > 0.85 * weight[0].sum() > 0.0
    assert found[0][SPOT].mean() > 0.0 and found[0][SPOT].mean() > 4 * weight[0][~near].mean()
    assert weight[1:].max() < 1e-6 + 0.02 * weight[0].max(), "green and grey move nothing"
    differences = squared_differences(found[:2], found[1:])
    assert differences[0] > 100 * differences[1] and differences[0] == pytest.approx(
        ((found[1] - found[0]) ** 2).mean()
    )


@pytest.mark.parametrize("method", ["occlusion", "lime", "kernel_shap"])
def test_scores_alone_are_enough_for_three(method: str, folder: Path) -> None:
    shown = np.random.default_rng(0).integers(0, 256, (2, SIZE, SIZE, 3), dtype=np.uint8)
    shown[:, 16:24, 8:16, 0] = 255
    regions = np.repeat(cell_numbers()[None], 2, axis=0)
    found = maps(method, black_box(folder), shown, 0, settings=SETTINGS, regions=regions)
    inside = np.zeros((8, 8), bool)
    inside[4:6, 2:4] = True
    assert found[:, inside].min() > 5 * np.abs(found[:, ~inside]).mean() > 0.0 or method == "kernel_shap"
    if method == "kernel_shap":
        # The function adds up over superpixels, so that its Shapley values are what each of them adds.
        fall = (255 - 128) / 255
        assert np.allclose(found[:, inside], fall, atol=1e-3) and np.abs(found[:, ~inside]).max() < 1e-3
    assert not maps(method, black_box(folder), shown, 1, settings=SETTINGS, regions=regions).any()


def cell_numbers() -> np.ndarray:
    """16 square superpixels, 8 pixels wide."""
    return np.add.outer(np.arange(SIZE) // 8 * 4, np.arange(SIZE) // 8)


@pytest.mark.parametrize("explained", ["logit", "probability"])
@pytest.mark.parametrize("activation", ["relu", "gelu", "softmax"])
@pytest.mark.parametrize("method", ["integrated_gradients", "deep_lift"])
def test_attributions_add_up_to_the_change_from_the_baseline(
    method: str, activation: str, explained: str, folder: Path
) -> None:
    from auditor.models import open_model

    model = opened(folder, activation)
    shown = pictures()[:2]
    settings = dataclasses.replace(SETTINGS, baseline="black", steps=64, explained=explained)
    found = maps(method, model, shown, 0, settings=settings)
    scorer = open_model(model, "cpu")
    scores = [scorer(list(each)) for each in (shown, np.zeros_like(shown))]
    scores = [model.probabilities(each) for each in scores] if explained == "probability" else scores
    change = scores[0][:, 0] - scores[1][:, 0]
    assert found.sum(axis=(1, 2)) * (SIZE * SIZE / 64) == pytest.approx(change, abs=0.03 * float(np.abs(change).max()))
    assert np.abs(change).max() > 0.01


def test_kernel_shap_is_the_shapley_value() -> None:
    """Against all orders of four superpixels of a function that does not add up."""
    import torch

    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    regions = np.repeat(np.repeat(np.arange(4).reshape(2, 2), 2, axis=0), 2, axis=1)
    settings = MapSettings(grid=(2, 2), samples=4000, window=1, stride=1, baseline="black")

    def score(given):
        sums = np.array([[float(one[regions == k].sum()) for k in range(4)] for one in given]) / 2000
        return sums[:, 0] * sums[:, 1] + np.maximum(sums[:, 2], 0.5) - sums[:, 3] ** 2

    def of(members):
        there = np.isin(regions, list(members))
        return score([np.where(there[..., None], picture, 0)])[0]

    exact = np.zeros(4)
    for order in itertools.permutations(range(4)):
        for place, k in enumerate(order):
            exact[k] += of(order[: place + 1]) - of(order[:place])
    exact /= math.factorial(4)
    before = torch.random.get_rng_state()
    found = kernel_shap_loads(score, picture, regions, (0, 0), settings)
    assert torch.equal(before, torch.random.get_rng_state()), "the global generator is left alone"
    assert found == pytest.approx(exact, abs=0.03)
    assert found.sum() == pytest.approx(of(range(4)) - of(()), abs=1e-3)
    alone = kernel_shap_loads(score, picture, np.zeros((4, 4), int), (0, 0), settings)
    assert alone == pytest.approx([of(range(4)) - of(())])


def test_seeds_decide_what_is_hidden(folder: Path) -> None:
    shown = np.random.default_rng(1).integers(0, 256, (1, SIZE, SIZE, 3), dtype=np.uint8)
    for method in ("lime", "kernel_shap"):
        first, again, other = (maps(method, opened(folder, "relu"), shown, 0, s, settings=SETTINGS) for s in (1, 1, 2))
        assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize("method", MAP_METHODS)
def test_a_map_of_the_probability_is_that_of_the_logit_times_its_slope(method: str, folder: Path) -> None:
    """To the first order, where little is there to see: a probability moves a quarter as far at one half."""
    shown = np.full((1, SIZE, SIZE, 3), 128, np.uint8)
    shown[0, 8:20, 16:28, 0] = 140
    logit, probability = (
        maps(method, opened(folder, "relu"), shown, 0, settings=dataclasses.replace(SETTINGS, explained=each))
        for each in ("logit", "probability")
    )
    assert np.allclose(probability, logit / 4, atol=0.02 * np.abs(logit).max()) and np.abs(logit).max() > 1e-5


def test_each_picture_may_have_an_output_of_its_own(folder: Path) -> None:
    shown = np.random.default_rng(1).integers(0, 256, (4, SIZE, SIZE, 3), dtype=np.uint8)
    for method in ("integrated_gradients", "kernel_shap"):
        mixed = maps(method, opened(folder, "relu"), shown, np.array([1, 0, 1, 0]), 3, settings=SETTINGS)
        whole = maps(method, opened(folder, "relu"), shown, 0, 3, settings=SETTINGS)
        assert np.allclose(mixed[1::2], whole[1::2], atol=1e-6)
        assert np.abs(mixed[::2]).max() < 1e-9 < np.abs(mixed[1::2]).max(), "the second output looks at nothing"


def test_batches_change_nothing(folder: Path) -> None:
    shown = np.random.default_rng(1).integers(0, 256, (3, SIZE, SIZE, 3), dtype=np.uint8)
    one = dataclasses.replace(SETTINGS, batch=2)
    for method in MAP_METHODS:
        a, b = (maps(method, opened(folder, "relu"), shown, 0, settings=each) for each in (SETTINGS, one))
        assert np.allclose(a, b, atol=1e-5 * np.abs(a).max())


def test_deep_lift_refuses_an_activation_that_is_used_twice() -> None:
    import torch

    from auditor.attribution.deep_lift import refuse_reused_activations

    class Twice(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.act = torch.nn.GELU()

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            return self.act(self.act(pixels))

    with pytest.raises(DataError, match="the model `m` uses its module `act` 2 times in a pass") as caught:
        refuse_reused_activations(Twice(), torch.zeros(1, 3, 4, 4), "m", ("models", 1))
    assert caught.value.code == codes.NO_FEATURE_MAP and caught.value.loc == ("models", 1)


@pytest.mark.parametrize("method", ["integrated_gradients", "deep_lift"])
def test_gradients_need_the_transformers_adapter(method: str, folder: Path) -> None:
    name = {"deep_lift": "DeepLift"}.get(method, "integrated gradients")
    with pytest.raises(DataError, match=f"{name} needs the gradients of the model `box`, and its python adapter"):
        maps(method, black_box(folder), pictures(), 0)


def test_what_cannot_be_explained_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = black_box(folder)
    with pytest.raises(ValueError, match="has 2 outputs, and none has the index 2"):
        maps("lime", model, pictures(), 2)
    with pytest.raises(ValueError, match=r"must be \(n, height, width, 3\) uint8"):
        maps("lime", model, pictures() / 255, 0)
    with pytest.raises(ValueError, match="regions have the shape"):
        maps("lime", model, pictures(), 0, regions=np.zeros((3, 4, 4), int))
    with pytest.raises(ValueError, match="does not cover a grid of 3 x 3"):
        MapSettings(grid=(3, 3))
    with pytest.raises(ValueError, match="must be at least 1"):
        MapSettings(samples=0)
    assert maps("lime", model, pictures()[:0], 0, settings=SETTINGS).shape == (0, 8, 8)
    monkeypatch.setitem(sys.modules, "captum", None)
    with pytest.raises(UsageError, match=r"pip install 'auditor\[attribution\]'"):
        maps("lime", model, pictures(), 0)


def test_cells_are_means_of_their_pixels_as_in_adaptive_pooling() -> None:
    import torch

    relevance = np.random.default_rng(0).normal(size=(2, 13, 10))
    expected = torch.nn.functional.adaptive_avg_pool2d(torch.from_numpy(relevance), (4, 16)).numpy()
    assert np.allclose(cell_means(relevance, (4, 16)), expected, atol=1e-12)
