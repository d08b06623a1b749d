"""What noise does to findings: its share of the error, and whether another seed may change a verdict."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.results.bounds import bound_of
from auditor.results.findings import findings_of
from auditor.results.requirements import requirement_results
from auditor.results.seed_stability import bound_stability, verdict_stability
from tests.results.test_findings import judged, response_of
from tests.results.test_requirements import promise, world_of
from tests.world import World, reliance

MARGIN = {"response": 0.05}


def test_the_parts_of_the_error_add_up():
    one = judged(World(rows=200, effects=(1.0, 0.0, 0.0), draws=3), reliance(margin=MARGIN))["red circle"]
    for finding in findings_of(one, ()):
        if finding.quantity not in ("response", "importance"):
            continue
        error = getattr(one.reliance, finding.quantity)
        error = error.mean.standard_error if finding.quantity == "response" else error.estimate.standard_error
        parts = [finding.details[f"SD from {part}"] for part in ("rows", "noise", "sampling permutations")]
        assert sum(part**2 for part in parts) == pytest.approx(error**2)
        assert finding.details["noise floor"] == pytest.approx(1.96 * finding.noise_sd)


def test_one_draw_measures_no_noise():
    finding = response_of(judged(World(rows=200, draws=1), reliance(margin=MARGIN))["blue square"])
    assert finding.noise_sd is None and finding.stability is None
    assert "one draw does not measure it" in finding.details["SD from noise"]


def test_a_verdict_far_from_its_limits_is_stable_and_one_close_to_them_is_not():
    far = response_of(judged(World(rows=400, effects=(2.0, 0.0, 0.0)), reliance(margin=MARGIN))["red circle"])
    assert far.verdict == "relies" and far.stability > 10 and "another seed" not in far.sentence
    one = judged(World(rows=400, jitter=0.2), reliance(margin=MARGIN))["blue square"]
    bound = one.reliance.response.systematic_upper(0.95)
    close = judged(World(rows=400, jitter=0.2), reliance(margin={"response": bound * 1.001}))["blue square"]
    finding = response_of(close)
    assert finding.verdict == "does_not_rely" and finding.stability < 0.5
    assert finding.sentence.endswith("; another seed may change this")


def test_the_share_of_verdicts_that_another_seed_changes_follows_the_stability():
    """The same rows with other noise: stable verdicts stay, and of those close to the limit many do not."""
    base = World(rows=150, jitter=0.0)
    rng = np.random.default_rng(0)
    words, stabilities = [], []
    for _ in range(40):
        world = World(rows=150, jitter=0.0)
        world.by_value = base.by_value + np.where(
            np.arange(2) == base.values[:, :, None, None], 0.0, rng.normal(0, 0.3, base.by_value.shape)
        )
        one = judged(world, reliance(margin={"response": 0.05}), significance=False)["blue square"]
        words.append(response_of(one).verdict)
        stabilities.append(verdict_stability(one))
    assert len(set(words)) > 1, "the margin lies where noise decides"
    assert np.median(stabilities) < 2


@pytest.mark.parametrize("bound", [{"response": {"at_most": 0.05}}, {"response": {"at_most": 0.05, "of": "mean"}},
                                   {"importance": {"within": 0.05}}, {"importance": {"at_least": 0.05}}])  # fmt: skip
def test_requirements_carry_their_noise(bound):
    one = judged(world_of(0.5), reliance(), significance=False)["blue square"]
    (result,) = requirement_results([promise(**bound)], [one], ())
    noise, stable = bound_stability(one, bound_of(promise(**bound), one), 0.95)
    assert (result.noise_sd, result.stability) == (noise, stable)
    assert noise is not None and noise > 0 and result.sentence.endswith("may change this") == (stable < 2)


def test_flips_have_no_noise_of_their_own():
    one = judged(world_of(0.5), reliance(), significance=False)["blue square"]
    (result,) = requirement_results([promise(flips={"at_most": 0.05})], [one], ())
    assert result.noise_sd is None and result.stability is None
