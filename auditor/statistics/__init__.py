"""Mathematics of an audit, without I/O: importance, response, intervals, tests, gates and what a plan can promise."""

from auditor.statistics.decision_flips import Flips, clustered_share, decision_flips
from auditor.statistics.exact_permutation import exact_importance
from auditor.statistics.gates import (
    OffTarget,
    detector_gap,
    generation_gap,
    off_target,
    rendering_strength,
    rendering_strength_of_rows,
)
from auditor.statistics.hypothesis_tests import mean_response_test, mean_response_tests, response_test, response_tests
from auditor.statistics.importance import PermutationImportance
from auditor.statistics.importance_tests import importance_swap_test, importance_swap_tests
from auditor.statistics.intervals import Estimate, Interval, from_influence, mean_estimate
from auditor.statistics.metric_estimate import MetricEstimate, metric_difference, metric_estimate, metric_value
from auditor.statistics.metrics import Metric
from auditor.statistics.monte_carlo import TestResult
from auditor.statistics.multiplicity import benjamini_hochberg, holm
from auditor.statistics.noise import noise_floor, noise_sd, renoised_scores, stability
from auditor.statistics.noise_of_square import square_noise_sd
from auditor.statistics.noise_results import (
    NoiseFloor,
    RenoisingNull,
    VarianceParts,
    noise_floor_of,
    renoising_null,
    variance_parts,
)
from auditor.statistics.orders import Deals, GivenDeals
from auditor.statistics.placements import rank_placements
from auditor.statistics.power import (
    ASSUMED_TAU,
    detectable_importance,
    detectable_response,
    null_se,
    pilot_se,
    rank_change,
    rows_for_decision,
    smallest_expected_cell,
    smallest_p,
    smallest_passing_margin,
    smallest_passing_response,
    swaps_needed,
)
from auditor.statistics.power_of_rows import (
    largest_importance,
    largest_of_metric,
    null_se_of_metric,
    null_se_of_rows,
    smallest_cell_of_rows,
)
from auditor.statistics.response import PairResponse, Response, response, value_pairs
from auditor.statistics.sampled_permutation import sampled_importance
from auditor.statistics.shares import Proportion, wilson
from auditor.statistics.side_effects import UnmixedResponse, spill, unmixed_response
from auditor.statistics.simultaneous import simultaneous_bands
from auditor.statistics.unmixed_values import UnmixedValues, joint_p, total_change, unmixed_values, value_basis

__all__ = [
    "ASSUMED_TAU",
    "Deals",
    "Estimate",
    "Flips",
    "GivenDeals",
    "Interval",
    "Metric",
    "MetricEstimate",
    "NoiseFloor",
    "OffTarget",
    "PairResponse",
    "PermutationImportance",
    "Proportion",
    "RenoisingNull",
    "Response",
    "TestResult",
    "UnmixedResponse",
    "UnmixedValues",
    "VarianceParts",
    "benjamini_hochberg",
    "clustered_share",
    "decision_flips",
    "detectable_importance",
    "detectable_response",
    "detector_gap",
    "exact_importance",
    "from_influence",
    "generation_gap",
    "holm",
    "importance_swap_test",
    "importance_swap_tests",
    "joint_p",
    "largest_importance",
    "largest_of_metric",
    "mean_estimate",
    "mean_response_test",
    "mean_response_tests",
    "metric_difference",
    "metric_estimate",
    "metric_value",
    "noise_floor",
    "noise_floor_of",
    "noise_sd",
    "null_se",
    "null_se_of_metric",
    "null_se_of_rows",
    "off_target",
    "pilot_se",
    "rank_change",
    "rank_placements",
    "rendering_strength",
    "rendering_strength_of_rows",
    "renoised_scores",
    "renoising_null",
    "response",
    "response_test",
    "response_tests",
    "rows_for_decision",
    "sampled_importance",
    "simultaneous_bands",
    "smallest_cell_of_rows",
    "smallest_expected_cell",
    "smallest_p",
    "smallest_passing_margin",
    "smallest_passing_response",
    "spill",
    "square_noise_sd",
    "stability",
    "swaps_needed",
    "total_change",
    "unmixed_response",
    "unmixed_values",
    "value_basis",
    "value_pairs",
    "variance_parts",
    "wilson",
]
