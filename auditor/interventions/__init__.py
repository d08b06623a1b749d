"""Where counterfactual pictures come from. A new source is one file, and one line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from auditor.interventions.caption import Caption
from auditor.interventions.captured import Captured, CapturedFrames, photographs_of
from auditor.interventions.compositing import Compositing
from auditor.interventions.image_edit import ImageEdit
from auditor.interventions.text_to_image import Noise, TextToImage

if TYPE_CHECKING:
    from auditor.interventions.blend_files import BlendFiles
    from auditor.interventions.counterfactuals import CounterfactualSet
    from auditor.interventions.sweep_set import SweepSet

AnySweep = ImageEdit | Compositing | Captured
"""Gradual interventions."""

AnyIntervention = Annotated[TextToImage | ImageEdit | Compositing | Captured, Field(discriminator="kind")]

__all__ = [
    "AnyIntervention",
    "AnySweep",
    "BlendFiles",
    "Caption",
    "Captured",
    "CapturedFrames",
    "Compositing",
    "CounterfactualSet",
    "ImageEdit",
    "Noise",
    "SweepSet",
    "TextToImage",
    "photographs_of",
]

_COMPUTING = {"BlendFiles": "blend_files", "CounterfactualSet": "counterfactuals", "SweepSet": "sweep_set"}


def __getattr__(name: str) -> Any:
    """What interventions expand to, imported when it is asked for: a document is read without it."""
    if name not in _COMPUTING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_COMPUTING[name]}"), name)
