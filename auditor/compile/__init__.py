"""Asks become a plan: passes, and how a plan is explained before anything is spent."""

from __future__ import annotations

from auditor.compile.explain import OpRow, explain
from auditor.compile.passes import PASSES, compile_plan, drop_unused, group_by_weights

__all__ = ["PASSES", "OpRow", "compile_plan", "drop_unused", "explain", "group_by_weights"]
