"""Keys never move by accident: equal meaning, equal key, today and in ten years."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.digest import digest_bytes, digest_file, digest_files, digest_value, digests_in, row_keys
from auditor.plan import (
    Ask,
    Op,
    PlanBuilder,
    compare,
    composite,
    composite_located,
    edit,
    generate,
    image_to_image,
    ledits_pp,
    load,
    locate,
    noise_seeds,
    predict,
)


def keys_of(ask: Ask) -> dict[str, list[str]]:
    return {table.op.kind: [key.tobytes().hex() for key in table.keys] for table in ask.builder.plan().tables}


def small_ask() -> Ask:
    """One picture file, one generated picture, and a score of each."""
    ask = Ask(PlanBuilder())
    loaded = ask.load(["a.png"], ["a" * 64])
    made = ask.generate(
        generate("b" * 64, 10, 2.0, 64, 64), np.array(["a dog"], dtype=object), np.array([7], np.uint64)
    )
    ask.predict("c" * 64, loaded)
    ask.predict("c" * 64, made)
    return ask


def test_keys_never_move():
    # A new value here throws away every user's store. Did you mean to raise a revision in Op.REVISIONS?
    assert keys_of(small_ask()) == {
        "load": ["6eae27d38a7b21f18b7025b5494642ec2d3b46b554036780ab40d7fd0794fb42"],
        "generate": ["26829c12a3249511c6dd1bdee8c22443e630bb6f6762da11bb09244fd793d0d3"],
        "predict": [
            "5f5a4dded05c2c05fa7ece5de3d034fbd5d9b97911cab7c4c2c11b8673c52bab",
            "0e03516f90a968ea5f744aa3e67b9d4e7dd62ee80ab8a430fec45e216a9cbfa7",
        ],
    }


def test_op_digests_never_move():
    # As above: a new value here makes every stored unit of the op anew.
    assert load().digest == "90555759ee3f51ab50acee7701970d504e91500540905855de8f5703c141d6d8"
    assert (
        generate("b" * 64, 10, 2.0, 64, 64).digest == "53e9d368a52a04684159618e83cf19ede396f63907f24245c31e2380d974d1aa"
    )
    assert edit("b" * 64, 10, 64, 64).digest == "d82d8dc7f4fde37948727832e3db757e747934f0e2b63a360636986700080d46"
    assert (
        image_to_image("b" * 64, 10, 64, 64).digest
        == "c603aebe1fb1d04d798aaa5c9b4fedb2cbdb418ed4a2c665e6c4475072aa7aee"
    )
    assert (
        composite("colour", colour=[1, 2, 3]).digest
        == "2930ded91b977c929e3faf3fc18140e0febc1a3895a1923039807bb9770976bd"
    )
    assert ledits_pp("b" * 64, 50, 64, 64).digest == "908853fbd3737cc55f9af34d6dc86437ea376de17e03ea4a623ad991b355314f"
    assert locate("c" * 64, "a").digest == "8e1304f455a4b082b60580f100fb0dc6543bddd40e5842e5ccfbbe913db4fa28"
    assert (
        composite_located("colour", colour=[1, 2, 3]).digest
        == "4c97f99dea5cda7a0366b68e281801d9a86100b2e315c9c4e5d631d2bee52702"
    )
    assert compare().digest == "82d25dd6e4428e9fdc79e0c74d9b9265c7b049203a3037cf256f7554ab935d67"
    assert predict("c" * 64).digest == "345f2d21f4a38758fcf11027e5d378767776a655c95ce8bf084f0cec71993c7d"


def test_noise_never_moves():
    # A new value here gives every row other pictures.
    assert noise_seeds(0, ["a.png", "b.png"], 2).tolist() == [
        [8627665029813742517, 533113408051146469],
        [4084218874781369788, 6891582389172289533],
    ]
    assert noise_seeds(1, ["a.png"], 1).tolist() == [[1663827523876995690]]


@given(
    st.integers(0, 2**53 - 1),
    st.lists(st.text(max_size=8), min_size=1, max_size=5, unique=True),
    st.integers(1, 4),
    st.integers(0, 3),
)
def test_noise_of_a_row_depends_on_that_row_alone(seed, rows, draws, more):
    found = noise_seeds(seed, rows, draws)
    assert np.array_equal(noise_seeds(seed, [*rows, "another row"], draws + more)[: len(rows), :draws], found)
    assert np.array_equal(noise_seeds(seed, rows[::-1], draws)[::-1], found)
    assert len(set(found.reshape(-1).tolist())) == found.size and (found < 2**63).all()


def test_noise_of_two_seeds_and_two_draws_is_not_shared():
    """Also where a separator stands in a name: (1, draw 0, "0 x") is not (1, draw 0, ...) of another row."""
    names = ["x", "0\x00x", "\x00x", "a.png", "a.pn"]
    found = np.concatenate([noise_seeds(seed, names, 12).reshape(-1) for seed in (0, 1, 10, 11)])
    assert len(set(found.tolist())) == found.size


@pytest.mark.parametrize(
    "other",
    [
        generate("d" * 64, 10, 2.0, 64, 64),
        generate("b" * 64, 11, 2.0, 64, 64),
        generate("b" * 64, 10, 2.5, 64, 64),
        generate("b" * 64, 10, 2.0, 32, 64),
        generate("b" * 64, 10, 2.0, 64, 32),
        predict("b" * 64),
    ],
    ids=["weights", "steps", "guidance", "height", "width", "kind"],
)
def test_every_parameter_is_part_of_the_key(other):
    assert other.digest != generate("b" * 64, 10, 2.0, 64, 64).digest


def test_a_raised_revision_moves_the_key(monkeypatch):
    before = predict("c" * 64).digest
    monkeypatch.setattr(Op, "REVISIONS", {**Op.REVISIONS, "predict": 2})
    assert predict("c" * 64).digest != before


def test_equal_meaning_is_one_op():
    assert generate("b" * 64, 10, 2, 64, 64) == generate("b" * 64, 10, 2.0, 64, 64)
    assert Op.of("predict", model="x", other=1) == Op.of("predict", other=1, model="x")
    assert json.loads(Op.of("predict", model="x").parameters) == {"model": "x"}
    with pytest.raises(KeyError):
        load().parameter("model")
    with pytest.raises(ValueError, match="not JSON compliant"):
        Op.of("predict", model=float("nan"))


def test_a_path_is_no_part_of_a_picture():
    """One file under two names is one unit; the same name with other bytes is another."""
    ask = Ask(PlanBuilder())
    units = ask.load(["a.png", "copy/of/a.png", "a.png"], ["a" * 64, "a" * 64, "b" * 64])
    assert units.index.tolist() == [0, 0, 1]


def test_row_keys_are_digests_of_header_and_row():
    rows = np.random.default_rng(0).integers(0, 256, (5, 40), np.uint8)
    header = digest_value(["anything"])
    assert [key.tobytes().hex() for key in row_keys(header, rows)] == [
        digest_bytes(bytes.fromhex(header) + row.tobytes()) for row in rows
    ]
    assert row_keys(header, rows[:0]).shape == (0, 32)
    assert np.array_equal(row_keys(header, rows[::2]), row_keys(header, rows)[::2]), "strided rows"


def test_digests_of_folders_know_names_and_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "b").write_bytes(b"2")
    before = digest_files(digests_in(tmp_path, ["a", "b"]))
    assert before == digest_files(digests_in(tmp_path, ["b", "a"]))
    assert digest_file(tmp_path / "a") == digest_bytes(b"1")
    (tmp_path / "a").write_bytes(b"2")
    (tmp_path / "b").write_bytes(b"1")
    assert digest_files(digests_in(tmp_path, ["a", "b"])) != before


def test_integers_that_json_cannot_hold_are_refused():
    with pytest.raises(ValueError, match="exceeds safe integer domain"):
        digest_value(2**53 + 1)
