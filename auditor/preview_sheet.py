"""The contact sheet of a preview: pictures in lines, each under a word or two."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from auditor.analyses import AuditView, PropertyGradient
from auditor.execute import StoredAnswers
from auditor.interventions import CapturedFrames, CounterfactualSet, SweepSet
from auditor.pictures import decode_png, read_picture

STAMP = "PREVIEW: a few rows, for looking; no finding may rest on it"

MOST_FRAMES = 7
"""Frames of a sweep in a line."""

Line = list[tuple[np.ndarray | str, str]]
"""Pictures, or why there is none, each with the words under it."""


def concept_lines(view: AuditView, pictures: CounterfactualSet, answers: StoredAnswers) -> tuple[list[str], list[Line]]:
    """Titles of columns, and a line for each row: the real picture, the row as it is, and each concept changed."""
    lines: list[Line] = []
    for row, name in enumerate(view.rows.names):
        shown: Line = [(read_picture(view.rows.paths[row]), _short(name))]
        shown.append((_pixels(answers.png(pictures.factual[row, 0])), ""))
        for number in range(len(pictures.concepts)):
            levels = pictures.levels_of(number)
            other = (int(pictures.values[row, number]) + 1) % len(levels)
            found = _pixels(answers.png(pictures.by_value[row, number, 0, other]))
            kind = view.concept(pictures.concepts[number]).kind
            words = ("put in" if other else "taken out") if kind == "presence" else f"to {levels[other]}"
            shown.append((found, _short(words)))
        lines.append(shown)
    return ["real", "as it is", *pictures.concepts], lines


def sweep_lines(view: AuditView, analysis: PropertyGradient, answers: StoredAnswers) -> tuple[list[str], list[Line]]:
    """Titles of columns, and a line for each image and gradual intervention: frames from its first to its last."""
    lines: list[Line] = []
    sweeps = [view.sweep(name) for name in analysis.sweeps]
    count = min(MOST_FRAMES, max(sweep.n_points for sweep in sweeps))
    for image in range(len(sweeps[0].images)):
        for sweep in sweeps:
            last = int(sweep.points[image]) - 1
            points = dict.fromkeys(round(each * last / (count - 1)) for each in range(count))
            shown: Line = [
                (_frame(view, sweep, answers, image, point), f"{sweep.positions[image, point]:.3g}") for point in points
            ]
            shown[0] = (shown[0][0], _short(sweep.intervention))
            lines.append(shown)
    return [_short(sweeps[0].images[0]), *[""] * (count - 1)], lines


def _frame(view: AuditView, sweep: SweepSet, answers: StoredAnswers, image: int, point: int) -> np.ndarray | str:
    """A frame, or why there is none; photographs are read from their files, for none of them is stored."""
    files = view.files.get(sweep.intervention)
    if isinstance(files, CapturedFrames):
        return files.picture(image, point)
    return _pixels(answers.png(sweep.frames[image, 0, point]))


def draw_sheet(titles: Sequence[str], lines: Sequence[Line], path: Path) -> None:
    """Draw the lines under their titles, and write the sheet as PNG."""
    from PIL import Image, ImageDraw

    side, gap, head, left = _side(lines), 6, 46, 10
    width = left + len(titles) * (side + gap) + gap
    height = head + len(lines) * (side + gap + 16) + gap
    sheet = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((left, 4), STAMP, fill=(170, 0, 0))
    for number, title in enumerate(titles):
        pen.text((left + number * (side + gap), 24), _short(title), fill="black")
    for number, shown in enumerate(lines):
        _draw_line(sheet, shown, left, head + number * (side + gap + 16), side, gap)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def _draw_line(sheet: object, shown: Line, left: int, top: int, side: int, gap: int) -> None:
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


def _side(lines: Sequence[Line]) -> int:
    """Side of a picture on the sheet: the first picture's own, within 128 to 160 pixels: titles need room."""
    first = next((picture for line in lines for picture, _ in line if not isinstance(picture, str)), None)
    return 128 if first is None else int(min(160, max(128, *first.shape[:2])))


def _pixels(found: bytes | str) -> np.ndarray | str:
    return found if isinstance(found, str) else decode_png(found)


def _short(text: str) -> str:
    return text if len(text) <= 15 else text[:14] + "."
