#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks and creates a torrent of one large file in memory, with file-share and libtorrent in turn.

`file-share verify` is compared with libtorrent's check of a torrent without resume data, and `file-share create` with
its `set_piece_hashes`. libtorrent is measured from the call to the result; file-share as a whole process, its start
included. The limit is the speed of OpenSSL's functions alone, one stream on each core, without reading anything; for
work within one thread, one stream.

This is not a test: a wrong result is a failure, a slow machine is not.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from harness import MEMORY, Options, Parser, Row, measure, print_table, work_folder
from harness.limits import digest_rate
from harness.source import make_source, make_torrent

MIB = 1 << 20
MB = 1e6
CORES = os.cpu_count() or 1
DIGESTS = {"v1": ["sha1"], "v2": ["sha256"], "hybrid": ["sha1", "sha256"]}
AS_LIBTORRENT = "--as-libtorrent"


@dataclass
class Extent:
    """The data to hash."""

    size: int = 8 << 30
    piece_length: int = 4 * MIB
    kind: str = "v1"
    base: str | None = MEMORY
    """The folder for the data."""


@dataclass
class Run:
    """The time of one job."""

    seconds: float
    cpu_seconds: float


def timed(command: list[str]) -> Run:
    """Runs a command, which must succeed, and returns its time."""
    begun = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{command} failed")
    return Run(time.monotonic() - begun, used.ru_utime + used.ru_stime)


def measured_inside(arguments: list[str]) -> Run:
    """Runs this file in a new process that works with libtorrent, and returns the time it reports."""
    command = [sys.executable, __file__, AS_LIBTORRENT, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    seconds, cpu_seconds = done.stdout.split()
    return Run(float(seconds), float(cpu_seconds))


class Stopwatch:
    """Measures this process from its creation on."""

    def __init__(self) -> None:
        self.begun = time.monotonic(), time.process_time()

    def stop(self) -> Run:
        return Run(time.monotonic() - self.begun[0], time.process_time() - self.begun[1])


def libtorrent_verify(torrent: str, folder: str, threads: int) -> Run:
    """Adds the torrent without resume data, and waits until all of it has been verified."""
    import libtorrent

    settings = {
        "alert_mask": libtorrent.alert.category_t.status_notification | libtorrent.alert.category_t.error_notification,
        "listen_interfaces": "127.0.0.1:0",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
    }
    if threads:
        settings["hashing_threads"] = threads
    session = libtorrent.session(settings)
    parameters = libtorrent.add_torrent_params()
    parameters.ti = libtorrent.torrent_info(torrent)
    parameters.save_path = folder
    watch = Stopwatch()
    handle = session.add_torrent(parameters)
    while True:
        session.wait_for_alert(60_000)
        if any(isinstance(alert, libtorrent.torrent_checked_alert) for alert in session.pop_alerts()):
            break
    taken = watch.stop()
    status = handle.status()
    if status.num_pieces != parameters.ti.num_pieces():
        raise SystemExit(f"libtorrent verified only {status.num_pieces} pieces")
    return taken


def libtorrent_create(source: str, kind: str, piece_length: int) -> Run:
    """Creates a torrent by hashing all pieces."""
    import libtorrent

    flags = {"v1": libtorrent.create_torrent.v1_only, "v2": libtorrent.create_torrent.v2_only, "hybrid": 0}[kind]
    torrent = libtorrent.create_torrent(libtorrent.list_files(source), piece_length, flags)
    watch = Stopwatch()
    libtorrent.set_piece_hashes(torrent, str(Path(source).parent))
    return watch.stop()


def openssl_rate(kind: str) -> float:
    """Bytes per second that OpenSSL hashes on all cores, with all digests of this kind of torrent."""
    return CORES / sum(1 / max(digest_rate(name) for _ in range(9)) for name in DIGESTS[kind])


def alternate(options: Options, extent: Extent, work: Path) -> dict[str, list[Run]]:
    """Runs all jobs in turn."""
    source = make_source(work, extent.size)
    torrent = make_torrent(options, source, work / "payload.torrent", extent.kind, extent.piece_length)
    shape = [f"--{extent.kind}", "--piece-length", str(extent.piece_length)]
    create = [options.binary, "create", str(source), "-o", str(torrent), *shape]
    verify = [options.binary, "verify", str(torrent), "--data", str(source.parent)]
    check = ["verify", str(torrent), str(source.parent)]
    jobs = {
        "verify, Ruche": lambda: timed(verify),
        "verify, libtorrent": lambda: measured_inside([*check, "0"]),
        f"verify, libtorrent, hashing_threads={CORES}": lambda: measured_inside([*check, str(CORES)]),
        "create, Ruche": lambda: timed(create),
        "create, libtorrent": lambda: measured_inside(["create", str(source), extent.kind, str(extent.piece_length)]),
    }
    runs: dict[str, list[Run]] = {name: [] for name in jobs}
    for index in range(options.runs):
        for name, job in jobs.items():
            runs[name].append(job())
            rate = extent.size / 1e9 / runs[name][-1].seconds
            print(f"{name}, run {index + 1}: {rate:.2f} GB/s", file=sys.stderr, flush=True)
    return runs


def rows(options: Options, extent: Extent | None = None) -> list[Row]:
    """Returns the rows of this comparison."""
    extent = extent or Extent()
    if options.quick:
        extent.size = 256 * MIB
    with work_folder(extent.base) as work:
        runs = alternate(options, extent, work)
    limit = openssl_rate(extent.kind) / 1e9
    whole = [row for name in runs if "libtorrent" in name for row in rows_of(name, runs, extent, limit)]
    return whole + streams(options)


def rows_of(name: str, runs: dict[str, list[Run]], extent: Extent, limit: float) -> list[Row]:
    """Returns rows by elapsed time and by CPU time, which other work on the machine disturbs less."""
    job = name.partition(",")[0]
    ours, theirs = runs[f"{job}, Ruche"], runs[name]
    what = f"{name.replace(', libtorrent', '')}, {extent.kind}, {extent.size / (1 << 30):g} GiB"
    gigabytes = extent.size / 1e9

    def row(what: str, unit: str, seconds, limit: float) -> Row:
        sides = ([gigabytes / seconds(run) for run in some] for some in (ours, theirs))
        return Row(what, unit, *sides, [limit])

    return [
        row(what, "GB/s", lambda run: run.seconds, limit),
        row(f"{what}: per CPU second", "GB", lambda run: run.cpu_seconds, limit / CORES),
    ]


def streams(options: Options) -> list[Row]:
    """Measures work within one thread: our digests, OpenSSL called from Python, and encryption."""
    digests = {"SHA-1": "sha1", "SHA-256": "sha256"}
    table = []
    for figure in measure(options, "hashing"):
        limit = [digest_rate(digests[figure["name"].partition(",")[0]]) / MB for _ in range(options.runs)]
        table.append(Row(figure["name"], "MB/s", [figure["bytesPerSecond"] / MB], limit=limit))
    for figure in measure(options, "encryption"):
        if "bytesPerSecond" in figure:
            table.append(Row(figure["name"], "MB/s", [figure["bytesPerSecond"] / MB]))
        else:
            table.append(Row(figure["name"], "µs", [figure["nanoseconds"] / 1e3], more_is_better=False))
    return table


def main() -> None:
    if sys.argv[1:2] == [AS_LIBTORRENT]:
        return as_libtorrent(*sys.argv[2:])
    default = Extent()
    parser = Parser(__doc__)
    parser.add_argument("--size", type=int, default=default.size, help="bytes (default: 8 GiB)")
    parser.add_argument("--piece-length", type=int, default=default.piece_length, help="bytes (default: 4 MiB)")
    parser.add_argument("--kind", choices=list(DIGESTS), default=default.kind)
    parser.add_argument("--work", default=default.base, help="folder for the data (default: %(default)s)")
    arguments = parser.parse_args()
    extent = Extent(arguments.size, arguments.piece_length, arguments.kind, arguments.work)
    print_table(rows(Options.of(arguments), extent))


def as_libtorrent(job: str, path: str, where: str, number: str) -> None:
    """Runs one job in its own process, and prints its time."""
    work = {"verify": libtorrent_verify, "create": libtorrent_create}[job]
    run = work(path, where, int(number))
    print(run.seconds, run.cpu_seconds)


if __name__ == "__main__":
    main()
