"""How far a way of ranking concepts agrees with an oracle that sees them."""

from auditor.evaluation.agreement import Agreement, Evaluation, Ranking, Shortfall, evaluate
from auditor.evaluation.bottleneck import Bottleneck, bottleneck_of
from auditor.evaluation.coefficients import standardised_coefficients
from auditor.evaluation.correlation import Correlation, correlation
from auditor.evaluation.flip_results import FlipRow, FlipTable
from auditor.evaluation.flip_table import flip_table
from auditor.evaluation.important_concepts import AtThreshold, TopK, auroc_over_thresholds, top_k_agreement
from auditor.evaluation.linear_permutation import linear_importances
from auditor.evaluation.model_bootstrap import Resampling

__all__ = [
    "Agreement",
    "AtThreshold",
    "Bottleneck",
    "Correlation",
    "Evaluation",
    "FlipRow",
    "FlipTable",
    "Ranking",
    "Resampling",
    "Shortfall",
    "TopK",
    "auroc_over_thresholds",
    "bottleneck_of",
    "correlation",
    "evaluate",
    "flip_table",
    "linear_importances",
    "standardised_coefficients",
    "top_k_agreement",
]
