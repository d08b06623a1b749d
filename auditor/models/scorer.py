"""Scorers: models that are loaded, and score batches of pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Scorer:
    """Loaded models that score the same pictures: one, or several on one trunk.

    Attributes:
        prepare: makes of a batch of pictures, each (height, width, 3) uint8, what `score` wants. It
            runs on the CPU alone, so that it can be done ahead, in another thread.
        score: of what `prepare` made, the logits of each model: (n, n_outputs) float32.
    """

    prepare: Callable[[Sequence[np.ndarray]], Any]
    score: Callable[[Any], tuple[np.ndarray, ...]]

    def __call__(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """The logits of the first model for a batch of pictures: (n, n_outputs) float32."""
        return self.score(self.prepare(images))[0]
