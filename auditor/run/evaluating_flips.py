"""Which scores tell what flips, of an audit that follows gradual interventions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from auditor.analyses import GradientEstimates, PropertyGradient
from auditor.analyses.gradient_estimates import Curves
from auditor.attribution import MAP_METHODS, refuse_without_gradients, settings_in_words
from auditor.audit import Completed
from auditor.errors import DataError, UsageError
from auditor.evaluation import FlipTable, flip_table
from auditor.execute import Journal, Progress, Store
from auditor.models import ModelIdentity
from auditor.run.compute import compute, work_of
from auditor.run.folder import default_store
from auditor.run.map_differences import FollowedSweep, WantedMaps, map_differences, settings_of
from auditor.run.options import Options
from auditor.run.prepare import gather, prepare
from auditor.spec import LoadedSpec
from auditor.spec.load import at_positions

DIFFERENTIATED = ("grad_cam", "integrated_gradients", "deep_lift")


def refuse_unmappable(loaded: LoadedSpec, models: Sequence[ModelIdentity], wanted: WantedMaps) -> None:
    """Raise SpecError where a model gives no gradients to a method that needs them."""
    errors = []
    for method in wanted.methods:
        for place, model in enumerate(models):
            try:
                if method in DIFFERENTIATED:
                    refuse_without_gradients(model, ("models", place), MAP_METHODS[method])
            except DataError as error:
                errors.append(error)
    if errors:
        raise at_positions(loaded, errors)


def flip_tables(loaded: LoadedSpec, options: Options, wanted: WantedMaps, progress: Progress) -> dict[str, FlipTable]:
    """A table for each analysis, property and model of an audit that has been run, by a name that says which.

    The frames and scores come from the store. Noise seeds and overlays of one image are one independent unit, as
    images of one cluster are.

    Raises:
        SpecError: a map cannot be made of a model.
        UsageError: nothing is decided, or there are fewer than two independent images.
    """
    prepared = prepare(loaded, options, gather(loaded, options, decode=False))
    where = options.store or default_store(loaded)
    found: dict[str, FlipTable] = {}
    with TemporaryDirectory() as scratch, closing(Store(where)) as store, Journal(Path(scratch, "journal")) as journal:
        work = work_of(prepared, options, store, journal, where)
        done = compute(loaded, options, prepared, work, store, journal, progress, None).completed
        for analysis, estimates in _gradients(loaded, done):
            for (model, intervention), curves in estimates.curves.items():
                if curves.decisions is None or intervention in analysis.controls:
                    continue
                name = f"{analysis.name}: {intervention}, {model}"
                followed = FollowedSweep(
                    done.view.models[model],
                    estimates.sweeps[intervention],
                    np.flatnonzero(estimates.valid),
                    estimates.clusters,
                    "probability" if analysis.output == "probability" else "logit",
                )
                found[name] = _table(loaded, done, followed, curves, wanted, progress)
    if not found:
        raise UsageError("no model decides anything along a sweep of the audit, so there are no flips to predict")
    return found


def _gradients(loaded: LoadedSpec, done: Completed) -> list[tuple[PropertyGradient, GradientEstimates]]:
    return [
        (analysis, found)
        for analysis in loaded.spec.gradients
        if isinstance(found := done.estimates[analysis.name], GradientEstimates)
    ]


def _table(
    loaded: LoadedSpec, done: Completed, sweep: FollowedSweep, curves: Curves, wanted: WantedMaps, progress: Progress
) -> FlipTable:
    n_valid, n_variants, n_points = curves.scores.shape
    if curves.points.min() < n_points:
        raise UsageError(
            f"the sweeps of `{sweep.frames.intervention}` have {curves.points.min()} to {n_points} points, and flips "
            "are predicted along sweeps of one length: E|grad| falls with the number of points, so that no threshold "
            "fits all. Write an audit of the objects with as many photographs"
        )
    shown = min(wanted.pictures, n_valid) if wanted.methods else n_valid
    clusters = np.repeat((np.arange(n_valid) if sweep.clusters is None else sweep.clusters)[:shown], n_variants)
    if len(np.unique(clusters)) < 2:
        raise UsageError(f"predicting flips along `{sweep.frames.intervention}` takes at least two independent images")
    assert curves.decisions is not None
    flat = (curves.scores[:shown].reshape(-1, n_points), curves.decisions[:shown].reshape(-1, n_points))
    bare = flip_table(*flat, {}, clusters=clusters, seed=wanted.seed)
    if not wanted.methods or (bare.flips.reason and bare.odd_flips.reason):
        return bare
    targets = np.repeat(curves.targets[:shown], n_variants)
    try:
        differences = map_differences(done, sweep, shown, targets, wanted, progress)
    except DataError as error:
        names = [model.name for model in loaded.spec.models]
        error.loc = error.loc or ("models", names.index(sweep.model.name))
        raise at_positions(loaded, [error]) from None
    about = settings_in_words(settings_of(sweep, wanted), wanted.seed)
    return flip_table(*flat, differences, clusters=clusters, seed=wanted.seed, about_maps=about)
