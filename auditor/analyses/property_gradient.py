"""Property gradients: how far a score moves while one property is changed gradually (section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from auditor.analyses.gradient_margins import GradientMargins
from auditor.analyses.margins import Intervals
from auditor.node import Name, Seed, SpecNode, default

if TYPE_CHECKING:
    from auditor.analyses.gradient_estimates import GradientEstimates
    from auditor.analyses.view import AuditView
    from auditor.plan import Rounds


class PropertyGradient(SpecNode):
    """How far scores move along sweeps of a property, and whether further than along sweeps of controls."""

    name: Name
    """The name by which checks and requirements call the analysis."""

    kind: Literal["property_gradient"]
    """Which kind of analysis this is."""

    interventions: tuple[Name, ...] = Field(min_length=1)
    """The gradual interventions, each on a property of its own."""

    controls: tuple[Name, ...] = default((), "chosen")
    """Gradual interventions on properties that must not matter, three or more, as strong as the
    property: what decides is a comparison with them. Without any, sweeps are described only."""

    models: tuple[Name, ...] | None = default(None, "chosen")
    """The audited models; all of them by default."""

    output: Literal["probability", "logit", "similarity"] = default("probability", "code")
    """The score that is followed: the probability of the target, its logit (log odds), or for
    zero_shot models the cosine similarity of picture and words, -1 to 1. Models with `output: value`
    give that value."""

    include_original: bool = default(False, "chosen")
    """Whether the picture before the intervention counts as a point before the first one, in the
    score per step alone, since it has no place on the axis."""

    min_dose_ratio: float = default(0.8, "chosen", gt=0)
    """How strong controls must be beside the property: mean distance of their frames from the first
    frame, over all images, divided by the property's. Below it a comparison is unfair, and the gate
    fails; so it does where images differ so much in it that a model which follows nothing but how
    strong changes are would seem to follow the property more than `min_ratio` times as far."""

    min_ratio: float = default(2.0, "chosen", ge=1)
    """How many times further than along the controls the score must move for `relies`."""

    min_effect: float = default(0.05, "chosen", ge=0)
    """Range along a sweep below which nothing counts as a move, in the score's own unit."""

    margin: GradientMargins = default(GradientMargins(), "chosen")
    """Declared margins, without which nothing is ever called `does_not_rely`."""

    shuffles: int = default(10_000, "paper", ge=99, le=1_000_000)
    """Permutations of the published shuffle test, which is reported and never decides."""

    seed: Seed = default(0, "chosen")
    """The seed of the shuffles."""

    intervals: Intervals = default(Intervals(), "chosen")
    """How intervals are made."""

    @property
    def sweeps(self) -> tuple[str, ...]:
        """Every gradual intervention that is asked for, those on properties first."""
        return tuple(dict.fromkeys((*self.interventions, *self.controls)))

    def model_names(self, audit: AuditView) -> tuple[str, ...]:
        """The audited models, in the order given."""
        return self.models or tuple(audit.models)

    def as_published(self, audit: AuditView) -> Mapping[str, int]:
        """Frames that the paper's way would make, by intervention, and how many it would score: no controls."""
        frames = {name: int(audit.sweep(name).frames_there.sum()) for name in self.interventions}
        return {**frames, "predict": sum(frames.values()) * len(self.model_names(audit))}

    def rounds(self, audit: AuditView) -> Rounds[GradientEstimates]:
        """One round: every frame scored by every model, and compared with the first frame of its sweep."""
        from auditor.analyses.gradient_estimates import Answered, FollowedScore, estimate

        sweeps = {name: audit.sweep(name) for name in self.sweeps}
        models = {name: audit.models[name] for name in self.model_names(audit)}
        scored = {
            (name, sweep): found.in_place(audit.ask.predict(model.digest, found.of_each_point(found.frames)))
            for name, model in models.items()
            for sweep, found in sweeps.items()
        }
        originals = {
            (name, sweep): audit.ask.predict(model.digest, found.original)
            for name, model in models.items()
            for sweep, found in sweeps.items()
            if found.original is not None and (self.include_original or model.target is None)
        }
        compared = {
            sweep: found.in_place(
                audit.ask.compare(
                    found.of_each_point(found.frames), found.of_each_point(found.frames[:, :, [0] * found.n_points])
                )
            )
            for sweep, found in sweeps.items()
        }
        answers = yield audit.ask
        followed = FollowedScore(self.name, self.output, self.include_original)
        return estimate(followed, models, sweeps, Answered(answers, scored, originals, compared))
