"""What the document says about an audited model or a detector, whatever its adapter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from auditor.digest import Digest
from auditor.node import Name, SpecNode, default

OutputScale = Literal["probability", "logit"]


class ModelNode(SpecNode):
    """A model that scores pictures: an audited model, or a detector of concepts."""

    name: Name
    """The name by which analyses, requirements and the report call the model."""

    source: str = Field(min_length=1, max_length=1_000)
    """Where the model is: `builtin:NAME`, a folder or file below the document's folder."""

    output: OutputScale = default("probability", "chosen")
    """The scale of the scores that findings speak about.

    `probability` is the sigmoid for multi-label models and the softmax otherwise."""

    target: str | int | None = default(None, "chosen")
    """The output that is audited: a label (of `id2label` or `outputs`) or an index from 0.

    Required under `models:`; detectors have none."""

    digest: str | None = default(None, "chosen", pattern=r"^[0-9a-f]{64}$")
    """SHA-256 that the model's files must have; the audit is refused if it differs."""

    backbone: Name | None = default(None, "chosen")
    """A name for the weights the model was built on, to find detectors that share them."""


@dataclass(frozen=True)
class ModelIdentity:
    """A model as found: enough to plan and to judge, read without loading its weights.

    Attributes:
        name: as the document calls it.
        adapter: which adapter runs it.
        folder: where its files are.
        digest: SHA-256 of the files that decide its scores.
        outputs: the label of each output, (n_outputs,).
        multi_label: True where outputs are independent (sigmoid), False for softmax.
        scale: the scale that findings speak about.
        target: index of the audited output, or None for a detector.
        entry: for the python adapter, `file.py:function`; else empty.
    """

    name: str
    adapter: str
    folder: Path
    digest: Digest
    outputs: tuple[str, ...]
    multi_label: bool
    scale: OutputScale
    target: int | None
    entry: str = ""
