"""Captured sweeps as strangers have them: unequal numbers, files as cameras and editors write them, flips."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from auditor.cli.main import commands
from auditor.errors import UsageError
from auditor.execute import Silent
from auditor.pictures import read_picture
from auditor.run import Options, Outcome, run
from auditor.spec import load_spec

SPEC = """\
version: 1
audit: {id: turntable, title: "Does the score follow the angle?", revision: "1"}
models: [{name: light, adapter: python, source: "model.py:score", outputs: [light], target: light, revision: "1"}]
properties: [{name: angle, unit: degrees}]
interventions: [{name: turned, kind: captured, realises: angle, source: turntable, value: angle, object: toy}]
analyses: [{name: gradients, kind: property_gradient, interventions: [turned], margin: {range: 0.9}}]
report: {formats: [html], gallery: {pairs: 2}}
"""
LIGHT = """\
import numpy as np
def score(images):
    return (images.astype(float).mean((1, 2))[:, :1] - 128) / 40
"""
SHAPE = (40, 48)
ROOT = Path(__file__).parents[2]

Lights = dict[str, Sequence[int]]
UNEQUAL: Lights = {"car": (60, 90, 100, 120, 180, 200), "duck": (20, 30, 90), "ship": (200, 190, 140, 150)}
EQUAL: Lights = {f"toy {i}": (40 + 20 * i, 60, 100, 90, 60 + 30 * i) for i in range(6)}


def photograph(light: int, path: Path, way: int) -> Path:
    """A picture of one light with a dark corner, saved in one of the ways in which people save pictures."""
    pixels = np.full((*SHAPE, 3), light, np.uint8)
    pixels[:10, :10] = 5
    picture = Image.fromarray(pixels)
    if way == 0:
        exif = Image.Exif()
        exif[0x0112] = 6  # The camera was held on its side.
        path = path.with_suffix(".jpg")
        picture.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=100, subsampling=0)
        return path
    path = path.with_suffix(".png")
    if way == 1:
        picture.convert("L").save(path)
    elif way == 2:
        picture.convert("P", palette=Image.Palette.ADAPTIVE).save(path)
    elif way == 3:
        picture.putalpha(255)
        picture.save(path)
    else:
        picture.save(path)
    return path


def turntable(folder: Path, lights: Lights, skip: int = 0) -> Path:
    """An audit of these photographs; returns the document."""
    pictures = folder / "turntable"
    pictures.mkdir()
    rows = []
    for k, (toy, each) in enumerate(lights.items()):
        for j, light in enumerate(each):
            path = photograph(light, pictures / f"{toy}-{j}", (k + skip) % 5)
            rows.append({"file_name": path.name, "toy": toy, "angle": j * j})
    with (pictures / "metadata.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["file_name", "toy", "angle"])
        writer.writeheader()
        writer.writerows(reversed(rows))
    (folder / "model.py").write_text(LIGHT, encoding="utf-8")
    (folder / "audit.yaml").write_text(SPEC, encoding="utf-8")
    return folder / "audit.yaml"


def audited(spec: Path) -> Outcome:
    return run(load_spec(spec), Options(allow_python=True), Silent())


def frames_of(outcome: Outcome, toy: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in outcome.folder.units.read_text(encoding="utf-8").splitlines()]
    return sorted((line for line in lines if line["row"] == toy), key=lambda line: line["position"])


def said(*words: str) -> Result:
    return CliRunner().invoke(commands, [*words, "--allow-python"])


@pytest.fixture(scope="module")
def unequal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return turntable(tmp_path_factory.mktemp("unequal"), UNEQUAL)


@pytest.fixture(scope="module")
def outcome(unequal: Path) -> Outcome:
    return audited(unequal)


def test_each_object_has_the_numbers_of_its_own_photographs(outcome: Outcome) -> None:
    assert [one.image for one in outcome.result.image_sweeps] == sorted(UNEQUAL)
    per_unit, ranges = [], []
    for one in outcome.result.image_sweeps:
        lines = frames_of(outcome, one.image)
        assert [line["position"] for line in lines] == [float(j * j) for j in range(len(UNEQUAL[one.image]))]
        curve = np.array([1 / (1 + np.exp(-line["scores"]["light"]["light"])) for line in lines])
        where = np.array([line["position"] for line in lines])
        assert one.gradient == pytest.approx(np.abs(np.gradient(curve)).mean(), abs=1e-6)
        per_unit.append(np.abs(np.gradient(curve, where)).mean())
        ranges.append(np.ptp(curve))
        assert one.gradient_per_unit == pytest.approx(per_unit[-1], abs=1e-6)
        assert one.range == pytest.approx(ranges[-1], abs=1e-6)
        assert one.flips == sum(a != b for a, b in zip(curve[:-1] > 0.5, curve[1:] > 0.5, strict=True))
        assert lines[0]["distance"] == 0.0 and lines[0]["ssim"] == 1.0
    found = {one.quantity: one for one in outcome.result.findings}
    assert found["gradient_per_unit"].estimate == pytest.approx(np.mean(per_unit), abs=1e-6)
    assert found["range"].estimate == pytest.approx(np.mean(ranges), abs=1e-6)
    assert found["range"].details["points of a sweep"] == "3 to 6"


def test_the_report_shows_every_sweep_as_long_as_it_is(outcome: Outcome) -> None:
    (sample,) = outcome.result.sweep_samples
    assert (sample.fewest_points, sample.points) == (3, 6)
    for one in outcome.result.sweeps:
        count = len(UNEQUAL[one.image])
        assert len(one.positions) == len(one.frames) == len(one.curves[0].scores) == count
        assert all(frame and (outcome.folder.path / frame).is_file() for frame in one.frames)
    assert "3 to 6" in outcome.folder.html.read_text(encoding="utf-8")


def test_commands_count_photographs_and_show_them(unequal: Path, outcome: Outcome) -> None:
    assert "valid; 13 photographs, 0 concepts, 1 model" in said("validate", str(unequal)).stdout
    planned = json.loads(said("plan", str(unequal), "--no-estimate", "--json").stdout)
    assert {op["asked"] for op in planned["ops"]} == {13}, "no photograph is asked about twice"
    assert planned["ops"] and all(op["to_run"] in (0, None) for op in planned["ops"]), "the run stored every unit"
    shown = said("preview", str(unequal), "--rows", "2")
    assert "(2 rows, 0 units computed)" in shown.stdout, shown.output
    limited = said("run", str(unequal), "--limit", "2")
    assert isinstance(limited.exception, UsageError) and "the audit has none" in str(limited.exception)


def test_no_threshold_predicts_flips_along_sweeps_of_unequal_length(unequal: Path, outcome: Outcome) -> None:
    refused = said("evaluate", str(unequal))
    assert isinstance(refused.exception, UsageError) and "have 3 to 6 points" in str(refused.exception)


def test_flips_along_photographs_are_predicted(tmp_path: Path) -> None:
    spec = turntable(tmp_path, EQUAL)
    done = audited(spec)
    ends = [[frame["scores"]["light"]["light"] > 0 for frame in frames_of(done, toy)] for toy in EQUAL]
    flips = sum(each[0] != each[-1] for each in ends)
    assert 0 < flips < len(ends)
    told = said("evaluate", str(spec), "--baseline", "occlusion")
    assert told.exit_code == 0, told.output
    assert f"{flips} of 6 predictions flip" in told.stdout and "occlusion" in told.stdout.lower()


def test_one_object_is_described(tmp_path: Path) -> None:
    found = audited(turntable(tmp_path, {"duck": UNEQUAL["duck"]})).result
    assert [one.image for one in found.image_sweeps] == ["duck"]
    (span,) = [one for one in found.findings if one.quantity == "range"]
    assert span.interval is None and span.n == 1 and span.verdict in ("descriptive", "inconclusive")


def test_controls_with_as_many_photographs_of_each_object_are_compared(tmp_path: Path) -> None:
    """Objects of 6, 3 and 4 points in one analysis: each image's ratio is one of curves of one length."""
    names = ("turned", "dimmed", "moved", "blurred")
    for k, name in enumerate(names):
        (tmp_path / name).mkdir()
        lights = (
            UNEQUAL
            if k == 0
            else {toy: [128 + 3 * (k + j % 2) for j in range(len(each))] for toy, each in UNEQUAL.items()}
        )
        turntable(tmp_path / name, lights, skip=k)
    swept = "".join(
        f"  - {{name: {name}, kind: captured, realises: of {name}, source: {name}/turntable, value: angle, "
        "object: toy}\n"
        for name in names
    )
    (tmp_path / "model.py").write_text(LIGHT, encoding="utf-8")
    (tmp_path / "audit.yaml").write_text(
        SPEC.split("properties:")[0]
        + f"properties: [{', '.join(f'{{name: of {name}}}' for name in names)}]\ninterventions:\n{swept}"
        + "analyses: [{name: gradients, kind: property_gradient, interventions: [turned], controls: [dimmed, moved, "
        "blurred]}]\nreport: {formats: [html]}\n",
        encoding="utf-8",
    )
    done = audited(tmp_path / "audit.yaml")
    (ratio,) = [one for one in done.result.findings if one.quantity == "ratio"]
    logs = []
    for toy in UNEQUAL:
        frames = frames_of(done, toy)
        rough = {}
        for name in names:
            curve = [frame["scores"]["light"]["light"] for frame in frames if frame["intervention"] == name]
            assert len(curve) == len(UNEQUAL[toy])
            rough[name] = np.abs(np.gradient(1 / (1 + np.exp(-np.array(curve))))).mean()
        logs.append(np.mean([np.log(rough["turned"] / rough[name]) for name in names[1:]]))
    assert ratio.estimate == pytest.approx(float(np.exp(np.mean(logs))), rel=1e-4)
    (gate,) = [check for check in done.result.checks if check.kind == "control_dose"]
    assert gate.state == "fail", "controls of hardly any change"


def test_a_run_of_photographs_that_was_killed_goes_on(tmp_path: Path) -> None:
    """Killed while the model scores; the same command finishes, with the bytes of a run that nothing disturbed."""
    spec = turntable(tmp_path, EQUAL)
    waiting = tmp_path / "waiting"
    waiting.touch()
    model = LIGHT.replace(
        "    return", f"    while os.path.exists({str(waiting)!r}):\n        time.sleep(0.05)\n    return"
    )
    (tmp_path / "model.py").write_text(f"import os, time\n{model}", encoding="utf-8")
    # Asked once before anything is computed, and then for scores: let the first question through.
    waiting.unlink()
    command = [sys.executable, "-m", "auditor", "run", str(spec), "--allow-python", "--workers", "1"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("comparing"):
                waiting.touch()
            if line.startswith("scoring"):
                process.send_signal(signal.SIGKILL)
                break
    waiting.unlink()
    again = audited(spec)
    assert len(again.ran) == 1, "scores alone: what was compared before the end is kept"
    undisturbed = run(
        load_spec(spec), Options(allow_python=True, out=tmp_path / "other", store=tmp_path / "store"), Silent()
    )
    assert len(undisturbed.ran) == 2
    for name in ("result.json", "units.jsonl"):
        assert (again.folder.path / name).read_bytes() == (undisturbed.folder.path / name).read_bytes()


@pytest.mark.parametrize("way", range(4))
def test_files_are_read_as_people_see_them(tmp_path: Path, way: int) -> None:
    seen = read_picture(photograph(150, tmp_path / "picture", way))
    assert seen.shape == (*SHAPE, 3)
    assert np.abs(seen[20:, 20:].astype(int) - 150).max() <= 1 and seen[:8, :8].max() < 40
