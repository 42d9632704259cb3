#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the transfer of one large file over loopback, with file-share and libtorrent in turn.

Both hash every byte on arrival, and each result is compared with the source. CPU time counts from the moment
the seed has checked its data to the moment the peer has finished. This is not a test: a wrong byte is a
failure, a slow machine is not.
"""

from __future__ import annotations

import filecmp
import shutil
import signal
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from harness import MEMORY, ROOT, Options, Parser, Program, Row, print_table, work_folder
from harness.limits import file_over_loopback_rate
from harness.source import make_source, make_torrent

LIBTORRENT_PEER = ROOT / "Tests" / "Interop" / "harness" / "clients" / "lt_peer.py"
MIB = 1 << 20
QUICK_SIZE = 64 * MIB
QUICK_PEERS = 4


@dataclass(frozen=True)
class Case:
    """The content of a transfer, and its parameters."""

    name: str
    size: int = 2 << 30
    piece_length: int = MIB
    kind: str = "v1"
    encryption: str = "off"
    peers: int = 1
    folder: str | None = MEMORY
    """The folder for the data. None means the default folder for temporary files."""

    @property
    def title(self) -> str:
        """The name of the case in the table."""
        return self.name if self.peers == 1 else f"{self.name}, {self.peers} peers at once"


CASES = [
    Case("v1, memory"),
    Case("v1, disk", folder=None),
    Case("v2, memory", kind="v2"),
    Case("v1 encrypted, memory", size=1 << 30, encryption="require"),
    Case("v1, 16 KiB pieces", size=1 << 30, piece_length=16 << 10),
    Case("v1, 16 MiB pieces", size=1 << 30, piece_length=16 << 20),
    Case("v1", size=64 << 20, piece_length=256 << 10, peers=50),
]


@dataclass
class Usage:
    """The resources of one process."""

    cpu_seconds: float
    peak_bytes: int


@dataclass
class Run:
    """A transfer, from the first peer's start to the last one's end."""

    seconds: float
    peers: list[Usage]
    seed: Usage

    def rate(self, case: Case) -> float:
        """MB per second, all peers together."""
        return case.size * case.peers / 1e6 / self.seconds

    def per_peer_second(self, case: Case) -> float:
        """MB per CPU second of a peer."""
        return case.size * case.peers / 1e6 / max(1e-9, sum(peer.cpu_seconds for peer in self.peers))

    def per_seed_second(self, case: Case) -> float:
        """MB per CPU second of the seed."""
        return case.size * case.peers / 1e6 / max(1e-9, self.seed.cpu_seconds)


def rows(options: Options, cases: list[Case] | None = None) -> list[Row]:
    """Returns the rows of this comparison."""
    table: list[Row] = []
    for case in cases or CASES:
        if options.quick:
            case = replace(case, size=min(case.size, QUICK_SIZE), peers=min(case.peers, QUICK_PEERS))
        table += compare_case(case, options)
    return table


def compare_case(case: Case, options: Options) -> list[Row]:
    """Measures both sides and the limit in turn."""
    ours: list[Run] = []
    theirs: list[Run] = []
    limit: list[float] = []
    with work_folder(case.folder) as work:
        source = make_source(work, case.size)
        torrent = make_torrent(options, source, work / "payload.torrent", case.kind, case.piece_length)
        for index in range(options.runs):
            ours.append(transfer(case, [options.binary], torrent, source, work))
            theirs.append(transfer(case, [sys.executable, str(LIBTORRENT_PEER)], torrent, source, work))
            if case.peers == 1:
                have_pages_ready(work, case.size)
                limit.append(file_over_loopback_rate(source, work / "limit.bin") / 1e6)
            rates = f"Ruche {ours[-1].rate(case):,.0f}, libtorrent {theirs[-1].rate(case):,.0f} MB/s"
            print(f"{case.title}, run {index + 1}: {rates}", file=sys.stderr, flush=True)
    return rows_of(case, ours, theirs, limit)


def rows_of(case: Case, ours: list[Run], theirs: list[Run], limit: list[float]) -> list[Row]:
    """Returns the rows of one case."""

    def row(what: str, unit: str, value, limit: list[float] | None = None, more: bool = True) -> Row:
        return Row(
            f"{case.title}: {what}",
            unit,
            [value(run) for run in ours],
            [value(run) for run in theirs],
            limit or [],
            more_is_better=more,
        )

    # Several peers trade among themselves, so the seed's share of the upload is unknown.
    seed = [row("seed, per CPU second", "MB", lambda run: run.per_seed_second(case))] if case.peers == 1 else []
    return [
        row("transfer", "MB/s", lambda run: run.rate(case), limit),
        row("peer, per CPU second", "MB", lambda run: run.per_peer_second(case)),
        *seed,
        row("peer, peak memory", "MiB", lambda run: max(p.peak_bytes for p in run.peers) / MIB, more=False),
        row("seed, peak memory", "MiB", lambda run: run.seed.peak_bytes / MIB, more=False),
    ]


def transfer(case: Case, program: list[str], torrent: Path, source: Path, work: Path) -> Run:
    """Seeds with one process, fetches with others that only know the seed, and compares the results."""
    targets = [work / f"target-{number}" for number in range(case.peers)]
    for target in targets:
        target.mkdir()
    shared = ["--listen", "127.0.0.1:0", "--json", "--encryption", case.encryption]
    seed = Program([*program, "seed", str(torrent), "--data", str(source.parent), *shared], work / "seed.log")
    port = seed.wait_for("listening")[1]["port"]
    # Wait until the seed has checked its data, which must not be measured.
    seed.wait_for("progress", lambda message: message.get("state") == "seeding")
    have_pages_ready(work, case.size * case.peers)
    before = seed.cpu_seconds
    begun, peers = start_peers(
        seed,
        [
            # With --seed the peer keeps running once complete, so that its memory and time can be read.
            [*program, "get", str(torrent), "-o", str(target), "--seed", "--peer", f"127.0.0.1:{port}", *shared]
            for target in targets
        ],
        work,
    )
    ended = max(peer.wait_for("finished")[0] for peer in peers)
    usages = [Usage(peer.cpu_seconds, peer.peak_bytes) for peer in peers]
    run = Run(ended - begun, usages, Usage(seed.cpu_seconds - before, seed.peak_bytes))
    for process in [*peers, seed]:
        process.end()
    for target in targets:
        if not filecmp.cmp(source, target / source.name, shallow=False):
            raise SystemExit("the result differs from the source")
        shutil.rmtree(target)
    return run


def have_pages_ready(work: Path, byte_count: int) -> None:
    """Makes the system allocate pages for a file of this length, and frees them.

    The host of a virtual machine may reclaim the guest's free pages. The first access to such a page costs up to ten
    times as much as a copy. Which pages are affected depends on earlier use, so it would slow one side more than the
    other.
    """
    rehearsal = work / "rehearsal.bin"
    chunk = bytes(MIB)
    with rehearsal.open("wb", buffering=0) as file:
        for _ in range(0, byte_count, MIB):
            file.write(chunk)
    rehearsal.unlink()


def start_peers(seed: Program, commands: list[list[str]], work: Path) -> tuple[float, list[Program]]:
    """Starts the peers, and returns when they begin to fetch. The seed is suspended until the last of several is up."""
    if len(commands) == 1:
        peer = Program(commands[0], work / "peer.log")
        return peer.wait_for("listening")[0], [peer]
    seed.child.send_signal(signal.SIGSTOP)
    peers = [Program(command, work / f"peer-{number}.log") for number, command in enumerate(commands)]
    for peer in peers:
        peer.wait_for("listening")
    seed.child.send_signal(signal.SIGCONT)
    return time.monotonic(), peers


def main() -> None:
    parser = Parser(__doc__)
    parser.add_argument("--only", default="", help="run only cases whose name contains this")
    parser.add_argument("--size", type=int, help="bytes, instead of each case's own size")
    parser.add_argument("--list", action="store_true", help="list the cases")
    arguments = parser.parse_args()
    cases = [case for case in CASES if arguments.only in case.title]
    if arguments.list:
        return print("\n".join(case.title for case in cases))
    if arguments.size:
        cases = [replace(case, size=arguments.size) for case in cases]
    print_table(rows(Options.of(arguments), cases))


if __name__ == "__main__":
    main()
