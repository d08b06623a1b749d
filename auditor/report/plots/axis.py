"""A linear axis with round ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from auditor.report.number_text import MINUS, NOT_MEASURED
from auditor.report.svg import INK, RULE, SOFT_INK, box, line, text


@dataclass(frozen=True)
class Axis:
    """From values (`low` to `high`) to places on the drawing (`left` to `right`)."""

    low: float
    high: float
    left: float
    right: float

    def at(self, value: float) -> float:
        """Where `value` stands; values outside stand at the nearer end."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)

    @property
    def step(self) -> float:
        """The distance of ticks: 1, 2 or 5 times a power of ten, for three to six ticks."""
        rough = (self.high - self.low) / 5
        power: float = 10.0 ** math.floor(math.log10(rough))
        return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)

    @property
    def ticks(self) -> tuple[float, ...]:
        """The round values from `low` to `high`; zero is one of them where it lies inside."""
        first, last = math.ceil(self.low / self.step - 1e-9), math.floor(self.high / self.step + 1e-9)
        return tuple(k * self.step for k in range(first, last + 1))

    def tick_text(self, value: float) -> str:
        """A tick's value with as many decimals as the step needs."""
        decimals = max(0, -math.floor(math.log10(self.step) + 1e-9))
        written = f"{value:.{decimals}f}"
        return (written[1:] if float(written) == 0 and written[0] == "-" else written).replace("-", MINUS)


@dataclass(frozen=True)
class LogAxis:
    """From values above zero to places, equal ratios at equal distances."""

    low: float
    high: float
    left: float
    right: float

    def at(self, value: float) -> float:
        """Where `value` stands; values outside stand at the nearer end."""
        inside = min(max(value, self.low), self.high)
        share = math.log(inside / self.low) / math.log(self.high / self.low)
        return self.left + share * (self.right - self.left)

    @property
    def ticks(self) -> tuple[float, ...]:
        """1, 2 and 5 times powers of ten where few lie inside, else powers of ten; round values where hardly any do."""
        powers = range(math.floor(math.log10(self.low)) - 1, math.ceil(math.log10(self.high)) + 1)
        for factors in ((1, 2, 5), (1, 3), (1,)):
            found = [factor * 10.0**power for power in powers for factor in factors]
            inside = [each for each in found if self.low * 0.999 <= each <= self.high * 1.001]
            if len(inside) < FEWEST_TICKS:
                return tuple(each for each in Axis(self.low, self.high, self.left, self.right).ticks if each > 0)
            if len(inside) <= MOST_TICKS:
                return tuple(inside)
        stride = math.ceil(len(inside) / MOST_TICKS)
        return tuple(each for each in inside if round(math.log10(each)) % stride == 0)

    def tick_text(self, value: float) -> str:
        """A tick's value, without digits that are not needed."""
        return f"{value:g}"


FEWEST_TICKS, MOST_TICKS = 3, 6


def log_axis_around(values: Iterable[float | None], left: float, right: float) -> LogAxis:
    """An axis that holds 1 and every value above zero with some room."""
    known = [1.0, *(value for value in values if value is not None and math.isfinite(value) and value > 0)]
    room = 1.15 * (max(known) / min(known)) ** 0.05
    return LogAxis(min(known) / room, max(known) * room, left, right)


def axis_around(values: Iterable[float | None], left: float, right: float) -> Axis:
    """An axis that holds zero and every value with some room; somewhat more than -1 to 1 where there is none."""
    known = [0.0, *(value for value in values if value is not None and math.isfinite(value))]
    low, high = min(known), max(known)
    if high - low < 1e-12:
        return Axis(low - 1.2, high + 1.2, left, right)
    room = 0.07 * (high - low)
    return Axis(low - room, high + room, left, right)


def draw_axis(axis: Axis | LogAxis, top: float, bottom: float) -> list[Markup]:
    """Ticks with their values below, faint lines through the panel, and a strong line at zero, or at a ratio of 1."""
    parts: list[Markup] = []
    for tick in axis.ticks:
        x = axis.at(tick)
        zero = abs(tick) < axis.step / 1000 if isinstance(axis, Axis) else abs(tick - 1.0) < 1e-9
        parts.append(line(x, top, x, bottom, colour=INK if zero else RULE, width=1.4 if zero else 0.7))
        parts.append(line(x, bottom, x, bottom + 4, colour=SOFT_INK))
        parts.append(text(x, bottom + 16, axis.tick_text(tick), size=11, anchor="middle", colour=SOFT_INK))
    parts.append(line(axis.left, bottom, axis.right, bottom, colour=SOFT_INK))
    return parts


def not_measured(axis: Axis | LogAxis, y: float) -> list[Markup]:
    """The words that stand in a panel in place of a missing estimate."""
    middle = (axis.left + axis.right) / 2
    return [
        box(middle - 42, y - 10, 84, 20, fill="#ffffff"),
        text(middle, y + 4, NOT_MEASURED, size=11, anchor="middle", colour=SOFT_INK),
    ]
