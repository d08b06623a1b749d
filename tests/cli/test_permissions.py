"""What may not be read: exit status 2, the place in the document, and a way out that is about permissions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command

LINE = {"data": 13, "models/outcome": 6, "models/detector": 11, "models/pipeline": 22}


@pytest.mark.parametrize(
    "name",
    [
        "data",
        "data/metadata.csv",
        "data/03.png",
        "models/outcome",
        "models/outcome/config.json",
        "models/outcome/model.safetensors",
        "models/detector/preprocessor_config.json",
        "models/pipeline/unet/diffusion_pytorch_model.safetensors",
    ],
)
def test_what_may_not_be_read(name: str, world: Path, auditor_as_anybody: Command) -> None:
    (world / name).chmod(0)
    try:
        said = auditor_as_anybody("validate", "audit.yaml")
    finally:
        (world / name).chmod(0o755)
    line = next(number for source, number in LINE.items() if name.startswith(source))
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(f"audit.yaml:{line}:") and " AUD371 " in said.err.splitlines()[0]
    assert Path(name).name in said.err.splitlines()[0]
    assert "way out: make it readable" in said.err and "1 problem," in said.err


def test_init_of_a_folder_that_may_not_be_read(world: Path, auditor_as_anybody: Command) -> None:
    (world / "data").chmod(0)
    try:
        said = auditor_as_anybody("init", "data", "-o", "other.yaml")
    finally:
        (world / "data").chmod(0o755)
    assert said.status == 2 and "may not be read" in said.err and not (world / "other.yaml").exists()
