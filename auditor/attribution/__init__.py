"""Which part of a picture a model looks at, and how that ranks concepts: baselines that need masks."""

from auditor.attribution.masks import MASKS, Masks, open_masks

__all__ = ["MASKS", "Masks", "open_masks"]
