"""The probe: whether a unit's bits depend on what is computed beside it, before anything of an op is stored.

A class promises that at one batch size neighbours, slot and padding change no bit. The probe verifies
it with the real kernel on the first micro-batch, and chooses nothing. It computes the batch as it is, then
its units in other slots among strangers, then one of them alone and filled up. A unit that is the same
in all three is also the same when it is computed twice; only where one differs it is asked what it is
that matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from auditor.execute.kernels import Kernel, UnitRows

CHECKS: Mapping[str, str] = {
    "repeat": "computed again",
    "neighbours": "computed beside other units",
    "slot": "computed in another place of the batch",
    "padding": "computed in a batch that is filled up with copies",
}
"""What is checked, and how it is said."""


def probe(kernel: Kernel[Any], units: UnitRows, batch: int) -> dict[str, bool]:
    """Of each check, whether all bits were equal. In batches of one there is nothing to check but repeating."""
    as_it_is = _numbers(kernel, units)
    if batch == 1:
        return {"repeat": _numbers(kernel, units) == as_it_is}
    moved, at = _among_strangers(kernel, units, batch, shift=1 + batch // 2)
    alone = next((unit for unit, found in enumerate(as_it_is) if found), 0)  # One that has an input.
    padding = _numbers(kernel, units.only([alone]))[0] == as_it_is[alone]
    if padding and all(moved[slot] == as_it_is[unit] for unit, slot in at.items()):
        return dict.fromkeys(CHECKS, True)
    return _what_matters(kernel, units, batch, as_it_is, padding)


def _what_matters(
    kernel: Kernel[Any], units: UnitRows, batch: int, as_it_is: tuple[bytes, ...], padding: bool
) -> dict[str, bool]:
    """Each check by itself; where repeating alone changes bits, the others say nothing and are left out."""
    if _numbers(kernel, units) != as_it_is:
        return {"repeat": False}
    beside, at = _among_strangers(kernel, units, batch, shift=0)
    turned = np.roll(np.arange(units.size), 1).tolist()
    return {
        "repeat": True,
        "neighbours": all(beside[slot] == as_it_is[unit] for unit, slot in at.items()),
        "slot": all(
            found == as_it_is[unit] for found, unit in zip(_numbers(kernel, units.only(turned)), turned, strict=True)
        ),
        "padding": padding,
    }


def _among_strangers(
    kernel: Kernel[Any], units: UnitRows, batch: int, shift: int
) -> tuple[tuple[bytes, ...], dict[int, int]]:
    """A full batch in which every other unit, `shift` slots further, has a stranger on either side.

    Returns the numbers of all slots, and which unit is in which slot.
    """
    strangers = kernel.unlike(units)
    at = {unit: (unit + shift) % batch for unit in range(0, units.size, 2)}
    mixed = strangers.only([slot % units.size for slot in range(batch)])
    return _numbers(kernel, mixed.with_units(units, at)), at


def _numbers(kernel: Kernel[Any], units: UnitRows) -> tuple[bytes, ...]:
    return kernel.probe(kernel.prepare(units))
