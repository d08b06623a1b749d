"""Numbers as readers see them: no more digits than the interval supports, and never a bare NaN.

A number that does not exist is `not measured`, everywhere in the report.
"""

from __future__ import annotations

import math

from auditor.results.audit_result import IntervalResult

NOT_MEASURED = "not measured"
MINUS = "\N{MINUS SIGN}"
HARD_SPACE = "\N{NO-BREAK SPACE}"
TIMES = "\N{MULTIPLICATION SIGN}"
MOST_DECIMALS = 6
SMALLEST_P = 0.0001


def decimals_of(low: float, high: float) -> int:
    """Decimals that half the width supports, from 0 to 6; 4 for no width.

    The rule of the Particle Data Group: two significant digits of the half width where it
    starts with 100 to 354, one where it starts with 355 to 949, and 950 on counts as 1000.

    >>> decimals_of(0.281, 0.343), decimals_of(0.01, 0.09), decimals_of(0.256, 0.2758)
    (3, 2, 3)
    """
    half = abs(high - low) / 2
    if half == 0 or not math.isfinite(half):
        return 4
    power = math.floor(math.log10(half))
    leading = half / 10.0**power
    digits = 1 if 3.545 <= leading < 9.495 else 2
    power += 1 if leading >= 9.495 else 0
    return max(0, min(MOST_DECIMALS, digits - 1 - power))


def value_text(value: float | None, decimals: int | None = None) -> str:
    """A number with `decimals` decimals, by default 3 and for small numbers two digits.

    `not measured` for None.

    >>> value_text(-0.0001, 2), value_text(0.0006)
    ('0.00', '0.0006')
    """
    if value is None:
        return NOT_MEASURED
    if decimals is None and 0 < abs(value) < 0.01:
        return f"{value:.2g}".replace("-", MINUS)
    text = f"{value:,.{3 if decimals is None else decimals}f}"
    if text.startswith("-") and float(text.replace(",", "")) == 0:
        text = text[1:]
    return text.replace("-", MINUS)


def interval_text(interval: IntervalResult) -> str:
    """Such as `[0.281, 0.343]`."""
    decimals = decimals_of(interval.low, interval.high)
    return f"[{value_text(interval.low, decimals)}, {value_text(interval.high, decimals)}]"


def estimate_text(estimate: float | None, interval: IntervalResult | None) -> str:
    """Such as `0.312 [0.281, 0.343]`; says so where there is no number or no interval."""
    if estimate is None:
        return NOT_MEASURED
    if interval is None:
        return f"{value_text(estimate)} (no interval)"
    return f"{value_text(estimate, decimals_of(interval.low, interval.high))} {interval_text(interval)}"


def times_text(ratio: float | None, interval: IntervalResult | None) -> str:
    """A ratio with its interval, which lie on a scale of logarithms: two digits each, such as `6.1 [0.53, 71]`."""
    if ratio is None or interval is None:
        return estimate_text(ratio, interval)
    return f"{_two_digits(ratio)} [{_two_digits(interval.low)}, {_two_digits(interval.high)}]"


def _two_digits(value: float) -> str:
    """Two significant digits, and every digit of whole numbers up to a million.

    >>> _two_digits(0.0302), _two_digits(18.04), _two_digits(1234.5)
    ('0.030', '18', '1,234')
    """
    if 9.95 <= value < 1e6:
        return f"{value:,.0f}"
    return f"{value:#.2g}"


def limit_text(value: float | None) -> str:
    """A declared number as it was declared: 0.05 is `0.05`; `none` for None."""
    return "none" if value is None else f"{value:g}".replace("-", MINUS)


def bound_text(bound: float | None, threshold: float | None, decimals: int) -> str:
    """A bound with as many more digits as it takes to see on which side of the limit it lies.

    >>> bound_text(0.05004, 0.05, 3)
    '0.05004'
    """
    if bound is None:
        return "no bound"
    limits = () if threshold is None else (threshold, -threshold)
    while decimals < 8 and any(bound != limit and round(bound, decimals) == round(limit, decimals) for limit in limits):
        decimals += 1
    return value_text(bound, decimals)


def p_text(p: float | None) -> str:
    """A p-value: two digits from 0.01 on, four decimals below, `< 0.0001` below that."""
    if p is None:
        return "none"
    if p < SMALLEST_P:
        return f"<{HARD_SPACE}0.0001"
    return f"{p:.4f}" if p < 0.01 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def count_text(count: int | None) -> str:
    """A count with commas: 75,000; `not counted` for None."""
    return "not counted" if count is None else f"{count:,}"


def percent_text(share: float) -> str:
    """A share as a percentage, three digits at most: 0.95 is `95 %`."""
    return f"{100 * share:.3g}{HARD_SPACE}%"


def part_text(part: int, whole: int) -> str:
    """Such as `96 of 200 (48 %)`; the bare counts where the whole is 0."""
    counts = f"{count_text(part)} of {count_text(whole)}"
    return counts if whole == 0 else f"{counts} ({percent_text(part / whole)})"


def ratio_text(numerator: int, denominator: int) -> str:
    """How many times as much: `25.2` and a times sign; `none` where there is nothing to compare."""
    return "none" if denominator == 0 else f"{numerator / denominator:,.1f}{TIMES}"
