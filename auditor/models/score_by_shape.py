"""Batches of pictures that differ in size: scored in turn, each batch at its full count."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def score_by_shape(shapes: Sequence[tuple[int, ...]], score: Callable[[list[int]], np.ndarray]) -> np.ndarray:
    """Scores of pictures with these shapes, in their order: (n, n_outputs).

    `score` gets the indices of pictures of one shape, filled up with copies to the count of all,
    so that a picture's scores depend on the count alone and never on its neighbours.

    >>> score_by_shape([(1,), (2,), (1,)], lambda batch: print(batch) or np.array(batch)[:, None]).ravel().tolist()
    [0, 2, 0]
    [1, 1, 1]
    [0, 1, 2]
    """
    parts = []
    for shape in dict.fromkeys(shapes):
        same = [i for i, found in enumerate(shapes) if found == shape]
        batch = [same[slot % len(same)] for slot in range(len(shapes))]
        parts.append((same, score(batch)[: len(same)]))
    order = np.argsort(np.concatenate([same for same, _ in parts]))
    return np.asarray(np.concatenate([scores for _, scores in parts])[order])
