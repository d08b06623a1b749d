"""Which pairs of pictures the report shows: by rule and seed, never by hand."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Literal

import numpy as np

from auditor.analyses import AuditView, PermutationImportance, RelianceEstimates
from auditor.concepts import Level
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

    `random`: drawn by seed over all rows, concepts and draws, and over the values that are not the row's own.
    `most_changed` and `least_changed`: of each concept, the pair in which the first model's score moves most and
    least, in the order of how far they move. `failed`: the first rows without a valid picture.
    """
    chooser = _Chooser(analysis, view, estimates, answers)
    pairs = [chooser.pair("random", *place) for place in chooser.random(gallery)]
    pairs += [chooser.pair("most_changed", *place) for place in chooser.extreme(gallery.pairs, most=True)]
    pairs += [chooser.pair("least_changed", *place) for place in chooser.extreme(gallery.pairs, most=False)]
    pairs += [chooser.pair("failed", *place) for place in chooser.failed(gallery.pairs)]
    return tuple(pairs), chooser.files


Rule = Literal["random", "most_changed", "least_changed", "failed"]
Place = tuple[int, int, int, int]
"""Row, concept, draw, and the value that the concept is set to."""


def change_words(own: Level, other: Level, kind: str) -> str:
    """What was done to a concept: `added`, `removed`, or `from 2 to 0`."""
    if kind == "presence":
        return "added" if other else "removed"
    return f"from {own} to {other}"


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

    def random(self, gallery: Gallery) -> list[Place]:
        """Distinct (row, concept, draw), drawn by seed over valid rows, each with one of the other values."""
        rows = np.flatnonzero(self._estimates.valid)
        shape = (len(rows), len(self._pictures.concepts), self._pictures.draws)
        rng = np.random.default_rng([gallery.seed, zlib.crc32(b"gallery")])
        size = int(np.prod(shape))
        picked = rng.choice(size, min(gallery.pairs, size), replace=False)
        found = []
        for row, concept, draw in np.array(np.unravel_index(picked, shape)).T:
            others = self._others(int(rows[row]), int(concept))
            found.append((int(rows[row]), int(concept), int(draw), others[int(rng.integers(len(others)))]))
        return found

    def extreme(self, count: int, *, most: bool) -> list[Place]:
        """Of each concept the pair whose score moves most (or least), for the first model."""
        model = self._view.models[self._analysis.model_names(self._view)[0]]
        scores = self._estimates.swapped_scores[model.name]
        never = -np.inf if most else np.inf
        found = []
        for concept in range(scores.shape[1]):
            own = self._pictures.values[:, concept][:, None, None]
            of_concept = scores[:, concept, :, self._pictures.values_of(concept)]
            moved = np.abs(of_concept - np.take_along_axis(of_concept, own, axis=2))
            kept = (np.arange(moved.shape[2]) != own) & self._estimates.valid[:, None, None]
            moved = np.where(kept, moved, never)
            place = int(np.argmax(moved) if most else np.argmin(moved))
            row, draw, other = np.unravel_index(place, moved.shape)
            found.append((float(moved[row, draw, other]), (int(row), concept, int(draw), int(other))))
        found = [one for one in found if np.isfinite(one[0])]
        found.sort(key=lambda one: -one[0] if most else one[0])
        return [place for _, place in found[:count]]

    def failed(self, count: int) -> list[Place]:
        """The first rows left out as invalid, each with its first concept and draw that lacks a score."""
        found = []
        for row in np.flatnonzero(~self._estimates.valid)[:count]:
            lacking = np.zeros(self._pictures.by_value.shape[1:], bool)
            for scores in self._estimates.swapped_scores.values():
                lacking |= np.isnan(scores[row])
            concept, draw = np.unravel_index(int(np.argmax(lacking.any(axis=-1))), lacking.shape[:2])
            others = self._others(int(row), int(concept))
            failed = [other for other in others if lacking[concept, draw, other]]
            found.append((int(row), int(concept), int(draw), (failed or others)[0]))
        return found

    def _others(self, row: int, concept: int) -> list[int]:
        """The values of a concept that are not the row's own."""
        own = int(self._pictures.values[row, concept])
        return [value for value in range(len(self._pictures.levels_of(concept))) if value != own]

    def pair(self, rule: Rule, row: int, concept: int, draw: int, other: int) -> PairPicture:
        """The pair of one row, concept and draw: the picture as the row is, and with another value."""
        own = int(self._pictures.values[row, concept])
        files = [self._file(self._pictures.by_value[row, concept, draw, value]) for value in (own, other)]
        scores: dict[str, tuple[float | None, float | None]] = {}
        for name in self._analysis.model_names(self._view):
            model = self._view.models[name]
            found = self._estimates.swapped_scores[name][row, concept, draw]
            shown = _scaled(model.scale, found)
            scores[name] = (_number(shown[own]), _number(shown[other]))
        levels = self._pictures.levels_of(concept)
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
            change=change_words(levels[own], levels[other], self._view.concept(self._pictures.concepts[concept]).kind),
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
