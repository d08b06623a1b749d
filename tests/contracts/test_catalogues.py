"""Contracts over whole catalogues: a new part is tested by being listed."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from auditor.analyses import AnyAnalysis, AuditView, PropertyGradient
from auditor.checks import AnyCheck, Guarded, GuardedSweeps
from auditor.descriptions import description_of
from auditor.interventions import AnyIntervention, Captured, TextToImage
from auditor.models import AnyModel
from auditor.node import SpecNode, provenance_of
from auditor.plan import Plan
from auditor.spec import AuditSpec
from tests.sweep_world import PROPERTY, SweepWorld, photographed
from tests.world import NAMES, World, drive, reliance


def members(catalogue: object) -> tuple[type[SpecNode], ...]:
    """The parts of a catalogue: one class, or a union of them."""
    if typing.get_origin(catalogue) is typing.Annotated:
        return members(typing.get_args(catalogue)[0])
    return typing.get_args(catalogue) or (catalogue,)  # type: ignore[return-value]


CATALOGUES = {"models": AnyModel, "interventions": AnyIntervention, "analyses": AnyAnalysis, "checks": AnyCheck}
PARTS = [part for catalogue in CATALOGUES.values() for part in members(catalogue)]


def nodes(root: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """`root` and every node that its fields hold."""
    yield root
    for field in root.model_fields.values():
        for inner in inside(field.annotation):
            if inner is not root:
                yield from nodes(inner)


def inside(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from inside(argument)


NODES = sorted({node for part in [*PARTS, AuditSpec] for node in nodes(part)}, key=lambda node: node.__name__)
FIELDS = [(node, name, field) for node in NODES for name, field in node.model_fields.items()]


def test_the_catalogues_are_not_empty():
    assert len(PARTS) >= 7 and len(NODES) > 20


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.__name__)
def test_every_node_is_frozen_closed_and_strict(node):
    config = node.model_config
    assert config["frozen"] and config["extra"] == "forbid" and config["strict"]
    assert (node.__doc__ or "").strip().endswith("."), "one sentence that would do alone"


@pytest.mark.parametrize(("node", "name", "field"), FIELDS, ids=[f"{node.__name__}.{name}" for node, name, _ in FIELDS])
def test_every_field_says_what_it_is_and_who_chose_its_default(node, name, field: FieldInfo):
    assert description_of(node, name).strip().endswith("."), f"{node.__name__}.{name} has no docstring"
    if not field.is_required():
        assert provenance_of(node, name) in ("paper", "code", "chosen")
        schema = node.model_json_schema()["properties"][name]
        assert schema["x-default-from"] == provenance_of(node, name)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_part_says_which_it_is(part):
    tag = "adapter" if "adapter" in part.model_fields else "kind"
    (word,) = typing.get_args(part.model_fields[tag].annotation)
    assert word == word.lower() and part.model_fields[tag].is_required()


@pytest.mark.parametrize("catalogue", CATALOGUES.values(), ids=CATALOGUES)
def test_no_two_parts_of_a_catalogue_have_one_word(catalogue):
    tag = "adapter" if "adapter" in members(catalogue)[0].model_fields else "kind"
    words = [typing.get_args(part.model_fields[tag].annotation)[0] for part in members(catalogue)]
    assert len(set(words)) == len(words)


def asked_by(plan: Plan) -> dict[str, list[bytes]]:
    return {table.op.digest: [bytes(key) for key in table.keys[table.wanted]] for table in plan.tables}


@pytest.mark.parametrize("part", members(AnyIntervention), ids=lambda part: part.__name__)
def test_expanding_twice_plans_nothing_new(part):
    if part is not TextToImage:
        expand_sweeps_twice(part)
        return
    view = World(rows=9, draws=2).view()
    assert isinstance(view.interventions["captions"], part)
    once = view.counterfactuals("captions", NAMES)
    size = view.ask.builder.plan().size
    again = view.counterfactuals("captions", NAMES)
    assert view.ask.builder.plan().size == size > 0
    assert np.array_equal(once.by_value.index, again.by_value.index)
    assert np.array_equal(once.factual.index, again.factual.index)


def expand_sweeps_twice(part: type[SpecNode]) -> None:
    view = SweepWorld(images=4, kind=typing.get_args(part.model_fields["kind"].annotation)[0], draws=2).view()
    if part is Captured:
        captured, frames = photographed()
        view = replace(view, interventions={PROPERTY: captured}, files={PROPERTY: frames})
    assert isinstance(view.interventions[PROPERTY], part)
    once = view.sweep(PROPERTY)
    size = view.ask.builder.plan().size
    again = view.sweep(PROPERTY)
    assert view.ask.builder.plan().size == size > 0
    assert np.array_equal(once.frames.index, again.frames.index)
    assert (np.diff(once.positions, axis=1) > 0).all() and once.frames.shape[::2] == once.positions.shape


def guarded_world(part: type[SpecNode]) -> tuple[World | SweepWorld, AnyAnalysis, Guarded | GuardedSweeps, SpecNode]:
    """A world, an analysis that the check guards, what it returned, and the check."""
    (kind,) = typing.get_args(part.model_fields["kind"].annotation)
    if "permutation_importance" in part.GUARDS:
        world, analysis = World(rows=25, effects=(1.0, 0.0, 0.0)), reliance()
        return world, analysis, Guarded(analysis, world.estimate(analysis)), part(kind=kind, of="reliance")
    sweeping = SweepWorld(images=10)
    gradients = sweeping.analysis()
    more = {"output": "turned"} if "output" in part.model_fields else {"min_ssim": 0.5, "keeps": ("left",)}
    check = part(kind=kind, of="gradients", intervention=PROPERTY, **more)
    return sweeping, gradients, GuardedSweeps(gradients, sweeping.estimate(gradients)), check


def answers_of(world: World | SweepWorld, view: AuditView):  # type: ignore[no-untyped-def]
    return world.answers(view) if isinstance(world, SweepWorld) else world.answers()


@pytest.mark.parametrize("part", members(AnyAnalysis), ids=lambda part: part.__name__)
def test_an_analysis_asks_and_finds_the_same_when_run_again(part):
    world = SweepWorld(images=6) if part is PropertyGradient else World(rows=25, effects=(1.0, 0.0, 0.0))
    analysis = world.analysis() if isinstance(world, SweepWorld) else reliance()
    assert isinstance(analysis, part)
    asked, found = [], []
    for _ in range(2):
        view = world.view()
        found.append(drive(analysis.rounds(view), answers_of(world, view)))
        asked.append(asked_by(view.ask.builder.plan()))
    assert asked[0] == asked[1] and asked[0]
    if part is PropertyGradient:
        for key, curves in found[0].curves.items():
            assert np.array_equal(curves.scores, found[1].curves[key].scores)
        return
    for key, estimate in found[0].concepts.items():
        assert estimate.importance.importance == found[1].concepts[key].importance.importance
        assert np.array_equal(estimate.response.per_row, found[1].concepts[key].response.per_row)


@pytest.mark.parametrize("part", members(AnyCheck), ids=lambda part: part.__name__)
def test_a_check_asks_and_finds_the_same_when_run_again(part):
    world, analysis, guarded, check = guarded_world(part)
    asked, found = [], []
    for _ in range(2):
        view = world.view()
        found.append(drive(check.rounds(view, guarded), answers_of(world, view)).result)
        asked.append(asked_by(view.ask.builder.plan()))
    assert asked[0] == asked[1]
    assert found[0] == found[1] and found[0].kind == check.kind and found[0].of == analysis.name


@pytest.mark.parametrize("part", members(AnyCheck), ids=lambda part: part.__name__)
def test_a_check_generates_nothing_that_its_analysis_has_not(part):
    world, analysis, guarded, check = guarded_world(part)
    view = world.view()
    next(analysis.rounds(view))
    before = {table.op.digest: len(table) for table in view.ask.builder.plan().tables if table.op.kind != "predict"}
    next(check.rounds(view, replace(guarded, estimates=None)))
    after = {table.op.digest: len(table) for table in view.ask.builder.plan().tables if table.op.kind != "predict"}
    assert after == before
