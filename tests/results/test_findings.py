"""The words of findings: what may be said of a model and a concept, and what must not."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.analyses import PermutationImportance
from auditor.checks import Significance
from auditor.judgement import CheckPart, CheckResult, State
from auditor.results.audit_result import Finding
from auditor.results.findings import findings_of
from auditor.results.judged import Judged, judged_of
from tests.world import NAMES, World, reliance

MARGIN = {"response": 0.05}


def judged(world: World, analysis: PermutationImportance, significance: bool = True) -> dict[str, Judged]:
    """Every concept of the outcome model, tested at level 0.05."""
    estimates = world.estimate(analysis)
    tests = {}
    if significance:
        check = Significance(kind="significance", of="reliance", alpha=0.05, swaps=999)
        tests = dict(world.check(check, analysis).tests)
    return {one.concept: one for one in judged_of(analysis, estimates, tests, 0.05 if significance else None)}


def gate(
    state: State | None, model: str | None = None, concept: str | None = None, of: str = "reliance"
) -> CheckResult:
    """A check with one part."""
    part = CheckPart(
        subject="part", quantity="q", measured=0.5, interval=None, threshold=0.1, state=state,
        sentence="the part says 0.5", model=model, concept=concept,
    )  # fmt: skip
    return CheckResult(kind="a_gate", of=of, state=state, measured=0.5, threshold=0.1, sentence="a gate", parts=(part,))


def response_of(one: Judged, *checks: CheckResult) -> Finding:
    return next(finding for finding in findings_of(one, checks) if finding.quantity == "response")


def test_a_blind_model_does_not_rely_and_a_strong_one_does():
    found = judged(World(rows=400, effects=(1.0, 0.0, 0.0)), reliance(margin=MARGIN))
    red, blue = response_of(found["red circle"]), response_of(found["blue square"])
    assert red.verdict == "relies" and "moves the score up by" in red.sentence and "(adjusted p 0.003)" in red.sentence
    assert blue.verdict == "does_not_rely"
    assert "with confidence 0.95, inside the declared margin of 0.05" in blue.sentence
    bound = found["blue square"].reliance.response.systematic_upper(0.95)
    assert f"at most {bound:.3f}" in blue.sentence


def test_a_model_that_reacts_downwards_is_said_to():
    found = judged(World(rows=400, effects=(-1.0, 0.0, 0.0)), reliance())
    assert "moves the score down by" in response_of(found["red circle"]).sentence


def test_without_a_margin_nothing_is_called_absent():
    finding = response_of(judged(World(rows=400), reliance())["blue square"])
    assert finding.verdict == "inconclusive" and "no margin is declared" in finding.sentence


def test_without_a_test_nothing_is_called_reliance():
    one = judged(World(rows=400, effects=(1.0, 0.0, 0.0)), reliance(margin=MARGIN), significance=False)["red circle"]
    finding = response_of(one)
    assert finding.verdict == "inconclusive" and "no significance check is declared" in finding.sentence
    assert finding.p_value is None and finding.p_adjusted is None and finding.alternative is None


def test_a_model_that_never_moves_is_bounded_and_not_called_certain():
    """Zero everywhere is bounded by the rule of three."""
    finding = response_of(judged(World(rows=1300, jitter=0.0), reliance(margin=MARGIN))["blue square"])
    assert finding.verdict == "does_not_rely" and finding.estimate == 0.0
    assert finding.interval is not None and finding.interval.high > 0 and finding.interval.method == "rule of three"
    few = response_of(judged(World(rows=1100, jitter=0.0), reliance(margin=MARGIN))["blue square"])
    assert few.verdict == "inconclusive", "one row in 400 may move by a whole rank: sqrt(-ln(0.05) / 1100) is 0.052"


def test_reactions_of_changing_sign_are_not_called_absent():
    """The mean response is zero, the systematic one is not: half of the rows go up, half down."""
    world = World(rows=400, effects=(0.0, 0.0, 0.0), jitter=0.0, draws=2)
    world.by_value[:200, 2, :, 1] += 0.5
    world.by_value[200:, 2, :, 1] -= 0.5
    finding = response_of(judged(world, reliance(margin=MARGIN))["blue square"])
    assert abs(finding.estimate or 0.0) < 0.02 and finding.verdict == "inconclusive"
    assert "the rows allow a response up to" in finding.sentence


def test_a_failed_gate_is_invalid_in_its_scope_and_nowhere_else():
    found = judged(World(rows=400, effects=(1.0, 0.0, 0.0)), reliance(margin=MARGIN))
    before = {name: response_of(one).verdict for name, one in found.items()}
    for scope, hit in (
        ({}, set(NAMES)),
        ({"model": "outcome"}, set(NAMES)),
        ({"model": "another"}, set()),
        ({"concept": "red circle"}, {"red circle"}),
        ({"concept": "blue square", "model": "outcome"}, {"blue square"}),
        ({"concept": "blue square", "model": "another"}, set()),
        ({"of": "another analysis"}, set()),
    ):
        after = {name: response_of(one, gate("fail", **scope)) for name, one in found.items()}
        for name, finding in after.items():
            assert finding.verdict == ("invalid" if name in hit else before[name]), (scope, name)
            if name in hit:
                assert finding.sentence == "a gate failed: the part says 0.5"


def test_an_undecided_gate_makes_findings_inconclusive():
    one = judged(World(rows=400, effects=(1.0, 0.0, 0.0)), reliance(margin=MARGIN))["red circle"]
    finding = response_of(one, gate("inconclusive"), gate("pass"))
    assert finding.verdict == "inconclusive" and finding.sentence == "a gate is undecided: the part says 0.5"
    assert response_of(one, gate("inconclusive"), gate("fail")).verdict == "invalid", "a failed gate outweighs it"
    assert response_of(one, gate(None)).verdict == "relies", "a check that only informs blocks nothing"


def test_few_rows_of_a_value_are_never_called_absence():
    world = World(rows=300)
    world.values[:, 2] = 0
    world.values[:6, 2] = 1
    finding = response_of(judged(world, reliance(margin=MARGIN))["blue square"])
    assert finding.verdict == "inconclusive" and "few rows" in finding.sentence
    assert "may not be called absent" in finding.sentence


def test_more_than_five_in_a_hundred_dropped_rows_refuse_absence():
    at_limit = World(rows=400, broken=tuple(range(2, 22)))
    above = World(rows=400, broken=tuple(range(2, 23)))
    assert response_of(judged(at_limit, reliance(margin=MARGIN))["blue square"]).verdict == "does_not_rely"
    finding = response_of(judged(above, reliance(margin=MARGIN))["blue square"])
    assert finding.verdict == "inconclusive" and "5% of rows have no valid picture" in finding.sentence
    assert (finding.n, finding.n_invalid) == (379, 21)


def test_a_value_that_was_dropped_whole_refuses_absence():
    world = World(rows=400)
    world.values[:, 2] = 0
    world.values[7, 2] = 1
    world.by_value[7, 0, 0, 0] = float("nan")
    world.by_value[7, 0, 0, 1] = float("nan")
    finding = response_of(judged(world, reliance(margin=MARGIN))["blue square"])
    assert finding.verdict == "inconclusive" and "one value of the concept" in finding.sentence


def test_significance_and_margin_are_two_questions():
    """A small response that is certain is still inside the margin: `does_not_rely`, and the sentence says so."""
    world = World(rows=400, effects=(0.0, 0.0, 0.05), jitter=0.0, noise=0.05)
    finding = response_of(judged(world, reliance(margin=MARGIN))["blue square"])
    assert finding.p_adjusted is not None and finding.p_adjusted <= 0.05
    assert finding.verdict == "does_not_rely" and "although a smaller response is detectable" in finding.sentence


def test_each_concept_has_four_findings_with_intervals_around_them():
    world = World(rows=200, effects=(1.0, 0.2, 0.0))
    for one in judged(world, reliance()).values():
        findings = findings_of(one, ())
        assert [finding.quantity for finding in findings] == ["response", "systematic_response", "importance", "flips"]
        for finding in findings:
            assert finding.interval is not None and finding.interval.confidence == 0.95
            assert finding.interval.low <= (finding.estimate or 0.0) <= finding.interval.high
            assert (finding.verdict is not None) == (finding.quantity == "response")


def test_importance_says_what_performance_loses():
    world = World(rows=400, effects=(2.0, 0.0, 0.0), weights=(3.0, 0.0, 0.0))
    finding = findings_of(judged(world, reliance())["red circle"], ())[2]
    assert finding.sentence.startswith("performance depends on it: dealing the concept out again among the rows takes")
    details = finding.details
    assert details["auroc as is"] - details["auroc permuted"] == pytest.approx(finding.estimate)
    assert details["expectation"] == "exact" and details["permutations"] is None
    blind = findings_of(judged(World(rows=400), reliance())["blue square"], ())[2]
    assert not blind.sentence.startswith("performance depends")


def test_with_one_draw_the_systematic_response_says_what_it_holds():
    found = judged(World(rows=200, draws=1, effects=(1.0, 0.0, 0.0)), reliance(margin=MARGIN))
    finding = findings_of(found["red circle"], ())[1]
    assert finding.interval is not None and finding.interval.low == 0.0
    assert "one draw of noise: an upper bound only" in finding.sentence


def test_rows_left_out_are_told_by_the_value_of_the_concept():
    """Pictures without the red circle fail more often: the failure depends on the concept."""
    world = World(rows=200)
    without = np.flatnonzero(world.values[:, 0] == 0)[:8]
    found = judged(World(rows=200, broken=tuple(without.tolist())), reliance(), significance=False)
    details = response_of(found["red circle"]).details
    assert details["share left out where it is 0"] == pytest.approx(8 / int((world.values[:, 0] == 0).sum()))
    assert details["share left out where it is 1"] == 0.0
    whole = response_of(judged(world, reliance(), significance=False)["red circle"]).details
    assert not any(key.startswith("share left out") for key in whole)
