"""Which claims about gradual interventions an audit can reach, said before anything is spent."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from auditor.analyses import PropertyGradient
from auditor.checks.sweep_significance import LEAST_SEEDS
from auditor.compile.reach import POWER, UNTESTED_ALPHA, test_of
from auditor.dataset import Rows
from auditor.interventions import CapturedFrames, ImageEdit
from auditor.spec.audit_spec import AuditSpec
from auditor.spec.sweep_materials import images_of

ASSUMED_SD: Final = 1.0
"""SD over images of the log ratio to the controls, where nothing is known: a factor of e; chosen."""


@dataclass(frozen=True)
class SweepReach:
    """One claim that an analysis of gradual interventions might make.

    Attributes:
        analysis: its name.
        claim: `over images`, `in general` (of irrelevant changes like the controls) or `single images`.
        test: how it is tested; empty where it cannot be.
        units: independent units of the test: images or their sources, controls, draws of noise.
        smallest_p: smallest adjusted p-value; None where there is no test, or no least one.
        alpha: the level that it has to reach.
        reachable: whether it can be claimed at all.
        detectable: for `over images`, the ratio to the controls that is found with a chance of 80 %, if log ratios have
            an SD of `ASSUMED_SD` over images; else None.
    """

    analysis: str
    claim: str
    test: str
    units: int
    smallest_p: float | None
    alpha: float
    reachable: bool
    detectable: float | None = None


def sweep_reach_of(spec: AuditSpec, rows: Rows, files: Mapping[str, object]) -> tuple[SweepReach, ...]:
    """Three lines for each analysis of gradual interventions, in declared order.

    Args:
        spec: the document.
        rows: its rows.
        files: what gradual interventions read, by intervention.
    """
    return tuple(line for analysis in spec.gradients for line in _reach(spec, analysis, rows, files))


def _reach(
    spec: AuditSpec, analysis: PropertyGradient, rows: Rows, files: Mapping[str, object]
) -> Sequence[SweepReach]:
    test = test_of(spec, analysis.name)
    alpha = test.alpha if test else UNTESTED_ALPHA
    properties, models, controls = (
        len(analysis.interventions),
        len(analysis.models or spec.models),
        len(analysis.controls),
    )
    units = images_of(analysis, rows, files)
    smallest = test.smallest_flip_p(properties, models, units) if test and controls else None
    draws = min(
        (one.noise.draws if isinstance(one, ImageEdit) else 1 for one in spec.sweeping if one.name in analysis.sweeps),
        default=1,
    )
    alone = ""
    if controls and 1.0 / (controls + 1) <= alpha:
        alone = "rank among the image's own controls"
    elif controls and draws >= LEAST_SEEDS:
        alone = "sign flips over paired draws of noise"
    family = 1 if test is None else test.family_size(properties, models)
    # Adjusted over images and properties of a model, as `results.sweeps.image_sweeps` does.
    images = _images_of(analysis, rows, files) * properties
    least = min(1.0, images * (2.0**-draws if "noise" in alone else 1.0 / (controls + 1))) if alone else None
    return (
        SweepReach(
            analysis.name, "over images", "sign flips over images" if controls and test else "", units, smallest, alpha,
            smallest is not None and smallest <= alpha,
            _detectable(analysis.min_ratio, alpha, family, units) if smallest is not None and units > 1 else None,
        ),
        SweepReach(
            analysis.name, "in general", "t over controls" if controls else "", controls, None, alpha, controls >= 3
        ),
        SweepReach(
            analysis.name, "single images", alone, draws if "noise" in alone else controls, least, alpha,
            least is not None and least <= alpha,
        ),
    )  # fmt: skip


def _images_of(analysis: PropertyGradient, rows: Rows, files: Mapping[str, object]) -> int:
    """Images of an analysis, each a test of its own, whatever sources they share."""
    photographed = isinstance(files.get(analysis.interventions[0]), CapturedFrames)
    return images_of(analysis, rows, files) if photographed else len(rows)


def _detectable(least: float, alpha: float, family: int, units: int) -> float:
    """The ratio that is told from the least one with a chance of 80 %, by the power of Student's t.

    Sign flips of normal values find about as much as t: .82, .79, .81 with 12, 40, 100 units at this distance (400
    drawn tests each); .68 with 7, where few patterns are below the level. By normal quantiles: .69, .73, .76, .40.
    """
    from scipy.special import nctdtrinc, stdtrit

    critical = float(stdtrit(units - 1, 1.0 - alpha / family))
    distance = float(nctdtrinc(units - 1, 1.0 - POWER, critical)) * ASSUMED_SD / math.sqrt(units)
    return least * math.exp(min(distance, 50.0))
