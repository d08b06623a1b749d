"""Numerics classes beside that of this machine."""

from __future__ import annotations

import dataclasses

from auditor.execute import Numerics


def batches(numerics: Numerics, **sizes: int) -> Numerics:
    """The class with other batch sizes, by kind of op."""
    return dataclasses.replace(numerics, batch=tuple({**dict(numerics.batch), **sizes}.items()))
