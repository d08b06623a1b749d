"""Train a small classifier of the table's columns: the detector of the gates, or a model to audit.

    python examples/finetune_text_to_image/train_classifier.py --images build/second_world/train --columns sky_circle ..

One output for each column, independent of the others (multi-label), named as the column with blanks. A detector and
an audited model must not be the same: train them with two seeds, or bring your own.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from transformers import ConvNextConfig, ConvNextForImageClassification, ConvNextImageProcessorPil

from finetune import to_tensor
from labelled_pictures import read_pictures, read_table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True, help="a folder with metadata.csv")
    parser.add_argument("--columns", nargs="+", required=True, help="columns of 0 and 1")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--steps", type=int, default=1_200)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    rng = np.random.default_rng(given.seed)
    lines = read_table(given.images)
    pictures = read_pictures(given.images, [line["file_name"] for line in lines], given.size)
    labels = np.array([[int(line[column]) for column in given.columns] for line in lines], np.float32)
    model = new_model([column.replace("_", " ") for column in given.columns], given.size)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, given.steps + 1, pct_start=0.1)
    model.train()
    start = time.monotonic()
    for step in range(given.steps):
        picked = rng.integers(len(pictures), size=given.batch)
        turned = pictures[picked][:, :, :: rng.choice([-1, 1])].astype(np.float32)
        noisy = np.clip(turned + rng.normal(0, 8, (given.batch, 1, 1, 3)) + rng.normal(0, 4, turned.shape), 0, 255)
        logits = model(pixel_values=to_tensor(noisy)).logits
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, torch.from_numpy(0.02 + 0.96 * labels[picked])
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        if (step + 1) % 100 == 0 or step + 1 == given.steps:
            wrong = float(((logits > 0).numpy() != (labels[picked] > 0)).mean())
            left = (time.monotonic() - start) / (step + 1) * (given.steps - step - 1) / 60
            print(f"step {step + 1} of {given.steps}: wrong {wrong:.4f}, {left:.1f} min left", flush=True)
    model.eval().save_pretrained(given.out)
    processor = ConvNextImageProcessorPil(
        do_resize=True, size={"height": given.size, "width": given.size}, do_center_crop=False, crop_pct=1.0,
        image_mean=[0.5] * 3, image_std=[0.5] * 3, rescale_factor=1 / 255,
    )  # fmt: skip
    if given.size == 64:
        processor = ConvNextImageProcessorPil(
            do_resize=False, do_center_crop=False, image_mean=[0.5] * 3, image_std=[0.5] * 3, rescale_factor=1 / 255
        )
    processor.save_pretrained(given.out)
    print(f"written: {given.out}")


def new_model(outputs: list[str], size: int) -> ConvNextForImageClassification:
    """A ConvNeXt of 0.2 million parameters."""
    return ConvNextForImageClassification(
        ConvNextConfig(
            patch_size=4,
            hidden_sizes=[24, 48, 96],
            depths=[1, 2, 1],
            num_stages=3,
            layer_scale_init_value=1.0,
            image_size=size,
            num_labels=len(outputs),
            problem_type="multi_label_classification",
            id2label=dict(enumerate(outputs)),
            label2id={name: i for i, name in enumerate(outputs)},
        )
    )


if __name__ == "__main__":
    main()
