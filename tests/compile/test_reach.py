"""What plan says that statistics can reach, against the formulas."""

from __future__ import annotations

import dataclasses
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


def with_metric(metric: str) -> AuditSpec:
    spec = spec_of()
    return spec.model_copy(
        update={"analyses": tuple(one.model_copy(update={"metric": metric}) for one in spec.analyses)}
    )


def test_a_model_of_another_label_is_told_of_its_own():
    """One row in ten has the label of the second model; the third shares the data set's."""
    spec, rows = spec_of(), rows_of()
    own = (np.arange(200) % 10 == 0).astype(np.int64)
    first = spec.models[0]
    second, third = first.model_copy(update={"name": "rare", "label": "rare"}), first.model_copy(update={"name": "m"})
    found = reach_of(
        spec.model_copy(update={"models": (first, second, third)}),
        dataclasses.replace(rows, own_labels={"rare": own}),
    )
    by_label = {line.label: line for line in found if line.concept == spec.concepts[0].name}
    assert by_label["outcome"].models == (first.name, "m") and by_label["rare"].models == ("rare",)
    assert by_label["outcome"].smallest_cell == pytest.approx(50) and by_label["rare"].smallest_cell == pytest.approx(
        10
    )
    ratio = np.sqrt((1 / 20 + 1 / 180) / (2 / 100))
    assert by_label["rare"].detectable_importance == pytest.approx(by_label["outcome"].detectable_importance * ratio)


def test_the_mean_of_classes_has_the_forecast_of_its_parts():
    classes = dataclasses.replace(rows_of(), labels=np.arange(200) % 4, task="classes")
    line = reach_of(with_metric("macro_auroc"), classes)[0]
    error = 0.1 * np.sqrt(0.25 * (1 / 50 + 1 / 150))
    assert line.smallest_margin == pytest.approx((1.6449 + 0.8416) * error, rel=1e-3)
    assert line.no_forecast == "" and line.largest_importance is not None


@pytest.mark.parametrize(
    ("metric", "task", "bounded"),
    [("accuracy", "binary", True), ("log_loss", "binary", False), ("r2", "numbers", False)],
)
def test_metrics_without_a_forecast_say_why(metric, task, bounded):
    line = reach_of(with_metric(metric), dataclasses.replace(rows_of(), task=task))[0]
    assert line.detectable_importance is None and line.smallest_margin is None
    assert metric in line.no_forecast and (line.largest_importance is not None) == bounded
    assert line.detectable_response > 0
