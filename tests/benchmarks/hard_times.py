"""What the long tests of tests/stress come to, as figures."""

from __future__ import annotations

import subprocess
import sys

from tests.benchmarks.figure import ROOT, Figure, environment, told_by

RACES = "tests/cli/test_one_writer.py::test_of_two_runs_on_one_folder_exactly_one_wins"


def kills(points: int = 100, points_with_pdf: int = 10) -> list[Figure]:
    """`kill -9` at random points, each resumed."""
    figures = []
    for count, formats in ((points, "html"), (points_with_pdf, "html,pdf")):
        told = told_by("tests.stress.kill_nine", str(count), "--formats", formats)
        differ = len(told["different_files"]) + told["failed_resumes"] + told["torn_objects"]
        figures.append(
            Figure(
                f"`kill -9` at {told['points']} random points of a {told['units']}-unit run, each resumed "
                f"({formats.replace(',', ' and ')})",
                "0 units lost, 0 finished units repeated, 0 differences",
                f"{told['lost_units']} lost, {told['repeated_units']} repeated, {differ} differences",
                told["perfect"] and told["units"] >= 200,
                f"`python -m tests.stress.kill_nine {count} --formats {formats}`, seed {told['seed']}: "
                f"{told['killed']} were killed at work, {told['within_computing']} of them between the first unit and "
                f"the last of {told['micro_batches']} micro-batches; result, unit table, pictures and reports compared "
                f"by digest; {told['seconds']:.0f} s",
            )
        )
    return figures


def orders(resumes: int = 10, workers: str = "1,2,4") -> list[Figure]:
    """Any order, any number of workers, any point to stop at."""
    told = told_by("tests.stress.orders", "--resumes", str(resumes), "--workers", workers)
    return [
        Figure(
            f"the plan shuffled {told['shuffles']} times, split over {workers} workers, resumed at {told['resumes']} "
            "points",
            "one distinct result",
            f"{told['distinct_results']} distinct",
            told["distinct_results"] == 1 and told["computed_while_judging"] == 0,
            f"`python -m tests.stress.orders --resumes {resumes} --workers {workers}`, seed {told['seed']}: "
            f"{told['variants']} variants of {told['units']} units, each beside the run that nobody touched; result, "
            f"unit table, pictures and report compared by digest; {told['seconds']:.0f} s",
        )
    ]


def races_on_one_folder(races: int = 50) -> list[Figure]:
    """Two runs that begin on one folder at the same time."""
    return [long_test("races of two runs on one directory", "1 winner each, and a clear message", f"{RACES}[{races}]")]


def long_test(what: str, bar: str, node: str) -> Figure:
    """A long test as a figure: what it says in lines that begin with `figure: `, and whether it passed."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-s", "-m", "slow or not slow", node]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    told = [line.partition("figure: ")[2] for line in lines if "figure: " in line]
    passed = done.returncode == 0
    return Figure(
        what,
        bar,
        "; ".join(told) or ("passed" if passed else "failed"),
        passed,
        f"`pytest {node}`: {lines[-1].strip()}",
    )
