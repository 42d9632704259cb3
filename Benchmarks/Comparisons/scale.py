#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Very many idle seeds in one process, and very many idle peers on one torrent: file-share beside libtorrent.

Prints a table: memory of each torrent, seconds from the start until the first block is served, CPU while idle, memory of each
peer. Nothing here is a test: a slow machine is no failure, a wrong byte is.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PIECE = 16_384
PIECES = 4
TICKS = os.sysconf("SC_CLK_TCK")

LIBTORRENT = """
import sys, os, time, json
import libtorrent as lt
folder, data, count, limit = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
session = lt.session({"listen_interfaces": "127.0.0.1:0", "enable_dht": False, "enable_lsd": False, "enable_upnp": False,
    "enable_natpmp": False, "connections_limit": limit, "allow_multiple_connections_per_ip": True, "active_seeds": 200000,
    "active_limit": 200000, "unchoke_slots_limit": 8, "auto_manage_interval": 3600, "peer_timeout": 7200,
    "inactivity_timeout": 7200, "in_enc_policy": 2})
def say(**words): print(json.dumps(words), flush=True)
time.sleep(1)
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


class Program:
    """A process whose JSON lines are read as they come."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.started = time.monotonic()
        self.log = log
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log.open("wb"))

    def wait_for(self, event: str, ready=lambda message: True) -> dict:
        """The next line with that event that is `ready`."""
        assert self.child.stdout
        for line in self.child.stdout:
            message = json.loads(line)
            if message.get("event") == event and ready(message):
                return message
        raise SystemExit(f"no event {event}: see {self.log}")

    @property
    def resident_bytes(self) -> int:
        """What it has in memory of its own: pages of files that it has mapped are not counted."""
        text = Path(f"/proc/{self.child.pid}/status").read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("RssAnon")) * 1024

    @property
    def cpu_seconds(self) -> float:
        """User and system."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def idle_share(self, seconds: float) -> float:
        """CPU seconds in a second while nothing happens."""
        before = self.cpu_seconds
        time.sleep(seconds)
        return (self.cpu_seconds - before) / seconds

    def end(self) -> float:
        """Interrupts it; how long it takes to go."""
        begun = time.monotonic()
        self.child.send_signal(signal.SIGINT)
        try:
            self.child.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        return time.monotonic() - begun


def bencode(value: object) -> bytes:
    """Integers, bytes, lists and dictionaries."""
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(map(bencode, value)) + b"e"
    assert isinstance(value, dict)
    return b"d" + b"".join(bencode(key) + bencode(value[key]) for key in sorted(value)) + b"e"


def make_torrents(work: Path, count: int) -> tuple[Path, Path, list[bytes]]:
    """Torrents with content of their own: a number, and zeros that take no room on the disk."""
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
    """Exactly that many bytes."""
    out = b""
    while len(out) < count:
        more = connection.recv(count - len(out))
        if not more:
            raise ConnectionError("hung up")
        out += more
    return out


def fetch_block(port: int, info_hash: bytes, index: int) -> None:
    """Is served the first block of a torrent, or raises."""
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
    """Seconds from the program's start until it has served a block."""
    while True:
        try:
            fetch_block(port, info_hash, index)
            return time.monotonic() - program.started
        except OSError:
            time.sleep(0.05)


def measure_torrents(make, count: int, hashes: list[bytes], work: Path, idle_seconds: float) -> dict[str, float]:
    """One program with no torrent, then with all; `make` starts it with the first so many."""
    empty = make(0)
    empty.wait_for("listening")
    time.sleep(3)
    base = empty.resident_bytes
    empty.end()
    full = make(count)
    port = full.wait_for("listening")["port"]
    seconds = serve_soon(full, port, hashes[-1], count - 1)
    used = full.cpu_seconds
    full.wait_for("sharing", lambda message: message["seeding"] == count)
    ready = time.monotonic() - full.started
    # What was woken falls dormant again meanwhile, and the allocator gives back.
    time.sleep(5)
    share = full.idle_share(idle_seconds)
    resident = full.resident_bytes
    result = {
        "served_seconds": seconds,
        "served_cpu_seconds": used,
        "ready_seconds": ready,
        "base_mib": base / 2**20,
        "kib_per_torrent": (resident - base) / count / 1024,
        "idle_cpu_percent": share * 100,
    }
    result["end_seconds"] = full.end()
    return result


async def hold_peers(port: int, info_hash: bytes, count: int, program: Program, idle_seconds: float) -> dict[str, float]:
    """So many peers that have said hello, and nothing since."""
    before = program.resident_bytes
    writers = []

    async def connect(number: int) -> None:
        source = (f"127.0.{1 + number // 5_000}.{1 + number % 200}", 0)
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=source)
                writer.write(b"\x13BitTorrent protocol" + bytes(7) + b"\x04" + info_hash + os.urandom(20))
                writer.write(struct.pack(">IB", 1, 15))
                await reader.readexactly(68)
                await reader.readexactly(4)
                writers.append((reader, writer))
                return
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.05)

    for start in range(0, count, 50):
        await asyncio.gather(*(connect(number) for number in range(start, min(count, start + 50))))
    await asyncio.sleep(15)
    cpu = program.cpu_seconds
    await asyncio.sleep(idle_seconds)
    share = (program.cpu_seconds - cpu) / idle_seconds
    open_count = sum(1 for reader, _ in writers if not reader.at_eof())
    result = {
        "peers": open_count,
        "kib_per_peer": (program.resident_bytes - before) / max(1, open_count) / 1024,
        "idle_cpu_percent": share * 100,
    }
    for _, writer in writers:
        writer.close()
    return result


def measure_peers(program: Program, info_hash: bytes, count: int, idle_seconds: float) -> dict[str, float]:
    """Connects peers to a program that seeds one torrent."""
    port = program.wait_for("listening")["port"]
    serve_soon(program, port, info_hash, 0)
    time.sleep(3)
    result = asyncio.run(hold_peers(port, info_hash, count, program, idle_seconds))
    program.end()
    return result


def say(name: str, result: dict[str, float]) -> None:
    """One line of figures."""
    print(f"{name}: " + ", ".join(f"{key} {value:,.2f}" for key, value in result.items()), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / ".build" / "release" / "file-share"))
    parser.add_argument("--torrents", type=int, default=100_000)
    parser.add_argument("--libtorrent-torrents", type=int, default=10_000)
    parser.add_argument("--peers", type=int, default=2_000)
    parser.add_argument("--idle-seconds", type=float, default=20)
    parser.add_argument("--work", help="folder for the data (default: /dev/shm, which is memory)")
    arguments = parser.parse_args()

    base = arguments.work or ("/dev/shm" if Path("/dev/shm").is_dir() else None)
    work = Path(tempfile.mkdtemp(prefix="ruche-scale-", dir=base))
    try:
        run(arguments, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def run(arguments: argparse.Namespace, work: Path) -> None:
    """Everything, in turn."""
    count = arguments.torrents
    torrents, data, hashes = make_torrents(work, max(1, count, arguments.libtorrent_torrents))
    (work / "none").mkdir()

    def ruche(number: int) -> Program:
        source = torrents if number else work / "none"
        common = ["--data", str(data), "--listen", "127.0.0.1:0", "--encryption", "off", "--json"]
        state = work / ("state" if number else "no-state")
        return Program(
            [arguments.binary, "seed", str(source), "--state", str(state), *common], work / f"ruche-{number}.log"
        )

    def libtorrent(number: int) -> Program:
        command = [sys.executable, "-c", LIBTORRENT, str(torrents), str(data), str(number), "4000"]
        return Program(command, work / f"libtorrent-{number}.log")

    if count:
        first = ruche(count)
        first.wait_for("sharing", lambda message: message["seeding"] == count)
        say(f"Ruche, {count:,} added and checked", {"seconds": time.monotonic() - first.started})
        say(f"Ruche, {count:,} closed", {"seconds": first.end()})
        say(f"Ruche, {count:,} torrents", measure_torrents(ruche, count, hashes, work, arguments.idle_seconds))
    if arguments.libtorrent_torrents:
        count = arguments.libtorrent_torrents
        say(f"libtorrent, {count:,} torrents", measure_torrents(libtorrent, count, hashes[:count], work, 20))
    if arguments.peers:
        command = [arguments.binary, "seed", str(torrents / "000000.torrent"), "--data", str(data), "--listen"]
        command += ["127.0.0.1:0", "--encryption", "off", "--json", "--max-peers", str(arguments.peers + 100)]
        ours = Program(command, work / "ruche-peers.log")
        say(f"Ruche, {arguments.peers:,} peers", measure_peers(ours, hashes[0], arguments.peers, arguments.idle_seconds))
        theirs = libtorrent(1)
        say(
            f"libtorrent, {arguments.peers:,} peers",
            measure_peers(theirs, hashes[0], arguments.peers, arguments.idle_seconds),
        )


if __name__ == "__main__":
    main()
