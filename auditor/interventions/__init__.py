"""Where counterfactual pictures come from. A new source is one file, and one line here."""

from __future__ import annotations

from auditor.interventions.counterfactuals import CounterfactualSet
from auditor.interventions.text_to_image import Caption, Noise, TextToImage

# With a second source this becomes a union discriminated by `kind`.
AnyIntervention = TextToImage

__all__ = ["AnyIntervention", "Caption", "CounterfactualSet", "Noise", "TextToImage"]
