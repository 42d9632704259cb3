#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One seed, one large file over loopback: file-share beside libtorrent, run by run in turn.

Every byte is hashed on arrival by both, and the result is compared with the source after each run. CPU time counts from
the moment the seed has checked its data to the moment the peer is finished. Nothing here is a test: a slow machine is no
failure, a wrong byte is.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from harness import Options, Row, print_table
from harness.limits import file_over_loopback_rate
from harness.source import make_source

ROOT = Path(__file__).resolve().parents[2]
LIBTORRENT_PEER = ROOT / "Tests" / "Interop" / "harness" / "clients" / "lt_peer.py"
MIB = 1 << 20
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Case:
    """What is transferred, and how."""

    name: str
    size: int = 2 << 30
    piece_length: int = MIB
    kind: str = "v1"
    encryption: str = "off"
    peers: int = 1
    folder: str | None = MEMORY
    """Where the data lie; None: on the disk that has temporary files."""


CASES = [
    Case("v1, memory"),
    Case("v1, disk", folder=None),
    Case("v2, memory", kind="v2"),
    Case("v1 encrypted, memory", size=1 << 30, encryption="require"),
    Case("v1, 16 KiB pieces", size=1 << 30, piece_length=16 << 10),
    Case("v1, 16 MiB pieces", size=1 << 30, piece_length=16 << 20),
    Case("v1, 50 peers at once", size=64 << 20, piece_length=256 << 10, peers=50),
]


@dataclass
class Usage:
    """What one process took."""

    cpu_seconds: float
    peak_bytes: int


@dataclass
class Run:
    """One transfer: from the first peer's start to the last one's end."""

    seconds: float
    peers: list[Usage]
    seed: Usage

    def rate(self, case: Case) -> float:
        """MB a second, all peers together."""
        return case.size * case.peers / 1e6 / self.seconds

    def per_peer_second(self, case: Case) -> float:
        """MB a CPU second of a peer."""
        return case.size * case.peers / 1e6 / max(1e-9, sum(peer.cpu_seconds for peer in self.peers))

    def per_seed_second(self, case: Case) -> float:
        """MB a CPU second of the seed."""
        return case.size * case.peers / 1e6 / max(1e-9, self.seed.cpu_seconds)


class Process:
    """A seed or a peer whose JSON lines are read as they come."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.log = log.open("wb")
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log)
        self.cpu_before = 0.0

    def wait_for(self, event: str, timeout_seconds: float = 600) -> tuple[float, dict]:
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

    def wait_until_seeding(self) -> None:
        """A seed that is still checking its data would be measured for that."""
        while self.wait_for("progress")[1].get("state") != "seeding":
            pass
        self.cpu_before = self.cpu_seconds()

    def cpu_seconds(self) -> float:
        """What it has taken so far."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def usage(self) -> Usage:
        """What it took since it was ready, and its peak; while it runs."""
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return Usage(self.cpu_seconds() - self.cpu_before, int(peak.split()[1]) * 1024)

    def end(self) -> None:
        """Interrupts it if it still runs."""
        self.child.send_signal(signal.SIGINT)
        self.child.communicate()
        self.log.close()


def rows(options: Options, cases: list[Case] | None = None) -> list[Row]:
    """For the table of all comparisons."""
    table: list[Row] = []
    for case in cases or CASES:
        if options.quick:
            case = replace(case, size=min(case.size, 64 * MIB))
        table += compare_case(case, options)
    return table


def compare_case(case: Case, options: Options) -> list[Row]:
    """Both sides and the limit in turn."""
    work = Path(tempfile.mkdtemp(prefix="ruche-bench-", dir=case.folder))
    try:
        source = make_source(work, case.size)
        torrent = make_torrent(case, source, work, options)
        ruche, libtorrent = [options.binary], [sys.executable, str(LIBTORRENT_PEER)]
        ours: list[Run] = []
        theirs: list[Run] = []
        limit: list[float] = []
        for index in range(options.runs):
            ours.append(transfer(case, ruche, torrent, source, work))
            theirs.append(transfer(case, libtorrent, torrent, source, work))
            if case.peers == 1:
                limit.append(file_over_loopback_rate(source, work / "limit.bin") / 1e6)
            rates = f"Ruche {ours[-1].rate(case):,.0f}, libtorrent {theirs[-1].rate(case):,.0f} MB/s"
            print(f"{case.name}, run {index + 1}: {rates}", file=sys.stderr, flush=True)
        return rows_of(case, ours, theirs, limit)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def rows_of(case: Case, ours: list[Run], theirs: list[Run], limit: list[float]) -> list[Row]:
    """What is worth a line."""

    def row(what: str, unit: str, value, limit: list[float] | None = None, more: bool = True) -> Row:
        return Row(
            f"{case.name}: {what}",
            unit,
            [value(run) for run in ours],
            [value(run) for run in theirs],
            limit or [],
            more_is_better=more,
        )

    # Several peers trade among themselves, so what the seed gave of all that is not known.
    seed = [row("seed, per CPU second", "MB", lambda run: run.per_seed_second(case))] if case.peers == 1 else []
    return [
        row("transfer", "MB/s", lambda run: run.rate(case), limit),
        row("peer, per CPU second", "MB", lambda run: run.per_peer_second(case)),
        *seed,
        row("peer, peak memory", "MiB", lambda run: max(p.peak_bytes for p in run.peers) / MIB, more=False),
        row("seed, peak memory", "MiB", lambda run: run.seed.peak_bytes / MIB, more=False),
    ]


def make_torrent(case: Case, source: Path, work: Path, options: Options) -> Path:
    """By our own app: both sides get the same."""
    torrent = work / "payload.torrent"
    command = [options.binary, "create", str(source), "-o", str(torrent), f"--{case.kind}"]
    command += ["--piece-length", str(case.piece_length)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return torrent


def transfer(case: Case, program: list[str], torrent: Path, source: Path, work: Path) -> Run:
    """Seeds with one process and fetches with others, which know of the seed alone."""
    targets = [work / f"target-{number}" for number in range(case.peers)]
    for target in targets:
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
    shared = ["--listen", "127.0.0.1:0", "--json", "--encryption", case.encryption]
    seed = Process([*program, "seed", str(torrent), "--data", str(source.parent), *shared], work / "seed.log")
    _, listening = seed.wait_for("listening")
    seed.wait_until_seeding()
    seed_address = ["--peer", f"127.0.0.1:{listening['port']}"]
    peers = [
        # With --seed it stays when it is done, so that its memory and time can be read.
        Process([*program, "get", str(torrent), "-o", str(target), "--seed", *seed_address, *shared], work / "peer.log")
        for target in targets
    ]
    begun = peers[0].wait_for("listening")[0]
    ended = max(peer.wait_for("finished")[0] for peer in peers)
    run = Run(ended - begun, [peer.usage() for peer in peers], seed.usage())
    for process in [*peers, seed]:
        process.end()
    for target in targets:
        if not filecmp.cmp(source, target / source.name, shallow=False):
            raise SystemExit("the result differs from the source")
        shutil.rmtree(target)
    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    Options.add_to(parser)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--size", type=int, help="bytes, in place of each case's own")
    parser.add_argument("--list", action="store_true", help="list the cases")
    arguments = parser.parse_args()
    cases = [case for case in CASES if arguments.only in case.name]
    if arguments.list:
        return print("\n".join(case.name for case in cases))
    if arguments.size:
        cases = [replace(case, size=arguments.size) for case in cases]
    print_table(rows(Options.of(arguments), cases))


if __name__ == "__main__":
    main()
