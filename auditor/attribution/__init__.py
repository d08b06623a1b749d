"""Which part of a picture a model looks at, and how that ranks concepts."""

from auditor.attribution.captum_extra import require_captum
from auditor.attribution.explained_output import Explained
from auditor.attribution.grad_cam import grad_cam_maps, refuse_without_gradients
from auditor.attribution.lime import SAMPLES, lime_maps
from auditor.attribution.map_settings import Baseline, MapSettings, settings_in_words
from auditor.attribution.maps import MAP_METHODS, MapMethod, maps, squared_differences
from auditor.attribution.masks import MASKS, Masks, open_masks
from auditor.attribution.overlap import SHARE, MeanOverlap

__all__ = [
    "MAP_METHODS",
    "MASKS",
    "SAMPLES",
    "SHARE",
    "Baseline",
    "Explained",
    "MapMethod",
    "MapSettings",
    "Masks",
    "MeanOverlap",
    "grad_cam_maps",
    "lime_maps",
    "maps",
    "open_masks",
    "refuse_without_gradients",
    "require_captum",
    "settings_in_words",
    "squared_differences",
]
