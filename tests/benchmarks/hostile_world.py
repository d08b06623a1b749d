"""What damaged stores, failing disks, crowds and spoilt documents come to, as figures."""

from __future__ import annotations

from tests.benchmarks.figure import Figure, told_by
from tests.spec.fuzzing import SEED, fuzz
from tests.spec.typos import typo_figures


def flips(most: int = 200) -> list[Figure]:
    """One byte flipped in each of many stored objects."""
    told = told_by("tests.stress.byte_flips", "--batch", "1", "--most", str(most))
    return [
        Figure(
            f"one byte flipped in each of {told['flipped']} store objects",
            f"{most} found on read and made again identically",
            f"{told['found_by_a_run']} found by a run, {told['found_by_verify']} by `cache verify`, "
            f"{told['made_again_identically']} made again identically, {told['wrongly_accused']} whole ones accused",
            told["perfect"] and told["flipped"] == most,
            f"`python -m tests.stress.byte_flips --batch 1`, seed {told['seed']}, of {told['objects']} objects; "
            f"{told['seconds']:.0f} s",
        )
    ]


def faults(points: int | None = None) -> list[Figure]:
    """EIO and ENOSPC at every n-th write, fsync and rename, in Python and below it."""
    figures = []
    for layer, where in (("python", "in Python's `os`"), ("below", "below Python")):
        told = told_by(
            "tests.stress.disk_faults", "--layer", layer, *([] if points is None else ["--points", str(points)])
        )
        wrong = sum(
            len(told[one])
            for one in ("bad_statuses", "unsound_stores", "broken_journals", "failed_resumes", "different_files")
        )
        ended = ", ".join(f"{count} in {status}" for status, count in sorted(told["ended_with"].items()))
        calls = ", ".join(f"{count} {kind}s" for kind, count in told["calls"].items())
        figures.append(
            Figure(
                f"EIO and ENOSPC {where} at {told['points']} points of a {told['units']}-unit run",
                "every one ends in exit 0 or 3, the store verifies, resuming completes",
                f"exit statuses: {ended} (7 is the audit's own); {wrong} unsound, not resumed or different",
                told["perfect"],
                f"`python -m tests.stress.disk_faults --layer {layer}`; an undisturbed run makes {calls}; "
                f"{told['seconds']:.0f} s",
            )
        )
    return figures


def crowd(objects: int = 1_000) -> list[Figure]:
    """Many processes on one store."""
    told = told_by("tests.stress.one_store", "--objects", str(objects))
    return [
        Figure(
            f"{told['processes']} processes on one store, {told['written']:,} objects",
            "0 torn objects",
            f"{told['torn']} torn, {told['lost']} lost, {told['unknown']} unknown to the index, "
            f"{told['failed']} processes failed",
            told["perfect"] and told["written"] == objects,
            f"`python -m tests.stress.one_store --objects {objects}`: each is written by two processes; "
            f"{told['seconds']:.0f} s",
        )
    ]


def specs(documents: int = 5_000, typos: int = 5_000) -> list[Figure]:
    """Spoilt documents, and keys with one wrong letter."""
    found = fuzz(documents)
    right, asked, _ = typo_figures(typos)
    tracebacks, placed = sum(found.tracebacks.values()), found.placed / max(1, found.problems)
    return [
        Figure(
            f"{found.documents:,} fuzzed specs",
            "0 tracebacks, 0 hangs over 2 s, all with file:line:column",
            f"{tracebacks} tracebacks, {found.hangs} hangs (the slowest {found.slowest:.1f} s), {placed:.2%} of "
            f"{found.problems:,} problems placed",
            not tracebacks and not found.hangs and found.placed == found.problems,
            f"`tests/spec/fuzzing.py`, seed {SEED}; {found.refused:,} were refused, with {len(found.codes)} kinds of "
            "problems",
        ),
        Figure(
            "one-letter typos in keys that get the right suggestion",
            "95 %",
            f"{right / asked:.1%} of {asked:,}",
            right / asked >= 0.95,
            "`tests/spec/typos.py`: a letter dropped, doubled, changed or swapped with the next",
        ),
    ]
