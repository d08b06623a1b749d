"""`auditor run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.options import (
    allow_python,
    as_json,
    command_began,
    limit_option,
    locked_option,
    max_time_option,
    out_option,
    plain,
    print_json,
    problems_as_json,
    progress,
    reader_may_leave,
    reuse_option,
    shown_path,
    spec_argument,
    store_option,
    workers_option,
)

if TYPE_CHECKING:
    from auditor.execute import Reuse
    from auditor.results.audit_result import AuditResult
    from auditor.run import Outcome


@click.command()
@spec_argument
@out_option
@store_option
@workers_option
@reuse_option
@limit_option
@max_time_option
@locked_option
@allow_python
@as_json
def run(
    spec: Path,
    out: Path | None,
    store: Path | None,
    workers: int | None,
    reuse: Reuse,
    limit: int | None,
    max_time: float | None,
    locked: bool,
    allow_python: bool,
    json_: bool,
) -> int:
    """Run the audit SPEC to its report. What is stored is not computed again.

    SPEC may be a plan file, which `auditor plan SPEC -o FILE` writes: then whatever differs from it is refused.

    Stop it at any time, or let --max-time do so: the same command goes on where it was.
    """
    from auditor.run import Options, open_run
    from auditor.run import run as run_document

    options = Options(
        out=out,
        store=store,
        workers=workers,
        reuse=reuse,
        limit=limit,
        max_time=max_time,
        began=command_began(),
        locked=locked,
        allow_python=allow_python,
    )
    with problems_as_json(json_):
        outcome = run_document(*open_run(spec, options), progress())
    with reader_may_leave():
        _tell(outcome, json_)
    return outcome.status


def _tell(outcome: Outcome, json_: bool) -> None:
    result = outcome.result
    if json_:
        print_json(
            {
                "schema_version": 1,
                "exit_status": int(outcome.status),
                "outcome": result.outcome,
                "partial": None if result.partial is None else result.partial.model_dump(),
                "requirements": [
                    {"name": one.name, "model": one.model, "state": one.state, "sentence": one.sentence}
                    for one in result.requirements
                ],
                "checks": [{"kind": one.kind, "of": one.of, "state": one.state} for one in result.checks],
                "current": outcome.current,
                "computed_units": sum(outcome.ran.values()),
                "reused_units": outcome.reused,
                "folder": str(outcome.folder.path),
                "files": {name: str(path) for name, path in outcome.files.items()},
                "unwritten": dict(outcome.unwritten),
            }
        )
        return
    click.echo(plain(result.audit.title))
    for sentence in result.summary:
        click.echo(f"  {plain(sentence)}")
    computed = sum(outcome.ran.values())
    done = "the result is current, nothing was done" if outcome.current else f"{computed:,} units computed"
    if outcome.reused:
        done += f", {outcome.reused:,} reused from other numerics classes"
    click.echo(f"{result.outcome.upper()} (exit status {int(outcome.status)}); {done}")
    for name, path in outcome.files.items():
        click.echo(f"  {name:<7} {shown_path(path)}")
    for step in next_steps(result):
        click.echo(f"  next    {step}")
    for name, reason in outcome.unwritten.items():
        click.echo(f"auditor: {name} could not be made: {reason}", err=True)


SWEEP_STEPS = {
    "edit_success": "edit_success failed: the sweep does not change the property as declared; look at the filmstrips "
    "of the report, and give it more strength or another instruction",
    "identity_kept": "identity_kept failed: the sweep changes more than its property; look at the filmstrips of "
    "the report, and give it less strength or a smaller region",
    "control_dose": "control_dose failed: the controls are weaker than the property; give them more strength, or the "
    "property less",
}
"""What to do where a gate over sweeps failed, by kind of check."""


def next_steps(result: AuditResult) -> list[str]:
    """What would decide an audit that is not decided; nothing where it is."""
    if result.partial is not None:
        return ["without --limit all rows are run; what is computed is not computed again"]
    if result.outcome == "pass" and not result.requirements:
        return ["no `requirements` are declared, so that this says of the gates alone that they pass"]
    if result.outcome != "inconclusive":
        return []
    gates = {check.state for check in result.checks}
    failed = {check.kind for check in result.checks if check.state == "fail"}
    undecided = {requirement.state for requirement in result.requirements}
    steps = []
    images = {one.subject.name: one.n for one in result.findings if one.subject.kind == "property"}
    steps += [
        f"{name} changes no pixel of any picture: give its intervention more to do"
        for name, n in images.items()
        if n == 0
    ]
    if images and not any(images.values()):
        return steps  # Neither controls nor more images would decide anything.
    if any(check.kind == "control_dose" and check.state == "inconclusive" for check in result.checks):
        steps.append("control_dose is undecided: controls may be weaker than the property; give them more strength")
    steps += [step for kind, step in SWEEP_STEPS.items() if kind in failed]
    if failed - SWEEP_STEPS.keys():
        steps.append(
            "a gate failed: the generator must draw these concepts better; `auditor preview` shows how it does"
        )
    if "inconclusive" in gates | undecided:
        decided_by, more = "rows", "raise dataset.rows (first) or noise.draws"
        if result.sweep_samples:
            decided_by, more = "images", "raise dataset.rows" if result.sample.source else "photograph more objects"
        steps.append(f"the {decided_by} do not decide: {more}; nothing is computed twice")
    return steps
