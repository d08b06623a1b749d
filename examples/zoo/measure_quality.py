"""Measure the bundled models: is the generator good enough to audit with?

    python examples/zoo/measure_quality.py [--rows 1000] [--out build/zoo/quality]

Runs an audit of 1,000 rows, one draw, through auditor itself, and reads the answers from its
per-unit table: AUROC of the detector on generated pictures against the caption, share of wrong
presences, the outcome model's AUROC on real and on generated pictures, and the share of pictures in
which flipping one concept changes the detector's decision about another. Exit status 1 where a bar
is missed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from shapes_world import CONCEPTS

BARS = {
    "AUROC, least concept": (0.97, "at least"),
    "presence error": (0.04, "at most"),
    "outcome AUROC, real minus generated": (0.05, "at most"),
    "others changed by a flip, worst pair": (0.05, "at most"),
}

SPEC = """\
version: 1
audit: {{id: zoo-quality, title: "Is the bundled generator good enough to audit with?", revision: "1"}}
models:
  - {{name: outcome, adapter: transformers, source: "builtin:shapes/outcome", target: outcome}}
detectors:
  - {{name: shapes, adapter: transformers, source: "builtin:shapes/detector"}}
dataset: {{source: "builtin:shapes/test", label: outcome, rows: {rows}}}
concepts:
{concepts}
interventions:
  - {{name: captions, kind: text_to_image, source: "builtin:shapes/text-to-image", steps: 10, guidance: 2.0,
     noise: {{draws: 1}}}}
analyses:
  - {{name: reliance, kind: permutation_importance, intervention: captions}}
checks:
  - {{kind: effective_generation, of: reliance}}
  - {{kind: independent_permutation, of: reliance}}
report: {{formats: [html]}}
"""


def quality(units: Path) -> dict[str, float]:
    """The four numbers of the bars, and each concept's AUROC, from a per-unit table."""
    lines = [json.loads(line) for line in units.read_text(encoding="utf-8").splitlines()]
    real = {line["row"]: line for line in lines if line["kind"] == "real"}
    factual = {line["row"]: line for line in lines if line["kind"] == "generated" and line["changed"] is None}
    changed = {
        (line["row"], line["changed"]["concept"], line["changed"]["value"]): line
        for line in lines
        if line["kind"] == "generated" and line["changed"] is not None
    }
    rows = sorted(real)
    present = np.array([[real[row]["values"][name] for name in CONCEPTS] for row in rows])
    seen = np.array([[factual[row]["scores"]["shapes"][name] for name in CONCEPTS] for row in rows])
    labels = np.array([real[row]["label"] for row in rows])
    found = {f"AUROC of {name}": auroc(present[:, j], seen[:, j]) for j, name in enumerate(CONCEPTS)}
    found["AUROC, least concept"] = min(found.values())
    found["presence error"] = float(np.mean((seen > 0) != present))
    of_real = auroc(labels, np.array([real[row]["scores"]["outcome"]["outcome"] for row in rows]))
    of_generated = auroc(labels, np.array([factual[row]["scores"]["outcome"]["outcome"] for row in rows]))
    found["outcome AUROC, real minus generated"] = of_real - of_generated
    shares = []
    for name in CONCEPTS:
        pair = [
            np.array([[changed[row, name, value]["scores"]["shapes"][other] for other in CONCEPTS] for row in rows]) > 0
            for value in (0, 1)
        ]
        share = np.mean(pair[0] != pair[1], axis=0)
        shares += [share[k] for k, other in enumerate(CONCEPTS) if other != name]
    found["others changed by a flip, mean pair"] = float(np.mean(shares))
    found["others changed by a flip, worst pair"] = float(np.max(shares))
    return found


def auroc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Share of pairs in the right order, ties half."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    return float(np.mean((positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)))


def main() -> None:
    from auditor.execute import PlainProgress
    from auditor.run import Options, run
    from auditor.spec import parse_spec

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--out", type=Path, default=Path("build/zoo/quality"))
    parser.add_argument("--record", action="store_true", help="write the numbers into the model card")
    arguments = parser.parse_args()
    concepts = "\n".join(f"  - {{name: {name}, column: {name.replace(' ', '_')}, phrase: {name}}}" for name in CONCEPTS)
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "quality.yaml"
    path.write_text(SPEC.format(rows=arguments.rows, concepts=concepts), encoding="utf-8")
    options = Options(out=arguments.out / "run", store=arguments.out / "store")
    run(parse_spec(path.read_bytes(), path), options, PlainProgress())
    found = quality(arguments.out / "run" / "units.jsonl")
    missed = False
    for name, value in found.items():
        bar = ""
        if name in BARS:
            limit, side = BARS[name]
            holds = value >= limit if side == "at least" else value <= limit
            missed |= not holds
            bar = f"  {side} {limit}: {'holds' if holds else 'MISSED'}"
        print(f"{name:<42} {value:.4f}{bar}")
    if arguments.record:
        record(found, arguments.rows)
    raise SystemExit(int(missed))


def record(found: dict[str, float], rows: int) -> None:
    """Write quality.json and the model card beside the generator's weights."""
    folder = Path(__file__).parents[2] / "auditor" / "zoo" / "shapes" / "text-to-image"
    numbers = {name: round(value, 4) for name, value in found.items()}
    (folder / "quality.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    lines = []
    for name, value in numbers.items():
        limit, side = BARS.get(name, (None, ""))
        lines.append(f"| {name} | {value:.4f} | {f'{side} {limit}' if limit is not None else ''} |")
    card = (Path(__file__).parent / "card.md").read_text(encoding="utf-8")
    (folder / "README.md").write_text(card.format(rows=rows, table="\n".join(lines)), encoding="utf-8")


if __name__ == "__main__":
    main()
