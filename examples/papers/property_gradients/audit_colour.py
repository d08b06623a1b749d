"""Audit the forty classifiers for colour, and count what was found and who was accused.

    python examples/papers/property_gradients/audit_colour.py --build build/property_gradients [--workers 2]

Writes `BUILD/colour.yaml`, runs it with `auditor run`, and prints a table: of biased and of unbiased models, how many
rely on the colour by the audit, their range, and their ratio to the controls. Exit status 1 where fewer than 19 of 20
biased models are found, or more than one of 20 unbiased ones is accused.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

SPEC = """\
version: 1
audit: {{id: colour, title: "Which classifiers of form follow the colour?", revision: 1.0.0}}
models:
{models}
dataset: {{source: data}}
properties: [{{name: colour}}, {{name: darkness}}, {{name: tint}}, {{name: frame}}, {{name: light}}, {{name: noise}}]
interventions:
  - {{name: blue shapes, kind: compositing, realises: colour, colour: [40, 70, 210], region: {{column: mask}},
     sweep: {{opacity: {{from: 0, to: 1, points: 11}}}}}}
  - {{name: darker ground, kind: compositing, realises: darkness, colour: [110, 110, 110], region: {{column: ground}},
     sweep: {{opacity: {{from: 0, to: 0.25, points: 11}}}}}}
  - {{name: tinted ground, kind: compositing, realises: tint, colour: [200, 215, 150], region: {{column: ground}},
     sweep: {{opacity: {{from: 0, to: 0.6, points: 11}}}}}}
  - {{name: framed, kind: compositing, realises: frame, colour: [90, 90, 90], region: {{column: frame}},
     sweep: {{opacity: {{from: 0, to: 1, points: 11}}}}}}
  - {{name: less light, kind: compositing, realises: light, brightness: 0.88,
     sweep: {{strength: {{from: 0, to: 1, points: 11}}}}}}
  - {{name: noisy, kind: compositing, realises: noise, noise: 30,
     sweep: {{strength: {{from: 0, to: 1, points: 11}}}}}}
analyses:
  - {{name: gradients, kind: property_gradient, interventions: [blue shapes],
     controls: [darker ground, tinted ground, framed, less light, noisy], margin: {{range: 0.1}}}}
checks:
  - {{kind: significance, of: gradients, alpha: 0.01, swaps: 9999}}
report: {{formats: [html, pdf], gallery: {{pairs: 3}}}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Path("build/property_gradients"))
    parser.add_argument("--workers", type=int, default=None)
    arguments = parser.parse_args()
    folders = sorted(path for path in (arguments.build / "models").iterdir() if path.is_dir())
    lines = [f"  - {{name: {f.name}, adapter: transformers, source: models/{f.name}, target: circle}}" for f in folders]
    spec = arguments.build / "colour.yaml"
    spec.write_text(SPEC.format(models="\n".join(lines)), encoding="utf-8")
    command = [sys.executable, "-m", "auditor", "run", str(spec)]
    command += [] if arguments.workers is None else ["--workers", str(arguments.workers)]
    status = subprocess.run(command, check=False).returncode
    if status not in (0, 1, 7):
        sys.exit(status)
    result = json.loads((arguments.build / "audits/colour/1.0.0/result.json").read_text())
    sys.exit(0 if table(result) else 1)


def table(result: dict) -> bool:  # type: ignore[type-arg]
    """Print what was found of both kinds; whether the bars are met."""
    of = {
        kind: {
            quantity: [f for f in result["findings"] if f["model"].startswith(kind) and f["quantity"] == quantity]
            for quantity in ("range", "ratio", "flips")
        }
        for kind in ("biased", "unbiased")
    }
    print("| | models | rely | do not rely | range | ratio to the controls | flips |\n|---|---|---|---|---|---|---|")
    for kind, found in of.items():
        words = [finding["verdict"] for finding in found["range"]]
        spread = [
            f"{np.median(values):.3f} [{min(values):.3f}, {max(values):.3f}]"
            for values in ([finding["estimate"] for finding in found[name]] for name in ("range", "ratio", "flips"))
        ]
        counts = f"{words.count('relies')} | {words.count('does_not_rely')}"
        print(f"| {kind} | {len(words)} | {counts} | {' | '.join(spread)} |")
    rely = {kind: sum(f["verdict"] == "relies" for f in found["range"]) for kind, found in of.items()}
    return rely["biased"] >= 19 and rely["unbiased"] <= 1


if __name__ == "__main__":
    main()
