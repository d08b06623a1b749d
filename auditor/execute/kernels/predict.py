"""Predict: scores of pictures by an audited model or a detector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from auditor.execute.block import Output
from auditor.execute.kernels.kernel import Kernel, Resources, UnitRows
from auditor.execute.numerics import Numerics
from auditor.models import open_model
from auditor.plan import Op


class PredictKernel(Kernel):
    """Scores 8-bit pictures, fresh or stored alike, always in batches of one size."""

    def __init__(self, op: Op, resources: Resources, numerics: Numerics) -> None:
        identity = resources.models[str(op.parameter("model"))]
        self._batch = numerics.batch_of(op)
        self._score = open_model(identity, numerics.device)

    def run(self, units: UnitRows) -> Sequence[Output]:
        outputs: list[Output] = list(units.images)
        present = [i for i, image in enumerate(outputs) if not isinstance(image, str)]
        if present:
            batch = [outputs[present[slot % len(present)]] for slot in range(self._batch)]
            logits = self._score(batch)  # type: ignore[arg-type]  # `present` holds no reasons
            for slot, i in enumerate(present):
                row = logits[slot]
                outputs[i] = row if np.isfinite(row).all() else "the model returned numbers that are not finite"
        return outputs
