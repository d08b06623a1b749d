"""What plan says that statistics can reach, against the formulas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from auditor.compile import reach_of
from auditor.dataset import Rows
from auditor.spec import load_spec
from auditor.spec.audit_spec import AuditSpec

SPECS = Path(__file__).parents[2] / "specs"


def rows_of(count: int = 200, clusters: np.ndarray | None = None) -> Rows:
    """Labels and six presences, each in half of the rows."""
    rng = np.random.default_rng(0)
    values = np.stack([rng.permutation(np.arange(count) % 2) for _ in range(6)], axis=1)
    names = tuple(f"{i}.png" for i in range(count))
    return Rows(
        names=names, paths=tuple(Path(name) for name in names), image_digests=("0" * 64,) * count,
        labels=np.arange(count) % 2, values=values, clusters=clusters, table_digest="0" * 64,
    )  # fmt: skip


def spec_of(**significance: object) -> AuditSpec:
    spec = load_spec(SPECS / "shapes-reliance.yaml").spec
    *gates, test = spec.checks
    return spec.model_copy(update={"checks": (*gates, test.model_copy(update=significance))})


def test_each_number_is_its_formula():
    """N = 200, half and half, tau .1 assumed, alpha .01 over six concepts, confidence .95, two draws."""
    line = reach_of(spec_of(), rows_of())[0]
    error = 0.1 * np.sqrt(0.25 * (1 / 100 + 1 / 100))
    z = 3.1440  # of 1 - .01 / 12
    assert line.smallest_p == pytest.approx(12 / 10_000)
    assert line.detectable_importance == pytest.approx((z + 0.8416) * error, rel=1e-3)
    assert line.smallest_margin == pytest.approx((1.6449 + 0.8416) * error, rel=1e-3)
    assert line.detectable_response == pytest.approx((z + 0.8416) * 0.1 / np.sqrt(200), rel=1e-3)
    assert line.smallest_response == pytest.approx(0.1 * np.sqrt((1.6449 + 0.8416) * np.sqrt(2 / 400)), rel=1e-3)
    assert line.smallest_cell == pytest.approx(50.0)


def test_a_family_over_models_needs_more():
    models = tuple(spec_of().models[0].model_copy(update={"name": f"m{i}"}) for i in range(10))
    one, many = (
        reach_of(spec_of(family=family).model_copy(update={"models": models}), rows_of())[0]
        for family in ("model", "analysis")
    )
    assert many.smallest_p == pytest.approx(10 * (one.smallest_p or 0))
    assert many.detectable_importance > one.detectable_importance
    assert many.smallest_margin == one.smallest_margin, "passes need no correction"


def test_clusters_are_the_units():
    apart, together = reach_of(spec_of(), rows_of())[0], reach_of(spec_of(), rows_of(clusters=np.arange(200) // 20))[0]
    assert together.smallest_p == pytest.approx(12 * 2.0**-10)
    assert together.detectable_response == pytest.approx(apart.detectable_response * np.sqrt(20))
