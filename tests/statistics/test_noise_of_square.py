"""The noise of a systematic response, against what re-generating the same rows does."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.statistics import square_noise_sd


@pytest.mark.parametrize("draws", [2, 4])
@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_the_formula_is_what_other_noise_does(draws, spread):
    """Rows keep their own mean and noise level; only the noise is drawn again."""
    rng = np.random.default_rng(0)
    means, noise = spread * rng.normal(size=100), 0.1 * (1 + rng.random(100))
    again = means[:, None] + noise[:, None] * rng.normal(size=(4000, 100, draws))
    pairs = draws * (draws - 1)
    squares = ((again.sum(axis=2) ** 2 - (again**2).sum(axis=2)) / pairs).mean(axis=1)
    claimed = [square_noise_sd(rows) for rows in again[:400]]
    assert np.sqrt(np.mean(np.square(claimed))) == pytest.approx(squares.std(), rel=0.04)


def test_one_draw_measures_no_noise():
    assert square_noise_sd(np.ones((5, 1))) is None


def test_draws_that_agree_have_no_noise():
    assert square_noise_sd(np.ones((5, 3))) == 0.0
