#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures transfers in one process on one event loop and on two: how well swarms use two cores.

Seed and peer are sessions of one process and connect over loopback; each has the number of loops given in the row.
Every piece is hashed on arrival, and the result is compared with the source. Everything is pinned to two cores. The
limit is the rate of two independent processes, each with one transfer on one loop, and each pinned to its own core.

    cores.py --perf FILE    instead of the table, samples two transfers on two loops with Linux's `perf`, and prints the
                            share of time that sharing takes; the samples are left in the file
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from harness import Options, Parser, Row, print_table, work_folder
from harness.profile import Watch, shares, threads
from harness.source import make_source, make_torrent

PROGRAM = "cores"
CORES = sorted(os.sched_getaffinity(0))[:2]
SIZE = 1 << 30
QUICK_SIZE = 64 << 20


@dataclass(frozen=True)
class Case:
    """The work of one process."""

    name: str
    transfers: int = 1
    loops: int = 1


APART = Case("")
ONE_CORE = Case("one transfer, one loop, one core")
CASES = [
    Case("one transfer, one loop"),
    Case("two transfers, one loop", transfers=2),
    Case("two transfers, two loops", transfers=2, loops=2),
]


@dataclass
class Run:
    """The bytes received, and the time they took."""

    byte_count: int
    begun: float
    ended: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """MB per second."""
        return self.byte_count / 1e6 / (self.ended - self.begun)

    @property
    def cost(self) -> float:
        """CPU seconds of both ends per GB."""
        return self.cpu_seconds / (self.byte_count / 1e9)

    @property
    def cores(self) -> float:
        """The average number of busy cores."""
        return self.cpu_seconds / (self.ended - self.begun)


class Transfers:
    """A process that is ready to fetch."""

    def __init__(self, bench: Bench, case: Case, target: Path, cores: list[int], first: int = 0) -> None:
        self.sources = bench.sources[first : first + case.transfers]
        self.target = target
        target.mkdir()
        torrents = [str(torrent) for torrent in bench.torrents[first : first + case.transfers]]
        self.log = target.with_suffix(".log")
        with self.log.open("wb") as errors:
            self.child = subprocess.Popen(
                [str(bench.program), str(case.loops), str(self.sources[0].parent), str(target), *torrents],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                preexec_fn=lambda: os.sched_setaffinity(0, cores),
            )
        if self._line() != "ready":
            raise SystemExit(f"not ready: {self.log.read_text()}")

    def begin(self) -> None:
        """Starts the transfers."""
        assert self.child.stdin
        self.child.stdin.write("begin\n")
        self.child.stdin.flush()

    def end(self) -> Run:
        """Waits for the end of the transfers, and compares the results with the sources."""
        line = self._line()
        if self.child.wait() != 0 or not line:
            raise SystemExit(f"failed: {self.log.read_text()}")
        told = json.loads(line)
        for source in self.sources:
            if not filecmp.cmp(source, self.target / source.name, shallow=False):
                raise SystemExit("the result differs from the source")
        shutil.rmtree(self.target)
        byte_count = sum(source.stat().st_size for source in self.sources)
        return Run(byte_count, told["begun"], told["ended"], told["cpuSeconds"])

    def _line(self) -> str:
        assert self.child.stdout
        return self.child.stdout.readline().strip()


class Bench:
    """The files and torrents that all runs share."""

    def __init__(self, options: Options, work: Path) -> None:
        size = QUICK_SIZE if options.quick else SIZE
        self.work = work
        self.program = Path(options.measure).with_name(PROGRAM)
        self.sources = [make_source(work, size, f"payload-{number}.bin") for number in range(2)]
        self.torrents = [make_torrent(options, source, work / f"{source.name}.torrent") for source in self.sources]

    def run(self, case: Case, cores: list[int]) -> Run:
        """Runs one process alone."""
        transfers = Transfers(self, case, self.work / "target", cores)
        transfers.begin()
        return transfers.end()

    def run_apart(self) -> Run:
        """Runs one process per core at the same time."""
        apart = [
            Transfers(self, APART, self.work / f"target-{number}", [core], first=number)
            for number, core in enumerate(CORES)
        ]
        for transfers in apart:
            transfers.begin()
        runs = [transfers.end() for transfers in apart]
        return Run(
            sum(run.byte_count for run in runs),
            min(run.begun for run in runs),
            max(run.ended for run in runs),
            sum(run.cpu_seconds for run in runs),
        )

    def profile(self, case: Case, output: str) -> Run:
        """Profiles one process while it fetches."""
        transfers = Transfers(self, case, self.work / "target", CORES)
        with Watch(transfers.child.pid, output):
            transfers.begin()
            return transfers.end()


def rows(options: Options) -> list[Row]:
    """Runs all cases in turn, and returns the rows of this comparison."""
    ours: dict[Case, list[Run]] = {case: [] for case in [ONE_CORE, *CASES]}
    limit: list[Run] = []
    with work_folder() as work:
        bench = Bench(options, work)
        for index in range(options.runs):
            for case, runs in ours.items():
                runs.append(bench.run(case, CORES[:1] if case is ONE_CORE else CORES))
                print(f"{case.name}, run {index + 1}: {runs[-1].rate:,.0f} MB/s", file=sys.stderr, flush=True)
            limit.append(bench.run_apart())
    return [row for case, runs in ours.items() for row in rows_of(case, runs, [] if case is ONE_CORE else limit)]


def rows_of(case: Case, ours: list[Run], limit: list[Run]) -> list[Row]:
    """Returns the rows of one case."""
    costs = [run.cost for run in limit]
    return [
        Row(case.name, "MB/s", [run.rate for run in ours], limit=[run.rate for run in limit]),
        Row(f"{case.name}: CPU per GB", "s", [run.cost for run in ours], limit=costs, more_is_better=False),
        Row(f"{case.name}: cores busy", "", [run.cores for run in ours], limit=[run.cores for run in limit]),
    ]


def main() -> None:
    parser = Parser(__doc__)
    parser.add_argument("--perf", metavar="FILE", help="profile two transfers on two loops into this file")
    arguments = parser.parse_args()
    options = Options.of(arguments)
    if not arguments.perf:
        return print_table(rows(options))
    with work_folder() as work:
        run = Bench(options, work).profile(CASES[-1], arguments.perf)
    print(f"{run.rate:,.0f} MB/s, {run.cost:.2f} CPU seconds for a GB")
    for name, share in [*threads(arguments.perf), *shares(arguments.perf).items()]:
        print(f"{name}: {share:.2f} %")


if __name__ == "__main__":
    main()
