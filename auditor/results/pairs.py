"""Which pairs of pictures the report shows: by rule and seed, never by hand."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Literal

import numpy as np

from auditor.analyses import AuditView, PermutationImportance, RelianceEstimates
from auditor.digest import digest_bytes
from auditor.execute import StoredAnswers
from auditor.plan import Units
from auditor.results.audit_result import PairPicture
from auditor.spec.audit_spec import Gallery


def choose_pairs(
    gallery: Gallery,
    analysis: PermutationImportance,
    view: AuditView,
    estimates: RelianceEstimates,
    answers: StoredAnswers,
) -> tuple[tuple[PairPicture, ...], Mapping[str, bytes]]:
    """Pairs of one analysis, and the PNG files they show by name below the run folder.

    `random`: drawn by seed over all rows, concepts and draws. `most_changed` and `least_changed`: of
    each concept, the pair in which the first model's score moves most and least, in the order of
    how far they move. `failed`: the first rows without a valid picture.
    """
    chooser = _Chooser(analysis, view, estimates, answers)
    pairs = [chooser.pair("random", *place) for place in chooser.random(gallery)]
    pairs += [chooser.pair("most_changed", *place) for place in chooser.extreme(gallery.pairs, most=True)]
    pairs += [chooser.pair("least_changed", *place) for place in chooser.extreme(gallery.pairs, most=False)]
    pairs += [chooser.pair("failed", *place) for place in chooser.failed(gallery.pairs)]
    return tuple(pairs), chooser.files


Rule = Literal["random", "most_changed", "least_changed", "failed"]


class _Chooser:
    def __init__(
        self,
        analysis: PermutationImportance,
        view: AuditView,
        estimates: RelianceEstimates,
        answers: StoredAnswers,
    ) -> None:
        self._analysis, self._view, self._estimates, self._answers = analysis, view, estimates, answers
        self._pictures = estimates.pictures
        self.files: dict[str, bytes] = {}

    def random(self, gallery: Gallery) -> list[tuple[int, int, int]]:
        """Distinct (row, concept, draw), drawn by seed over valid rows."""
        rows = np.flatnonzero(self._estimates.valid)
        shape = (len(rows), len(self._pictures.concepts), self._pictures.draws)
        rng = np.random.default_rng([gallery.seed, zlib.crc32(b"gallery")])
        size = int(np.prod(shape))
        picked = rng.choice(size, min(gallery.pairs, size), replace=False)
        places = np.array(np.unravel_index(picked, shape)).T
        return [(int(rows[row]), int(concept), int(draw)) for row, concept, draw in places]

    def extreme(self, count: int, *, most: bool) -> list[tuple[int, int, int]]:
        """Of each concept the pair whose score moves most (or least), for the first model."""
        model = self._view.models[self._analysis.model_names(self._view)[0]]
        scores = self._estimates.swapped_scores[model.name]
        moved = np.abs(scores[..., 1] - scores[..., 0])
        moved[~self._estimates.valid] = -np.inf if most else np.inf
        found = []
        for concept in range(moved.shape[1]):
            flat = moved[:, concept].reshape(-1)
            place = int(np.argmax(flat) if most else np.argmin(flat))
            row, draw = np.unravel_index(place, moved[:, concept].shape)
            found.append((float(flat[place]), int(row), concept, int(draw)))
        found = [one for one in found if np.isfinite(one[0])]
        found.sort(key=lambda one: -one[0] if most else one[0])
        return [(row, concept, draw) for _, row, concept, draw in found[:count]]

    def failed(self, count: int) -> list[tuple[int, int, int]]:
        """The first rows left out as invalid, each with its first concept and draw that lacks a score."""
        found = []
        for row in np.flatnonzero(~self._estimates.valid)[:count]:
            lacking = np.zeros(self._pictures.by_value.shape[1:3], bool)
            for scores in self._estimates.swapped_scores.values():
                lacking |= np.isnan(scores[row]).any(axis=-1)
            concept, draw = np.unravel_index(int(np.argmax(lacking)), lacking.shape)
            found.append((int(row), int(concept), int(draw)))
        return found

    def pair(self, rule: Rule, row: int, concept: int, draw: int) -> PairPicture:
        """The pair of one row, concept and draw: the picture as the row is, and with the concept changed."""
        own = int(self._pictures.values[row, concept])
        other = 1 - own
        files = [self._file(self._pictures.by_value[row, concept, draw, value]) for value in (own, other)]
        scores: dict[str, tuple[float | None, float | None]] = {}
        for name in self._analysis.model_names(self._view):
            model = self._view.models[name]
            found = self._estimates.swapped_scores[name][row, concept, draw]
            shown = _scaled(model.scale, found)
            scores[name] = (_number(shown[own]), _number(shown[other]))
        return PairPicture(
            rule=rule,
            analysis=self._analysis.name,
            concept=self._pictures.concepts[concept],
            row=self._view.rows.names[row],
            draw=draw,
            factual_image=files[0],
            counterfactual_image=files[1],
            factual_caption=self._pictures.factual_captions[row],
            counterfactual_caption=self._pictures.captions[row, concept, other],
            change="added" if other == 1 else "removed",
            scores=scores,
            reason=str(self._estimates.reasons[row]),
        )

    def _file(self, picture: Units) -> str | None:
        data = self._answers.png(picture)
        if isinstance(data, str):
            return None
        name = f"images/{digest_bytes(data)[:20]}.png"
        self.files[name] = data
        return name


def _scaled(scale: str, rankable: np.ndarray) -> np.ndarray:
    """Rankable scores on the scale that findings speak about: log odds become probabilities."""
    return np.asarray(0.5 * (1 + np.tanh(rankable / 2))) if scale == "probability" else rankable


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
