"""Standardised regression coefficients, the oracle of DEPICT's section 4.1."""

from __future__ import annotations

import numpy as np

from auditor.statistics.arrays import Array, Floats


def standardised_coefficients(weights: Array, columns: Array) -> Floats:
    """Each weight times the standard deviation of its column: (n_models, n_columns).

    "We calculate standardized regression coefficients as the oracle ranking of features by multiplying each model's
    weight vector w by the standard deviation of the concept predictions on the real images." What a score moves,
    in its own unit, when a column moves by one standard deviation.

    Args:
        weights: (n_models, n_columns), with which a model adds up the columns.
        columns: (n_rows, n_columns), the concept predictions.
    """
    return np.asarray(np.asarray(weights, np.float64) * np.asarray(columns, np.float64).std(axis=0, ddof=1))
