"""Predict: scores of pictures by an audited model or a detector, or by several models on one trunk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from auditor.execute.kernels.kernel import Kernel, Resources, UnitRows
from auditor.execute.numerics import Numerics
from auditor.execute.storage.block import Output
from auditor.models import open_models
from auditor.plan import Op

NOT_FINITE = "the model returned numbers that are not finite"


@dataclass(frozen=True)
class PictureBatch:
    """A micro-batch of pictures filled up with copies.

    Attributes:
        given: of each unit, its picture or the reason why there is none.
        present: which units have a picture; they stand in the first slots, in this order.
        ready: what the models want of the pictures; None where there are none.
    """

    given: tuple[Output, ...]
    present: tuple[int, ...]
    ready: Any


class PredictKernel(Kernel[PictureBatch]):
    """Scores 8-bit pictures, fresh or stored alike, always in batches of one size."""

    def __init__(self, ops: Sequence[Op], resources: Resources, numerics: Numerics, device: str) -> None:
        identities = [resources.models[str(op.parameter("model"))] for op in ops]
        self._batch = numerics.batch_of(ops[0])
        self._models = len(ops)
        self._own_code = identities[0].adapter == "python"
        self._scorer = open_models(identities, device)

    def prepare(self, units: UnitRows) -> PictureBatch:
        present = tuple(i for i, image in enumerate(units.images) if not isinstance(image, str))
        pictures = [units.images[present[slot % len(present)]] for slot in range(self._batch)] if present else []
        ready = self._scorer.prepare(pictures) if pictures else None  # type: ignore[arg-type]  # no reasons in it
        return PictureBatch(units.images, present, ready)

    def run(self, batch: PictureBatch) -> tuple[Sequence[Output], ...]:
        if not batch.present:
            return (batch.given,) * self._models
        return tuple(self._outputs(batch, logits) for logits in self._scorer.score(batch.ready))

    def probe(self, batch: PictureBatch) -> tuple[bytes, ...]:
        found = [b""] * len(batch.given)
        for logits in self._scorer.score(batch.ready) if batch.present else ():
            for slot, i in enumerate(batch.present):
                found[i] += logits[slot].tobytes()
        return tuple(found)

    def unlike(self, units: UnitRows) -> UnitRows:
        """The negatives of the pictures, upside down."""
        images = tuple(image if isinstance(image, str) else 255 - image[::-1] for image in units.images)
        return replace(units, images=images)

    def try_out(self, images: Sequence[np.ndarray]) -> None:
        """Score pictures (height, width, 3) uint8, and let go of what comes: a function of the author's in a batch
        as it will get them, a library's model one by itself.

        Raises:
            ModelFault: the scores are not what they must be.
        """
        count = self._batch if self._own_code else 1
        self._scorer.score(self._scorer.prepare([images[slot % len(images)] for slot in range(count)]))

    def _outputs(self, batch: PictureBatch, logits: np.ndarray) -> list[Output]:
        outputs = list(batch.given)
        for slot, i in enumerate(batch.present):
            outputs[i] = logits[slot] if np.isfinite(logits[slot]).all() else NOT_FINITE
        return outputs
