"""Adapter `python`: a function of the user's own, run only with `--allow-python`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from auditor.models.model import ModelNode
from auditor.node import Name, default


class PythonModel(ModelNode):
    """A Python function `(images: uint8 (n, height, width, 3)) -> float (n, n_outputs)`.

    The source is `file.py:function`, below the document's folder. It runs only when the
    command line says `--allow-python`, always on batches of one fixed size.
    """

    adapter: Literal["python"]
    """Which adapter runs the model."""

    outputs: tuple[Name, ...] = Field(min_length=1)
    """The name of each output, in the order of the returned columns."""

    weights: tuple[str, ...] = default((), "chosen")
    """Files that the function reads, below the document's folder; their digests are part of
    the model's identity."""

    revision: Name
    """The author's name for this version of the function; part of the model's identity."""

    multi_label: bool = default(True, "chosen")
    """Whether returned logits are independent (sigmoid) or exclusive (softmax)."""
