"""The wheel, installed elsewhere, carries all that a report needs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from auditor.run import Outcome

ROOT = Path(__file__).parents[2]
LOOK = """
import sys
sys.path.insert(0, sys.argv[1])
import auditor
assert auditor.__file__.startswith(sys.argv[1]), auditor.__file__
from auditor.cli import main
sys.argv = ["auditor", "report", sys.argv[2]]
main()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[-2_000:]
    (found,) = out.glob("*.whl")
    return found


def test_the_wheel_carries_templates_schemas_and_the_zoo(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "auditor/_templates/page.html.j2" in names
    assert "auditor/_schemas/audit-spec.v1.json" in names
    assert "auditor/zoo/shapes/text-to-image/unet/diffusion_pytorch_model.safetensors" in names
    assert "auditor/zoo/shapes/test/metadata.csv" in names
    assert "auditor/zoo/shapes/edit/unet/diffusion_pytorch_model.safetensors" in names
    assert "auditor/zoo/shapes/clip/tokenizer.json" in names


def test_a_report_is_drawn_from_the_installed_wheel(wheel: Path, shapes_run: Outcome, tmp_path: Path) -> None:
    site, folder = tmp_path / "site", tmp_path / "run"
    zipfile.ZipFile(wheel).extractall(site)
    (folder / "images").mkdir(parents=True)
    (folder / "result.json").write_bytes(shapes_run.folder.result.read_bytes())
    for image in (shapes_run.folder.path / "images").iterdir():
        (folder / "images" / image.name).write_bytes(image.read_bytes())
    drawn = subprocess.run(
        [sys.executable, "-P", "-c", LOOK, str(site), str(folder)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert drawn.returncode == 0, drawn.stderr
    assert (folder / "report.html").read_bytes() == shapes_run.folder.html.read_bytes()
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF-1.7")
