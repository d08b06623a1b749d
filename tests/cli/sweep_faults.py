"""Faults of users in gradual interventions: each function makes the small audit one of sweeps, and spoils it."""

from __future__ import annotations

import shutil
from pathlib import Path

from PIL import Image

from tests.cli.small_world import respell

SPEC = """\
version: 1
audit: {id: small, title: "Does the classifier follow the hue?", revision: 1.0.0}
models:
  - {name: outcome, adapter: transformers, source: models/outcome, target: outcome}
detectors:
  - {name: shapes, adapter: transformers, source: models/detector}
dataset: {source: data, rows: 12}
properties: [{name: hue}, {name: frame}, {name: blur}, {name: noise}]
interventions:
  - {name: turned, kind: compositing, realises: hue, hue: 90, sweep: {strength: {from: 0, to: 1, points: 5}}}
  - {name: framed, kind: compositing, realises: frame, colour: [0, 0, 0], sweep: {opacity: {from: 0, to: 1, points: 5}}}
  - {name: blurred, kind: compositing, realises: blur, blur: 3, sweep: {strength: {from: 0, to: 1, points: 5}}}
  - {name: noisy, kind: compositing, realises: noise, noise: 20, sweep: {strength: {from: 0, to: 1, points: 5}}}
analyses:
  - {name: gradients, kind: property_gradient, interventions: [turned], controls: [framed, blurred, noisy]}
checks:
  - {kind: significance, of: gradients, alpha: 0.01, swaps: 999}
  - {kind: edit_success, of: gradients, intervention: turned, output: red circle}
"""

TURNED = "{name: turned, kind: compositing, realises: hue, hue: 90, sweep: {strength: {from: 0, to: 1, points: 5}}}"
CAPTURED = "{name: turned, kind: captured, realises: hue, source: turntable, value: angle, object: toy}"


def sweeps(world: Path) -> Path:
    (world / "audit.yaml").write_text(SPEC, encoding="utf-8")
    return world


def mask_of_another_size(world: Path) -> None:
    Image.new("L", (20, 16), 255).save(world / "mask.png")
    respell(sweeps(world), "realises: hue, hue: 90,", "realises: hue, hue: 90, region: {mask: mask.png},")


def mask_column_that_is_not_there(world: Path) -> None:
    respell(sweeps(world), "realises: hue, hue: 90,", "realises: hue, hue: 90, region: {column: mask},")


def mask_that_is_no_file(world: Path) -> None:
    respell(sweeps(world), "realises: hue, hue: 90,", "realises: hue, hue: 90, region: {column: patient},")


def overlays_that_are_not_there(world: Path) -> None:
    respell(sweeps(world), "realises: hue, hue: 90,", 'realises: hue, overlay: "data/*.gif",')


def overlay_that_is_no_picture(world: Path) -> None:
    respell(sweeps(world), "realises: hue, hue: 90,", "realises: hue, overlay: audit.yaml,")


def overlay_that_covers_everything(world: Path) -> None:
    Image.new("RGB", (16, 16)).save(world / "frame.png")
    respell(sweeps(world), "realises: hue, hue: 90,", "realises: hue, overlay: frame.png,")


def overlays_of_no_pattern(world: Path) -> None:
    respell(sweeps(world), "realises: hue, hue: 90,", 'realises: hue, overlay: "data/**.png",')


def control_with_points_elsewhere(world: Path) -> None:
    respell(
        sweeps(world), "blur: 3, sweep: {strength: {from: 0, to: 1, points: 5}}",
        "blur: 3, sweep: {strength: {values: [0, 0.1, 0.2, 0.3, 1]}}",
    )  # fmt: skip


def photographs_with_an_original(world: Path) -> None:
    photographs(world, "a.png,duck,0", "b.png,duck,10", "c.png,duck,20")
    respell(world, "kind: property_gradient,", "kind: property_gradient, include_original: true,")


def photographs(world: Path, *lines: str) -> None:
    """The audit of photographs alone, with these lines in their table."""
    folder = sweeps(world) / "turntable"
    folder.mkdir()
    (folder / "metadata.csv").write_text("file_name,toy,angle\n" + "".join(f"{line}\n" for line in lines), "utf-8")
    for number, line in enumerate(lines):
        Image.new("RGB", (16, 16), (10 * number, 0, 0)).save(folder / line.split(",")[0])
    respell(world, TURNED, CAPTURED)
    respell(world, ", controls: [framed, blurred, noisy]", "")
    respell(world, "dataset: {source: data, rows: 12}\n", "")
    text = (world / "audit.yaml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "kind: compositing" not in line and "{kind: " not in line]
    (world / "audit.yaml").write_text("\n".join(kept).replace("checks:", "checks: []") + "\n", encoding="utf-8")


def photographs_at_one_value(world: Path) -> None:
    photographs(world, "a.png,duck,0", "b.png,duck,10", "c.png,duck,10", "d.png,duck,40")


def photographs_without_a_value(world: Path) -> None:
    photographs(world, "a.png,duck,0", "b.png,duck,left", "c.png,duck,20")


def two_photographs(world: Path) -> None:
    photographs(world, "a.png,duck,0", "b.png,duck,10")


def captured_controls(world: Path, *others: str) -> None:
    """Photographs of two toys, more of the second, in all sweeps but the control `noisy`, which reads `others`."""
    both = ["a.png,duck,0", "b.png,duck,10", "c.png,duck,20", *(f"{name}.png,car,{name}" for name in "1234")]
    photographs(world, *both)
    for name in ("framed", "blurred"):
        shutil.copytree(world / "turntable", world / name)
    folder = world / "noisy"
    folder.mkdir()
    (folder / "metadata.csv").write_text("file_name,toy,angle\n" + "".join(f"{line}\n" for line in others), "utf-8")
    for line in others:
        Image.new("RGB", (16, 16)).save(folder / line.split(",")[0])
    properties = {"framed": "frame", "blurred": "blur", "noisy": "noise"}
    more = "".join(
        f"\n  - {CAPTURED}".replace("turned", name).replace("hue", realised).replace("turntable", name)
        for name, realised in properties.items()
    )
    respell(world, CAPTURED, CAPTURED + more)
    respell(world, "interventions: [turned]", "interventions: [turned], controls: [framed, blurred, noisy]")


def more_photographs_in_a_control(world: Path) -> None:
    captured_controls(
        world, "a.png,duck,0", "b.png,duck,10", "c.png,duck,20", *(f"{name}.png,car,{name}" for name in "123")
    )


def object_missing_in_a_control(world: Path) -> None:
    captured_controls(world, "a.png,duck,0", "b.png,duck,10", "c.png,duck,20")


def controls_of_other_images(world: Path) -> None:
    photographs(world, "a.png,duck,0", "b.png,duck,10", "c.png,duck,20", "d.png,duck,30", "e.png,duck,40")
    sweeps(world)
    respell(world, TURNED, CAPTURED)


def success_of_an_unknown_output(world: Path) -> None:
    respell(sweeps(world), "output: red circle", "output: red cirle")


def too_few_images_for_sign_flips(world: Path) -> None:
    respell(sweeps(world), "rows: 12", "rows: 6")


def similarity_without_words(world: Path) -> None:
    respell(sweeps(world), "kind: property_gradient,", "kind: property_gradient, output: similarity,")


def outputs_that_do_not_exclude_each_other(world: Path) -> None:
    respell(sweeps(world), ", target: outcome", "")


def instruction_editor_that_is_none(world: Path) -> None:
    edit = "{name: turned, kind: image_edit, realises: hue, source: models/pipeline, instruction: turn it, "
    respell(sweeps(world), TURNED, edit + "sweep: {image_guidance: {from: 0, to: 1, points: 5}}}")


def instruction_that_is_too_long(world: Path) -> None:
    words = "turn " * 90
    edit = f"{{name: turned, kind: image_edit, realises: hue, source: models/pipeline, instruction: {words}, "
    respell(sweeps(world), TURNED, edit + "sweep: {guidance: {from: 0, to: 1, points: 5}}}")


def region_of_an_unknown_output(world: Path) -> None:
    located = "region: {located: {detector: shapes, output: red cirle}},"
    respell(sweeps(world), "realises: hue, hue: 90,", f"realises: hue, hue: 90, {located}")
