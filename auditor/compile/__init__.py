"""Asks become a plan: passes, and how a plan is explained before anything is spent."""

from __future__ import annotations

from auditor.compile.estimate import Cost, OpCost, Range, estimate
from auditor.compile.explain import OpRow, explain
from auditor.compile.passes import PASSES, compile_plan, drop_unused, group_by_weights
from auditor.compile.reach import Reach, reach_of
from auditor.compile.sweep_reach import SweepReach, sweep_reach_of
from auditor.compile.why import Reason, WhyOp, why

__all__ = [
    "PASSES",
    "Cost",
    "OpCost",
    "OpRow",
    "Range",
    "Reach",
    "Reason",
    "SweepReach",
    "WhyOp",
    "compile_plan",
    "drop_unused",
    "estimate",
    "explain",
    "group_by_weights",
    "reach_of",
    "sweep_reach_of",
    "why",
]
