"""Print the gates of a generator: is it good enough to audit with?

    python examples/finetune_text_to_image/print_gates.py --data build/second_world/test --label outcome \
        --concepts sky_circle tan_circle .. --generator build/second_world/generator \
        --detector build/second_world/detector --model build/second_world/outcome --target outcome

Writes an audit of all concepts, runs it through auditor, and prints its gates with every part. Exit status 1 where a
gate fails.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from auditor.execute import PlainProgress
from auditor.judgement import CheckResult
from auditor.run import Options, run
from auditor.spec import load_spec

SPEC = """\
version: 1
audit: {{id: gates, title: "Is this generator good enough to audit with?", revision: "1"}}
models: [{{name: model, adapter: transformers, source: "{model}", target: "{target}"}}]
detectors: [{{name: detector, adapter: transformers, source: "{detector}"}}]
dataset: {{source: "{data}", label: {label}{rows}}}
concepts:
{concepts}
interventions:
  - {{name: captions, kind: text_to_image, source: "{generator}", steps: {steps}, guidance: {guidance},
     caption: {{empty: nothing}}, noise: {{draws: 1}}}}
analyses: [{{name: reliance, kind: permutation_importance, intervention: captions}}]
checks:
  - {{kind: effective_generation, of: reliance, max_drop: 0.12}}
  - {{kind: independent_permutation, of: reliance, max_changed: 0.05, min_rendering: 0.8}}
report: {{formats: [html]}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="labelled pictures that training has not seen")
    parser.add_argument("--label", required=True)
    parser.add_argument("--concepts", nargs="+", required=True, help="columns; a phrase is the column with blanks")
    parser.add_argument("--generator", type=Path, required=True)
    parser.add_argument("--detector", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--guidance", type=float, default=2.0)
    parser.add_argument("--out", type=Path, default=None, help="folder of the audit [default: beside the generator]")
    parser.add_argument("--workers", type=int)
    given = parser.parse_args()
    base = Path(
        os.path.commonpath([path.resolve() for path in (given.data, given.generator, given.detector, given.model)])
    )
    path = base / "gates.yaml"
    phrases = {column: column.replace("_", " ") for column in given.concepts}
    path.write_text(
        SPEC.format(
            data=given.data.resolve().relative_to(base),
            generator=given.generator.resolve().relative_to(base),
            detector=given.detector.resolve().relative_to(base),
            model=given.model.resolve().relative_to(base),
            target=given.target,
            label=given.label,
            rows=f", rows: {given.rows}" if given.rows else "",
            steps=given.steps,
            guidance=given.guidance,
            concepts="\n".join(
                f'  - {{name: "{phrase}", column: {column}, phrase: "{phrase}"}}' for column, phrase in phrases.items()
            ),
        ),
        encoding="utf-8",
    )
    result = run(load_spec(path), Options(out=given.out, workers=given.workers), PlainProgress()).result
    for check in result.checks:
        print_gate(check)
    raise SystemExit(int(any(check.state == "fail" for check in result.checks)))


def print_gate(check: CheckResult) -> None:
    """A gate, and each of its parts with its interval."""
    print(f"{check.kind}: {check.state}; {check.sentence}")
    for part in check.parts:
        shown = "not measured" if part.measured is None else f"{part.measured:.3f}"
        if part.interval is not None:
            shown += f" [{part.interval.low:.3f}, {part.interval.high:.3f}]"
        print(f"  {part.state or '-':<12} {part.subject:<38} {part.quantity:<34} {shown}")


if __name__ == "__main__":
    main()
