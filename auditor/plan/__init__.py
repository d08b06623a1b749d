"""The vocabulary of plans: ops, units, the builder, and how parts ask."""

from __future__ import annotations

from auditor.plan.ask import Answers, Ask, Rounds
from auditor.plan.builder import PlanBuilder, Units
from auditor.plan.noise import noise_seeds
from auditor.plan.ops import (
    COMPARED,
    Op,
    compare,
    composite,
    composite_located,
    edit,
    generate,
    image_to_image,
    ledits_pp,
    load,
    locate,
    predict,
    steps_at,
)
from auditor.plan.plan import Plan, UnitTable, as_scalars, broken_invariant, positions_of
from auditor.plan.shapes import OpKind
from auditor.plan.text import plan_text

__all__ = [
    "COMPARED",
    "Answers",
    "Ask",
    "Op",
    "OpKind",
    "Plan",
    "PlanBuilder",
    "Rounds",
    "UnitTable",
    "Units",
    "as_scalars",
    "broken_invariant",
    "compare",
    "composite",
    "composite_located",
    "edit",
    "generate",
    "image_to_image",
    "ledits_pp",
    "load",
    "locate",
    "noise_seeds",
    "plan_text",
    "positions_of",
    "predict",
    "steps_at",
]
