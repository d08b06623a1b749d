"""Adapter `transformers`: image classifiers saved by Hugging Face transformers."""

from __future__ import annotations

from typing import Literal

from auditor.models.model import ModelNode


class TransformersModel(ModelNode):
    """An image classifier that `AutoModelForImageClassification` loads, from safetensors only.

    The source is `builtin:NAME`, a folder below the document's folder, or `repo@revision`
    with a 40-hex commit that is already in the local cache of the hub; nothing is downloaded.
    """

    adapter: Literal["transformers"]
    """Which adapter runs the model."""
