"""A whole audit on tiny real components: its result, and that a stranger finds the same numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from auditor.audit import explain_plan, plan_audit, resources_of, run_audit
from auditor.digest import digest_bytes
from auditor.execute import default_numerics
from auditor.models import identify_pipeline
from auditor.results.build_result import Finished, build_result
from auditor.spec import LoadedSpec, load_spec
from auditor.spec.materials import Materials
from tests.conftest import Bench
from tests.execute.test_faults import spoil_token
from tests.results import slow_recount as slow
from tests.tiny import CONCEPTS


def audit_on(place: Bench, loaded: LoadedSpec, materials: Materials) -> Finished:
    """Run an audit to its result on a store and a journal."""
    done = run_audit(loaded.spec, materials, place.executor)
    rows = explain_plan(loaded.spec, done.view, done.plan, place.store, place.numerics)
    return build_result(loaded, done.view, done.estimates, done.checks, done.plan, done.answers, rows, place.numerics)


@pytest.fixture
def audit(bench) -> Callable[..., Finished]:
    """Run an audit to its result in a folder of its own."""

    def run(loaded: LoadedSpec, materials: Materials, name: str) -> Finished:
        return audit_on(bench(name, resources=resources_of(materials)), loaded, materials)

    return run


@pytest.fixture(scope="module")
def place(materials, numerics, tmp_path_factory) -> Iterator[Bench]:
    """Where `finished` was made."""
    made = Bench(tmp_path_factory.mktemp("audit"), resources_of(materials), numerics, 1, {})
    yield made
    made.close()


@pytest.fixture(scope="module")
def finished(place, loaded, materials) -> Finished:
    """The tiny audit, which these tests only read."""
    return audit_on(place, loaded, materials)


def test_every_number_is_found_again_from_the_units_alone(finished):
    table = slow.Table(finished.units, "outcome", "outcome", "shapes")
    assert len(table.rows) == 24
    recount = {
        "importance": slow.importance, "response": slow.mean_response,
        "systematic_response": slow.systematic_response, "flips": slow.flips,
    }  # fmt: skip
    of_all = {"unmixed_response": slow.unmixed_response, "spilled_importance": slow.spilled_importance}
    assert len(finished.result.findings) == 6 * len(CONCEPTS)
    for finding in finished.result.findings:
        if finding.quantity in of_all:
            again = of_all[finding.quantity](table, finding.subject.name, CONCEPTS)
            if finding.estimate is None:
                assert again == float("inf") if finding.quantity == "spilled_importance" else True
            else:
                assert again == pytest.approx(finding.estimate, abs=1e-6)
            continue
        assert recount[finding.quantity](table, finding.subject.name) == pytest.approx(finding.estimate, abs=1e-12), (
            finding
        )
        if finding.quantity in slow.NOISE:
            assert slow.NOISE[finding.quantity](table, finding.subject.name) == pytest.approx(
                finding.noise_sd, abs=1e-9
            )
    assert {(one.model, one.concept) for one in finished.result.renoised} == {("outcome", name) for name in CONCEPTS}
    assert {(one.model, one.concept) for one in finished.result.reach} == {("outcome", name) for name in CONCEPTS}
    for renoised in finished.result.renoised:
        assert slow.renoised_importance(table, renoised.concept) == pytest.approx(renoised.importance, abs=1e-12)
    generation, independence, _ = finished.result.checks
    for part in generation.parts:
        assert slow.generation_gap(table, part.concept) == pytest.approx(part.measured)
    _, means, drops = independence.matrices
    for place, changed in enumerate(CONCEPTS):
        for column, other in enumerate(CONCEPTS):
            assert slow.mean_change(table, changed, other) == pytest.approx(means.values[place][column], abs=1e-6)
            assert slow.detector_drop(table, changed, other) == pytest.approx(drops.values[place][column], abs=1e-12)
    for part in independence.parts:
        if part.quantity == "rendering strength":
            found = slow.rendering(table, part.subject)
            assert found == pytest.approx(part.measured) if part.measured is not None else True
        else:
            changed, other = part.subject.split(" -> ")
            assert slow.side_effect(table, changed, other) == pytest.approx(part.measured)


def test_the_result_is_strict_json_and_names_its_units(finished):
    data = finished.result.model_dump_json()
    assert type(finished.result).model_validate_json(data) == finished.result
    json.loads(data, parse_constant=lambda name: pytest.fail(f"{name} in the result"))
    assert finished.result.units_digest == digest_bytes(finished.units)


def test_the_same_audit_gives_the_same_bytes(audit, loaded, materials, finished):
    again = audit(loaded, materials, "elsewhere")
    assert again.result.model_dump_json() == finished.result.model_dump_json()
    assert again.units == finished.units and again.images == finished.images


def test_a_run_on_a_full_store_gives_the_same_bytes(place, loaded, materials, finished):
    before = place.ran()
    assert audit_on(place, loaded, materials).result == finished.result
    assert place.ran() == before, "nothing was computed"


def test_pictures_of_the_gallery_are_there_and_chosen_by_rule(finished):
    pairs = finished.result.pairs
    assert {pair.rule for pair in pairs} == {"random", "most_changed", "least_changed"}
    for pair in pairs:
        for name in (pair.factual_image, pair.counterfactual_image):
            assert name is not None and finished.images[name].startswith(b"\x89PNG")
        one, other = pair.scores["outcome"]
        assert one is not None and other is not None and 0 <= one <= 1 and 0 <= other <= 1
        assert (pair.concept in pair.counterfactual_caption) == (pair.change == "added")
        assert (pair.concept in pair.factual_caption) == (pair.change == "removed")


def test_what_is_planned_before_is_what_is_run(loaded, materials, finished):
    """Nothing is asked for that `plan` did not announce."""
    view, plan = plan_audit(loaded.spec, materials)
    before = explain_plan(loaded.spec, view, plan, None, default_numerics())
    assert [(row.op, row.asked, row.distinct) for row in before] == [
        (op.op, op.asked, op.distinct) for op in finished.result.plan.ops
    ]
    generate = next(row for row in before if row.kind == "generate")
    assert generate.as_published == 24 * 2 * (1 + 3 * 500)
    assert generate.distinct == 24 * 2 * (1 + 3)
    assert generate.to_run == generate.distinct, "without a store everything is to run"


def test_rows_whose_pictures_fail_are_counted_shown_and_left_out(audit, tiny_copy):
    """Every caption with a `q`, as in `blue square`, comes out as NaN: no row is whole, and that is said."""
    spoil_token(tiny_copy / "pipeline", "q")
    text = (tiny_copy / "audit.yaml").read_text()
    # Only the red circle is changed, so that rows without a blue square keep all their pictures.
    (tiny_copy / "audit.yaml").write_text(
        text.replace(
            "intervention: captions, margin", "intervention: captions, concepts: [red circle], margin"
        ).replace("concept: blue square", "concept: red circle")
    )
    loaded = load_spec(tiny_copy / "audit.yaml")
    from auditor.spec.materials import gather

    materials, errors = gather(loaded.spec, tiny_copy, allow_python=False, decode=True)
    assert not errors and materials is not None
    assert identify_pipeline("captions", "pipeline", tiny_copy, ()).digest == materials.pipelines["captions"].digest
    finished = audit(loaded, materials, "spoilt")
    with_square = int(materials.rows.values[:, 2].sum())
    assert finished.result.sample.invalid_rows == with_square > 0
    response = finished.result.findings[0]
    assert (response.n, response.n_invalid) == (24 - with_square, with_square)
    failed = [pair for pair in finished.result.pairs if pair.rule == "failed"]
    assert failed and all(pair.factual_image is None for pair in failed)
    assert {pair.reason for pair in failed} == {"the pipeline returned numbers that are not finite"}
    table = slow.Table(finished.units, "outcome", "outcome", "shapes")
    assert len(table.rows) == 24 - with_square
    assert slow.mean_response(table, "red circle") == pytest.approx(response.estimate)
    invalid = [line for line in table.generated if line["invalid"]]
    assert {line["row"] for line in invalid} == set(table.real) - set(table.rows)
    assert all(value is None for line in invalid for value in line["scores"]["outcome"].values())


def test_numbers_of_subgroups_are_found_again(audit, tiny_copy):
    text = (tiny_copy / "audit.yaml").read_text()
    (tiny_copy / "audit.yaml").write_text(text.replace("captions, margin", "captions, by: blue_square, margin"))
    loaded = load_spec(tiny_copy / "audit.yaml")
    from auditor.spec.materials import gather

    materials, errors = gather(loaded.spec, tiny_copy, allow_python=False, decode=True)
    assert not errors and materials is not None
    finished = audit(loaded, materials, "subgroups")
    table = slow.Table(finished.units, "outcome", "outcome", "shapes")
    recount = {
        "importance": slow.importance, "response": slow.mean_response,
        "systematic_response": slow.systematic_response, "flips": slow.flips,
    }  # fmt: skip
    told = [finding for finding in finished.result.findings if finding.subgroup is not None]
    assert {finding.subgroup.value for finding in told} == {"0", "1"}
    assert any(finding.estimate is not None for finding in told)
    for finding in told:
        part = table.within(finding.subgroup.column, finding.subgroup.value)
        assert finding.n == len(part.rows)
        if finding.estimate is None:
            labels = {part.label(row) for row in part.rows}
            values = {part.value(row, finding.subject.name) for row in part.rows}
            assert len(labels) == 1 or len(values) == 1, "nothing can be permuted, or no performance is there to lose"
        else:
            again = recount[finding.quantity](part, finding.subject.name)
            assert again == pytest.approx(finding.estimate, abs=1e-12)
