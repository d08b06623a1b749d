"""Drawings of the report, made when it is built: SVG without any script."""

from __future__ import annotations

from auditor.report.plots.forest import ForestRow, Range, forest_plot
from auditor.report.plots.heat_map import heat_map
from auditor.report.plots.limit_strips import limit_strips
from auditor.report.plots.ratios import ratio_plot
from auditor.report.plots.sweep_curves import SweepPanel, sweep_curves

__all__ = ["ForestRow", "Range", "SweepPanel", "forest_plot", "heat_map", "limit_strips", "ratio_plot", "sweep_curves"]
