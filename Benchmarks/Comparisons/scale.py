#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures many idle seeds in one process, and many idle peers of one torrent, with file-share and libtorrent.

The rows are memory per torrent, seconds from the start to the first served block, CPU while idle, and memory per peer.
Each is measured once, because it takes minutes. libtorrent gets fewer torrents, because it would take much longer;
values that depend on the number are given per torrent. This is not a test: a wrong byte is a failure, a slow machine
is not.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import resource
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness import MEMORY, Options, Parser, Program, Row, print_table, work_folder

PIECE = 16_384
PIECES = 4


@dataclass
class Extent:
    """The number of torrents and peers, and the times to wait."""

    torrents: int = 100_000
    libtorrent_torrents: int = 10_000
    peers: int = 2_000
    idle_seconds: float = 20
    settle_seconds: float = 15
    """The time for awake torrents to become dormant again, and for the allocator to return memory."""


QUICK = Extent(torrents=1_000, libtorrent_torrents=500, peers=100, idle_seconds=2, settle_seconds=5)


@dataclass
class IdleTorrents:
    """The cost of many torrents that no peer asks for."""

    count: int
    served_seconds: float
    """Seconds from the program's start until it has served the first block."""
    served_cpu_seconds: float
    """The CPU time until then."""
    ready_seconds: float
    """Seconds until the last torrent was ready."""
    base_bytes: int
    """The memory of the program without torrents."""
    resident_bytes: int
    idle_share: float
    """The CPU usage while idle, as a share of one core."""

    @property
    def kib_each(self) -> float:
        """The memory per torrent in KiB."""
        return (self.resident_bytes - self.base_bytes) / self.count / 1024


@dataclass
class IdlePeers:
    """The cost of many silent peers."""

    count: int
    resident_bytes: int
    """The memory beyond that before the first peer."""
    idle_share: float

    @property
    def kib_each(self) -> float:
        """The memory per peer in KiB."""
        return self.resident_bytes / max(1, self.count) / 1024


LIBTORRENT = """
import sys, os, time, json
import libtorrent as lt
folder, data, count, limit = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
session = lt.session({"listen_interfaces": "127.0.0.1:0", "enable_dht": False, "enable_lsd": False, "enable_upnp": False,
    "enable_natpmp": False, "connections_limit": limit, "allow_multiple_connections_per_ip": True, "active_seeds": 200000,
    "active_limit": 200000, "unchoke_slots_limit": 8, "auto_manage_interval": 3600, "peer_timeout": 7200,
    "inactivity_timeout": 7200, "in_enc_policy": 2})
def say(**words): print(json.dumps(words), flush=True)
while not session.listen_port(): time.sleep(0.01)
say(event="listening", port=session.listen_port())
for name in sorted(os.listdir(folder))[:count]:
    if not name.endswith(".torrent"): continue
    add = lt.add_torrent_params()
    add.ti = lt.torrent_info(os.path.join(folder, name))
    add.save_path = data
    add.flags = lt.torrent_flags.seed_mode
    add.max_connections = limit
    session.add_torrent(add)
say(event="sharing", torrents=count, seeding=count, failed=0)
while True: time.sleep(3600)
"""


def bencode(value: object) -> bytes:
    """Encodes integers, bytes, lists and dictionaries."""
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(map(bencode, value)) + b"e"
    assert isinstance(value, dict)
    return b"d" + b"".join(bencode(key) + bencode(value[key]) for key in sorted(value)) + b"e"


def make_torrents(work: Path, count: int) -> tuple[Path, Path, list[bytes]]:
    """Creates torrents with different content: a number, then zeros as a hole in the file."""
    torrents, data = work / "torrents", work / "data"
    torrents.mkdir()
    data.mkdir()
    zeros = hashlib.sha1(bytes(PIECE)).digest() * (PIECES - 1)
    hashes = []
    for index in range(count):
        head = b"torrent %09d" % index
        name = b"payload-%06d.bin" % index
        with (data / name.decode()).open("wb") as out:
            out.write(head)
            out.truncate(PIECE * PIECES)
        pieces = hashlib.sha1(head.ljust(PIECE, b"\0")).digest() + zeros
        info = bencode({b"length": PIECE * PIECES, b"name": name, b"piece length": PIECE, b"pieces": pieces})
        (torrents / f"{index:06d}.torrent").write_bytes(b"d4:info" + info + b"e")
        hashes.append(hashlib.sha1(info).digest())
    return torrents, data, hashes


def receive(connection: socket.socket, count: int) -> bytes:
    """Receives exactly `count` bytes."""
    out = b""
    while len(out) < count:
        more = connection.recv(count - len(out))
        if not more:
            raise ConnectionError("hung up")
        out += more
    return out


def fetch_block(port: int, info_hash: bytes, index: int) -> None:
    """Downloads the first block of a torrent, or raises."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"\x13BitTorrent protocol" + bytes(8) + info_hash + os.urandom(20))
        connection.sendall(struct.pack(">IB", 1, 2))
        receive(connection, 68)
        while True:
            length = struct.unpack(">I", receive(connection, 4))[0]
            body = receive(connection, length)
            if body[:1] == b"\x01":
                connection.sendall(struct.pack(">IBIII", 13, 6, 0, 0, PIECE))
            if body[:1] == b"\x07":
                if body[9:] != (b"torrent %09d" % index).ljust(PIECE, b"\0"):
                    raise SystemExit("wrong bytes were served")
                return


def serve_soon(program: Program, port: int, info_hash: bytes, index: int) -> float:
    """Returns the seconds from the program's start until it has served a block."""
    while True:
        try:
            fetch_block(port, info_hash, index)
            return time.monotonic() - program.started
        except OSError:
            time.sleep(0.05)


def idle_share(program: Program, seconds: float) -> float:
    """Returns the CPU seconds per second while nothing happens."""
    before = program.cpu_seconds
    time.sleep(seconds)
    return (program.cpu_seconds - before) / seconds


def measure_torrents(make: Callable[[int], Program], hashes: list[bytes], extent: Extent) -> IdleTorrents:
    """Measures a program without torrents, then one with all. `make` starts it with the first torrents, by number."""
    count = len(hashes)
    empty = make(0)
    empty.wait_for("listening")
    time.sleep(3)
    base = empty.resident_bytes
    empty.end()
    full = make(count)
    port = full.wait_for("listening")[1]["port"]
    served = serve_soon(full, port, hashes[-1], count - 1)
    used = full.cpu_seconds
    ready = full.wait_for("sharing", lambda message: message["seeding"] == count)[0] - full.started
    time.sleep(extent.settle_seconds)
    share = idle_share(full, extent.idle_seconds)
    resident = full.resident_bytes
    full.end()
    return IdleTorrents(count, served, used, ready, base, resident, share)


def measure_peers(program: Program, info_hash: bytes, extent: Extent) -> IdlePeers:
    """Connects peers to a program that seeds one torrent."""
    port = program.wait_for("listening")[1]["port"]
    serve_soon(program, port, info_hash, 0)
    time.sleep(3)
    # Each connection takes a socket in both processes.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    result = asyncio.run(hold_peers(port, info_hash, program, extent))
    program.end()
    return result


async def hold_peers(port: int, info_hash: bytes, program: Program, extent: Extent) -> IdlePeers:
    """Holds peers that send nothing after the handshake."""
    before = program.resident_bytes
    connections = []
    for start in range(0, extent.peers, 50):
        some = range(start, min(extent.peers, start + 50))
        connections += await asyncio.gather(*(connect(port, info_hash, number) for number in some))
    await asyncio.sleep(extent.settle_seconds)
    cpu = program.cpu_seconds
    await asyncio.sleep(extent.idle_seconds)
    share = (program.cpu_seconds - cpu) / extent.idle_seconds
    open_count = sum(1 for reader, _ in connections if not reader.at_eof())
    if open_count < extent.peers:
        print(f"only {open_count} of {extent.peers} peers remained connected", file=sys.stderr)
    resident = program.resident_bytes - before
    for _, writer in connections:
        writer.close()
    return IdlePeers(open_count, resident, share)


async def connect(port: int, info_hash: bytes, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connects and handshakes until it is accepted, from an address shared with few other peers."""
    source = (f"127.0.{1 + number // 5_000}.{1 + number % 200}", 0)
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=source)
            writer.write(b"\x13BitTorrent protocol" + bytes(7) + b"\x04" + info_hash + os.urandom(20))
            writer.write(struct.pack(">IB", 1, 15))
            await reader.readexactly(68)
            await reader.readexactly(4)
            return reader, writer
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.05)


class Scene:
    """Torrents on disk, and programs that seed them."""

    def __init__(self, options: Options, extent: Extent, work: Path) -> None:
        self.options, self.extent, self.work = options, extent, work
        count = max(1, extent.torrents, extent.libtorrent_torrents)
        self.torrents, self.data, self.hashes = make_torrents(work, count)
        (work / "none").mkdir()

    def ruche(self, count: int) -> Program:
        """Starts Ruche with all torrents, which it remembers, or with none."""
        source = self.torrents if count else self.work / "none"
        state = self.work / ("state" if count else "no-state")
        return self._ruche(source, "--state", str(state))

    def ruche_of_one(self) -> Program:
        """Starts Ruche with one torrent, and limits that admit all peers."""
        return self._ruche(self.torrents / "000000.torrent", "--max-peers", str(self.extent.peers + 100))

    def libtorrent(self, count: int) -> Program:
        """Starts libtorrent with the first `count` torrents."""
        numbers = [str(count), str(self.extent.peers + 2_000)]
        command = [sys.executable, "-c", LIBTORRENT, str(self.torrents), str(self.data), *numbers]
        return Program(command, self.work / f"libtorrent-{count}.log")

    def add_all(self) -> float:
        """Returns the seconds until all torrents have been added for the first time and checked."""
        count = self.extent.torrents
        first = self.ruche(count)
        ready, _ = first.wait_for("sharing", lambda message: message["seeding"] == count)
        first.end()
        return ready - first.started

    def _ruche(self, source: Path, *more: str) -> Program:
        common = ["--data", str(self.data), "--listen", "127.0.0.1:0", "--encryption", "off", "--json"]
        command = [self.options.binary, "seed", str(source), *common, *more]
        return Program(command, self.work / f"ruche-{source.name}.log")


def rows(options: Options, extent: Extent | None = None, base: str | None = MEMORY) -> list[Row]:
    """Returns the rows of this comparison."""
    extent = extent or (QUICK if options.quick else Extent())
    table: list[Row] = []
    with work_folder(base) as work:
        scene = Scene(options, extent, work)
        if extent.torrents:
            added = scene.add_all()
            ours = measure_torrents(scene.ruche, scene.hashes[: extent.torrents], extent)
            count = extent.libtorrent_torrents
            theirs = measure_torrents(scene.libtorrent, scene.hashes[:count], extent) if count else None
            table += torrent_rows(added, ours, theirs)
        if extent.peers:
            first = scene.hashes[0]
            table += peer_rows(
                measure_peers(scene.ruche_of_one(), first, extent), measure_peers(scene.libtorrent(1), first, extent)
            )
    return table


def torrent_rows(added: float, ours: IdleTorrents, theirs: IdleTorrents | None) -> list[Row]:
    """Returns the rows about torrents. libtorrent's are given where they do not depend on the number."""
    name = f"{ours.count:,} idle seeds"
    others = f" (libtorrent: {theirs.count:,})" if theirs and theirs.count != ours.count else ""

    def row(what: str, unit: str, value: Callable[[IdleTorrents], float]) -> Row:
        return Row(what, unit, [value(ours)], [value(theirs)] if theirs else [], more_is_better=False)

    return [
        row(f"{name}{others}: memory of each", "KiB", lambda side: side.kib_each),
        row(f"{name}{others}: restart to first block, for each", "µs", lambda side: side.served_seconds * 1e6 / side.count),
        row(f"{name}{others}: CPU until then, for each", "µs", lambda side: side.served_cpu_seconds * 1e6 / side.count),
        row(f"{name}{others}: CPU while idle, of one core", "%", lambda side: side.idle_share * 100),
        row("no torrent: memory", "MiB", lambda side: side.base_bytes / 2**20),
        Row(f"{name}: restart to first block", "s", [ours.served_seconds], more_is_better=False),
        Row(f"{name}: restart to the last of them", "s", [ours.ready_seconds], more_is_better=False),
        Row(f"{name}: added for the first time and checked", "s", [added], more_is_better=False),
    ]


def peer_rows(ours: IdlePeers, theirs: IdlePeers) -> list[Row]:
    """Returns the rows about peers."""
    name = f"{ours.count:,} idle peers"
    sides = [ours], [theirs]
    memory = ([side.kib_each for side in some] for some in sides)
    share = ([side.idle_share * 100 for side in some] for some in sides)
    return [
        Row(f"{name}: memory of each", "KiB", *memory, more_is_better=False),
        Row(f"{name}: CPU while idle, of one core", "%", *share, more_is_better=False),
    ]


def main() -> None:
    parser = Parser(__doc__)
    parser.add_argument("--torrents", type=int)
    parser.add_argument("--libtorrent-torrents", type=int)
    parser.add_argument("--peers", type=int)
    parser.add_argument("--idle-seconds", type=float)
    parser.add_argument("--work", default=MEMORY, help="folder for the data (default: %(default)s)")
    arguments = parser.parse_args()
    options = Options.of(arguments)
    extent = QUICK if options.quick else Extent()
    for name in ["torrents", "libtorrent_torrents", "peers", "idle_seconds"]:
        if (value := getattr(arguments, name)) is not None:
            setattr(extent, name, value)
    print_table(rows(options, extent, arguments.work))


if __name__ == "__main__":
    main()
