"""Detectors must not be built on an audited model: they would share its blind spots."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from auditor import codes
from auditor.errors import DataError
from auditor.models.model import ModelIdentity
from auditor.models.safetensors_folder import large_tensors


def refuse_shared_backbones(
    models: Sequence[ModelIdentity], detectors: Sequence[ModelIdentity], excused: Collection[str] = ()
) -> None:
    """Raise DataError where a detector holds a large weight tensor of an audited model.

    Args:
        models: the audited models.
        detectors: the detectors.
        excused: names of the detectors for which the document gives a reason.
    """
    for number, detector in enumerate(detectors):
        if detector.name in excused:
            continue
        loc = ("detectors", number, "source")
        own = large_tensors(detector.weight_files, loc)
        for position, model in enumerate(models):
            others = large_tensors(model.weight_files, ("models", position, "source"))
            shared = sorted(own[digest] for digest in own.keys() & others.keys())
            if shared:
                raise DataError(
                    f"detector `{detector.name}` has the weights `{shared[0]}` of the audited model `{model.name}`",
                    code=codes.SHARED_BACKBONE,
                    loc=loc,
                    way_out="name a detector that was trained on its own; one that shares the audited model's "
                    "backbone shares its blind spots; or say why it may, as `shares_backbone_because`",
                )
