"""Gates: what a detector must see before a finding is believed, and what it says where it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter

from auditor.checks import AnyCheck, CheckOutcome, Significance
from auditor.checks.outcome import judged, two_sided, worst_state
from auditor.judgement import CheckPart
from auditor.statistics import Estimate, Proportion, TestResult
from tests.world import NAMES, World, reliance


def check(kind: str, world: World, analysis=None, **fields) -> CheckOutcome:
    node = TypeAdapter(AnyCheck).validate_python({"kind": kind, "of": "reliance", **fields})
    return world.check(node, analysis or reliance())


def parts_of(outcome: CheckOutcome, quantity: str) -> dict[str, CheckPart]:
    return {part.subject: part for part in outcome.result.parts if part.quantity.startswith(quantity)}


def states(parts: dict[str, CheckPart]) -> dict[str, str]:
    return {subject: str(part.state) for subject, part in parts.items()}


def test_a_good_generator_passes_both_gates():
    world = World(rows=300)
    generation = check("effective_generation", world).result
    assert generation.state == "pass" and len(generation.parts) == 1 + len(NAMES)
    assert "AUROC differs by at most" in generation.sentence
    independence = check("independent_permutation", world).result
    assert independence.state == "pass" and len(independence.parts) == 3 + 6
    assert "every concept is rendered" in independence.sentence


def test_pictures_that_do_not_show_a_concept_fail_for_that_concept_alone():
    world = World(rows=300, unseen=(1,))
    generation = check("effective_generation", world)
    assert states(parts_of(generation, "AUROC")) == {
        "outcome": "pass", "red circle": "pass", "green circle": "fail", "blue square": "pass"
    }  # fmt: skip
    rendering = parts_of(check("independent_permutation", world), "rendering")
    assert states(rendering) == {"red circle": "pass", "green circle": "fail", "blue square": "pass"}
    assert rendering["green circle"].concept == "green circle" and rendering["green circle"].model is None
    assert "moves its detector by" in rendering["green circle"].sentence


def test_pictures_that_are_easier_than_real_ones_fail_too():
    """Both signs count: on real pictures the detector is blind, on generated ones it sees."""
    world = World(rows=300)
    world.detected_real = np.random.default_rng(0).normal(0, 1, world.detected_real.shape)
    outcome = check("effective_generation", world)
    assert outcome.result.state == "fail"
    assert parts_of(outcome, "AUROC")["red circle"].measured < -0.3


def test_a_target_that_reads_generated_pictures_otherwise_fails_for_that_model():
    world = World(rows=300, effects=(3.0, 0.0, 0.0), weights=(3.0, 0.0, 0.0))
    world.real = -world.real
    part = parts_of(check("effective_generation", world), "AUROC")["outcome"]
    assert part.state == "fail" and part.model == "outcome" and part.concept is None


def test_side_effects_that_no_auroc_shows_are_found_on_pairs():
    """Putting a red circle in takes the blue square away in 30 % of rows (statistics.md, 6.2)."""
    world = World(rows=400, deletes={(0, 2): 0.6})
    outcome = check("independent_permutation", world)
    found = parts_of(outcome, "share")
    assert found["red circle -> blue square"].state == "fail"
    assert found["red circle -> blue square"].measured == pytest.approx(0.3, abs=0.07)
    assert found["red circle -> blue square"].concept == "red circle"
    others = {state for subject, state in states(found).items() if subject != "red circle -> blue square"}
    assert others == {"pass"}
    shares, means, aurocs = outcome.result.matrices
    assert means.values[0][2] == pytest.approx(-shares.values[0][2], abs=0.02), "it is taken away, never put in"
    assert f"{means.values[0][2]:+.3f} [" in found["red circle -> blue square"].sentence
    assert shares.values[0][2] == found["red circle -> blue square"].measured
    assert abs(aurocs.values[0][2]) < 0.05, "AUROC is blind to it"
    assert aurocs.values[0][0] == pytest.approx(0.5, abs=0.05), "of its own concept, permuting leaves nothing"


def test_side_effects_on_concepts_that_the_analysis_leaves_out_count():
    """An analysis of one concept is not excused from what that concept does to the others."""
    world = World(rows=400, deletes={(0, 2): 0.6})
    outcome = check("independent_permutation", world, reliance(concepts=("red circle",)))
    assert states(parts_of(outcome, "share")) == {
        "red circle -> green circle": "pass",
        "red circle -> blue square": "fail",
    }
    matrix = outcome.result.matrices[0]
    assert matrix.rows == ("red circle",) and matrix.columns == NAMES
    caution = parts_of(outcome, "concepts that are not changed")["green circle, blue square"]
    assert caution.state is None and "only red circle of 3 concepts are changed" in caution.sentence
    assert "confounded by changes to green circle, blue square" in caution.sentence


def test_few_rows_decide_nothing():
    outcome = check("independent_permutation", World(rows=20))
    assert outcome.result.state == "inconclusive"
    assert "the rows do not decide whether concepts change alone" in outcome.result.sentence


def test_a_detector_that_does_not_see_a_concept_on_real_pictures_cannot_judge():
    world = World(rows=200)
    world.detected_real = -world.detected_real
    part = parts_of(check("independent_permutation", world), "rendering")["red circle"]
    assert part.state == "fail" and part.measured is None
    assert part.sentence == "the detector does not see red circle on real pictures, so it cannot judge generated ones"


def test_a_detector_without_a_single_score_leaves_gates_undecided():
    world = World(rows=30)
    for name in ("detected", "detected_real", "detected_factual"):
        setattr(world, name, np.full(getattr(world, name).shape, np.nan))
    for kind in ("effective_generation", "independent_permutation"):
        result = check(kind, world).result
        assert result.state == "inconclusive" and result.measured is None
        assert {part.state for part in result.parts} == {"inconclusive"}
    assert "no row has all the pictures" in check("independent_permutation", world).result.parts[-1].sentence


def test_concepts_that_no_longer_vary_leave_their_gate_undecided():
    """Every row with a red circle lost a picture."""
    world = World(rows=60)
    world.detected_real[world.values[:, 0] == 1] = np.nan
    generation = parts_of(check("effective_generation", world), "AUROC")
    assert generation["red circle"].state == "inconclusive" and "all of one kind" in generation["red circle"].sentence
    rendering = parts_of(check("independent_permutation", world), "rendering")["red circle"]
    assert rendering.state == "inconclusive"
    assert rendering.sentence == "no real pictures with red circle and without it are left to compare with"
    matrix = check("independent_permutation", world).result.matrices[2]
    assert matrix.values[1][0] is None and matrix.values[1][1] is not None


def test_one_cluster_gives_no_limits_and_no_numbers_that_are_not_finite():
    world = World(rows=30)
    analysis = reliance()
    estimates = world.estimate(analysis)
    world.clusters = np.zeros(30, int)
    from auditor.checks import EffectiveGeneration, Guarded, IndependentPermutation
    from tests.world import drive

    for kind in (EffectiveGeneration, IndependentPermutation):
        node = kind(kind=kind.model_fields["kind"].annotation.__args__[0], of="reliance")
        found = drive(node.rounds(world.view(), Guarded(analysis, estimates)), world.answers())
        assert found.result.state == "inconclusive"
        found.result.model_dump_json()


@pytest.mark.parametrize(
    ("value", "n", "state"),
    [
        (0.0, 500, "pass"),
        (0.02, 500, "pass"),
        (0.05, 500, "inconclusive"),
        (0.0, 20, "inconclusive"),
        (0.2, 500, "fail"),
    ],
)
def test_a_share_is_judged_by_both_limits(value, n, state):
    assert judged(Proportion(value, n), 0.95, None, 0.05) == state


@pytest.mark.parametrize(
    ("value", "state"),
    [(0.0, "pass"), (0.09, "pass"), (0.11, "inconclusive"), (-0.11, "inconclusive"), (0.2, "fail"), (-0.2, "fail")],
)
def test_an_estimate_is_judged_between_two_limits(value, state):
    assert judged(Estimate(value, 0.01, 100.0, 101, 101), 0.95, -0.11, 0.11) == state


def test_the_interval_shown_ends_where_the_gate_decides():
    estimate = Estimate(0.1, 0.01, 50.0, 51, 51)
    shown = two_sided(estimate, 0.95)
    assert shown is not None and shown.confidence == 0.9, "as it is declared, to the last digit"
    assert (shown.low, shown.high) == pytest.approx((estimate.lower(0.95), estimate.upper(0.95)))
    assert two_sided(Estimate(0.1, np.inf, 1.0, 5, 1), 0.95) is None


def test_the_worst_part_is_the_state_of_the_gate():
    part = parts_of(check("independent_permutation", World(rows=300)), "share")["red circle -> blue square"]
    for found, expected in (("pf", "fail"), ("pi", "inconclusive"), ("pp", "pass"), ("if", "fail")):
        words = {"p": "pass", "f": "fail", "i": "inconclusive"}
        assert worst_state([part.model_copy(update={"state": words[letter]}) for letter in found]) == expected


def test_significance_tests_every_model_and_concept():
    world = World(rows=200, effects=(1.0, 0.0, 0.0), weights=(2.5, 0.0, 0.0))
    outcome = check("significance", world, swaps=999, alpha=0.05)
    assert set(outcome.tests) == {("outcome", name, kind) for name in NAMES for kind in ("response", "importance")}
    assert outcome.tests["outcome", "red circle", "response"].p_adjusted == pytest.approx(0.003)
    # Two-sided by doubling, so that 2 / 1,000 is the least that 999 swaps can give.
    assert outcome.tests["outcome", "red circle", "importance"].p_adjusted == pytest.approx(0.006)
    assert outcome.result.state is None and "responds to 1 of 3 concepts" in outcome.result.sentence
    assert all("null:" in part.sentence and "seed 0" in part.sentence for part in outcome.result.parts)


def test_adjusted_p_values_are_holms_over_the_concepts_of_a_model():
    world = World(rows=60, effects=(0.06, 0.05, 0.04), jitter=0.2)
    tests = check("significance", world, swaps=999).tests
    for kind in ("response", "importance"):
        raw = [tests["outcome", name, kind].p_value for name in NAMES]
        order, worst = sorted(range(3), key=raw.__getitem__), 0.0
        for rank, i in enumerate(order):
            worst = max(worst, min(1.0, (3 - rank) * raw[i]))
            assert tests["outcome", NAMES[i], kind].p_adjusted == pytest.approx(worst)


def test_the_family_may_be_all_models_of_the_analysis():
    """Holm over two models' concepts together: never smaller than over one model's."""
    check = Significance(kind="significance", of="reliance", family="analysis")
    alone = Significance(kind="significance", of="reliance")
    found = {
        (model, name, quantity): TestResult(0.001 * place, 0.1, "two-sided", "null", 999, place, 0)
        for place, (model, name, quantity) in enumerate(
            [(model, name, "response") for model in ("one", "two") for name in NAMES], 1
        )
    }
    together, apart = check._adjusted(found), alone._adjusted(found)
    assert [round(one.p_adjusted, 6) for one in together.values()] == [0.006, 0.01, 0.012, 0.012, 0.012, 0.012]
    assert [round(one.p_adjusted, 6) for one in apart.values()] == [0.003, 0.004, 0.004, 0.012, 0.012, 0.012]
    assert list(together) == list(found)


@pytest.mark.parametrize(
    ("fields", "concepts", "models", "units", "least"),
    [
        ({}, 6, 1, None, 12 / 10_000),
        ({}, 6, 100, None, 12 / 10_000),
        ({"family": "analysis"}, 6, 100, None, 1200 / 10_000),
        ({"family": "analysis", "correction": "benjamini_hochberg"}, 6, 100, None, 2 / 10_000),
        ({}, 6, 1, 200, 12 / 10_000),
        ({}, 6, 1, 10, 12 / 1024),
        ({}, 6, 1, 2, 1.0),
    ],
)
def test_the_smallest_p_that_both_tests_can_reach(fields, concepts, models, units, least):
    check = Significance(kind="significance", of="reliance", **fields)
    assert check.smallest_p(concepts, models, units) == pytest.approx(least)


@pytest.mark.parametrize("metric", ["auroc", "accuracy", "balanced_accuracy", "log_loss", "brier"])
def test_significance_works_for_every_metric(metric):
    world = World(rows=60, effects=(1.0, 0.0, 0.0))
    outcome = check("significance", world, reliance(metric=metric), swaps=99)
    assert outcome.tests["outcome", "red circle", "response"].p_value == pytest.approx(0.01)


def test_significance_of_a_blind_model_is_nothing():
    outcome = check("significance", World(rows=100, jitter=0.0), swaps=99)
    assert {found.p_value for found in outcome.tests.values()} == {1.0}


def test_significance_after_rows_were_dropped_and_a_value_with_them():
    world = World(rows=60)
    broken = World(rows=60, broken=tuple(np.flatnonzero(world.values[:, 2] == 1).tolist()))
    outcome = check("significance", broken, swaps=99)
    assert outcome.tests["outcome", "blue square", "importance"].p_value == 1.0
