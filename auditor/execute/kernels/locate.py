"""Locate: where in a picture a model sees one of its outputs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from auditor.execute.kernels.kernel import Kernel, Resources, UnitRows
from auditor.execute.kernels.predict import NOT_FINITE
from auditor.execute.numerics import Numerics
from auditor.execute.storage.block import Output
from auditor.models import open_models
from auditor.plan import Op


class LocateKernel(Kernel[UnitRows]):
    """Covers one square of the picture after another with its mean colour, and looks where the logit falls most.

    Occlusion (Zeiler and Fergus 2014, section 4.2) on a grid, so that any model that scores pictures will do. The
    fall of a cell is the mean over all squares that cover it. Nothing is drawn at random. The region is the cells that
    hang together, side by side, with the one of the greatest fall, and fall at least `share` as far.
    """

    def __init__(self, ops: Sequence[Op], resources: Resources, numerics: Numerics, device: str) -> None:
        (op,) = ops
        declared: dict[str, Any] = json.loads(op.parameters)
        self._grid, self._window, self._share = declared["grid"], declared["window"], declared["share"]
        self._model = resources.models[declared["model"]]
        self._output = self._model.outputs.index(declared["output"])
        self._batch = numerics.batch_of(op)
        self._scorer = open_models((self._model,), device)

    def prepare(self, units: UnitRows) -> UnitRows:
        return units

    def run(self, batch: UnitRows) -> tuple[Sequence[Output], ...]:
        return ([image if isinstance(image, str) else self._located(image) for image in batch.images],)

    def probe(self, batch: UnitRows) -> tuple[bytes, ...]:
        """Of the picture itself and the first squares: nothing is ever scored beside another picture's."""
        return tuple(
            b"" if isinstance(image, str) else self._scores([image, *self._covered(image)][: self._batch]).tobytes()
            for image in batch.images
        )

    def unlike(self, units: UnitRows) -> UnitRows:
        """The negatives of the pictures, upside down."""
        images = tuple(image if isinstance(image, str) else 255 - image[::-1] for image in units.images)
        return replace(units, images=images)

    def _located(self, picture: np.ndarray) -> Output:
        """A mask, (height, width, 3) uint8 of 0 and 255, or why there is none."""
        scores = self._scores([picture, *self._covered(picture)])
        if not np.isfinite(scores).all():
            return NOT_FINITE
        along = self._grid - self._window + 1
        falls = (scores[0] - scores[1:]).reshape(along, along)
        fall, squares = (np.zeros((self._grid, self._grid)) for _ in range(2))
        for i, j in np.ndindex(along, along):
            square = np.s_[i : i + self._window, j : j + self._window]
            fall[square] += falls[i, j]
            squares[square] += 1
        fall /= squares
        if fall.max() <= 0:
            name = self._model.outputs[self._output]
            return f"`{self._model.name}` sees `{name}` nowhere: covering no part of the picture lowers its score"
        region = hanging_together(fall >= self._share * fall.max(), np.unravel_index(fall.argmax(), fall.shape))
        rows, columns = (np.diff(self._edges(side)) for side in picture.shape[:2])
        mask = np.repeat(np.repeat(region, rows, axis=0), columns, axis=1)
        return np.repeat(mask[..., None], 3, axis=2).astype(np.uint8) * np.uint8(255)

    def _covered(self, picture: np.ndarray) -> list[np.ndarray]:
        """The picture with one square after another in its mean colour, row by row."""
        colour = np.rint(picture.reshape(-1, 3).mean(axis=0)).astype(np.uint8)
        rows, columns = (self._edges(side) for side in picture.shape[:2])
        found = []
        for i, j in np.ndindex(*(self._grid - self._window + 1,) * 2):
            covered = picture.copy()
            covered[rows[i] : rows[i + self._window], columns[j] : columns[j + self._window]] = colour
            found.append(covered)
        return found

    def _edges(self, side: int) -> np.ndarray:
        """Where the cells of a side of so many pixels begin and end, (grid + 1,)."""
        return np.rint(np.linspace(0, side, self._grid + 1)).astype(int)

    def _scores(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """The output of each picture, on a scale that does not saturate, (n,) float64; in batches of one size."""
        found = []
        for start in range(0, len(pictures), self._batch):
            part = pictures[start : start + self._batch]
            filled = [part[slot % len(part)] for slot in range(self._batch)]
            (logits,) = self._scorer.score(self._scorer.prepare(filled))
            found.append(self._model.rankable(logits[: len(part)], self._output))
        return np.concatenate(found)


def hanging_together(cells: np.ndarray, start: Sequence[np.intp]) -> np.ndarray:
    """The cells that are reached from `start` side by side, (rows, columns) bool, of those that are True.

    >>> hanging_together(np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]], bool), (0, 0)).astype(int).tolist()
    [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    """
    found = np.zeros_like(cells)
    found[tuple(start)] = True
    while True:
        grown = np.pad(found, 1)
        grown = grown[:-2, 1:-1] | grown[2:, 1:-1] | grown[1:-1, :-2] | grown[1:-1, 2:] | found
        grown &= cells
        if (grown == found).all():
            return found
        found = grown
