"""The figures of the statistics in small, and in full under the marker `slow`."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.benchmarks.coverage_of_intervals import coverage
from tests.benchmarks.exact_against_sampled import exact_against_sampled
from tests.benchmarks.figure import ROOT
from tests.benchmarks.many_models import many_models
from tests.benchmarks.null_simulations import leaky_generation, nulls, power_curve


def missed(figures):
    return [f"{figure.what}: {figure.measured}, bar {figure.bar}" for figure in figures if figure.reached is False]


def test_closed_forms_are_the_mean_of_sampled_permutations():
    figures = exact_against_sampled(permutations=1_000, sizes=(7, 20))
    assert missed(figures) == []
    assert int(figures[0].measured.split()[2]) >= 70


def test_many_models_have_the_numbers_of_scikit_learn():
    _, against = many_models(n_models=2, n_concepts=1, n_rows=60, permutations=10, swaps=20)
    assert float(against.ran.rpartition(" ")[2]) < 1e-12


def test_a_leaky_generator_rejects_a_blind_model_until_it_is_unmixed():
    honest, leaky = leaky_generation(simulations=200, spills=(0.0, 0.1))
    assert float(leaky.measured.split(" / ")[0]) > 0.6
    for figure in (honest, leaky):
        assert float(figure.measured.split(" / ")[1]) <= 0.1


def test_power_grows_with_the_effect():
    for figure in power_curve(simulations=40, effects=(0.1, 0.8)):
        low, high = (float(share) for share in figure.measured.split(", "))
        assert low < high


@pytest.mark.parametrize(
    "name", ["importance (average precision)", "importance (macro AUROC)", "importance (accuracy)"]
)
def test_tests_without_a_file_of_their_own_hold_their_size(name):
    assert missed(nulls(simulations=300, names=(f"importance ({name})",))) == []


def test_intervals_of_other_metrics_cover():
    figures = coverage(simulations=200, sizes=(200,), metrics=("balanced_accuracy", "r2"), of_truth=200_000)
    for figure in figures[1:3]:
        assert all(float(share.split()[1]) > 0.9 for share in figure.measured.split(", "))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["exact", "nulls", "nulls-of-average-precision", "leaky", "leaky-categories", "power", "coverage"]
)
def test_every_figure_reaches_its_bar(name):
    command = [sys.executable, "-m", "tests.benchmarks.statistics", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    missed_bars = [line for line in done.stdout.splitlines() if "**no**" in line]
    if name == "nulls":
        # One of 36 shares lies outside its 99 % band, as in a quarter of such tables; 8,000 simulations of that test
        # are a figure of their own, `nulls-of-average-precision`, which has to hold.
        missed_bars = [line for line in missed_bars if "importance (average precision)" not in line]
    assert missed_bars == []
