"""Timings: what an op was measured to take on this machine, kept beside the store.

    STORE/timings/abcd..json   one timing, named by machine, op, its class and number of workers

A timing is derived: where a file is damaged or of another format, the op is measured anew.
"""

from __future__ import annotations

import contextlib
import json
import math
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path

from auditor.digest import Digest, digest_value
from auditor.errors import ExecutionError
from auditor.execute.devices import gpu_names, processors
from auditor.execute.stopwatch import OpTime
from auditor.execute.storage.whole_file import write_whole

FORMAT = 1


@dataclass(frozen=True)
class Timing:
    """What an op takes, by waves: in a wave every worker computes one micro-batch.

    Attributes:
        workers: how many compute at one time.
        batch: units of a micro-batch.
        cold: seconds before the first wave where workers are started for the op: processes, libraries,
            weights. None where it was not measured.
        warm: the same where workers stand ready: weights alone. None where it was not measured.
        wave: seconds of a wave, until its outputs are stored.
        wave_error: standard error of `wave`; infinite where a single wave was timed.
        waves: how many waves were timed; 0 where all there is was computed in one, whose time is in `cold` or `warm`.
        unit_bytes: bytes of an object for each of its units.
        unit_bytes_error: standard error of `unit_bytes`; infinite where a single micro-batch was weighed.
    """

    workers: int
    batch: int
    cold: float | None
    warm: float | None
    wave: float
    wave_error: float
    waves: int
    unit_bytes: float
    unit_bytes_error: float

    @classmethod
    def of(cls, times: Sequence[OpTime], batch: int) -> Timing | None:
        """The timing that follows from stretches of work on one op, one directly after the other.

        The first wave of the first stretch loads the weights; the others are timed. None where nothing was computed.
        """
        worked = [each for each in times if each.arrivals]
        if not worked:
            return None
        first, *waves = [seconds for each in worked for seconds in _waves(each)]
        wave = statistics.fmean(waves) if waves else 0.0
        before = max(0.0, first - wave)
        blocks = [(units, size) for each in worked for _, units, size in each.arrivals]
        fullest = max(units for units, _ in blocks)  # Short ones have as much of a header as full ones.
        sizes = [size / units for units, size in blocks if units == fullest]
        return cls(
            workers=worked[0].workers,
            batch=batch,
            cold=before if worked[0].cold else None,
            warm=None if worked[0].cold else before,
            wave=wave,
            wave_error=_standard_error(waves),
            waves=len(waves),
            unit_bytes=statistics.fmean(sizes),
            unit_bytes_error=_standard_error(sizes),
        )

    @property
    def unit_seconds(self) -> float:
        """Seconds for each unit of a full wave."""
        return self.wave / (self.batch * self.workers)

    def before(self, cold: bool) -> float:
        """Seconds before the first wave; where it was not measured so, as it was measured otherwise."""
        found = (self.cold, self.warm) if cold else (self.warm, self.cold)
        return next((seconds for seconds in found if seconds is not None), 0.0)


def _waves(time: OpTime) -> list[float]:
    """Seconds of each wave; a last one in which not every worker had work is left out, unless it is all there is."""
    moments = [moment for moment, _, _ in time.arrivals]
    ends = moments[time.workers - 1 :: time.workers] or moments[-1:]
    return [end - start for start, end in pairwise([0.0, *ends])]


def _standard_error(values: Sequence[float]) -> float:
    return statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.inf


class Timings:
    """The timings kept in a folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when the first timing is kept."""
        self.folder = folder
        self._machine = machine()

    def find(self, op: Digest, op_class: Digest, workers: int) -> Timing | None:
        """The timing of an op under its class with so many workers; None where there is none."""
        try:
            held = json.loads(self._path(op, op_class, workers).read_bytes())
            if held["auditor_timing"] != FORMAT:
                return None
            return _from_json(held["timing"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, op: Digest, op_class: Digest, timing: Timing) -> None:
        """Keep a timing, unless it holds a single wave: of two, the one that timed more waves, and what either
        knows of starting.

        A folder that cannot be written is no fault: the op is measured again another time.
        """
        if timing.waves == 0:
            return
        before = self.find(op, op_class, timing.workers)
        if before is not None:
            if before.waves > timing.waves:
                timing, before = before, timing
            cold = before.cold if timing.cold is None else timing.cold
            warm = before.warm if timing.warm is None else timing.warm
            timing = replace(timing, cold=cold, warm=warm)
        held = {
            "auditor_timing": FORMAT,
            "machine": self._machine,
            "op": op,
            "class": op_class,
            "timing": {name: value if math.isfinite(value or 0) else None for name, value in asdict(timing).items()},
        }
        with contextlib.suppress(ExecutionError):
            write_whole(self._path(op, op_class, timing.workers), json.dumps(held, indent=1).encode() + b"\n")

    def _path(self, op: Digest, op_class: Digest, workers: int) -> Path:
        return self.folder / f"{digest_value([self._machine, op, op_class, workers])}.json"


def machine() -> Mapping[str, object]:
    """What the speed of this machine hangs on: two machines with equal parts share timings."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return {
        "processor": next(models, platform.processor() or platform.machine()),
        "cores": processors(),
        "gpus": list(gpu_names()),
    }


def _from_json(held: Mapping[str, object]) -> Timing:
    """A timing as it was kept; ValueError, KeyError or TypeError where it is none."""

    def number(name: str, missing: float | None = None) -> float:
        value = missing if held[name] is None else held[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:  # NaN, too
            raise ValueError(name)
        return value

    found = Timing(
        workers=int(number("workers")),
        batch=int(number("batch")),
        cold=None if held["cold"] is None else number("cold"),
        warm=None if held["warm"] is None else number("warm"),
        wave=number("wave"),
        wave_error=number("wave_error", math.inf),
        waves=int(number("waves")),
        unit_bytes=number("unit_bytes"),
        unit_bytes_error=number("unit_bytes_error", math.inf),
    )
    if not (found.workers and found.batch and found.waves):
        raise ValueError("a timing of nothing")
    return found
