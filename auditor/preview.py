"""A preview: the pictures of a few rows on one sheet, and what the gates look like so far."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from auditor.analyses import AuditView
from auditor.audit import plan_audit, resources_of, view_of
from auditor.checks import CheckOutcome, Guarded
from auditor.compile import compile_plan
from auditor.dataset import Rows
from auditor.errors import UsageError
from auditor.execute import Executor, Journal, Progress, Store, StoredAnswers, default_workers, numerics_of
from auditor.interventions import CounterfactualSet
from auditor.judgement import CheckResult
from auditor.pictures import decode_png, read_picture
from auditor.run import OneWriter, Options, default_folder, default_store
from auditor.run.looking import looking
from auditor.run.model_faults import model_faults
from auditor.spec import LoadedSpec
from auditor.spec.materials import require

STAMP = "PREVIEW: a few rows, for looking; no finding may rest on it"


@dataclass(frozen=True)
class Preview:
    """What a preview came to.

    Attributes:
        sheet: the contact sheet, a PNG file.
        rows: how many rows it shows.
        computed: pictures and scores computed; the run that follows finds them stored.
        gates: checks on these rows; those that need more rows are left out.
        too_few: kinds of checks that need more rows.
    """

    sheet: Path
    rows: int
    computed: int
    gates: tuple[CheckResult, ...]
    too_few: tuple[str, ...]


def preview(loaded: LoadedSpec, options: Options, rows: int, progress: Progress) -> Preview:
    """Make the pictures of the first rows of an audit, and lay them out.

    The rows are the first that the run uses, so the run that follows makes none of them again.

    Raises:
        SpecError, ExecutionError, Interrupted: as `run`.
        UsageError: fewer than one row is asked for.
    """
    if rows < 1:
        raise UsageError("a preview shows at least one row: --rows 1")
    materials = require(loaded, allow_python=options.allow_python, decode=True, looked=looking(progress))
    folder = options.out or default_folder(loaded).parent / "preview"
    numerics = numerics_of(loaded.spec.numerics)
    if numerics.compile != "never":
        # As the whole audit decides it, or its run could not use these pictures.
        numerics = numerics.for_plan(plan_audit(loaded.spec, materials)[1])
    materials = replace(materials, rows=first_rows(materials.rows, rows))
    where = options.store or default_store(loaded)
    with OneWriter(folder), Journal(folder / "journal.jsonl") as journal, closing(Store(where)) as store:
        workers = options.workers or default_workers(numerics)
        executor = Executor(store, journal, resources_of(materials), numerics, workers, progress)
        view = view_of(loaded.spec, materials)
        analysis = loaded.spec.analyses[0]
        try:
            rounds = analysis.rounds(view)
            next(rounds)
            pictures = analysis.pictures(view)
            with model_faults(loaded, materials):
                executor.open(plan_audit(loaded.spec, materials)[1])
                gates, too_few = _gates(loaded, view, executor)
                answers = executor.run(compile_plan(view.ask.builder.plan()))
        finally:
            executor.close()
        sheet = folder / "preview.png"
        draw_sheet(view, pictures, answers, sheet)
    return Preview(sheet, len(materials.rows), sum(executor.ran.values()), gates, too_few)


def first_rows(rows: Rows, count: int) -> Rows:
    """The first `count` rows."""
    clusters = None if rows.clusters is None else rows.clusters[:count]
    return replace(
        rows,
        names=rows.names[:count],
        paths=rows.paths[:count],
        image_digests=rows.image_digests[:count],
        labels=rows.labels[:count],
        values=rows.values[:count],
        own_labels={name: labels[:count] for name, labels in rows.own_labels.items()},
        clusters=clusters,
        columns={name: column[:count] for name, column in rows.columns.items()},
    )


def _gates(loaded: LoadedSpec, view: AuditView, executor: Executor) -> tuple[tuple[CheckResult, ...], tuple[str, ...]]:
    analysis = loaded.spec.analyses[0]
    found, too_few = [], []
    for check in loaded.spec.checks:
        if check.of != analysis.name or check.kind == "significance":
            continue
        rounds = check.rounds(view, Guarded(analysis, None))
        next(rounds)
        answers = executor.run(compile_plan(view.ask.builder.plan()))
        try:
            rounds.send(answers)
        except StopIteration as stopped:
            outcome: CheckOutcome = stopped.value
            found.append(outcome.result)
        except ValueError:
            # One label or one value among so few rows: AUROC does not exist.
            too_few.append(check.kind)
    return tuple(found), tuple(too_few)


def draw_sheet(view: AuditView, pictures: CounterfactualSet, answers: StoredAnswers, path: Path) -> None:
    """A sheet with a line for each row: the real picture, the row as it is, and each concept changed."""
    from PIL import Image, ImageDraw

    side, gap, head, left = _side(view), 6, 46, 10
    columns = ["real", "as it is", *pictures.concepts]
    width = left + len(columns) * (side + gap) + gap
    height = head + len(view.rows) * (side + gap + 16) + gap
    sheet = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((left, 4), STAMP, fill=(170, 0, 0))
    for number, title in enumerate(columns):
        pen.text((left + number * (side + gap), 24), _short(title), fill="black")
    for row, name in enumerate(view.rows.names):
        top = head + row * (side + gap + 16)
        shown: list[tuple[np.ndarray | str, str]] = [(read_picture(view.rows.paths[row]), _short(name))]
        shown.append((_pixels(answers.png(pictures.factual[row, 0])), ""))
        for number in range(len(pictures.concepts)):
            levels = pictures.levels_of(number)
            other = (int(pictures.values[row, number]) + 1) % len(levels)
            found = _pixels(answers.png(pictures.by_value[row, number, 0, other]))
            kind = view.concept(pictures.concepts[number]).kind
            words = ("put in" if other else "taken out") if kind == "presence" else f"to {levels[other]}"
            shown.append((found, _short(words)))
        _draw_line(sheet, shown, left, top, side, gap)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def _draw_line(
    sheet: object, shown: Sequence[tuple[np.ndarray | str, str]], left: int, top: int, side: int, gap: int
) -> None:
    from PIL import Image, ImageDraw

    assert isinstance(sheet, Image.Image)
    pen = ImageDraw.Draw(sheet)
    for number, (picture, words) in enumerate(shown):
        x = left + number * (side + gap)
        if isinstance(picture, str):
            pen.rectangle([x, top, x + side, top + side], outline=(170, 0, 0))
            pen.text((x + 4, top + 4), "invalid", fill=(170, 0, 0))
        else:
            image = Image.fromarray(picture)
            image.thumbnail((side, side))
            scale = max(1, side // max(image.size))
            sheet.paste(image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST), (x, top))
        pen.text((x, top + side + 1), words, fill=(90, 90, 90))


def _side(view: AuditView) -> int:
    """Side of a picture on the sheet: the first picture's own, within 128 to 160 pixels: titles need room."""
    height, width, _ = read_picture(view.rows.paths[0]).shape
    return int(min(160, max(128, height, width)))


def _pixels(found: bytes | str) -> np.ndarray | str:
    return found if isinstance(found, str) else decode_png(found)


def _short(text: str) -> str:
    return text if len(text) <= 15 else text[:14] + "."
