"""Damaged objects are found, disks that fail tear nothing, and many processes share one store."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from tests.stress.own_process import figures_of


def test_every_flipped_byte_of_a_store_is_found() -> None:
    figures = figures_of("byte_flips", "--batch", "8")
    assert figures["flipped"] == figures["objects"] >= 20
    assert figures["perfect"], figures


@pytest.mark.slow
def test_a_byte_flipped_in_each_of_200_objects() -> None:
    figures = figures_of("byte_flips", "--batch", "1")
    assert figures["flipped"] == figures["found_by_verify"] == figures["found_by_a_run"] == 200, figures
    assert figures["perfect"], figures


def expect_nothing_torn(figures: dict[str, Any]) -> None:
    assert figures["units"] >= 12 and min(figures["calls"].values()) > 10
    assert figures["failed_calls"] >= figures["points"], "every point met a fault"
    assert set(figures["ended_with"]) <= {"0", "1", "3", "7"}, figures
    assert figures["ended_with"].get("3", 0) > figures["points"] // 2, figures
    assert figures["perfect"], figures


def test_a_failing_disk_at_a_few_points() -> None:
    expect_nothing_torn(figures_of("disk_faults", "--points", "6", "--layer", "python"))


@pytest.mark.skipif(shutil.which("cc") is None, reason="faults below Python need a C compiler")
def test_a_failing_disk_below_python_at_a_few_points() -> None:
    expect_nothing_torn(figures_of("disk_faults", "--points", "6", "--layer", "below"))


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["python", "below"])
def test_eio_and_enospc_at_every_write_fsync_and_rename(layer: str) -> None:
    if layer == "below" and shutil.which("cc") is None:
        pytest.skip("faults below Python need a C compiler")
    expect_nothing_torn(figures_of("disk_faults", "--layer", layer))


@pytest.mark.parametrize("more", [(), ("--kill",)], ids=["all", "half of them killed"])
def test_eight_processes_on_one_store(more: tuple[str, ...]) -> None:
    figures = figures_of("one_store", "--objects", "100", *more)
    assert figures["processes"] == 8 and figures["written"] > 10
    assert figures["killed"] >= 2 if more else figures["written"] == 100
    assert figures["perfect"], figures


@pytest.mark.slow
def test_eight_processes_and_a_thousand_objects() -> None:
    figures = figures_of("one_store", "--objects", "1000")
    assert (figures["processes"], figures["written"], figures["torn"]) == (8, 1000, 0)
    assert figures["perfect"], figures
