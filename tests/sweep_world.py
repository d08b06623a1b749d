"""Synthetic audits of gradual interventions: curves and doses from a seed, so that the truth is known.

`GivenFrames` answers by what a picture is made from. Everything else is what an audit uses: real interventions that
expand sweeps, real rows, identities of models that are never opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from auditor.analyses import AuditView, GradientEstimates, PropertyGradient
from auditor.checks import CheckOutcome, GuardedSweeps
from auditor.concepts import Property
from auditor.dataset import Rows
from auditor.digest import digest_bytes
from auditor.interventions import Captured, CapturedFrames, Compositing, ImageEdit, SweepSet
from auditor.interventions.blend_files import BlendFiles
from auditor.models import PipelineIdentity
from auditor.plan import Ask, PlanBuilder, Units
from tests.world import drive, identity

PROPERTY, CONTROLS = "turned", ("left", "right", "noisy")
SWEEPS = (PROPERTY, *CONTROLS)


class GivenFrames:
    """Answers by picture: logits of each model, and the dose of each frame."""

    def __init__(
        self, view: AuditView, logits: Mapping[tuple[str, bytes], np.ndarray], dose: Mapping[bytes, float]
    ) -> None:
        self.view, self.logits, self.dose = view, logits, dose

    def _pictures(self, units: Units, column: str) -> list[bytes]:
        table = self.view.ask.builder.plan().table(units.op.digest)
        return [key.tobytes() for key in table.column(column)[units.index.reshape(-1)]]

    def __getitem__(self, units: Units) -> np.ndarray:
        pictures = self._pictures(units, "image")
        if units.op.kind == "compare":
            moved = [
                abs(self.dose[a] - self.dose[b]) for a, b in zip(pictures, self._pictures(units, "other"), strict=True)
            ]
            found = np.array([(d, 1.0 - d) for d in moved])
        else:
            model = str(units.op.parameter("model"))
            found = np.stack([self.logits[model, picture] for picture in pictures])
        return found.reshape(*units.shape, -1).astype(np.float32)

    def reasons(self, units: Units) -> np.ndarray:
        found = np.full(units.shape, "", dtype=object)
        found[~np.isfinite(self[units]).all(axis=-1)] = "the model returned numbers that are not finite"
        return found


@dataclass
class SweepWorld:
    """Images, a model with known reliance on a property, and controls.

    Attributes:
        images: how many.
        points: of each sweep.
        effect: how far the model's logit moves along the property's sweep, in each image.
        background: how far it moves along any sweep, whatever the property: SD of the whole move.
        doses: how far the last frame of each sweep is from the first, as a share of the property's.
        seed: of everything.
        broken: images of which one frame has no score.
        clusters: sources of images, or None.
        draws: variants of a sweep.
        kind: `compositing`, or `image_edit` for paired draws of noise.
        controls: names of the controls.
    """

    images: int = 30
    points: int = 7
    effect: float = 0.0
    background: float = 0.4
    doses: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    broken: tuple[int, ...] = ()
    clusters: np.ndarray | None = None
    draws: int = 1
    kind: str = "compositing"
    controls: tuple[str, ...] = CONTROLS

    @property
    def sweeps(self) -> tuple[str, ...]:
        return (PROPERTY, *self.controls)

    def intervention(self, name: str) -> Compositing | ImageEdit:
        points = {"from": 0.0, "to": 1.0, "points": self.points}
        if self.kind == "image_edit":
            return ImageEdit.model_validate(
                {"name": name, "kind": "image_edit", "realises": f"property {name}", "source": "editor",
                 "instruction": name, "sweep": {"guidance": points}, "noise": {"draws": self.draws}}
            )  # fmt: skip
        number = 1 + self.sweeps.index(name)
        return Compositing.model_validate(
            {"name": name, "kind": "compositing", "realises": f"property {name}", "blur": float(number),
             "sweep": {"strength": points}}
        )  # fmt: skip

    def analysis(self, **fields: object) -> PropertyGradient:
        """The analysis `gradients` with these fields."""
        given = {
            "name": "gradients",
            "kind": "property_gradient",
            "interventions": (PROPERTY,),
            "controls": self.controls,
        }
        return PropertyGradient.model_validate({**given, **fields})

    def view(self) -> AuditView:
        """The audit as its parts see it, with an empty plan."""
        names = tuple(f"{i:04d}.png" for i in range(self.images))
        rows = Rows(
            names=names,
            paths=tuple(Path(name) for name in names),
            image_digests=tuple(digest_bytes(name.encode()) for name in names),
            labels=np.zeros(self.images, np.int64),
            values=np.zeros((self.images, 0), np.int64),
            clusters=self.clusters,
            table_digest="0" * 64,
            labelled=False,
        )
        edits = self.kind == "image_edit"
        return AuditView(
            rows=rows,
            concepts=(),
            models={"outcome": identity("outcome", ("outcome",), 0)},
            detectors={"shapes": identity("shapes", ("turned", "left"), None)},
            interventions={name: self.intervention(name) for name in self.sweeps},
            pipelines={
                name: PipelineIdentity(name, Path("."), "5" * 64, "StableDiffusionInstructPix2PixPipeline", 16, 8)
                for name in (self.sweeps if edits else ())
            },
            ask=Ask(PlanBuilder()),
            properties=tuple(Property(name=f"property {name}") for name in self.sweeps),
            files={} if edits else {name: BlendFiles(name, "0" * 64, ()) for name in self.sweeps},
        )

    def curves(self) -> dict[str, np.ndarray]:
        """The model's logit along each sweep, (images, draws, points)."""
        rng = np.random.default_rng(self.seed)
        start = rng.normal(0, 0.3, self.images)
        ramp = np.linspace(0, 1, self.points)
        found = {}
        for name in self.sweeps:
            moves = rng.normal(0, self.background, (self.images, self.draws)) + rng.normal(0, 0.02, (self.images, 1))
            moves = moves + (self.effect if name == PROPERTY else 0.0)
            wiggle = rng.normal(0, 0.01, (self.images, self.draws, self.points))
            found[name] = start[:, None, None] + moves[:, :, None] * ramp + wiggle
        for image in self.broken:
            found[PROPERTY][image, 0, -1] = np.nan
        return found

    def answers(self, view: AuditView) -> GivenFrames:
        """What models and comparisons say of this world's frames; the detector sees the property rise."""
        logits: dict[tuple[str, bytes], np.ndarray] = {}
        dose: dict[bytes, float] = {}
        outcome, detector = digest_bytes(b"outcome"), digest_bytes(b"shapes")
        for key in view.ask.builder.keys(view.real_pictures()):
            logits[outcome, key.tobytes()] = np.zeros(1)
        ramp = np.linspace(0, 1, self.points)
        for name, curves in self.curves().items():
            sweep: SweepSet = view.sweep(name)
            keys = view.ask.builder.keys(sweep.frames)
            for place, key in enumerate(keys):
                image, draw, point = np.unravel_index(place, sweep.frames.shape)
                picture = key.tobytes()
                logits[outcome, picture] = curves[image, draw, point][None]
                seen = 4.0 * (2 * ramp[point] - 1) if name == PROPERTY else -4.0
                logits[detector, picture] = np.array([seen, -4.0])
                dose[picture] = 0.2 * ramp[point] * self.doses.get(name, 1.0)
        return GivenFrames(view, logits, dose)

    def estimate(self, analysis: PropertyGradient) -> GradientEstimates:
        """What the analysis returns in this world."""
        view = self.view()
        return drive(analysis.rounds(view), self.answers(view))  # type: ignore[arg-type]

    def check(self, check, analysis: PropertyGradient) -> CheckOutcome:  # type: ignore[no-untyped-def]
        """What a check returns in this world."""
        view, guarded = self.view(), GuardedSweeps(analysis, self.estimate(analysis))
        answers = self.answers(view)
        return drive(check.rounds(view, guarded), answers)  # type: ignore[arg-type]


def photographed(objects: int = 3, points: int = 5) -> tuple[Captured, CapturedFrames]:
    """A captured intervention and photographs at unequal distances."""
    names = tuple(f"object {i}" for i in range(objects))
    positions = tuple(tuple(float(point**2) for point in range(points)) for _ in names)
    paths = tuple(tuple(f"{name}-{point}.png" for point in range(points)) for name in names)
    digests = tuple(tuple(digest_bytes(path.encode()) for path in each) for each in paths)
    captured = Captured.model_validate(
        {"name": PROPERTY, "kind": "captured", "realises": "angle", "source": "turntable", "value": "angle"}
    )
    return captured, CapturedFrames(PROPERTY, "1" * 64, (), names, positions, paths, digests)
