"""Grad-CAM and LIME on the bundled models: they see the shape that the model looks at, and say what they cannot do."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

from auditor import codes
from auditor.attribution import MASKS, grad_cam_maps, lime_maps, open_masks
from auditor.errors import DataError, UsageError
from auditor.models import ModelIdentity, TransformersModel
from auditor.pictures import read_picture
from auditor.zoo import builtin_folder

TEST = builtin_folder("shapes/test") or Path()
COLUMNS = [f"{colour}_{form}" for form in ("circle", "rectangle") for colour in ("red", "green", "blue")]
NAMES = [f"{number:04d}.png" for number in range(4)]


def bundled(name: str, target: str) -> ModelIdentity:
    return TransformersModel(
        name=name, adapter="transformers", source=f"builtin:shapes/{name}", target=target
    ).identify(Path("."), ())


PICTURES = [read_picture(TEST / name) for name in NAMES]
RED = bundled("outcome", "red circle")


def test_lime_finds_the_shape_of_each_target_in_one_go() -> None:
    targets = [column.replace("_", " ") for column in COLUMNS[:4]]
    models = [bundled("outcome", target) for target in targets]
    masks = open_masks(TEST / MASKS, COLUMNS[:4])
    found = list(lime_maps(models, PICTURES[:2], samples=100, seed=3))
    assert [each.shape for each in found] == [(4, 64, 64)] * 2
    for name, maps in zip(NAMES, found, strict=False):
        for relevance, mask in zip(maps, masks.of(name, 64, 64), strict=True):
            if mask.any():
                assert relevance[mask].mean() > 5 * abs(relevance[~mask].mean())
    again = next(lime_maps(models, PICTURES[:1], samples=100, seed=3))
    assert np.array_equal(found[0], again)
    alone = next(lime_maps(models[1:2], PICTURES[:1], samples=100, seed=3))
    assert np.allclose(alone[0], found[0][1]), "a model's map does not depend on the models beside it"
    assert not np.array_equal(found[0], next(lime_maps(models, PICTURES[:1], samples=100, seed=4)))


def test_grad_cam_is_the_weighted_sum_of_the_last_feature_map() -> None:
    import torch

    from auditor.models.transformers_scorer import load_transformers_model

    found = list(grad_cam_maps(RED, PICTURES, batch=3))
    assert len(found) == 4 and all(each.shape == (64, 64) and each.min() >= 0.0 for each in found)
    model = load_transformers_model(RED, "cpu")
    pixels = torch.from_numpy(np.stack(PICTURES).astype(np.float32) / 127.5 - 1.0).permute(0, 3, 1, 2)
    features = model.resnet(pixels).last_hidden_state.detach().requires_grad_(True)
    model.classifier(model.resnet.pooler(features))[:, RED.target].sum().backward()
    weights = features.grad.mean(dim=(2, 3), keepdim=True)
    slow = torch.relu((weights * features).sum(dim=1, keepdim=True)).detach()
    slow = torch.nn.functional.interpolate(slow, size=(64, 64), mode="bilinear", align_corners=False)[:, 0].numpy()
    assert np.allclose(np.stack(found), slow, atol=1e-4 * slow.max())


def test_grad_cam_needs_gradients_and_a_layer_that_keeps_places(tmp_path: Path) -> None:
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessorPil

    with pytest.raises(DataError, match="its python adapter gives none") as caught:
        next(grad_cam_maps(dataclasses.replace(RED, adapter="python"), PICTURES))
    assert caught.value.code == codes.NO_FEATURE_MAP
    config = ViTConfig(
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        image_size=16,
        patch_size=16,
        id2label={0: "no", 1: "yes"},
    )
    ViTForImageClassification(config).save_pretrained(tmp_path / "vit")
    ViTImageProcessorPil(size={"height": 16, "width": 16}).save_pretrained(tmp_path / "vit")
    vit = TransformersModel(name="vit", adapter="transformers", source="vit", target=0).identify(tmp_path, ())
    with pytest.raises(DataError, match="`vit` has no layer that keeps places") as caught:
        next(grad_cam_maps(vit, PICTURES, loc=("models", 2)))
    assert caught.value.code == codes.NO_FEATURE_MAP and caught.value.loc == ("models", 2)


def test_without_captum_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "captum", None)
    for maps in (grad_cam_maps(RED, PICTURES), lime_maps([RED], PICTURES)):
        with pytest.raises(UsageError, match=r"pip install 'auditor\[attribution\]'"):
            next(maps)
