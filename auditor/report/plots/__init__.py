"""Drawings of the report, made when it is built: SVG without any script."""

from __future__ import annotations

from auditor.report.plots.forest import ForestRow, Range, forest_plot
from auditor.report.plots.heat_map import heat_map
from auditor.report.plots.limit_strips import limit_strips

__all__ = ["ForestRow", "Range", "forest_plot", "heat_map", "limit_strips"]
