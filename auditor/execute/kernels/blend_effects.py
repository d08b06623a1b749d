"""Effects on pixels: what a composite blends in."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from auditor.digest import digest_bytes

Effect = Callable[[np.ndarray, float, Mapping[str, Any]], np.ndarray]
"""A picture (height, width, 3) float64 of 0 to 255, a strength and parameters: the picture under the effect."""


def _colour(picture: np.ndarray, strength: float, parameters: Mapping[str, Any]) -> np.ndarray:
    return np.asarray(picture + strength * (np.asarray(parameters["colour"], np.float64) - picture))


def _brightness(picture: np.ndarray, strength: float, parameters: Mapping[str, Any]) -> np.ndarray:
    return picture * (1.0 + strength * (float(parameters["factor"]) - 1.0))


def _hue(picture: np.ndarray, strength: float, parameters: Mapping[str, Any]) -> np.ndarray:
    from PIL import Image

    turned = np.array(Image.fromarray(picture.astype(np.uint8)).convert("HSV"))
    shift = round(strength * float(parameters["degrees"]) / 360.0 * 256.0)
    turned[..., 0] = (turned[..., 0].astype(np.int64) + shift) % 256
    return np.asarray(Image.fromarray(turned, "HSV").convert("RGB"), np.float64)


def _blur(picture: np.ndarray, strength: float, parameters: Mapping[str, Any]) -> np.ndarray:
    from PIL import Image, ImageFilter

    radius = strength * float(parameters["radius"])
    blurred = Image.fromarray(picture.astype(np.uint8)).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(blurred, np.float64)


def _noise(picture: np.ndarray, strength: float, parameters: Mapping[str, Any]) -> np.ndarray:
    # By the picture's own bytes: its noise is the same at every strength, and another picture has other noise.
    own = int(digest_bytes(picture.astype(np.uint8).tobytes())[:16], 16)
    rng = np.random.default_rng([int(parameters["seed"]), own])
    return picture + strength * float(parameters["sd"]) * rng.standard_normal(picture.shape)


def _jpeg(picture: np.ndarray, strength: float, parameters: Mapping[str, Any]) -> np.ndarray:
    from PIL import Image

    quality = round(100.0 - strength * (100.0 - float(parameters["quality"])))
    held = io.BytesIO()
    Image.fromarray(picture.astype(np.uint8)).save(held, "JPEG", quality=quality, subsampling=0)
    return np.asarray(Image.open(held).convert("RGB"), np.float64)


EFFECTS: Mapping[str, Effect] = {
    "colour": _colour,
    "brightness": _brightness,
    "hue": _hue,
    "blur": _blur,
    "noise": _noise,
    "jpeg": _jpeg,
}
"""Effects that need no file; `overlay` blends a picture file in."""
