"""What the document says about an audited model or a detector, whatever its adapter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from auditor import codes
from auditor.digest import Digest, FileDigests
from auditor.errors import DataError
from auditor.node import Name, Source, SpecNode, default
from auditor.source import Loc, nearest

OutputScale = Literal["probability", "logit", "value"]


class ModelNode(SpecNode):
    """A model that scores pictures: an audited model, or a detector of concepts."""

    name: Name
    """The name by which analyses, requirements and the report call the model."""

    source: Source = default("", "chosen")
    """Where the model is: `builtin:NAME`, or a folder or file as seen from the document's folder;
    required where no `pattern` stands for many."""

    pattern: Source | None = default(None, "chosen")
    """A pattern such as `runs/*/epoch_*`: each folder that it matches is a model of its own, a
    checkpoint of a training."""

    order: Name | None = default(None, "chosen")
    """With `pattern`, the word before the number by which checkpoints are ordered; `epoch` by default."""

    left_out: tuple[Source, ...] = default((), "chosen")
    """With `pattern`, folders that it matches and that are not audited, such as a checkpoint whose
    training diverged; the report says which are missing."""

    series: Name | None = default(None, "chosen")
    """The training that this model is a checkpoint of; a `pattern` gives it."""

    epoch: float | None = default(None, "chosen", ge=0)
    """Where in that training it stands; a `pattern` gives it."""

    output: OutputScale = default("probability", "chosen")
    """The scale of the scores that findings speak about.

    `probability` is the sigmoid for multi-label models and the softmax otherwise. `value` is the
    output itself, of a model that predicts a number (regression)."""

    target: str | int | None = default(None, "chosen")
    """The output that is audited: a label (of `id2label` or `outputs`) or an index from 0.

    Required under `models:`; detectors have none."""

    label: Name | None = default(None, "chosen")
    """The column with the label that this model predicts, 0 or 1; by default the data set's.

    So models of several tasks are audited on one generated set; detectors have none."""

    digest: str | None = default(None, "chosen", pattern=r"^[0-9a-f]{64}$")
    """SHA-256 that the model's files must have; the audit is refused if it differs."""

    backbone: Name | None = default(None, "chosen")
    """A name for the weights the model was built on, to find detectors that share them."""

    shares_backbone_because: str | None = default(None, "chosen", min_length=10, max_length=1_000)
    """Of a detector: why it may be built on the weights of an audited model all the same; printed in the report.

    Without a reason such a detector is refused, since it would share the model's blind spots."""


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
        weight_files: safetensors files, by which a shared backbone is found.
        entry: for the python adapter, `file.py:function`; else empty.
        files: the files that `digest` is about, each with its own.
        prompts: for the zero_shot adapter, the prompts of each output.
        similarity: for the zero_shot adapter, the factor and the summand that make a logit of a cosine similarity.
    """

    name: str
    adapter: str
    folder: Path
    digest: Digest
    outputs: tuple[str, ...]
    multi_label: bool
    scale: OutputScale
    target: int | None
    weight_files: tuple[Path, ...] = ()
    entry: str = ""
    files: FileDigests = ()
    prompts: tuple[tuple[str, ...], ...] = ()
    similarity: tuple[float, float] | None = None

    def similarities(self, logits: np.ndarray) -> np.ndarray:
        """Cosine similarity of picture and words, -1 to 1, of logits (.., n_outputs); ValueError without words."""
        if self.similarity is None:
            raise ValueError(f"model `{self.name}` compares no words")
        factor, summand = self.similarity
        return (logits.astype(np.float64) - summand) / factor

    def scaled(self, logits: np.ndarray) -> np.ndarray:
        """Logits (.., n_outputs) on the scale that findings speak about, float64."""
        logits = logits.astype(np.float64)
        return self.probabilities(logits) if self.scale == "probability" else logits

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Sigmoid of each output for multi-label models, else softmax over outputs."""
        logits = logits.astype(np.float64)
        if self.multi_label:
            # Of the two forms of the sigmoid, the one whose exponential cannot overflow.
            small = np.exp(-np.abs(logits))
            return np.asarray(np.where(logits >= 0, 1.0, small) / (1.0 + small))
        lifted = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
        return np.asarray(lifted / lifted.sum(axis=-1, keepdims=True))

    def rankable(self, logits: np.ndarray, output: int) -> np.ndarray:
        """One output as a number that ranks like its probability but does not saturate.

        The logit itself for multi-label models, the number itself for those that predict one; for
        softmax the log odds of the output against all others."""
        logits = logits.astype(np.float64)
        if self.multi_label or self.scale == "value":
            return np.asarray(logits[..., output])
        others = np.delete(logits, output, axis=-1)
        top = np.max(others, axis=-1, keepdims=True)
        return np.asarray(logits[..., output] - (top[..., 0] + np.log(np.exp(others - top).sum(-1))))

    def decides(self, logits: np.ndarray, output: int) -> np.ndarray:
        """Whether the model decides for `output`: probability above one half, or the largest."""
        if self.multi_label:
            return np.asarray(logits[..., output] > 0)
        return np.asarray(np.argmax(logits, axis=-1) == output)


def refuse_outputs(source: str, outputs: tuple[str, ...], multi_label: bool, scale: OutputScale, loc: Loc) -> None:
    """Raise DataError where outputs cannot be told apart, or a softmax is over one of them alone."""
    twice = next((name for i, name in enumerate(outputs) if name in outputs[:i]), None)
    if twice is not None:
        raise DataError(
            f"two outputs of `{source}` are called `{twice}`",
            code=codes.OUTPUT_LABELS,
            loc=loc,
            way_out="give each output a name of its own",
        )
    if len(outputs) == 1 and not multi_label and scale != "value":
        raise DataError(
            f"`{source}` has one output and is not multi-label: the softmax of one output is 1 for every picture",
            code=codes.OUTPUT_LABELS,
            loc=loc,
            way_out="where the output is the logit of a probability, say so: `problem_type` "
            "`multi_label_classification` in config.json, or `multi_label: true` for the python adapter; where it is a "
            "number that the model predicts, say `output: value`",
        )


def refuse_scale(source: str, problem: object, scale: OutputScale, loc: Loc) -> None:
    """Raise DataError where the document and the model's `problem_type` differ on whether it predicts numbers."""
    if (problem == "regression") == (scale == "value") or (problem is None and scale == "value"):
        return
    said = "predicts numbers" if problem == "regression" else "is a classifier"
    raise DataError(
        f"`{source}` {said} (`problem_type` {problem or 'not set'}), and its scores are not on the scale `{scale}`",
        code=codes.OUTPUT_SCALE,
        loc=(*loc, "output"),
        way_out="say `output: value`" if problem == "regression" else "say `output: probability` or `output: logit`",
    )


def target_index(target: str | int | None, outputs: tuple[str, ...], model: str, loc: Loc) -> int | None:
    """The index of the declared target; DataError where the model has no such output."""
    if target is None:
        return None
    if isinstance(target, int):
        if 0 <= target < len(outputs):
            return target
    elif target in outputs:
        return outputs.index(target)
    shown = ", ".join(f"`{output}`" for output in outputs[:20])
    raise DataError(
        f"model `{model}` has no output `{target}`",
        code=codes.UNKNOWN_TARGET,
        loc=(*loc, "target"),
        way_out=f"its outputs: {shown}" + (f" and {len(outputs) - 20} more" if len(outputs) > 20 else ""),
        suggestion=nearest(str(target), outputs),
    )
