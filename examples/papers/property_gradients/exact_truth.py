"""What exact changes of the pictures do to a model: the truth that a sweep of compositing is compared with."""

from __future__ import annotations

import numpy as np
from transformers import PreTrainedModel

from coloured_shapes import CONTROLS, PROPERTY, Pictures, draw_pictures
from networks import probabilities

SEED = 20_260_502
PICTURES = 200


def truth_pictures() -> Pictures:
    """Red circles and red rectangles, half each, on the plain ground."""
    rng = np.random.default_rng(SEED)
    return draw_pictures(np.arange(PICTURES) % 2, np.zeros(PICTURES), rng, varied=False)


def whole_changes(pictures: Pictures) -> dict[str, np.ndarray]:
    """All pictures after each whole change, by its name; unchanged under `before`."""
    pairs = list(zip(pictures.images, pictures.masks, strict=True))
    changes = {"blue": PROPERTY, **CONTROLS}
    return {"before": pictures.images} | {
        name: np.stack([change(*pair, 1.0) for pair in pairs]) for name, change in changes.items()
    }


def truth(model: PreTrainedModel, changed: dict[str, np.ndarray], labels: np.ndarray) -> dict[str, float]:
    """Accuracy on red and on blue shapes; for each change the share of flips and the mean move of the probability."""
    found = {name: probabilities(model, images) for name, images in changed.items()}
    before = found.pop("before")
    told = {"accuracy": float(np.mean([(p > 0.5) == labels for p in (before, found["blue"])]))}
    for name, after in found.items():
        told[f"flips: {name}"] = float(np.mean((before > 0.5) != (after > 0.5)))
        told[f"move: {name}"] = float(np.mean(np.abs(after - before)))
    return told
