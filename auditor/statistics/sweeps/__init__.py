"""Gradual interventions: curves of scores along sweeps of a property, and what may be claimed from them."""

from auditor.statistics.sweeps.controls import (
    ControlRatio,
    conformal_p,
    control_ratio,
    effect_floor,
    log_ratios,
    rank_among_controls,
    sign_flip_test,
    t_among_controls,
)
from auditor.statistics.sweeps.curves import DecisionPath, SweepNumbers, decision_path, sweep_numbers
from auditor.statistics.sweeps.doses import SkewedMean, apparent_ratio, dose_ratios
from auditor.statistics.sweeps.lengths import by_length, points_of
from auditor.statistics.sweeps.shuffle import ShuffleTest, shuffle_test

__all__ = [
    "ControlRatio",
    "DecisionPath",
    "ShuffleTest",
    "SkewedMean",
    "SweepNumbers",
    "apparent_ratio",
    "by_length",
    "conformal_p",
    "control_ratio",
    "decision_path",
    "dose_ratios",
    "effect_floor",
    "log_ratios",
    "points_of",
    "rank_among_controls",
    "shuffle_test",
    "sign_flip_test",
    "sweep_numbers",
    "t_among_controls",
]
