"""Many processes on one store at one time: how many objects are torn, lost or unknown to the index afterwards.

    python -m tests.stress.one_store --objects 1000 [--processes 8] [--kill] [--seed 20261122]

Prints one JSON object. All processes open the store at the same moment, before there is one. Each object is written by
two of them, in orders of their own, and looked for by all. With `--kill`, half of the processes are killed on the way.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

SEED = 20261122


@dataclass
class Figures:
    """What came of it."""

    processes: int = 0
    killed: int = 0
    objects: int = 0
    written: int = 0
    """Distinct objects that a process said it had written."""
    torn: int = 0
    lost: int = 0
    """Objects that were written, and are not there."""
    unknown: int = 0
    """Units of written objects that the index does not find."""
    failed: int = 0
    """Processes that ended with an error of their own."""
    seconds: float = 0.0

    @property
    def perfect(self) -> bool:
        """Whether nothing was torn, lost, unknown or failed."""
        return not (self.torn or self.lost or self.unknown or self.failed)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        return work(Path(arguments.work[0]), int(arguments.work[1]), arguments)
    with tempfile.TemporaryDirectory() as folder:
        figures = together(Path(folder) / "store", arguments)
    print(json.dumps(asdict(figures) | {"perfect": figures.perfect}))


def together(store: Path, arguments: argparse.Namespace) -> Figures:
    """Let the processes work, and look at what they leave."""
    from auditor.execute import Store

    began = time.monotonic()
    command = [sys.executable, "-m", "tests.stress.one_store", *sys.argv[1:], "--work", str(store)]
    working = [
        subprocess.Popen([*command, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(arguments.processes)
    ]
    for process in working:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in working:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    figures = Figures(processes=arguments.processes, objects=arguments.objects)
    with ThreadPoolExecutor(len(working)) as watching:
        said = list(watching.map(lambda number: _watch(number, working[number], arguments), range(len(working))))
    codes = [process.returncode for process in working]
    figures.killed = codes.count(-signal.SIGKILL)
    figures.failed = sum(code not in (0, -signal.SIGKILL) for code in codes)
    written = {int(line) for lines in said for line in lines.splitlines()}
    figures.written = len(written)
    _look(store, written, figures)
    # A reopening finds the same: what killed writers left is passed over.
    with closing(Store(store)) as opened:
        opened.rebuild_index()
        figures.unknown += _unknown(opened, written)
    figures.seconds = round(time.monotonic() - began, 1)
    return figures


def _watch(number: int, process: subprocess.Popen[str], arguments: argparse.Namespace) -> str:
    """What a process says until its end; every second one is killed somewhere in the first half of its work."""
    assert process.stdout is not None
    said = ""
    if arguments.kill and number % 2 == 0:
        lines = random.Random(f"{arguments.seed} kill {number}").randint(0, arguments.objects // arguments.processes)
        said = "".join(process.stdout.readline() for _ in range(lines))
        process.send_signal(signal.SIGKILL)
    said += process.stdout.read()
    process.wait()
    return said


def work(store: Path, number: int, arguments: argparse.Namespace) -> None:
    """One process: write its share, look for what others write, say what was written."""
    from auditor.execute import Store

    share = [
        one
        for one in range(arguments.objects)
        if number in (one % arguments.processes, (one + 3) % arguments.processes)
    ]
    order = random.Random(f"{arguments.seed} {number}")
    order.shuffle(share)
    print("ready", flush=True)
    sys.stdin.readline()
    with closing(Store(store)) as opened:
        for one in share:
            opened.put(block_of(one))
            print(one, flush=True)
            other = order.randrange(arguments.objects)
            place = opened.locate(keys_of(other))[0]
            if place is not None:
                found = opened.block(place[0])
                assert found is not None and found.keys == block_of(other).keys


def block_of(number: int):  # type: ignore[no-untyped-def]  # a Block, imported below
    """A block of three scores with up to 60 kB of outputs; equal numbers give equal bytes."""
    from auditor.execute import OpClass
    from auditor.execute.storage.block import make_block
    from auditor.plan import predict

    draw = np.random.default_rng(number)
    keys = [key.tobytes().hex() for key in keys_of(number)]
    outputs = [draw.standard_normal(int(draw.integers(1, 5000))).astype(np.float32) for _ in keys]
    return make_block(predict("a" * 64), OpClass.of(device="cpu"), keys, keys, outputs)


def keys_of(number: int) -> np.ndarray:
    """The three keys in a block, (3, 32) uint8."""
    return np.random.default_rng([number, 1]).integers(0, 256, (3, 32), np.uint8)


def _look(store: Path, written: set[int], figures: Figures) -> None:
    from auditor.digest import digest_bytes
    from auditor.execute import Store
    from auditor.execute.storage.block import block_bytes

    there = {}
    for path in (store / "objects").glob("??/[!.]*"):
        there[path.parent.name + path.name] = digest_bytes(path.read_bytes()) == path.parent.name + path.name
    figures.torn = sum(not whole for whole in there.values())
    figures.lost = sum(digest_bytes(block_bytes(block_of(one))) not in there for one in written)
    with closing(Store(store)) as opened:
        figures.unknown = _unknown(opened, written)


def _unknown(store, written: set[int]) -> int:  # type: ignore[no-untyped-def]
    """Units of written objects that the index does not find."""
    if not written:
        return 0
    keys = np.concatenate([keys_of(one) for one in sorted(written)])
    return int((~store.locate(keys).stored).sum())


if __name__ == "__main__":
    main()
