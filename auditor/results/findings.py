"""Findings: every number with its interval, and the word that may be said of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from auditor.concepts import Level
from auditor.judgement import CheckResult
from auditor.results.audit_result import Finding, Verdict
from auditor.results.gating import gate_over
from auditor.results.judged import Judged
from auditor.results.one_finding import noise_details, one_finding, subgroup_of
from auditor.results.seed_stability import may_change, verdict_stability
from auditor.results.subgroups import TOO_FEW, Within
from auditor.results.verdict import importance_sentence, not_told_apart_sentence, verdict_of
from auditor.statistics import Interval, PairResponse

ONE_DRAW: Final = "one draw of noise: an upper bound only, since it holds the noise too"

SENSITIVITY: Final = (
    "the response to the concept alone, if responses to all that the detector sees change add up: a sensitivity "
    "analysis"
)
OF_VALUES: Final = f"{SENSITIVITY}; a picture that shows none of its values counts as their average"
SPILLED: Final = (
    "as much importance as side effects on the other concepts may bring; margins below it decide nothing. A bound "
    "made of absolute values, which errs upwards where there is little to bring: so it has no interval"
)
UNBOUNDED: Final = "permuting another concept costs its own detector nothing, so side effects may bring any importance"
NO_DROP: Final = "the rows that the detector saw all have one value of another concept, so there is nothing to compare"


def findings_of(judged: Judged, checks: Sequence[CheckResult]) -> tuple[Finding, ...]:
    """The findings about one model and one concept; the verdict stands on the response.

    Four numbers; where side effects were looked for, also the unmixed response and the spilled importance."""
    confidence = judged.analysis.intervals.confidence
    importance, response, flips = judged.reliance.importance, judged.reliance.response, judged.reliance.flips
    metric = judged.analysis.metric
    one_sided = (1 + confidence) / 2
    verdict, sentence, stable = _word(judged, checks)
    details: dict[str, float | int | str | None] = {
        f"{metric} as is": importance.factual,
        f"{metric} permuted": importance.expected,
        "expectation": importance.expectation,
        "permutations": importance.permutations,
        "Monte-Carlo standard error": importance.monte_carlo_se,
        "share of rows changed": importance.share_changed,
        "largest possible": importance.largest_possible,
        "smallest expected cell": importance.smallest_cell,
        **noise_details(importance.noise_sd, importance.estimate.standard_error, importance.monte_carlo_se),
    }
    return (
        one_finding(
            judged, "response", "rank", response.mean.value, response.mean.interval(confidence),
            test="response", verdict=verdict, sentence=sentence,
            noise_sd=response.noise_sd, stability=stable, details={
                "standard deviation over rows": float(response.per_row.std(ddof=1)),
                **noise_details(response.noise_sd, response.mean.standard_error, 0.0),
                **{f"share left out where it is {value}": share for value, share in judged.left_out.items()},
                **_by_pair(judged, confidence),
            },
        ),
        one_finding(
            judged, "systematic_response", "rank", response.systematic,
            Interval(
                response.systematic_lower(one_sided), response.systematic_upper(one_sided), confidence,
                "t over rows, root",
            ),
            sentence="" if response.draws > 1 else ONE_DRAW,
            details={"draws": response.draws},
        ),
        one_finding(
            judged, "importance", metric, importance.importance, importance.estimate.interval(confidence),
            test="importance", sentence=importance_sentence(judged), noise_sd=importance.noise_sd, details=details,
        ),
        *(() if flips is None else (
            one_finding(
                judged, "flips", "share", flips.share.value, flips.share.interval(confidence),
                details={"share changed by new noise alone": flips.renoise_share},
            ),
        )),
        *_side_effect_findings(judged),
    )  # fmt: skip


def _by_pair(judged: Judged, confidence: float) -> dict[str, float | int | str | None]:
    """Of three values or more the response to each change, with its interval; values of a category have no order."""
    pairs, levels = judged.reliance.response.pairs, judged.reliance.levels
    if len(levels) < 3:
        return {}
    return _told_pairs(pairs, levels, confidence)


def _told_pairs(
    pairs: Sequence[PairResponse], levels: Sequence[Level], confidence: float
) -> dict[str, float | int | str | None]:
    found: dict[str, float | int | str | None] = {}
    for pair in pairs:
        interval = pair.mean.interval(confidence)
        found[f"from {levels[pair.first]} to {levels[pair.second]}"] = (
            f"{pair.mean.value:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}]"
        )
    return found


def _word(judged: Judged, checks: Sequence[CheckResult]) -> tuple[Verdict | None, str, float | None]:
    """The verdict, why, and how stable it is under other noise; in a subgroup none, only that its rows are few."""
    if judged.subgroup is not None:
        return None, judged.too_few or "", None
    verdict, sentence = verdict_of(judged, checks)
    stable = verdict_stability(judged)
    gate = gate_over(checks, judged.analysis.name, judged.model, judged.concept)
    # What a gate decides, no other seed of noise changes by a little.
    return verdict, sentence + may_change(stable) if gate.state == "pass" and verdict != "invalid" else sentence, stable


def findings_within(within: Within, checks: Sequence[CheckResult]) -> tuple[Finding, ...]:
    """The findings about one subgroup, without a verdict; one that says why, where its rows give no number."""
    if within.judged is not None:
        return findings_of(within.judged, checks)
    whole = one_finding(within.whole, "response", "rank", None, None, sentence=TOO_FEW, details={}, n=within.rows)
    return (whole.model_copy(update={"subgroup": subgroup_of(within.whole, within.subgroup), "p_value": None}),)


def _side_effect_findings(judged: Judged) -> tuple[Finding, ...]:
    side, confidence = judged.side_effects, judged.analysis.intervals.confidence
    if side is None:
        return ()
    condition = side.condition_number if math.isfinite(side.condition_number) else None
    details: dict[str, float | int | str | None] = {
        "detector": side.detector,
        "condition number": condition,
        "largest condition number allowed": side.max_condition,
    }
    if side.values is not None and side.told_apart:
        details["p that no value matters, all pairs together"] = side.values.p_none
        details.update(_told_pairs(side.values.pairs, judged.reliance.levels, confidence))
    if side.unchanged:
        details["concepts whose side effects stay in"] = ", ".join(side.unchanged)
    unmixed = side.unmixed if side.told_apart else None
    bounded = side.spill is not None and math.isfinite(side.spill)
    return (
        one_finding(
            judged, "unmixed_response", "rank",
            None if unmixed is None else unmixed.value, None if unmixed is None else unmixed.interval(confidence),
            sentence=not_told_apart_sentence(side) if not unmixed else OF_VALUES if side.values else SENSITIVITY,
            details=details, n=side.n,
        ),
        one_finding(
            judged, "spilled_importance", judged.analysis.metric, side.spill if bounded else None, None,
            sentence=SPILLED if bounded else UNBOUNDED if side.spill else NO_DROP,
            details={"detector": side.detector}, n=side.n,
        ),
    )  # fmt: skip
