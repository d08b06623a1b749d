"""Bottlenecks: models whose target is a linear function of their own concept outputs, found from their weights.

A concept bottleneck model (DEPICT, section 4.1) first predicts the concepts and adds its predictions up. Where a
classifier has the concepts among its outputs, and the row of the target in its last layer is a linear combination of
their rows, it is such a model, and the combination is how it adds them up. Nothing is run to find out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auditor import codes
from auditor.errors import DataError
from auditor.models import ModelIdentity
from auditor.models.safetensors_folder import TensorPlace, read_json, tensor_index
from auditor.models.trunk import HEAD, ONE_LINEAR_HEAD, trunk_of
from auditor.source import Loc
from auditor.statistics.arrays import Floats, Ints

LARGEST_RESIDUAL = 0.01
"""The share of the target's row that concepts may leave unexplained: rounding to 16 bits, not another input."""

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}


@dataclass(frozen=True)
class Bottleneck:
    """How a model adds up its own concept outputs.

    Attributes:
        predictor: the model whose outputs the concepts are: the model itself, or another on the same trunk.
        outputs: which output is which concept, (n_concepts,).
        weights: of the concepts' logits in the target's logit, (n_concepts,).
        residual: the share of the target's row in the last layer that the concepts do not explain.
    """

    predictor: ModelIdentity
    outputs: Ints
    weights: Floats
    residual: float


def bottleneck_of(
    identity: ModelIdentity, concepts: Sequence[str], others: Sequence[ModelIdentity] = (), loc: Loc = ()
) -> Bottleneck:
    """The bottleneck of a model with `concepts` (labels of outputs).

    The concepts are outputs of the model itself, or of one of `others` that has its trunk: models that differ in
    their last layer alone may share a model of the concepts.

    Raises:
        DataError: the model is a black box: there is no output for a concept, it does not end in one linear layer that
            can be read, or its target depends on more than its concepts.
    """
    target = identity.target or 0
    if identity.outputs[target] in concepts:
        raise _black_box(identity, f"its target `{identity.outputs[target]}` is a concept itself", loc)
    row = _last_layer(identity, loc)[target]
    predictor = _predictor(identity, concepts, others, loc)
    outputs = np.array([predictor.outputs.index(concept) for concept in concepts])
    rows = _last_layer(predictor, loc)[outputs]
    weights = np.linalg.lstsq(rows.T, row, rcond=None)[0]
    size = float(np.linalg.norm(row))
    residual = float(np.linalg.norm(row - weights @ rows)) / size if size else 0.0
    if residual > LARGEST_RESIDUAL:
        raise _black_box(identity, f"{residual:.0%} of its target is not made of its concept outputs", loc)
    return Bottleneck(predictor, outputs, weights, residual)


def _predictor(
    identity: ModelIdentity, concepts: Sequence[str], others: Sequence[ModelIdentity], loc: Loc
) -> ModelIdentity:
    """The model that has an output for every concept: `identity`, or one of `others` on its trunk."""
    for model in (identity, *others):
        if set(concepts) <= set(model.outputs) and (model is identity or trunk_of(model) == trunk_of(identity)):
            return model
    missing = next(concept for concept in concepts if concept not in identity.outputs)
    raise _black_box(identity, f"neither it nor a model on its trunk has an output `{missing}`", loc)


def _last_layer(identity: ModelIdentity, loc: Loc) -> Floats:
    """The weights of the last layer, (n_outputs, n_features)."""
    if identity.adapter != "transformers":
        raise _black_box(identity, f"what its {identity.adapter} adapter runs cannot be looked into", loc)
    architectures = read_json(identity.folder / "config.json", loc).get("architectures")
    if not isinstance(architectures, list) or not architectures or architectures[0] not in ONE_LINEAR_HEAD:
        raise _black_box(identity, "its class does not end in one linear layer", loc)
    for file in identity.weight_files:
        for name, place in tensor_index(file, loc).items():
            if name.startswith(f"{HEAD}.") and name.endswith("weight") and len(place.shape) == 2:
                with file.open("rb") as opened:
                    opened.seek(place.start)
                    return _numbers(opened.read(place.end - place.start), place)
    raise _black_box(identity, "its weights hold no last linear layer", loc)


def _numbers(data: bytes, place: TensorPlace) -> Floats:
    if place.dtype == "BF16":
        # The upper half of a float32.
        found = (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")
    else:
        found = np.frombuffer(data, _TYPES[place.dtype])
    return np.asarray(found.reshape(place.shape), np.float64)


def _black_box(identity: ModelIdentity, why: str, loc: Loc) -> DataError:
    return DataError(
        f"the model `{identity.name}` is a black box to this oracle: {why}",
        code=codes.BLACK_BOX,
        loc=loc,
        way_out="leave the oracle out; it needs a concept bottleneck: an output for every concept, and a target whose "
        "row in the last linear layer is a combination of theirs",
    )
