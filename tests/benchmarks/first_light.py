"""The figures of the README, measured: `make benchmarks`.

Runs the shapes audit from an empty store in processes of its own, with wall-clock time and the
peak of proportional memory over the whole process tree, then what the audit found.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"
CONCEPTS = ("red circle", "green circle", "blue circle", "red rectangle", "green rectangle", "blue rectangle")
WEIGHTS = np.array([1.0, 0.8, 0.6, 0.4, 0.2, 0.0])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder))
    width = max(len(name) for name, _, _ in rows)
    for name, value, bar in rows:
        print(f"{name:<{width}}  {value:<28} {bar}")


def measure(folder: Path) -> list[tuple[str, str, str]]:
    """The table: what, figure, bar."""
    store = str(folder / "store")
    rows = []
    for name, command in (("auditor --help", ["--help"]), ("auditor validate", ["validate", str(spec("reliance"))])):
        seconds = [run(command)[0] for _ in range(7)]
        rows.append((name, f"{statistics.median(seconds):.2f} s (median of 7)", "under 0.5 s"))
    planned = folder / "plan.yaml"
    planned.write_text(spec("reliance").read_text().replace("permutations: exact", "permutations: 500"))
    _, _, text = run(["plan", str(planned), "--no-estimate", "--json", "--store", store])
    op = next(op for op in json.loads(text)["ops"] if op["kind"] == "generate")
    ratio = op["as_published"] / op["distinct"]
    rows.append(
        ("plan: as published / distinct", f"{op['as_published']:,} / {op['distinct']:,} = {ratio:.0f}", "at least 400")
    )
    out = folder / "reliance"
    seconds, peak, _ = run(["run", str(spec("reliance")), "--out", str(out), "--store", store])
    rows.append(("run shapes-reliance", f"{seconds:.0f} s", "at most 240 s"))
    rows.append(("peak memory of that run", f"{peak / 2**30:.2f} GiB", "under 3 GB"))
    seconds, _, _ = run(["run", str(spec("reliance")), "--out", str(out), "--store", store])
    rows.append(("the same run again", f"{seconds:.1f} s", ""))
    biased = folder / "biased"
    seconds, _, _ = run(["run", str(spec("biased")), "--out", str(biased), "--store", store])
    rows.append(("run shapes-biased on the same pictures", f"{seconds:.1f} s", ""))
    rows += found(out, biased)
    return rows


def found(out: Path, biased: Path) -> list[tuple[str, str, str]]:
    """What the two audits came to, beside the known truth."""
    result, other = (json.loads((folder / "result.json").read_text()) for folder in (out, biased))
    importance = estimates(result, "importance")
    oracle = at_the_bottleneck(out / "units.jsonl")
    ranks = [np.argsort(np.argsort(values)) for values in (importance, WEIGHTS)]
    states = [
        next(one["state"] for one in audit["requirements"] if one["quantity"] == "systematic_response")
        for audit in (result, other)
    ]
    return [
        ("Pearson r with the bottleneck", f"{np.corrcoef(importance, oracle)[0, 1]:.4f}", "at least 0.97"),
        ("Spearman r with the weights", f"{np.corrcoef(*ranks)[0, 1]:.3f}", "at least 0.9"),
        ("response requirement, outcome", states[0], "pass"),
        ("response requirement, outcome-biased", states[1], "fail"),
    ]


def estimates(result: dict[str, list[dict[str, object]]], quantity: str) -> np.ndarray:
    named = {f["subject"]["name"]: f["estimate"] for f in result["findings"] if f["quantity"] == quantity}  # type: ignore[index]
    return np.array([named[name] for name in CONCEPTS])


def at_the_bottleneck(units: Path, rounds: int = 500) -> np.ndarray:
    """Importance by permuting the concept logits of the real pictures inside the linear outcome."""
    real = [line for line in map(json.loads, units.read_text().splitlines()) if line["kind"] == "real"]
    logits = np.array([[line["scores"]["outcome"][name] for name in CONCEPTS] for line in real])
    outcome = np.array([line["scores"]["outcome"]["outcome"] for line in real])
    labels = np.array([line["label"] for line in real])
    weights = np.linalg.lstsq(np.column_stack([logits, np.ones(len(logits))]), outcome, rcond=None)[0]
    rng = np.random.default_rng(0)
    drops = np.zeros(len(CONCEPTS))
    for j in range(len(CONCEPTS)):
        for _ in range(rounds):
            moved = outcome + weights[j] * (rng.permutation(logits[:, j]) - logits[:, j])
            drops[j] += (auroc(labels, outcome) - auroc(labels, moved)) / rounds
    return drops


def auroc(labels: np.ndarray, scores: np.ndarray) -> float:
    positive, negative = scores[labels == 1], scores[labels == 0]
    return float(np.mean((positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)))


def run(arguments: list[str]) -> tuple[float, int, str]:
    """Run the command line: seconds, peak memory in bytes, stdout."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "auditor", *arguments], stdout=subprocess.PIPE, text=True)
    peak = Peak(process.pid)
    peak.start()
    text, _ = process.communicate()
    seconds = time.perf_counter() - start
    peak.join()
    if process.returncode not in (0, 1, 7):
        raise SystemExit(f"auditor {' '.join(arguments)} left with {process.returncode}")
    return seconds, peak.bytes, text


class Peak(threading.Thread):
    """Watches the proportional set size of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self.bytes = pid, 0

    def run(self) -> None:
        while Path(f"/proc/{self._pid}").exists():
            self.bytes = max(self.bytes, sum(map(proportional, tree(self._pid))))
            time.sleep(0.25)


def tree(pid: int) -> list[int]:
    """A process and all that it started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in tree(int(child)))]


def proportional(pid: int) -> int:
    """Memory of a process, shared pages divided among those that share them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def spec(name: str) -> Path:
    return SPECS / f"shapes-{name}.yaml"


if __name__ == "__main__":
    main()
