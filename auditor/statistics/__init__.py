"""Mathematics of an audit, without I/O: importance, response, intervals, tests, gates and what a plan can promise."""

from auditor.statistics.decision_flips import Flips, decision_flips
from auditor.statistics.exact_permutation import PermutationImportance, exact_importance
from auditor.statistics.hypothesis_tests import importance_swap_test, mean_response_test
from auditor.statistics.intervals import Estimate, Interval, Proportion, from_influence, mean_estimate, wilson
from auditor.statistics.metric_estimate import MetricEstimate, metric_difference, metric_estimate, metric_value
from auditor.statistics.metrics import Metric
from auditor.statistics.monte_carlo import TestResult
from auditor.statistics.multiplicity import benjamini_hochberg, holm
from auditor.statistics.placements import rank_placements
from auditor.statistics.response import Response, response
from auditor.statistics.sampled_permutation import sampled_importance

__all__ = [
    "Estimate",
    "Flips",
    "Interval",
    "Metric",
    "MetricEstimate",
    "PermutationImportance",
    "Proportion",
    "Response",
    "TestResult",
    "benjamini_hochberg",
    "decision_flips",
    "exact_importance",
    "from_influence",
    "holm",
    "importance_swap_test",
    "mean_estimate",
    "mean_response_test",
    "metric_difference",
    "metric_estimate",
    "metric_value",
    "rank_placements",
    "response",
    "sampled_importance",
    "wilson",
]
