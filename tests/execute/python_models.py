"""Models of a user's own for tests: honest, dependent on what is computed beside a picture, or failing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from auditor.digest import digest_file
from auditor.execute import Resources
from auditor.models import ModelIdentity, PythonModel
from auditor.plan import Ask, Plan, PlanBuilder, Units

SOURCE = '''
import ctypes
import os
import resource
import sys
import time
from pathlib import Path
import numpy as np

HERE = Path(__file__).parent

calls = 0

def light(images):
    return images.reshape(len(images), -1).mean(1, dtype=np.float64).astype(np.float32)

def honest(images):
    return np.stack([light(images) / 100, -light(images)], 1)

def beside_others(images):
    """As batch norm in training mode does."""
    return np.stack([light(images) - light(images).mean(), light(images)], 1)

def by_slot(images):
    return np.stack([light(images) + np.arange(len(images)) * 1e-3, light(images)], 1)

def by_chance(images):
    return np.stack([light(images) + np.random.default_rng().normal(size=len(images)), light(images)], 1)

def by_call(images):
    global calls
    calls += 1
    return np.stack([light(images) + calls * 1e-3, light(images)], 1)

def by_copies(images):
    """Another number where all pictures are one and the same."""
    same = float((images == images[:1]).all())
    return np.stack([light(images) + same, light(images)], 1)

def half_invalid(images):
    return np.stack([np.where(light(images) < 60, np.nan, light(images)), light(images)], 1)

def wait_until(found):
    until = time.monotonic() + 60
    while not found() and time.monotonic() < until:
        time.sleep(0.02)

def goes_ahead(images):
    """The first call of all returns at once, the others wait for a file named `go`."""
    try:
        (HERE / "first").touch(exist_ok=False)
    except FileExistsError:
        wait_until((HERE / "go").exists)
    return honest(images)

def probed_late(images):
    """Where all pictures are one, as a probe's last, it waits until another process was called five times, and for
    a second more, in which that may be called again."""
    calls = HERE / "calls"
    if not (images == images[:1]).all():
        with calls.open("a") as file:
            file.write(f"{os.getpid()}\\n")
        return honest(images)
    wait_until(lambda: sum(int(line) != os.getpid() for line in calls.read_text().split()) >= 5)
    time.sleep(1)
    return honest(images)

def hungry(images):
    raise MemoryError

def leaves_at_once(images):
    os._exit(3)

def crashes_at_once(images):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.string_at(0)

def late(end, images):
    """Comes to its end in the sixth call, or later if others are slow to store; never where there is a file `go`."""
    global calls
    calls += 1
    stored = list((HERE / "same" / "store" / "objects").glob("??/[!.]*"))
    if calls > 5 and stored and not (HERE / "go").exists():
        end(images)
    return honest(images)

def leaves(images):
    return late(leaves_at_once, images)

def crashes(images):
    return late(crashes_at_once, images)

def sees_torch(images):
    return honest(images) * ("torch" in sys.modules)

def threads(images):
    import torch
    return np.full((len(images), 2), torch.get_num_threads())
'''


@dataclass
class Scored:
    """Pictures, and what models say of them."""

    plan: Plan
    scores: tuple[Units, ...]
    resources: Resources


def identify(folder: Path, function: str) -> ModelIdentity:
    """One of the models above."""
    (folder / "models.py").write_text(SOURCE)
    node = PythonModel(
        name=function, adapter="python", source=f"models.py:{function}", outputs=("one", "two"), revision="1",
        target="one",
    )  # fmt: skip
    return node.identify(folder, ("models", 0))


def pictures(folder: Path, levels: Sequence[int]) -> list[Path]:
    """Flat pictures of these levels of grey, with a dot that makes each its own."""
    paths = []
    for number, level in enumerate(levels):
        image = np.full((8, 8, 3), level, np.uint8)
        image[0, 0] = number % 256, number // 256, level
        paths.append(folder / f"{number}.png")
        Image.fromarray(image).save(paths[-1])
    return paths


def score(folder: Path, models: Sequence[ModelIdentity], levels: Sequence[int]) -> Scored:
    """A plan in which every model scores every picture."""
    paths = pictures(folder, levels)
    ask = Ask(PlanBuilder())
    loaded = ask.load([str(path) for path in paths], [digest_file(path) for path in paths])
    scores = tuple(ask.predict(model.digest, loaded) for model in models)
    return Scored(ask.builder.plan(), scores, Resources({model.digest: model for model in models}, {}))


Run = Callable[..., object]
