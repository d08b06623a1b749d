"""A world whose concepts have several values: a count, a category, and a text that is kept.

The audited model's logit moves by `effects[j][v]` when concept j has value v, the detector sees colours and whether
there is a person; everything else is what an audit uses, as in `tests/world.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from auditor.analyses import AuditView, PermutationImportance, RelianceEstimates
from auditor.checks import CheckOutcome, Guarded
from auditor.concepts import CategoryValue, Concept
from auditor.digest import digest_bytes
from auditor.interventions import Caption, Noise, TextToImage
from auditor.plan import Ask, PlanBuilder
from tests.world import PIPELINE, Given, drive, identity, rows_of

COLOURS = ("red", "green", "blue")
CONCEPTS = (
    Concept(name="person", kind="count", column="person", phrase="person"),
    Concept(
        name="colour",
        kind="category",
        column="colour",
        values=tuple(CategoryValue(value=colour, phrase=f"{colour} wall") for colour in COLOURS),
    ),
    Concept(name="notes", kind="text", column="notes"),
    Concept(name="lamp", column="lamp", phrase="lamp"),
)
LEVELS = ((0, 1, 2, 5), COLOURS, ("calm", ""), (0, 1))
OUTPUTS = ("person", *COLOURS, "lamp")


@dataclass
class Valued:
    """A data set with a count (0, 1, 2, 5), a category of three colours, a text, and a presence.

    Attributes:
        effects: how far the logit moves at each value of a concept, by the concept's name.
        leaks: share of rows in which the lamp vanishes as soon as there is a person.
        spoil: what generation does beside what it is told, for detector and model to see: from value indices, and from
            which rows are hit, to value indices; -1 is a colour that no wall has.
        hits: share of rows that are hit.
        blind: colours that generated pictures do not show.
    """

    rows: int = 120
    draws: int = 2
    seed: int = 0
    effects: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    leaks: float = 0.0
    spoil: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    hits: float = 0.3
    blind: tuple[str, ...] = ()
    concepts: tuple[Concept, ...] = CONCEPTS
    caption: Caption = field(default_factory=Caption)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        n = self.rows
        self.values = np.stack([rng.integers(0, len(levels), n) for levels in LEVELS], axis=1)
        self.values[:4] = [[0, 0, 0, 0], [1, 1, 1, 1], [2, 2, 0, 0], [3, 0, 0, 1]]
        self.labels = (rng.normal(0, 1, n) > 0).astype(np.int64)
        self.labels[:2] = (0, 1)
        self.content = rng.normal(0, 1, n)
        self.noise = rng.normal(0, 0.2, (n, self.draws))
        self.leaking = rng.random(n) < self.leaks
        self.hit = rng.random(n) < self.hits

    def drawn(self, values: np.ndarray) -> np.ndarray:
        """What a picture of rows with these value indices shows."""
        return values if self.spoil is None else self.spoil(values.copy(), self.hit)

    def logit(self, values: np.ndarray) -> np.ndarray:
        """The audited model's logit of rows with these value indices, (n_rows, n_draws)."""
        values = self.drawn(values)
        moved = self.content + self.labels
        for j, concept in enumerate(CONCEPTS):
            if concept.name in self.effects:
                moved = moved + np.array(self.effects[concept.name])[values[:, j]]
        return moved[:, None] + self.noise

    def seen(self, values: np.ndarray, generated: bool) -> np.ndarray:
        """The detector's logits of rows with these value indices, (n_rows, n_outputs)."""
        values = self.drawn(values) if generated else values
        lamp = (values[:, 3] == 1) & ~(generated & self.leaking & (values[:, 0] > 0))
        colours = [(values[:, 1] == v) & ~(generated and colour in self.blind) for v, colour in enumerate(COLOURS)]
        return np.stack([values[:, 0] > 0, *colours, lamp], axis=1) * 8.0 - 4.0 + self.content[:, None] * 0.1

    def view(self) -> AuditView:
        """The audit as its parts see it, with an empty plan."""
        captions = TextToImage(
            name="captions",
            kind="text_to_image",
            source="pipeline",
            noise=Noise(draws=self.draws),
            caption=self.caption,
        )
        return AuditView(
            rows=rows_of(self.values, self.labels, levels=LEVELS),
            concepts=self.concepts,
            models={"outcome": identity("outcome", ("outcome",), 0)},
            detectors={"eye": identity("eye", OUTPUTS, None)},
            interventions={"captions": captions},
            pipelines={"captions": PIPELINE},
            ask=Ask(PlanBuilder()),
        )

    def answers(self, changed: tuple[str, ...]) -> Given:
        """What the models say of this world's pictures, with these concepts changed; beyond a concept's own values
        the pictures are the factual ones."""
        names = [concept.name for concept in CONCEPTS]
        widest = max(len(LEVELS[names.index(name)]) for name in changed)
        logits = np.empty((self.rows, len(changed), self.draws, widest, 1))
        seen = np.empty((self.rows, len(changed), self.draws, widest, len(OUTPUTS)))
        for j, name in enumerate(changed):
            for v in range(widest):
                values = self.values.copy()
                if v < len(LEVELS[names.index(name)]):
                    values[:, names.index(name)] = v
                logits[:, j, :, v, 0] = self.logit(values)
                seen[:, j, :, v] = self.seen(values, True)[:, None]
        outcome, eye = digest_bytes(b"outcome"), digest_bytes(b"eye")
        factual = np.repeat(self.seen(self.values, True)[:, None], self.draws, 1)
        return Given(
            {
                (outcome, 1): self.logit(self.values)[:, :1],
                (outcome, 2): self.logit(self.values)[..., None],
                (outcome, 4): logits,
                (eye, 1): self.seen(self.values, False),
                (eye, 2): factual,
                (eye, 4): seen,
            }
        )

    def estimate(self, analysis: PermutationImportance) -> RelianceEstimates:
        """What the analysis returns in this world."""
        view = self.view()
        return drive(analysis.rounds(view), self.answers(analysis.concept_names(view)))

    def check(self, check, analysis: PermutationImportance) -> CheckOutcome:  # type: ignore[no-untyped-def]
        """What a check returns in this world."""
        view = self.view()
        guarded = Guarded(analysis, self.estimate(analysis))
        return drive(check.rounds(view, guarded), self.answers(analysis.concept_names(view)))
