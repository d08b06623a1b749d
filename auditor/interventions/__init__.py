"""Where counterfactual pictures come from. A new source is one file, and one line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from auditor.interventions.caption import Caption
from auditor.interventions.text_to_image import Noise, TextToImage

if TYPE_CHECKING:
    from auditor.interventions.counterfactuals import CounterfactualSet

# With a second source this becomes a union discriminated by `kind`.
AnyIntervention = TextToImage

__all__ = ["AnyIntervention", "Caption", "CounterfactualSet", "Noise", "TextToImage"]


def __getattr__(name: str) -> Any:
    """What interventions expand to, imported when it is asked for: a document is read without it."""
    if name != "CounterfactualSet":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.counterfactuals"), name)
