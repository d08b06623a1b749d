"""What an audit of properties says first, what it says it did not measure, and where it departs from the paper."""

from __future__ import annotations

from pathlib import Path

from auditor.results.audit_result import Finding, Subject, Verdict
from auditor.results.provenance import departures
from auditor.results.summary import summary_of
from auditor.results.sweeps.property_summary import about_properties, sweeps_not_measured
from auditor.spec import load_spec
from auditor.spec.audit_spec import AuditSpec

HEAD = """\
version: 1
audit: {id: sweeps, title: Sweeps, revision: 1.0.0}
models: [{name: outcome, adapter: transformers, source: "builtin:shapes/outcome", target: outcome}]
detectors: [{name: shapes, adapter: transformers, source: "builtin:shapes/detector"}]
dataset: {source: "builtin:shapes/test", rows: 8}
properties: [{name: hue}, {name: a}, {name: b}, {name: c}]
interventions:
"""
BLEND = """\
  - {{name: {0}, kind: compositing, realises: {0}, hue: {1}, sweep: {{strength: {{from: 0, to: 1, points: 5}}}}}}
"""


def spec_of(folder: Path, analysis: str, checks: str = "") -> AuditSpec:
    path = folder / "audit.yaml"
    blends = "".join(BLEND.format(name, 20 * place) for place, name in enumerate(("hue", "a", "b", "c"), 1))
    path.write_text(f"{HEAD}{blends}analyses: [{{name: g, kind: property_gradient, {analysis}}}]\n{checks}", "utf-8")
    return load_spec(path).spec


def ranged(model: str, verdict: Verdict, name: str = "hue", estimate: float = 0.3) -> Finding:
    return Finding(analysis="g", model=model, subject=Subject(kind="property", name=name), quantity="range",
                   unit="probability", estimate=estimate, interval=None, n=8, verdict=verdict)  # fmt: skip


def test_each_word_has_its_sentence_and_reliance_comes_first():
    said = about_properties([ranged("a", "does_not_rely"), ranged("b", "relies"), ranged("c", "descriptive")])
    assert said[0] == "b follows the property hue further than the controls."
    assert said[1] == "a does not follow the property hue, within the declared margin."
    assert "nothing is claimed" in said[2] and len(said) == 3


def test_models_of_which_the_same_holds_share_a_sentence():
    both = about_properties([ranged(m, "relies", name) for m in ("a", "b") for name in ("hue", "left")])
    assert both == ["a and b follow the properties hue and left further than the controls."]
    (many,) = about_properties([ranged(f"m{k}", "inconclusive") for k in range(12)])
    assert many == "For the property hue, the evidence about 12 of 12 models is inconclusive."


def test_findings_about_concepts_are_no_business_of_it():
    concept = ranged("a", "relies").model_copy(update={"subject": Subject(kind="concept", name="hue")})
    assert about_properties([concept]) == []
    assert summary_of((), (), [ranged("a", "invalid")])[0].endswith("nothing can be said about a.")


def test_what_sweeps_leave_open_is_listed(tmp_path: Path):
    bare = " ".join(sweeps_not_measured(spec_of(tmp_path, "interventions: [hue]")))
    assert "g has no controls" in bare and "hue left all else as it was" in bare and "detector" not in bare
    looked = "checks: [{kind: identity_kept, of: g, intervention: hue, min_ssim: 0.5}]\n"
    said = " ".join(sweeps_not_measured(spec_of(tmp_path, "interventions: [hue], controls: [a, b, c]", looked)))
    assert "no significance check" in said and "identity_kept" not in said and "detector is right" in said


def test_departures_are_those_of_the_methods_in_the_document(tmp_path: Path):
    fields = [row.field for row in departures(spec_of(tmp_path, "interventions: [hue]"))]
    assert "shuffle test" in fields and "sign of importance" not in fields
