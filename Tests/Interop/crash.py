#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Crashes: a download killed (`kill -9`) at random moments ends correctly and downloads nothing verified twice.

The harness's own seed records which pieces each life claimed, which blocks it was sent, and when.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from pathlib import Path

from harness.arena import Arena
from harness.clients.file_share import FileShare, RunningFileShare
from harness.content import MIB, Library, single
from harness.crash_lives import Life, Loss, fetched_again, loss_between
from harness.report import Report
from harness.runner import CONTENT_SEED, file_share_command, make_parser, work_folder
from harness.torrents import Torrent, TorrentPress
from harness.wire.peer import Loop, OneFile
from harness.wire.recording_seed import RecordingSeed

SHORTEST_LIFE_SECONDS = 0.3
LONGEST_LIFE_SECONDS = 1.5
SHARE_BEFORE_LAST_LIFE = 0.8
"""The share of the payload that the seed's rate would allow before the last kill, if starting took no time."""
TIMEOUT_SECONDS = 900


class KilledDownload:
    """The download, life after life."""

    def __init__(self, arena: Arena, torrent: Torrent, options: argparse.Namespace) -> None:
        self.file = OneFile(torrent)
        self.lives: list[Life] = []
        self._arena = arena
        self._torrent = torrent
        self._random = random.Random(options.seed)
        self._into = arena.subfolder("fetched")
        self._loop = Loop()
        arena.on_close(self._loop.close)
        life_seconds = (SHORTEST_LIFE_SECONDS + LONGEST_LIFE_SECONDS) / 2
        rate = int(options.size * SHARE_BEFORE_LAST_LIFE / (max(1, options.kills) * life_seconds))
        self._seed = RecordingSeed(self._loop, arena.address(), self.file, rate)

    def live_and_be_killed(self) -> None:
        """One life of random length."""
        ruche = self._start()
        time.sleep(self._random.uniform(SHORTEST_LIFE_SECONDS, LONGEST_LIFE_SECONDS))
        self._arena.expect(ruche.process.poll() is None, f"life {len(self.lives) + 1} ended before its kill")
        killed_at = time.monotonic()
        ruche.process.kill()
        self.lives.append(Life(self._seed.visits, killed_at, ruche.done))

    def live_to_the_end(self) -> None:
        """The last life, and its results."""
        ruche = self._start()
        ruche.wait_finished()
        self.lives.append(Life(self._seed.visits, time.monotonic(), ruche.done))
        self._torrent.content.check(self._into)

    def _start(self) -> RunningFileShare:
        self._seed.visits = []
        return FileShare(self._arena).get(self._torrent, self._into, peers=[self._seed.endpoint], encryption="off")


def losses_of(download: KilledDownload) -> list[Loss]:
    """The cost of each kill; lives too short to reach the seed cost nothing, and say nothing."""
    met = [life for life in download.lives if life.visits]
    return [loss_between(life, following, download.file) for life, following in zip(met, met[1:], strict=False)]


def judge(
    report: Report,
    download: KilledDownload,
    losses: list[Loss],
    settle_seconds: float,
    judge_announced: bool,
) -> None:
    """Report the findings and the numbers."""

    def judge_one(name: str, wrong: list[str], note: str) -> None:
        if wrong:
            report.add_failure(name, 0, f"{len(wrong)} times, first: {wrong[0]}", "")
        else:
            report.add_pass(name, 0, [note], None)

    again = [
        f"life {life}: {sorted(pieces)[:8]}"
        for life, pieces in fetched_again(download.lives, trust_announced=judge_announced).items()
    ]
    judge_one("nothing verified is downloaded twice", again, f"{len(download.lives)} lives")
    forgotten = [f"kill {at}: {sorted(loss.forgotten)[:8]}" for at, loss in enumerate(losses) if loss.forgotten]
    if judge_announced:
        judge_one("nothing claimed or announced is forgotten", forgotten, f"{len(losses)} kills seen by the seed")
    else:
        report.add_skip("nothing claimed or announced is forgotten", "libtorrent announces what it has not yet written")
    unreported = [
        f"kill {at}: {loss.unreported_bytes} bytes" for at, loss in enumerate(losses) if loss.unreported_bytes
    ]
    judge_one("nothing reported as done is lost", unreported, "by its progress events")
    late = [
        f"kill {at}: piece {piece} was whole {age:.2f} s before"
        for at, loss in enumerate(losses)
        for piece, age in loss.settled.items()
        if age > settle_seconds
    ]
    oldest = max((age for loss in losses for age in loss.settled.values()), default=0.0)
    judge_one("lost is only what was in flight", late, f"no lost piece was whole for longer than {oldest:.2f} s")


def print_numbers(download: KilledDownload, losses: list[Loss], size: int) -> None:
    """The cost of each kill, and of all together."""
    sent = sum(life.sent_bytes for life in download.lives)
    per_kill = sorted(loss.bytes for loss in losses) or [0]
    pieces = sorted(len(loss.pieces) for loss in losses) or [0]
    print(
        f"sent {sent / MIB:.1f} MiB for {size / MIB:.1f} MiB: {(sent - size) / MIB:.1f} MiB lost to {len(losses)} kills"
    )
    for name, values, unit in (("bytes", [value / MIB for value in per_kill], "MiB"), ("pieces", pieces, "pieces")):
        middle = statistics.median(values)
        print(f"lost per kill in {name}: least {values[0]:.1f}, median {middle:.1f}, most {values[-1]:.1f} {unit}")


def make_options() -> argparse.Namespace:
    """The command line."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--size", type=int, default=2 << 30, help="payload in bytes")
    parser.add_argument("--piece-length", type=int, default=1 << 20, help="in bytes")
    parser.add_argument("--version", choices=["v1", "v2", "hybrid"], default="v1")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000, help="of the random life lengths")
    parser.add_argument("--settle", type=float, default=0.5, help="seconds until a complete piece must be safe")
    return parser.parse_args()


def run_lives(options: argparse.Namespace, folder: Path, report: Report) -> None:
    """Download with kills, and check the outcome."""
    arena = Arena(
        folder / "crash",
        file_share_command(options),
        Library(folder / "content", CONTENT_SEED),
        TorrentPress(folder / "torrents"),
        TIMEOUT_SECONDS,
    )
    torrent = arena.torrent(arena.content("crash", single(options.size)), options.version, options.piece_length)
    download = KilledDownload(arena, torrent, options)
    started = time.monotonic()
    try:
        for _ in range(options.kills):
            download.live_and_be_killed()
        download.live_to_the_end()
    except AssertionError as reason:
        report.add_failure(
            "the result is correct", time.monotonic() - started, str(reason), arena.processes[-1].log_tail()
        )
        return
    finally:
        arena.close()
    report.add_pass("the result is correct", time.monotonic() - started, [f"after {options.kills} kills"], None)
    losses = losses_of(download)
    judge(report, download, losses, options.settle, judge_announced=not options.self_check)
    print_numbers(download, losses, options.size)
    if not options.keep and not report.failed:
        arena.discard()


def main() -> int:
    """Run what the command line asks for."""
    options = make_options()
    print(f"seed {options.seed}: {options.kills} kills of {options.size / MIB:.0f} MiB", flush=True)
    report = Report()
    with work_folder(options) as folder:
        run_lives(options, folder, report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
