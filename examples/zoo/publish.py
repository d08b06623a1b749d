"""Put trained weights into the package: float16 safetensors, everything else copied.

    python examples/zoo/publish.py --out build/zoo [--part NAME ..]

Models are loaded as float32 again; their configurations say so. Weights must stay within 12 MB a part
and 25 MB together.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

PARTS = ("text-to-image", "outcome", "outcome-biased", "detector", "test", "edit", "clip")
PART_LIMIT, LIMIT = 12_000_000, 25_000_000


def publish(source: Path, target: Path) -> int:
    """Copy a model folder; bytes of weights written."""
    shutil.rmtree(target, ignore_errors=True)
    weights = 0
    for path in sorted(source.rglob("*")):
        if not path.is_file():
            continue
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".safetensors":
            tensors = {
                name: tensor.to(torch.float16) if tensor.is_floating_point() else tensor
                for name, tensor in load_file(path).items()
            }
            save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, copy, metadata={"format": "pt"})
            weights += copy.stat().st_size
        elif path.suffix == ".json":
            # Without names of folders: equal models have equal files, whoever trained them.
            value = json.loads(path.read_text())
            if isinstance(value, dict):
                value.pop("_name_or_path", None)
                if path.name == "scheduler_config.json" and "DPMSolver" in value["_class_name"]:
                    # Left over from the scheduler it was made from, or no strict JSON; both are defaults.
                    for key in ("clip_sample", "clip_sample_range", "set_alpha_to_one", "lambda_min_clipped"):
                        value.pop(key, None)
            copy.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
        else:
            shutil.copyfile(path, copy)
        copy.chmod(0o644)
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/zoo"))
    parser.add_argument("--checkpoint", type=int, help="publish this checkpoint of the text-to-image model")
    parser.add_argument("--part", choices=PARTS, action="append", help="publish these alone [default: all]")
    parser.add_argument("--into", type=Path, default=Path("auditor/zoo/shapes"))
    arguments = parser.parse_args()
    for part in arguments.part or PARTS:
        source = arguments.out / part
        if part == "text-to-image" and arguments.checkpoint:
            source = arguments.out / "checkpoints" / str(arguments.checkpoint)
        weights = publish(source, arguments.into / part)
        print(f"{part}: {weights / 1e6:.2f} MB of weights")
        if weights > PART_LIMIT:
            raise SystemExit(f"{part} is too large: make it smaller")
    total = sum(path.stat().st_size for path in arguments.into.rglob("*.safetensors"))
    print(f"weights: {total / 1e6:.2f} MB of {LIMIT / 1e6:.0f}")
    if total > LIMIT:
        raise SystemExit("too large: make the models smaller")


if __name__ == "__main__":
    main()
