"""Agreement with an oracle: against loops from the definition, scipy and scikit-learn; intervals cover."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from auditor.evaluation import Ranking, Resampling, auroc_over_thresholds, correlation, evaluate, top_k_agreement
from auditor.evaluation.correlation import unit_length
from auditor.evaluation.model_bootstrap import resampled_models

RNG = np.random.default_rng(5)
ORACLE = RNG.random((12, 5))
METHOD = ORACLE + 0.4 * RNG.normal(size=ORACLE.shape)
TIED = np.round(METHOD, 1)


@pytest.mark.parametrize("method", [METHOD, TIED, -METHOD], ids=["plain", "ties", "reversed"])
def test_correlations_are_those_of_scipy(method):
    for measure, slow in (("pearson", stats.pearsonr), ("spearman", stats.spearmanr)):
        found = {
            reading: correlation(method, ORACLE, measure, reading, Resampling(2)).value
            for reading in ("pooled", "normalised", "within")
        }
        assert found["pooled"] == pytest.approx(slow(method.ravel(), ORACLE.ravel())[0], abs=1e-12)
        lengths = np.sqrt((ORACLE**2).sum(axis=1))
        scaled = np.array([row / length for row, length in zip(ORACLE, lengths, strict=True)])
        assert found["normalised"] == pytest.approx(slow(method.ravel(), scaled.ravel())[0], abs=1e-12)
        each = [slow(a, b)[0] for a, b in zip(method, ORACLE, strict=True)]
        assert found["within"] == pytest.approx(np.mean(each), abs=1e-12)


def test_the_interval_is_that_of_resampled_models_and_not_of_points():
    found = correlation(METHOD, ORACLE, "pearson", "pooled", Resampling(400, 3))
    slow = []
    for models in resampled_models(12, 400, 3):
        a = [METHOD[m, j] for m in models for j in range(5)]
        b = [ORACLE[m, j] for m in models for j in range(5)]
        slow.append(np.corrcoef(a, b)[0, 1])
    assert (found.interval.low, found.interval.high) == pytest.approx(tuple(np.quantile(slow, (0.025, 0.975))))
    again = correlation(METHOD, ORACLE, "pearson", "pooled", Resampling(400, 3))
    assert again == found
    assert correlation(METHOD, ORACLE, "pearson", "pooled", Resampling(400, 4)).interval != found.interval


def test_models_without_a_number_are_left_out_and_counted():
    holes = METHOD.copy()
    holes[2, 1] = np.nan
    whole = np.arange(12) != 2
    for reading in ("pooled", "normalised", "within"):
        found = correlation(holes, ORACLE, "pearson", reading, Resampling(50))
        assert found.n_models == 11
        assert found.value == correlation(METHOD[whole], ORACLE[whole], "pearson", reading, Resampling(50)).value


def test_a_method_that_says_the_same_of_every_concept_has_no_correlation():
    flat = np.full_like(ORACLE, 0.1)
    assert np.isnan(correlation(flat, ORACLE, "spearman", "pooled", Resampling(20)).value)
    assert correlation(flat, ORACLE, "spearman", "pooled", Resampling(20)).interval is None
    assert correlation(flat, ORACLE, "pearson", "within", Resampling(20)).n_models == 0
    assert correlation(METHOD[:2], ORACLE[:2], "pearson", "pooled").interval is None, "two models have no interval"
    with pytest.raises(ValueError, match="n_models, n_concepts"):
        correlation(METHOD, ORACLE[:3], "pearson", "pooled")


def test_lengths_are_one_and_zeros_stay():
    scaled = unit_length(np.array([[3.0, 4.0], [0.0, 0.0]]))
    assert scaled.tolist() == [[0.6, 0.8], [0.0, 0.0]]


@pytest.mark.parametrize("method", [METHOD, TIED], ids=["plain", "ties"])
def test_auroc_over_thresholds_is_that_of_scikit_learn(method):
    found = auroc_over_thresholds(method, ORACLE, Resampling(20, 1))
    assert [one.share for one in found] == pytest.approx(np.arange(1, 20) * 0.05)
    for one in found:
        truth = (np.quantile(ORACLE, one.share) <= ORACLE).ravel()
        assert one.value == pytest.approx(roc_auc_score(truth, method.ravel()), abs=1e-12)
        slow = []
        for models in resampled_models(12, 20, 1):
            important = (one.threshold <= ORACLE[models]).ravel()
            if 0 < important.sum() < important.size:
                slow.append(roc_auc_score(important, method[models].ravel()))
        assert (one.interval.low, one.interval.high) == pytest.approx(tuple(np.quantile(slow, (0.025, 0.975))))
        assert one.n_important == truth.sum()


def slow_top_k(method, oracle, k):
    """The mean over all ways of breaking ties, of both sides by themselves."""

    def tops(row):
        orders = [
            order
            for order in itertools.permutations(range(len(row)))
            if all(row[a] >= row[b] for a, b in itertools.pairwise(order))
        ]
        return [set(order[:k]) for order in orders]

    return np.mean(
        [
            np.mean([len(a & b) / k for a in tops(one) for b in tops(other)])
            for one, other in zip(method, oracle, strict=True)
        ]
    )


def test_top_k_is_the_mean_over_all_ways_of_breaking_ties():
    method, oracle = np.round(METHOD[:6, :4] * 3) / 3, np.round(ORACLE[:6, :4] * 3) / 3
    for one in top_k_agreement(method, oracle, Resampling(20)):
        assert one.value == pytest.approx(slow_top_k(method, oracle, one.k), abs=1e-12)
        assert one.chance == one.k / 4
    assert top_k_agreement(METHOD, ORACLE, Resampling(20))[-1].value == 1.0
    flat = top_k_agreement(np.zeros_like(ORACLE), ORACLE, Resampling(20))
    assert [one.value for one in flat] == pytest.approx([one.chance for one in flat])


def test_intervals_over_models_cover_where_those_over_points_do_not():
    """Points of one model move together; 95 % intervals over models hold the truth, those over points do not."""
    rng = np.random.default_rng(11)
    truth, inside, inside_points = 0.0, 0, 0
    for _ in range(100):
        # A model's shift moves all its concepts in one way, in method and oracle alike but independently.
        method = rng.normal(size=(25, 1)) * 2 + rng.normal(size=(25, 5))
        oracle = rng.normal(size=(25, 1)) * 2 + rng.normal(size=(25, 5))
        found = correlation(method, oracle, "pearson", "pooled", Resampling(200, 1)).interval
        inside += found.low <= truth <= found.high
        points = rng.integers(125, size=(200, 125))
        slow = [np.corrcoef(method.ravel()[each], oracle.ravel()[each])[0, 1] for each in points]
        low, high = np.quantile(slow, (0.025, 0.975))
        inside_points += low <= truth <= high
    assert 86 <= inside <= 99
    assert inside_points < 70


def test_every_method_meets_every_oracle_and_the_shortfall_is_paired():
    methods = (Ranking("near", METHOD, ""), Ranking("ceiling", ORACLE + 0.01 * TIED, ""))
    oracles = (Ranking("truth", ORACLE, ""), Ranking("reversed", -ORACLE, ""))
    found = evaluate(
        [f"m{i}" for i in range(12)], "abcde", methods, oracles, ceiling="ceiling", resampling=Resampling(100, 2)
    )
    assert [(one.method, one.oracle) for one in found.agreements] == [
        ("near", "truth"), ("ceiling", "truth"), ("near", "reversed"), ("ceiling", "reversed"),
    ]  # fmt: skip
    whole = found.agreement("near", "truth").correlation("pearson", "within")
    assert whole == correlation(METHOD, ORACLE, "pearson", "within", Resampling(100, 2))
    short = next(
        one for one in found.shortfalls if (one.oracle, one.measure, one.reading) == ("truth", "pearson", "within")
    )
    top = found.agreement("ceiling", "truth").correlation("pearson", "within")
    assert short.value == pytest.approx(top.value - whole.value)
    each = np.array([np.corrcoef(a, c)[0, 1] - np.corrcoef(b, c)[0, 1] for a, b, c in
                     zip(methods[1].importances, METHOD, ORACLE, strict=True)])  # fmt: skip
    slow = np.quantile([each[models].mean() for models in resampled_models(12, 100, 2)], (0.025, 0.975))
    assert (short.interval.low, short.interval.high) == pytest.approx(tuple(slow))
    assert {one.method for one in found.shortfalls} == {"near"}
    with pytest.raises(ValueError, match="importances of near"):
        evaluate(["one"], "abcde", methods, oracles)
