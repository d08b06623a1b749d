"""Which sweeps the report draws: by rule and seed, never by hand."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from auditor.analyses import AuditView, GradientEstimates, PropertyGradient
from auditor.digest import digest_bytes
from auditor.execute import StoredAnswers
from auditor.interventions import CapturedFrames, SweepSet
from auditor.models import ModelIdentity
from auditor.pictures import decode_png, png_bytes, read_picture, small
from auditor.results.sweeps.image_sweeps import floor_of
from auditor.results.sweeps.sweep_result import SweepCurve, SweepRule, SweepShown
from auditor.spec.audit_spec import Gallery

MOST_FRAMES = 11
"""Frames of a sweep that are drawn: the ends, and points at equal places between them."""


SHOWN_SIDE = 192
"""Longest side in pixels of a frame in the report; the frames that were scored lie in the store."""


class SweepChooser:
    """Chooses sweeps of one analysis, and collects the PNG files that they show."""

    def __init__(
        self,
        analysis: PropertyGradient,
        view: AuditView,
        estimates: GradientEstimates,
        answers: StoredAnswers,
    ) -> None:
        self._analysis, self._view, self._estimates, self._answers = analysis, view, estimates, answers
        self._names = list(dict.fromkeys(name for name, _ in estimates.curves))
        self._places = np.flatnonzero(estimates.valid)
        self.files: dict[str, bytes] = {}

    def choose(self, gallery: Gallery) -> tuple[SweepShown, ...]:
        """Of each property random images, those in which scores move most and least, and failed ones.

        Moves are means over models. Images that an intervention leaves as they are do not count as little moved. Of
        each control one random image, so that a reader sees what it is."""
        count = min(gallery.pairs, len(self._places))
        rng = np.random.default_rng([gallery.seed, zlib.crc32(b"sweep gallery")])
        random = rng.choice(len(self._places), count, replace=False)
        shown: list[SweepShown] = []
        for name in self._analysis.interventions:
            spans = np.mean([self._estimates.curves[model, name].numbers.span for model in self._names], axis=0)
            order = np.argsort(-spans, kind="stable")
            order = order[self._estimates.applies(name)[order]]
            shown += [self._shown("random", name, int(i)) for i in random]
            shown += [self._shown("most_moved", name, int(i)) for i in order[:count]]
            shown += [self._shown("least_moved", name, int(i)) for i in order[::-1][:count]]
            shown += self._failed(name, gallery.pairs)
        shown += [self._shown("random", name, int(random[0])) for name in self._analysis.controls]
        return tuple(shown)

    def _shown(self, rule: SweepRule, intervention: str, image: int) -> SweepShown:
        """One valid image's sweep, its first variant, with the scores of every model."""
        sweep = self._estimates.sweeps[intervention]
        place = int(self._places[image])
        count = int(sweep.points[place])
        drawn = set(drawn_points(count))
        return SweepShown(
            rule=rule,
            analysis=self._analysis.name,
            intervention=intervention,
            property=sweep.property,
            unit=sweep.unit,
            image=sweep.images[place],
            variant=sweep.variants[0],
            original=self._original(sweep, place),
            positions=tuple(map(float, sweep.positions[place, :count])),
            frames=tuple(self._frame(sweep, place, point) if point in drawn else None for point in range(count)),
            curves=tuple(self._curve(name, intervention, image) for name in self._names),
        )

    def _curve(self, name: str, intervention: str, image: int) -> SweepCurve:
        model, curves = self._view.models[name], self._estimates.curves[name, intervention]
        count = int(self._estimates.sweeps[intervention].points[self._places[image]])
        controls = {} if intervention in self._analysis.controls else {
            control: tuple(map(float, self._estimates.curves[name, control].scores[image, 0, :count]))
            for control in self._analysis.controls
        }  # fmt: skip
        decided = None if curves.decisions is None else curves.decisions[image, 0, :count]
        return SweepCurve(
            model=name,
            scores=tuple(map(float, curves.scores[image, 0, :count])),
            decisions=None if decided is None else tuple(_said(model, int(each)) for each in decided),
            threshold=threshold_of(model, self._analysis.output),
            floor=floor_of(self._analysis, self._estimates, name),
            controls=controls,
        )

    def _failed(self, intervention: str, count: int) -> list[SweepShown]:
        sweep = self._estimates.sweeps[intervention]
        return [
            SweepShown(
                rule="failed",
                analysis=self._analysis.name,
                intervention=intervention,
                property=sweep.property,
                unit=sweep.unit,
                image=sweep.images[place],
                positions=tuple(map(float, sweep.positions[place, : sweep.points[place]])),
                frames=tuple(None for _ in range(int(sweep.points[place]))),
                reason=str(self._estimates.reasons[place]),
            )
            for place in np.flatnonzero(~self._estimates.valid)[:count]
        ]

    def _original(self, sweep: SweepSet, place: int) -> str | None:
        """The picture before the intervention, which is a file of the data set."""
        return None if sweep.original is None else self._kept(read_picture(self._view.rows.paths[place]))

    def _frame(self, sweep: SweepSet, place: int, point: int) -> str | None:
        files = self._view.files.get(sweep.intervention)
        if isinstance(files, CapturedFrames):
            return self._kept(files.picture(place, point))
        data = self._answers.png(sweep.frames[place, 0, point])
        return None if isinstance(data, str) else self._kept(decode_png(data))

    def _kept(self, pixels: np.ndarray) -> str:
        data = png_bytes(small(pixels, SHOWN_SIDE))
        name = f"images/{digest_bytes(data)[:20]}.png"
        self.files[name] = data
        return name


def drawn_points(count: int) -> Sequence[int]:
    """Points of a sweep whose frames are drawn: all of few, else both ends and equal steps between.

    >>> drawn_points(4), len(drawn_points(100)), drawn_points(100)[-1]
    ((0, 1, 2, 3), 11, 99)
    """
    if count <= MOST_FRAMES:
        return tuple(range(count))
    return tuple(round(each * (count - 1) / (MOST_FRAMES - 1)) for each in range(MOST_FRAMES))


def threshold_of(model: ModelIdentity, output: str) -> float | None:
    """The score at which the decision about the target changes, where one score says so."""
    if model.scale == "value" or output == "similarity" or not (model.multi_label or len(model.outputs) == 2):
        return None
    return 0.5 if output == "probability" else 0.0


def _said(model: ModelIdentity, decision: int) -> str:
    if model.multi_label:
        return "yes" if decision else "no"
    return model.outputs[decision]
