"""Adapters of audited models and detectors. A new adapter is one file, and one line here."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from auditor.models.model import ModelIdentity, ModelNode, OutputScale
from auditor.models.python_model import PythonModel
from auditor.models.transformers_model import TransformersModel

AnyModel = Annotated[TransformersModel | PythonModel, Field(discriminator="adapter")]

__all__ = ["AnyModel", "ModelIdentity", "ModelNode", "OutputScale", "PythonModel", "TransformersModel"]
