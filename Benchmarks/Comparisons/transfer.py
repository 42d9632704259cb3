#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One seed, one peer, one large file over loopback: file-share beside libtorrent, run by run in turn.

Prints a table with medians of at least five runs each and their ratios. Every byte is hashed on arrival by both, and the
result is compared with the source after each run. Nothing here is a test: a slow machine is no failure, a wrong byte is.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from harness import Options, Row
from harness.limits import loopback_rate

ROOT = Path(__file__).resolve().parents[2]
LIBTORRENT_PEER = ROOT / "Tests" / "Interop" / "harness" / "clients" / "lt_peer.py"
MIB = 1 << 20


@dataclass
class Usage:
    """What one process took."""

    cpu_seconds: float
    peak_bytes: int


@dataclass
class Run:
    """One transfer."""

    seconds: float
    peer: Usage
    seed: Usage


class Process:
    """A seed or a peer whose JSON lines are read as they come."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.log = log.open("wb")
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log)

    def wait_for(self, event: str, timeout_seconds: float = 300) -> tuple[float, dict]:
        """The moment and the content of the next line with that event."""
        deadline = time.monotonic() + timeout_seconds
        assert self.child.stdout
        for line in self.child.stdout:
            now = time.monotonic()
            message = json.loads(line)
            if message.get("event") == event:
                return now, message
            if message.get("event") == "error" or now > deadline:
                break
        raise SystemExit(f"no event {event}: see {self.log.name}")

    def end(self) -> Usage:
        """Interrupts it if it still runs, and says what it took."""
        if self.child.returncode is None:
            self.child.send_signal(signal.SIGINT)
        _, _, used = os.wait4(self.child.pid, 0)
        self.child.returncode = 0
        self.log.close()
        return Usage(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def make_source(folder: Path, size: int) -> Path:
    """A file of random bytes."""
    path = folder / "source" / "payload.bin"
    path.parent.mkdir(parents=True)
    with path.open("wb") as out:
        for start in range(0, size, 16 * MIB):
            out.write(os.urandom(min(16 * MIB, size - start)))
    return path


def transfer(program: list[str], torrent: Path, source: Path, work: Path, extra: list[str]) -> Run:
    """Seeds with one process and fetches with another."""
    target = work / "target"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    seed = Process(
        [*program, "seed", str(torrent), "--data", str(source.parent), "--listen", "127.0.0.1:0", "--json", *extra],
        work / "seed.log",
    )
    _, listening = seed.wait_for("listening")
    wait_until_seeding(seed)
    peer = Process(
        [*program, "get", str(torrent), "-o", str(target), "--listen", "127.0.0.1:0"]
        + ["--peer", f"127.0.0.1:{listening['port']}", "--json", *extra],
        work / "peer.log",
    )
    begun, _ = peer.wait_for("listening")
    ended, _ = peer.wait_for("finished")
    used = Run(ended - begun, peer.end(), seed.end())
    if not filecmp.cmp(source, target / source.name, shallow=False):
        raise SystemExit("the result differs from the source")
    return used


def wait_until_seeding(seed: Process) -> None:
    """A seed that is still checking its data would be measured for that."""
    while True:
        _, message = seed.wait_for("progress")
        if message.get("state") == "seeding":
            return


def row(name: str, ours: list[float], theirs: list[float], unit: str, more_is_better: bool) -> str:
    """A line of the table, with the ratio in our favour above 1."""
    a, b = statistics.median(ours), statistics.median(theirs)
    ratio = a / b if more_is_better else b / a
    return f"| {name} | {a:,.1f} {unit} | {b:,.1f} {unit} | {ratio:.2f} |"


def figures(megabytes: float) -> list[tuple]:
    """What is told of a run: its name, how to get it, its unit, and whether more of it is better."""
    return [
        ("transfer", lambda run: megabytes / run.seconds, "MB/s", True),
        ("peer, per CPU second", lambda run: megabytes / run.peer.cpu_seconds, "MB", True),
        ("seed, per CPU second", lambda run: megabytes / run.seed.cpu_seconds, "MB", True),
        ("peer, peak memory", lambda run: run.peer.peak_bytes / MIB, "MiB", False),
        ("seed, peak memory", lambda run: run.seed.peak_bytes / MIB, "MiB", False),
    ]


def report(ours: list[Run], theirs: list[Run], size: int) -> None:
    """The table."""
    print("\n| median | Ruche | libtorrent | ratio |\n| --- | --- | --- | --- |")
    for name, value, unit, more in figures(size / 1e6):
        print(row(name, [value(run) for run in ours], [value(run) for run in theirs], unit, more))


def make_parser() -> argparse.ArgumentParser:
    """The options of this comparison by itself."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / ".build" / "release" / "file-share"))
    parser.add_argument("--size", type=int, default=2 << 30, help="bytes (default: 2 GiB)")
    parser.add_argument("--piece-length", type=int, default=MIB, help="bytes (default: 1 MiB)")
    parser.add_argument("--kind", choices=["v1", "v2", "hybrid"], default="v1")
    parser.add_argument("--encryption", choices=["off", "require"], default="off")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--work", help="folder for the data (default: /dev/shm, which is memory)")
    return parser


def alternate(arguments: argparse.Namespace) -> tuple[list[Run], list[Run], list[float]]:
    """Ours, theirs, and the bytes a second that loopback carries without either, in turn."""
    base = arguments.work or ("/dev/shm" if Path("/dev/shm").is_dir() else None)
    work = Path(tempfile.mkdtemp(prefix="ruche-bench-", dir=base))
    try:
        source = make_source(work, arguments.size)
        torrent = work / "payload.torrent"
        subprocess.run(
            [arguments.binary, "create", str(source), "-o", str(torrent), f"--{arguments.kind}"]
            + ["--piece-length", str(arguments.piece_length)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        extra = ["--encryption", arguments.encryption]
        ruche, libtorrent = [arguments.binary], [sys.executable, str(LIBTORRENT_PEER)]
        ours, theirs, limits = [], [], []
        for index in range(arguments.runs):
            for name, program, runs in [("Ruche", ruche, ours), ("libtorrent", libtorrent, theirs)]:
                runs.append(transfer(program, torrent, source, work, extra))
                rate = arguments.size / 1e6 / runs[-1].seconds
                print(f"run {index + 1}: {name} {rate:,.0f} MB/s", file=sys.stderr, flush=True)
            limits.append(loopback_rate(arguments.size))
        return ours, theirs, limits
    finally:
        shutil.rmtree(work, ignore_errors=True)


def rows(options: Options) -> list[Row]:
    """For the table of all comparisons."""
    arguments = make_parser().parse_args(["--binary", options.binary, "--runs", str(options.runs)])
    if options.quick:
        arguments.size = 256 * MIB
    ours, theirs, limits = alternate(arguments)
    megabytes = arguments.size / 1e6
    table = []
    for name, value, unit, more in figures(megabytes):
        row = Row(f"{name}, {arguments.kind}", unit, list(map(value, ours)), list(map(value, theirs)), [], more)
        table.append(row)
    table[0].limit = [rate / 1e6 for rate in limits]
    return table


def main() -> None:
    arguments = make_parser().parse_args()
    ours, theirs, _ = alternate(arguments)
    report(ours, theirs, arguments.size)


if __name__ == "__main__":
    main()
