#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checking and making a torrent of one large file in memory: file-share beside libtorrent, run by run in turn.

Prints a table with medians of at least five runs each: `file-share verify` beside libtorrent's check of a torrent that it
is given without resume data, and `file-share create` beside its `set_piece_hashes`. libtorrent is measured from inside,
from the call to the result; file-share as a whole process, its start included. The last column is what OpenSSL's
functions alone would take, one stream on each core, without reading anything.

Nothing here is a test: a slow machine is no failure, a wrong result is.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from harness import Options, Row
from harness.source import make_source

ROOT = Path(__file__).resolve().parents[2]
MIB = 1 << 20


@dataclass
class Run:
    """What one job took."""

    seconds: float
    cpu_seconds: float


def timed(command: list[str]) -> Run:
    """What a command takes, which must succeed."""
    begun = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{command} failed")
    return Run(time.monotonic() - begun, used.ru_utime + used.ru_stime)


def measured_inside(arguments: list[str]) -> Run:
    """What this file, run once more to work with libtorrent, reports."""
    done = subprocess.run([sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    seconds, cpu_seconds = done.stdout.split()
    return Run(float(seconds), float(cpu_seconds))


class Stopwatch:
    """Measures this process from now on."""

    def __init__(self) -> None:
        self.begun = time.monotonic(), time.process_time()

    def stop(self) -> Run:
        return Run(time.monotonic() - self.begun[0], time.process_time() - self.begun[1])


def libtorrent_verify(torrent: str, folder: str, threads: int) -> Run:
    """Adds the torrent without resume data, and waits until all of it is found right."""
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
        raise SystemExit(f"libtorrent finds {status.num_pieces} pieces right")
    return taken


def libtorrent_create(source: str, kind: str, piece_length: int) -> Run:
    """Hashes all pieces of a new torrent."""
    import libtorrent

    flags = {"v1": libtorrent.create_torrent.v1_only, "v2": libtorrent.create_torrent.v2_only, "hybrid": 0}[kind]
    torrent = libtorrent.create_torrent(libtorrent.list_files(source), piece_length, flags)
    watch = Stopwatch()
    libtorrent.set_piece_hashes(torrent, str(Path(source).parent))
    return watch.stop()


def openssl_seconds(kind: str, size: int) -> float:
    """What hashing alone takes at OpenSSL's speed on all cores."""
    data = os.urandom(64 * MIB)
    seconds = 0.0
    for name in {"v1": ["sha1"], "v2": ["sha256"], "hybrid": ["sha1", "sha256"]}[kind]:
        taken = []
        for _ in range(9):
            begun = time.thread_time()
            hashlib.new(name, data).digest()
            taken.append(time.thread_time() - begun)
        seconds += min(taken) / len(data) * size
    return seconds / (os.cpu_count() or 1)


def alternate(arguments: argparse.Namespace, work: Path) -> dict[str, list[Run]]:
    """Runs all by turns."""
    size = arguments.size
    source = make_source(work, size)
    torrent = work / "payload.torrent"
    shape = [f"--{arguments.kind}", "--piece-length", str(arguments.piece_length)]
    create = [arguments.binary, "create", str(source), "-o", str(torrent), *shape]
    verify = [arguments.binary, "verify", str(torrent), "--data", str(source.parent)]
    check = ["--as-libtorrent", "verify", str(torrent), str(source.parent)]
    make = ["--as-libtorrent", "create", str(source), arguments.kind, str(arguments.piece_length)]
    subprocess.run(create, check=True, stdout=subprocess.DEVNULL)
    cores = os.cpu_count() or 1
    jobs = {
        "verify, Ruche": lambda: timed(verify),
        "verify, libtorrent": lambda: measured_inside([*check, "0"]),
        f"verify, libtorrent, hashing_threads={cores}": lambda: measured_inside([*check, str(cores)]),
        "create, Ruche": lambda: timed(create),
        "create, libtorrent": lambda: measured_inside(make),
    }
    runs: dict[str, list[Run]] = {name: [] for name in jobs}
    for index in range(arguments.runs):
        for name, job in jobs.items():
            runs[name].append(job())
            rate = size / 1e9 / runs[name][-1].seconds
            print(f"run {index + 1}: {name}: {rate:.2f} GB/s", file=sys.stderr, flush=True)
    return runs


def rows(options: Options) -> list[Row]:
    """For the table of all comparisons."""
    arguments = make_parser().parse_args(["--binary", options.binary, "--runs", str(options.runs)])
    if options.quick:
        arguments.size = 256 * MIB
    work = make_work(arguments)
    try:
        runs = alternate(arguments, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    limit = arguments.size / 1e9 / openssl_seconds(arguments.kind, arguments.size)

    def row(job: str, other: str) -> Row:
        ours, theirs = ([arguments.size / 1e9 / run.seconds for run in runs[name]] for name in (f"{job}, Ruche", other))
        return Row(f"{other.replace(', libtorrent', '')}, {arguments.kind}", "GB/s", ours, theirs, [limit])

    return [row(name.partition(",")[0], name) for name in runs if "libtorrent" in name]


def compare(arguments: argparse.Namespace, work: Path) -> None:
    """Prints a table with all that was measured."""
    runs = alternate(arguments, work)
    size, cores = arguments.size, os.cpu_count() or 1
    print(f"\n{arguments.kind}, {size / (1 << 30):g} GiB in pieces of {arguments.piece_length >> 10} KiB, {cores} cores")
    report(runs, openssl_seconds(arguments.kind, size), size)


def report(runs: dict[str, list[Run]], limit: float, size: int) -> None:
    """The table: by the clock, and by the processor's time, which other work on the machine disturbs less."""
    count = len(next(iter(runs.values())))
    print(f"\n| median of {count} | seconds | GB/s | ratio | GB per CPU second | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    gigabytes = size / 1e9
    for name, all_of_it in runs.items():
        ours = runs[f"{name.split(',')[0]}, Ruche"]
        seconds, our_seconds = (statistics.median(run.seconds for run in some) for some in (all_of_it, ours))
        cpu, our_cpu = (statistics.median(run.cpu_seconds for run in some) for some in (all_of_it, ours))
        print(f"| {name} | {seconds:.2f} | {gigabytes / seconds:.2f} | {seconds / our_seconds:.2f}", end=" ")
        print(f"| {gigabytes / cpu:.2f} | {cpu / our_cpu:.2f} |")
    cores = os.cpu_count() or 1
    print(f"| OpenSSL alone, a stream on each core | {limit:.2f} | {gigabytes / limit:.2f} ", end="")
    print(f"| | {gigabytes / limit / cores:.2f} | |")


def make_parser() -> argparse.ArgumentParser:
    """The options of this comparison by itself."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / ".build" / "release" / "file-share"))
    parser.add_argument("--size", type=int, default=8 << 30, help="bytes (default: 8 GiB)")
    parser.add_argument("--piece-length", type=int, default=4 * MIB, help="bytes (default: 4 MiB)")
    parser.add_argument("--kind", choices=["v1", "v2", "hybrid"], default="v1")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--work", help="folder for the data (default: /dev/shm, which is memory)")
    parser.add_argument("--as-libtorrent", nargs="+", help=argparse.SUPPRESS)
    return parser


def make_work(arguments: argparse.Namespace) -> Path:
    """A folder for the data."""
    base = arguments.work or ("/dev/shm" if Path("/dev/shm").is_dir() else None)
    return Path(tempfile.mkdtemp(prefix="ruche-hashing-", dir=base))


def main() -> None:
    arguments = make_parser().parse_args()
    if arguments.as_libtorrent:
        job, *rest = arguments.as_libtorrent
        if job == "verify":
            run = libtorrent_verify(rest[0], rest[1], int(rest[2]))
        else:
            run = libtorrent_create(rest[0], rest[1], int(rest[2]))
        print(run.seconds, run.cpu_seconds)
        return
    work = make_work(arguments)
    try:
        compare(arguments, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
