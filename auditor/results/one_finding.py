"""One finding: a number about one model and one concept as `result.json` holds it."""

from __future__ import annotations

import math

from auditor.analyses import PermutationImportance
from auditor.judgement import IntervalResult
from auditor.results.audit_result import Finding, Quantity, Subgroup, Subject, Verdict
from auditor.results.judged import Judged
from auditor.results.seed_stability import finite
from auditor.statistics import Interval, noise_floor


def subgroup_of(judged: Judged, name: str | None) -> Subgroup | None:
    """The subgroup of a name as a part of the result; None for all rows."""
    return None if name is None else Subgroup(column=judged.analysis.by or "", value=name)


def one_finding(
    judged: Judged,
    quantity: Quantity,
    unit: str,
    estimate: float | None,
    interval: Interval | None,
    *,
    test: str | None = None,
    verdict: Verdict | None = None,
    sentence: str = "",
    details: dict[str, float | int | str | None],
    n: int | None = None,
    noise_sd: float | None = None,
    stability: float | None = None,
) -> Finding:
    """A number about one model and one concept; `test` names the tested quantity, `n` is that of the response."""
    tested = judged.tests.get(test) if test else None
    return Finding(
        analysis=judged.analysis.name,
        model=judged.model,
        subject=Subject(kind="concept", name=judged.concept),
        subgroup=subgroup_of(judged, judged.subgroup),
        quantity=quantity,
        unit=unit,
        estimate=estimate,
        interval=None
        if interval is None
        else IntervalResult(
            low=interval.low, high=interval.high, confidence=interval.confidence, method=interval.method
        ),
        p_value=tested.p_value if tested else None,
        alternative=tested.alternative if tested else None,
        p_adjusted=tested.p_adjusted if tested else None,
        margin=_margin(judged.analysis, quantity),
        n=judged.reliance.response.n if n is None else n,
        n_invalid=judged.n_invalid,
        noise_sd=noise_sd,
        stability=finite(stability),
        verdict=verdict,
        sentence=sentence,
        details=details,
    )


def noise_details(sd: float | None, standard_error: float, monte_carlo: float) -> dict[str, float | int | str | None]:
    """What moves a number: other rows, other noise, other permutations, as SDs whose squares add up."""
    if not math.isfinite(standard_error):
        return {}
    rows = standard_error**2 - monte_carlo**2 - (sd or 0.0) ** 2
    return {
        "SD from rows": math.sqrt(max(0.0, rows)),
        "SD from noise": "within that from rows: one draw does not measure it" if sd is None else sd,
        "SD from sampling permutations": monte_carlo,
        "noise floor": None if sd is None else noise_floor(sd),
    }


def _margin(analysis: PermutationImportance, quantity: str) -> float | None:
    if quantity in ("response", "systematic_response", "unmixed_response"):
        return analysis.margin.response
    return analysis.margin.importance if quantity in ("importance", "spilled_importance") else None
