"""Noise seeds: a row keeps its noise across interventions, and growing keeps the first ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np


def noise_seeds(seed: int, rows: Sequence[str], draws: int) -> np.ndarray:
    """One 63-bit seed for each row and draw, (n_rows, draws) uint64.

    A seed depends on (seed, row name, draw) alone: adding rows or draws moves none, and two
    rows never share noise, which would make them dependent.

    >>> bool(noise_seeds(0, ["a.png"], 1)[0, 0] == noise_seeds(0, ["b.png", "a.png"], 2)[1, 0])
    True
    """
    found = np.empty((len(rows), draws), np.uint64)
    for i, row in enumerate(rows):
        for draw in range(draws):
            named = f"auditor noise 1\x00{seed}\x00{draw}\x00{row}".encode()
            found[i, draw] = int.from_bytes(hashlib.sha256(named).digest()[:8], "little") >> 1
    return found
