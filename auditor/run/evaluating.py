"""An audit, evaluated: what it found beside baselines, and oracles that see the concepts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from auditor.attribution import require_captum
from auditor.errors import UsageError
from auditor.evaluation import Evaluation, FlipTable
from auditor.evaluation.as_json import evaluation_json, flips_json
from auditor.execute import Progress
from auditor.report import render_evaluation, render_flip_tables
from auditor.run.baselines import BASELINES
from auditor.run.conduct import run
from auditor.run.evaluating_flips import flip_tables, refuse_unmappable
from auditor.run.evaluating_rankings import Wanted, rank, ready_to_rank
from auditor.run.folder import OneWriter, RunFolder
from auditor.run.map_differences import WantedMaps
from auditor.run.options import Options
from auditor.run.outcome import Outcome
from auditor.run.prepare import gather
from auditor.spec import LoadedSpec

FILES = {
    "html": "evaluation.html",
    "json": "evaluation.json",
    "flips_html": "flips.html",
    "flips_json": "flips.json",
}

__all__ = ["Evaluated", "Wanted", "evaluate_audit"]


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation came to.

    Attributes:
        outcome: of the audit.
        evaluation: methods against oracles; None where the audit permutes no concepts.
        flips: which scores tell what flips, by analysis, property and model; empty without gradual interventions.
        files: evaluation.html and evaluation.json, flips.html and flips.json, by what they are.
    """

    outcome: Outcome
    evaluation: Evaluation | None
    flips: Mapping[str, FlipTable]
    files: Mapping[str, Path]


def evaluate_audit(loaded: LoadedSpec, options: Options, wanted: Wanted, progress: Progress) -> Evaluated:
    """Run an audit, unless its result is current, and evaluate what it found.

    Importances are compared with oracles that see the concepts; along gradual interventions it is told which scores
    predict that a prediction flips. Whatever an oracle or a baseline lacks is told before anything is computed.

    Raises:
        SpecError: the document is wrong, a model is a black box, or masks are.
        UsageError: captum is missing, or nothing would be compared.
        ExecutionError, TimeUp, Interrupted: as `run`.
    """
    if wanted.baselines:
        require_captum()
    _refuse_baselines(loaded, wanted)
    materials = gather(loaded, options, decode=False).materials
    maps = WantedMaps(wanted.baselines, wanted.pictures, wanted.samples, wanted.seed)
    if loaded.spec.gradients:
        refuse_unmappable(loaded, materials.models, maps)
    ranked = ready_to_rank(loaded, materials, wanted) if loaded.spec.reliances or not loaded.spec.gradients else None
    outcome = run(loaded, options, progress)
    evaluation = None if ranked is None else rank(loaded, materials, ranked, outcome, wanted, progress)
    flips = flip_tables(loaded, options, maps, progress) if loaded.spec.gradients else {}
    return Evaluated(outcome, evaluation, flips, _write(outcome.folder, loaded.spec.audit.title, evaluation, flips))


def _refuse_baselines(loaded: LoadedSpec, wanted: Wanted) -> None:
    """Raise UsageError for maps that rank no concepts where the audit follows no gradual intervention."""
    beside = next((name for name in wanted.baselines if name not in BASELINES), None)
    if beside is not None and not loaded.spec.gradients:
        raise UsageError(
            f"the baseline {beside} predicts flips along gradual interventions, and this audit has none; "
            f"{' and '.join(BASELINES)} rank concepts"
        )


def _write(
    folder: RunFolder, title: str, evaluation: Evaluation | None, flips: Mapping[str, FlipTable]
) -> dict[str, Path]:
    written: dict[str, bytes] = {}
    if evaluation is not None:
        written["html"] = render_evaluation(title, evaluation).encode()
        written["json"] = evaluation_json(title, evaluation)
    if flips:
        written["flips_html"] = render_flip_tables(title, flips).encode()
        written["flips_json"] = flips_json(title, flips)
    files = {name: folder.path / FILES[name] for name in written}
    with OneWriter(folder.path):
        for name, data in written.items():
            folder.write(files[name].name, data)
    return files
