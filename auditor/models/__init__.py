"""Adapters of audited models and detectors. A new adapter is one file, a line here and one in `opening`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from auditor.models.editor import identify_editor
from auditor.models.model import ModelIdentity, ModelNode, OutputScale
from auditor.models.model_fault import ModelFault, code_of, model_fault
from auditor.models.opening import open_model, open_models
from auditor.models.pipeline import PipelineIdentity, identify_pipeline
from auditor.models.python_model import PythonModel
from auditor.models.scorer import Scorer
from auditor.models.shared_backbone import refuse_shared_backbones
from auditor.models.transformers_model import TransformersModel
from auditor.models.trunk import trunk_of
from auditor.models.whole_weights import refuse_missing_weights
from auditor.models.zero_shot_model import ZeroShotModel

AnyModel = Annotated[TransformersModel | PythonModel | ZeroShotModel, Field(discriminator="adapter")]

__all__ = [
    "AnyModel",
    "ModelFault",
    "ModelIdentity",
    "ModelNode",
    "OutputScale",
    "PipelineIdentity",
    "PythonModel",
    "Scorer",
    "TransformersModel",
    "ZeroShotModel",
    "code_of",
    "identify_editor",
    "identify_pipeline",
    "model_fault",
    "open_model",
    "open_models",
    "refuse_missing_weights",
    "refuse_shared_backbones",
    "trunk_of",
]
