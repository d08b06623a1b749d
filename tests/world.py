"""Synthetic audits: rows, concepts and logits from a seed, so that the truth about every model is known.

`Given` answers what a coroutine asks with arrays. Everything else is what an audit uses: real rows,
a real intervention that expands captions, identities of models that are never opened.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from auditor.analyses import AuditView, PermutationImportance, RelianceEstimates
from auditor.checks import CheckOutcome, Guarded
from auditor.concepts import Concept
from auditor.dataset import Rows
from auditor.digest import digest_bytes
from auditor.interventions import Noise, TextToImage
from auditor.models import ModelIdentity, PipelineIdentity
from auditor.plan import Ask, PlanBuilder, Rounds, Units

NAMES = ("red circle", "green circle", "blue square")
T = TypeVar("T")


class Given:
    """Answers from arrays: by the model and by how many axes the asked handles have."""

    def __init__(self, arrays: Mapping[tuple[str, int], np.ndarray]) -> None:
        self.arrays = arrays

    def __getitem__(self, units: Units) -> np.ndarray:
        found = self.arrays[str(units.op.parameter("model")), len(units.shape)]
        assert found.shape[:-1] == units.shape
        return found.astype(np.float32)

    def reasons(self, units: Units) -> np.ndarray:
        found = np.full(units.shape, "", dtype=object)
        found[np.isnan(self[units]).any(axis=-1)] = "the model returned numbers that are not finite"
        return found


@dataclass
class World:
    """A data set of independent concepts, an audited model with known effects, and a detector that sees.

    Attributes:
        effects: how far the model's logit moves when each concept is put in.
        weights: how strongly each concept makes the label.
        jitter: spread of the logit that differs between the two values of one row and draw: side effects
            of generation that have no direction.
        deletes: of (j, k): share of rows in which putting j in takes k away, as the detector sees it.
        leaks: whether the model sees what `deletes` does to pictures, as one that looks at them would.
        unseen: concepts that generated pictures do not show.
        noise: spread of the logit from draw to draw.
        broken: rows of which one picture has no score.
    """

    rows: int = 300
    draws: int = 2
    seed: int = 0
    effects: tuple[float, ...] = (0.0, 0.0, 0.0)
    weights: tuple[float, ...] = (1.0, 0.5, 0.0)
    jitter: float = 0.01
    prevalence: float = 0.5
    deletes: Mapping[tuple[int, int], float] = field(default_factory=dict)
    leaks: bool = False
    unseen: tuple[int, ...] = ()
    noise: float = 0.3
    clusters: np.ndarray | None = None
    broken: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        n, c, d = self.rows, len(NAMES), self.draws
        self.values = (rng.random((n, c)) < self.prevalence).astype(np.int64)
        self.values[:2] = [[0] * c, [1] * c]
        latent = self.values @ np.array(self.weights) + rng.normal(0, 0.5, n)
        self.labels = (latent > np.median(latent)).astype(np.int64)
        content = rng.normal(0, 1.0, n)
        own = self.values @ np.array(self.effects)
        noise = rng.normal(0, self.noise, (n, d))
        jitter = rng.normal(0, self.jitter, (n, c, d, 2))
        moved = own[:, None, None] + np.stack(
            [(v - self.values) * np.array(self.effects) for v in (0, 1)], axis=-1
        )  # (n, c, 2)
        base = content + 0.5 * (self.labels - 0.5)
        self.factual = (base + own)[:, None] + noise
        self.by_value = base[:, None, None, None] + moved[:, :, None, :] + noise[:, None, :, None]
        at_own = np.arange(2)[None, None, None, :] == self.values[:, :, None, None]
        self.by_value = self.by_value + np.where(at_own, 0.0, jitter)
        self.real = base + own + rng.normal(0, 0.1, n)
        self._detect(rng)
        for row in self.broken:
            self.by_value[row, 0, 0, 1 - self.values[row, 0]] = np.nan

    def _detect(self, rng: np.random.Generator) -> None:
        n, c, d = self.rows, len(NAMES), self.draws
        shown = np.repeat(self.values[:, None, None, None, :], c, axis=1)
        shown = np.broadcast_to(shown, (n, c, d, 2, c)).copy()
        for j in range(c):
            for v in (0, 1):
                shown[:, j, :, v, j] = v
        for (j, k), share in self.deletes.items():
            hit = rng.random(n) < share
            if self.leaks:
                self.by_value[hit, j, :, 1] -= self.effects[k] * shown[hit, j, :, 1, k]
            shown[hit, j, :, 1, k] = 0
        own = np.broadcast_to(self.values[:, None, :], (n, d, c)).copy()
        sight = np.full(c, 8.0)
        sight[list(self.unseen)] = 0.0
        self.detected = (shown - 0.5) * sight + rng.normal(0, 0.2, shown.shape)
        self.detected_factual = (own - 0.5) * sight + rng.normal(0, 0.2, own.shape)
        self.detected_real = (self.values - 0.5) * 8.0 + rng.normal(0, 0.2, self.values.shape)

    @property
    def concepts(self) -> tuple[Concept, ...]:
        return tuple(Concept(name=name, column=name.replace(" ", "_"), phrase=name) for name in NAMES)

    def view(self) -> AuditView:
        """The audit as its parts see it, with an empty plan."""
        rows = rows_of(self.values, self.labels, clusters=self.clusters)
        captions = TextToImage(
            name="captions", kind="text_to_image", source="pipeline", noise=Noise(draws=self.draws, seed=self.seed)
        )
        return AuditView(
            rows=rows,
            concepts=self.concepts,
            models={"outcome": identity("outcome", ("outcome",), 0)},
            detectors={"shapes": identity("shapes", NAMES, None)},
            interventions={"captions": captions},
            pipelines={"captions": PIPELINE},
            ask=Ask(PlanBuilder()),
        )

    def answers(self, concepts: Sequence[str] | None = None) -> Given:
        """What the models say of this world's pictures, with these concepts changed (all by default)."""
        which = [NAMES.index(name) for name in concepts or NAMES]
        outcome, detector = digest_bytes(b"outcome"), digest_bytes(b"shapes")
        return Given(
            {
                (outcome, 1): self.real[..., None],
                (outcome, 2): self.factual[..., None],
                (outcome, 4): self.by_value[:, which, ..., None],
                (detector, 1): self.detected_real,
                (detector, 2): self.detected_factual,
                (detector, 4): self.detected[:, which],
            }
        )

    def estimate(self, analysis: PermutationImportance) -> RelianceEstimates:
        """What the analysis returns in this world."""
        return drive(analysis.rounds(self.view()), self.answers(analysis.concepts))

    def check(self, check, analysis: PermutationImportance) -> CheckOutcome:  # type: ignore[no-untyped-def]
        """What a check returns in this world."""
        guarded = Guarded(analysis, self.estimate(analysis))
        return drive(check.rounds(self.view(), guarded), self.answers(analysis.concepts))


PIPELINE = PipelineIdentity("captions", Path("."), "5" * 64, "StableDiffusionPipeline", 16, 8)
"""A generator that is never opened."""


def rows_of(values: np.ndarray, labels: np.ndarray, **more: Any) -> Rows:
    """Rows of pictures that are never read."""
    names = tuple(f"{i:04d}.png" for i in range(len(values)))
    return Rows(
        names=names,
        paths=tuple(Path(name) for name in names),
        image_digests=tuple(digest_bytes(name.encode()) for name in names),
        labels=labels,
        values=values,
        table_digest="0" * 64,
        **{"clusters": None, **more},
    )


def identity(name: str, outputs: tuple[str, ...], target: int | None, multi_label: bool = True) -> ModelIdentity:
    """A model that is never opened."""
    return ModelIdentity(
        name=name, adapter="transformers", folder=Path(name), digest=digest_bytes(name.encode()), outputs=outputs,
        multi_label=multi_label, scale="probability", target=target,
    )  # fmt: skip


def reliance(**fields: object) -> PermutationImportance:
    """The analysis `reliance` with these fields."""
    given = {"name": "reliance", "kind": "permutation_importance", "intervention": "captions", **fields}
    return PermutationImportance.model_validate(given)


def drive(rounds: Rounds[T] | Generator, answers: Given) -> T:  # type: ignore[type-arg]
    """Run a coroutine of rounds to its end."""
    next(rounds)
    while True:
        try:
            rounds.send(answers)
        except StopIteration as stopped:
            return stopped.value  # type: ignore[no-any-return]
