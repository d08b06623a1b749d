"""From relevance maps to rankings: superpixels, the regression of LIME, intersection over union."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from auditor.attribution.lime import weighted_ridge
from auditor.attribution.overlap import MeanOverlap, intersection_over_union, relevant
from auditor.attribution.superpixels import superpixels


def test_superpixels_keep_to_the_edges_of_a_shape() -> None:
    picture = np.full((32, 40, 3), 235, np.uint8)
    picture[8:20, 10:24] = (215, 40, 40)
    regions = superpixels(picture, 20)
    assert regions.shape == (32, 40) and set(np.unique(regions)) == set(range(regions.max() + 1))
    inside = picture[..., 1] == 40
    for region in range(regions.max() + 1):
        assert inside[regions == region].all() or not inside[regions == region].any()
    assert 10 <= regions.max() + 1 <= 40
    assert np.array_equal(regions, superpixels(picture, 20))


def test_a_picture_of_one_pixel_is_one_superpixel() -> None:
    assert superpixels(np.zeros((1, 1, 3), np.uint8)).tolist() == [[0]]


def test_the_regression_is_scikit_learns_ridge_for_each_model() -> None:
    rng = np.random.default_rng(0)
    features = (rng.random((60, 8)) < 0.5).astype(float)
    outputs, weights = rng.normal(size=(60, 3)), rng.random(60)
    found = weighted_ridge(features, outputs, weights, 1.0)
    for k in range(3):
        slow = Ridge(alpha=1.0).fit(features, outputs[:, k], sample_weight=weights)
        assert found[k] == pytest.approx(slow.coef_, abs=1e-9)


def test_a_map_becomes_a_mask_by_its_largest_relevance() -> None:
    maps = np.array([[[0.0, 4.0], [2.0, 1.0]], [[-1.0, -2.0], [0.0, -3.0]]])
    assert relevant(maps).tolist() == [[[False, True], [True, False]], [[False, False], [False, False]]]


def test_intersection_over_union_counts_pixels() -> None:
    found = np.zeros((2, 4, 4), bool)
    found[0, :2, :2] = True
    masks = np.zeros((3, 4, 4), bool)
    masks[0, :2, :4] = True
    masks[1, 3, 3] = True
    assert intersection_over_union(found, masks)[:, :2].tolist() == [[0.5, 0.0], [0.0, 0.0]]
    assert np.isnan(intersection_over_union(found, masks)[:, 2]).all(), "not shown: no overlap to speak of"


def test_overlaps_are_means_over_the_pictures_that_show_a_concept() -> None:
    mean = MeanOverlap(1, 2)
    mask = np.array([[[True, True]], [[False, False]]])
    mean.add(np.array([[[1.0, 1.0]]]), mask)
    mean.add(np.array([[[1.0, 0.0]]]), mask)
    assert mean.importances[0, 0] == 0.75
    assert np.isnan(mean.importances[0, 1])
