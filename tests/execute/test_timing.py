"""Timings are drawn from what ops took, kept beside the store, and thrown away where they cannot be trusted."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace

import pytest

from auditor.execute import OpTime, Timing, Timings
from auditor.execute import timing as room

OP, CLASS = "a" * 64, "b" * 64
TIMING = Timing(2, 16, 9.0, None, 1.5, 0.1, 8, 1000.0, 20.0)


def stretch(moments: list[float], workers: int = 1, cold: bool = False, units: int = 16, size: int = 1600) -> OpTime:
    return OpTime(OP, workers, cold, [(moment, units, size) for moment in moments], moments[-1])


def test_the_first_wave_loads_and_the_others_are_timed():
    found = Timing.of([stretch([7.0, 8.0, 9.2, 10.0])], 16)
    assert found is not None
    assert (found.wave, found.waves, found.unit_bytes) == (pytest.approx(1.0), 3, 100.0)
    assert (found.cold, found.warm) == (None, pytest.approx(6.0))
    assert found.wave_error == pytest.approx(0.2 / math.sqrt(3))
    assert found.unit_seconds == pytest.approx(1 / 16)


def test_a_wave_is_a_micro_batch_by_each_worker():
    found = Timing.of([stretch([8.0, 8.1, 9.0, 9.1, 10.0], workers=2, cold=True)], 16)
    assert found is not None
    assert (found.wave, found.waves, found.cold) == (pytest.approx(1.0), 1, pytest.approx(7.1))
    assert found.wave_error == math.inf, "a single wave says nothing of how waves differ"
    assert found.unit_seconds == pytest.approx(1 / 32)


def test_stretches_that_follow_each_other_load_once():
    found = Timing.of([stretch([5.0]), stretch([1.0]), stretch([1.0, 2.0])], 16)
    assert found is not None and (found.warm, found.wave, found.waves) == (4.0, 1.0, 3)


def test_an_op_of_one_wave_is_all_loading():
    found = Timing.of([stretch([5.0], units=1)], 16)
    assert found is not None and (found.warm, found.wave, found.waves) == (5.0, 0.0, 0)
    assert Timing.of([], 16) is None and Timing.of([OpTime(OP)], 16) is None


def test_short_micro_batches_do_not_make_units_heavier():
    full, short = stretch([1.0, 2.0, 3.0]), stretch([1.0], units=1, size=900)
    assert Timing.of([full, short], 16).unit_bytes == 100.0  # type: ignore[union-attr]


def test_what_is_kept_is_found_again(tmp_path):
    timings = Timings(tmp_path / "timings")
    assert timings.find(OP, CLASS, 2) is None and not timings.folder.exists()
    timings.keep(OP, CLASS, TIMING)
    assert Timings(tmp_path / "timings").find(OP, CLASS, 2) == TIMING
    assert timings.find(OP, CLASS, 1) is None, "another number of workers"
    assert timings.find(OP, "c" * 64, 2) is None, "another class"
    assert timings.find("c" * 64, CLASS, 2) is None, "another op"
    timings.keep(OP, CLASS, replace(TIMING, cold=None, warm=0.5, wave=2.0))
    assert timings.find(OP, CLASS, 2) == replace(TIMING, warm=0.5, wave=2.0)
    timings.keep(OP, CLASS, replace(TIMING, wave_error=math.inf))
    found = timings.find(OP, CLASS, 2)
    assert found is not None and found.wave_error == math.inf


def test_a_single_wave_is_not_kept(tmp_path):
    timings = Timings(tmp_path)
    timings.keep(OP, CLASS, replace(TIMING, waves=0))
    assert timings.find(OP, CLASS, 2) is None


def test_another_machine_has_timings_of_its_own(tmp_path, monkeypatch):
    Timings(tmp_path).keep(OP, CLASS, TIMING)
    here = room.machine()
    assert here["cores"] == len(os.sched_getaffinity(0)) and here["processor"]
    monkeypatch.setattr(room, "machine", lambda: {**here, "gpus": ["another"]})
    assert Timings(tmp_path).find(OP, CLASS, 2) is None


DAMAGES = {
    "empty": lambda text: "",
    "cut short": lambda text: text[: len(text) // 2],
    "not text": lambda text: "\0" * 40,
    "another format": lambda text: text.replace('"auditor_timing": 1', '"auditor_timing": 2'),
    "a list": lambda text: "[]",
    "a number that is none": lambda text: text.replace('"wave": 1.5', '"wave": "1.5"'),
    "a number below nothing": lambda text: text.replace('"wave": 1.5', '"wave": -1.5'),
    "not finite": lambda text: text.replace('"wave": 1.5', '"wave": NaN'),
    "no workers": lambda text: text.replace('"workers": 2', '"workers": 0'),
    "a field gone": lambda text: text.replace('"wave": 1.5,', ""),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_timing_is_none(damage, tmp_path):
    timings = Timings(tmp_path)
    timings.keep(OP, CLASS, TIMING)
    (path,) = tmp_path.iterdir()
    json.loads(path.read_text())
    damaged = damage(path.read_text())
    assert damaged != path.read_text()
    path.write_text(damaged)
    assert timings.find(OP, CLASS, 2) is None
    timings.keep(OP, CLASS, TIMING)
    assert timings.find(OP, CLASS, 2) == TIMING


def test_a_folder_that_cannot_be_made_is_no_fault(tmp_path):
    (tmp_path / "timings").write_text("a file")
    timings = Timings(tmp_path / "timings")
    timings.keep(OP, CLASS, TIMING)
    assert timings.find(OP, CLASS, 2) is None
