# SPDX-License-Identifier: Apache-2.0
"""Bad moments: a full disk that is freed, descriptors that run out, signals at any time. Nothing is lost by them."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from functools import partial
from pathlib import Path

from ..arena import Arena, ScenarioSkipped
from ..clients.base import Endpoint
from ..clients.file_share import FileShare, Libtorrent, RunningFileShare
from ..content import MIB, Content, folder, single
from ..registry import Registry
from ..torrents import Torrent, make_torrent
from ..wire.messages import handshake

DISK_BYTES = 24 * MIB
BALLAST_BYTES = 14 * MIB
DORMANT_TORRENTS = 600
DESCRIPTORS = 1024


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    registry.add("disk.full", "a download on a full disk goes on by itself once there is room", full_disk)
    registry.add("disk.away", "a seed whose files go is suspended, and seeds again when they are back", files_away)
    registry.add(
        "descriptors.dormant",
        "600 dormant torrents, each greeted, with 1,024 descriptors: none fails",
        greeted_all,
        timeout_seconds=180,
    )
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        registry.add(
            f"signals.{number.name}",
            "a download ends in order, and goes on the next time",
            partial(ended_by, number=number),
        )
    registry.add("signals.lost-reader", "a download whose output nobody reads ends in order", lost_reader)
    registry.add("signals.twice", "a second Ctrl-C does not wait for a tracker", interrupted_twice)
    registry.add("signals.create", "Ctrl-C while hashing ends at once, with status 130", interrupted_create)


def full_disk(arena: Arena) -> None:
    """A file system with less room than the torrent needs, until something on it is deleted."""
    torrent = arena.torrent(arena.content("single-20", single(20 * MIB)))
    disk = arena.subfolder("disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", disk], check=False).returncode:
        raise ScenarioSkipped("no right to mount a file system")
    arena.on_close(lambda: subprocess.run(["umount", "-l", disk], check=False))
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(BALLAST_BYTES))
    seed = Libtorrent(arena).seed(torrent)
    ruche = FileShare(arena).get(torrent, disk, peers=[seed.endpoint])
    arena.wait_until(lambda: ruche.lines.last("trouble") is not None, "word of the full disk", ruche.process)
    trouble = ruche.lines.last("trouble") or {}
    arena.expect("no room" in str(trouble.get("message")), f"the words say why: {trouble}")
    arena.expect(bool(trouble.get("advice")), "the words say what to do")
    ballast.unlink()
    ruche.wait_finished()
    arena.expect(ruche.lines.last("recovered") is not None, "no word that the disk works again")
    torrent.content.check(disk)


def files_away(arena: Arena) -> None:
    """The seed's files lose their bytes while somebody fetches, and get them back."""
    torrent = arena.torrent(arena.content("folder", folder(24 * MIB)))
    data = arena.subfolder("seeded")
    shutil.copytree(torrent.content.folder / torrent.content.name, data / torrent.content.name)
    command = [*arena.file_share, "seed", torrent.path, "--data", data, "--json"]
    seed = start(arena, "seed", [*command, "--listen", f"{arena.address()}:0"])
    arena.wait_until(lambda: state(seed) == "seeding", "the seed", seed.process)
    inner = data / torrent.content.name
    lost = sorted(path for path in inner.rglob("*") if path.is_file())
    kept = {path: path.read_bytes() for path in lost}
    for path in lost:
        path.write_bytes(b"")
    into = arena.subfolder("fetched")
    ruche = FileShare(arena).get(torrent, into, peers=[seed.endpoint])
    arena.wait_until(lambda: seed.lines.last("trouble") is not None, "word of the lost files", seed.process)
    arena.expect(state(seed) == "suspended", f"the seed is {state(seed)}")
    for path, data_of in kept.items():
        path.write_bytes(data_of)
    arena.wait_until(lambda: state(seed) == "seeding", "the seed again", seed.process)
    again = FileShare(arena).get(torrent, arena.subfolder("again"), peers=[seed.endpoint])
    again.wait_finished()
    ruche.stop()


def greeted_all(arena: Arena) -> None:
    """A handshake for each torrent, held open; then some of the torrents are fetched whole."""
    torrents = many_torrents(arena, DORMANT_TORRENTS)
    store = torrents[0].path.parent
    host = arena.address()
    command = ["prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}", *arena.file_share, "seed", store]
    command += ["--data", torrents[0].content.folder, "--state", arena.subfolder("state")]
    seed = start(arena, "seed-all", [*command, "--listen", f"{host}:0", "--json"])
    arena.wait_until(lambda: sharing(seed) == (DORMANT_TORRENTS, 0), "all torrents", seed.process)
    greeted = [greet(arena, seed.endpoint, torrent, number) for number, torrent in enumerate(torrents)]
    arena.on_close(lambda: [sock.close() for sock in greeted if sock])
    time.sleep(5)
    for sock in greeted:
        if sock:
            sock.close()
    arena.notes.append(f"{sum(1 for sock in greeted if sock)} of {len(greeted)} connections opened")
    for torrent in torrents[:: DORMANT_TORRENTS // 5]:
        into = arena.subfolder("fetched")
        FileShare(arena).get(torrent, into, peers=[seed.endpoint]).wait_finished()
    arena.expect(sharing(seed)[1] == 0, f"{sharing(seed)[1]} torrents failed")
    seed.stop()


def many_torrents(arena: Arena, count: int) -> list[Torrent]:
    """Tiny torrents in one folder, their files in another."""
    store = arena.subfolder("torrents")
    data = arena.subfolder("data")
    torrents = []
    for number in range(count):
        name = f"file-{number:03}"
        (data / name).write_bytes(number.to_bytes(4, "big") * 8192)
        content = Content(data, name, {}, 32768)
        torrents.append(make_torrent(content, "v1", 16384, store / f"{name}.torrent"))
    return torrents


def greet(arena: Arena, endpoint: Endpoint, torrent: Torrent, number: int) -> socket.socket | None:
    """A connection from an address of its own that says hello and waits."""
    assert torrent.v1
    sock = socket.socket()
    sock.bind((f"127.200.{number // 250}.{number % 250 + 1}", 0))
    try:
        sock.connect((endpoint.host, endpoint.port))
        sock.sendall(handshake(bytes.fromhex(torrent.v1)))
    except OSError:
        sock.close()
        return None
    return sock


def ended_by(arena: Arena, number: signal.Signals) -> None:
    """A signal in the middle of a download; the next life keeps what this one had."""
    torrent = arena.torrent(arena.content("folder", folder(24 * MIB)))
    into = arena.subfolder("fetched")
    seed = Libtorrent(arena).seed(torrent, extra=["--limit-up", str(4 * MIB)])
    first = FileShare(arena).get(torrent, into, peers=[seed.endpoint])
    arena.wait_until(lambda: first.done > 4 * MIB, "some of the download", first.process)
    status = end(first, number)
    arena.expect(status == 130, f"status {status} after {number.name}")
    kept = first.done
    seed.stop()
    second = FileShare(arena).get(torrent, into, peers=[Libtorrent(arena).seed(torrent).endpoint])
    arena.wait_until(lambda: second.done >= kept, "what was kept", second.process)
    second.wait_finished()
    torrent.content.check(into)


def lost_reader(arena: Arena) -> None:
    """The pipe that the output goes to is closed; the download ends in order instead of dying of it."""
    torrent = arena.torrent(arena.content("folder", folder(24 * MIB)))
    into = arena.subfolder("fetched")
    seed = Libtorrent(arena).seed(torrent, extra=["--limit-up", str(4 * MIB)])
    command = [*arena.file_share, "get", torrent.path, "-o", into, "--peer", str(seed.endpoint), "--json"]
    child = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    arena.on_close(child.kill)
    assert child.stdout
    for line in child.stdout:
        if b'"progress"' in line:
            break
    child.stdout.close()
    arena.wait_until(lambda: child.poll() is not None, "the end")
    arena.expect(child.returncode == 130, f"status {child.returncode} after the reader was lost")
    seed.stop()
    FileShare(arena).get(torrent, into, peers=[Libtorrent(arena).seed(torrent).endpoint]).wait_finished()
    torrent.content.check(into)


def interrupted_twice(arena: Arena) -> None:
    """The tracker takes connections and never answers: the first Ctrl-C says goodbye to it, the second does not wait."""
    torrent = arena.torrent(arena.content("single-20", single(20 * MIB)))
    silent = socket.socket()
    silent.bind((arena.address(), 0))
    silent.listen(64)
    arena.on_close(silent.close)
    address, port = silent.getsockname()
    ruche = FileShare(arena).get(torrent, arena.subfolder("fetched"), tracker=f"http://{address}:{port}/announce")
    arena.wait_until(lambda: state(ruche) == "downloading", "the start", ruche.process)
    ruche.process.interrupt()
    time.sleep(0.3)
    ruche.process.interrupt()
    began = time.monotonic()
    arena.wait_until(lambda: ruche.process.poll() is not None, "the end")
    arena.notes.append(f"{time.monotonic() - began:.2f} s after the second")
    arena.expect(ruche.process.poll() == 130, f"status {ruche.process.poll()}")


def interrupted_create(arena: Arena) -> None:
    """A command that has nothing to keep ends at once, and leaves nothing behind."""
    source = arena.subfolder("source") / "large"
    with source.open("wb") as file:
        file.truncate(64 << 30)
    output = arena.subfolder("made") / "large.torrent"
    process = arena.start("create", [*arena.file_share, "create", source, "-o", output, "--json"])
    arena.wait_until(lambda: b"creating" in process.stdout.read_bytes(), "the first word of progress", process)
    process.interrupt()
    arena.wait_until(lambda: process.poll() is not None, "the end")
    arena.expect(process.poll() == 130, f"status {process.poll()}")
    arena.expect(not output.exists(), "an output of a torrent that was not made")


def start(arena: Arena, name: str, command: list[str | Path]) -> RunningFileShare:
    """A `file-share` with a command line of its own."""
    return RunningFileShare(arena, arena.start(name, command), command_host(command), seeds=True)


def command_host(command: list[str | Path]) -> str:
    """The address after `--listen`."""
    return str(command[command.index("--listen") + 1]).rpartition(":")[0]


def end(running: RunningFileShare, number: signal.Signals) -> int:
    """Send a signal, and wait."""
    subprocess.run(["kill", f"-{number.name[3:]}", str(running.process.pid)], check=True)
    deadline = time.monotonic() + 20
    while running.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    status = running.process.poll()
    assert status is not None, f"still running after {number.name}"
    return status


def state(running: RunningFileShare) -> str | None:
    """What the torrent does, by its last word."""
    progress = running.lines.last("progress")
    return str(progress["state"]) if progress else None


def sharing(running: RunningFileShare) -> tuple[int, int]:
    """How many torrents of a folder seed, and how many failed."""
    event = running.lines.last("sharing") or {}
    return int(event.get("seeding", 0)), int(event.get("failed", 0))
