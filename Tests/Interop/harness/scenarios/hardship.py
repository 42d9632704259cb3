# SPDX-License-Identifier: Apache-2.0
"""Adverse conditions: a full disk that is freed, too few descriptors, signals at any time. Nothing is lost."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import signal
import socket
import subprocess
import threading
import time
from functools import partial
from pathlib import Path

from ..arena import Arena, ScenarioSkipped
from ..clients.base import Endpoint
from ..clients.file_share import FileShare, Libtorrent, RunningFileShare
from ..content import MIB, Content, folder, single
from ..processes import Process
from ..registry import Registry
from ..torrents import Torrent, make_torrent
from ..wire.messages import handshake

DISK_BYTES = 24 * MIB
BALLAST_BYTES = 14 * MIB
DORMANT_TORRENTS = 600
DESCRIPTORS = 1024


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    registry.add("disk.full", "a download on a full disk continues by itself once there is room", full_disk)
    registry.add("disk.away", "a seed that loses its files is suspended, and seeds again with them", files_away)
    registry.add(
        "descriptors.dormant",
        "600 dormant torrents, each greeted, with 1,024 descriptors: none fails",
        greeted_all,
        timeout_seconds=180,
    )
    registry.add(
        "descriptors.held",
        "idle connections from one address to 100 of 600 dormant torrents lock nobody out of the others",
        held_by_one,
        timeout_seconds=120,
    )
    registry.add("descriptors.few", "with too few descriptors commands say so, with status 1", too_few, quick=True)
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        registry.add(
            f"signals.{number.name}",
            "a download ends cleanly, and continues the next time",
            partial(ended_by, number=number),
        )
    registry.add("signals.lost-reader", "a download whose output is not read ends cleanly", lost_reader)
    registry.add("signals.twice", "a second Ctrl-C does not wait for a tracker", interrupted_twice)
    registry.add("signals.names", "Ctrl-C while names are resolved ends soon and cleanly", interrupted_lookup)
    registry.add("signals.checking", "Ctrl-C while files are checked ends soon and cleanly", interrupted_check)
    registry.add("signals.create", "Ctrl-C while hashing ends at once, with status 130", interrupted_create)


def full_disk(arena: Arena) -> None:
    """A file system with less room than the torrent needs, until something on it is deleted."""
    torrent = arena.torrent(arena.content("single-20", single(20 * MIB)))
    disk = arena.subfolder("disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", disk], check=False).returncode:
        raise ScenarioSkipped("no permission to mount a file system")
    arena.on_close(lambda: subprocess.run(["umount", "-l", disk], check=False))
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(BALLAST_BYTES))
    seed = Libtorrent(arena).seed(torrent)
    ruche = FileShare(arena).get(torrent, disk, peers=[seed.endpoint])
    arena.wait_until(lambda: ruche.lines.last("trouble") is not None, "a report of the full disk", ruche.process)
    trouble = ruche.lines.last("trouble") or {}
    arena.expect("no room" in str(trouble.get("message")), f"the message says why: {trouble}")
    arena.expect(bool(trouble.get("advice")), "the message says what to do")
    ballast.unlink()
    ruche.wait_finished()
    arena.expect(ruche.lines.last("recovered") is not None, "no report that the disk works again")
    torrent.content.check(disk)


def files_away(arena: Arena) -> None:
    """The seed's files lose their bytes during a peer's download, and get them back."""
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
    arena.wait_until(lambda: seed.lines.last("trouble") is not None, "a report of the lost files", seed.process)
    arena.expect(state(seed) == "suspended", f"the seed is {state(seed)}")
    for path, data_of in kept.items():
        path.write_bytes(data_of)
    arena.wait_until(lambda: state(seed) == "seeding", "the seed again", seed.process)
    again = FileShare(arena).get(torrent, arena.subfolder("again"), peers=[seed.endpoint])
    again.wait_finished()
    ruche.stop()


def seed_all(arena: Arena, torrents: list[Torrent]) -> RunningFileShare:
    """Seed many torrents with few descriptors, until all of them are dormant."""
    store = torrents[0].path.parent
    host = arena.address()
    command = ["prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}", *arena.file_share, "seed", store]
    command += ["--data", torrents[0].content.folder, "--state", arena.subfolder("state")]
    seed = start(arena, "seed-all", [*command, "--listen", f"{host}:0", "--json"])
    arena.wait_until(lambda: sharing(seed) == (len(torrents), 0), "all torrents", seed.process)
    return seed


def held_by_one(arena: Arena) -> None:
    """More torrents than may be awake are kept awake; other ones are asked for."""
    torrents = many_torrents(arena, DORMANT_TORRENTS)
    seed = seed_all(arena, torrents)
    stop = threading.Event()
    arena.on_close(stop.set)

    def hold(torrent: Torrent) -> None:
        while not stop.wait(1):
            sock = greet(arena, seed.endpoint, torrent, 0)
            with contextlib.suppress(OSError):
                while sock and sock.recv(1 << 16):
                    pass

    for torrent in torrents[:100]:
        threading.Thread(target=hold, args=(torrent,), daemon=True).start()
    time.sleep(3)
    for torrent in torrents[100 :: DORMANT_TORRENTS // 5]:
        into = arena.subfolder("fetched")
        FileShare(arena).get(torrent, into, peers=[seed.endpoint]).wait_finished()
    arena.expect(sharing(seed)[1] == 0, f"{sharing(seed)[1]} torrents failed")
    stop.set()
    seed.stop()


def greeted_all(arena: Arena) -> None:
    """A handshake for each torrent, held open; then some of the torrents are downloaded."""
    torrents = many_torrents(arena, DORMANT_TORRENTS)
    seed = seed_all(arena, torrents)
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


def too_few(arena: Arena) -> None:
    """NIO, and libdispatch at any later time, end a process that has no descriptor left."""
    link = "magnet:?xt=urn:btih:" + "0123456789" * 4
    into = arena.subfolder("fetched")
    tried = [(["get", link, "-o", into], count) for count in (9, 16, 24, 48, 96)]
    tried += [(["dht", "status", "--listen", f"{arena.address()}:0"], count) for count in (9, 16, 32)]
    for command, count in tried:
        limited = ["prlimit", f"--nofile={count}:{count}", *arena.file_share, *command]
        process = arena.start(f"ruche-{command[0]}-{count}", limited)
        arena.wait_until(partial(has_ended, process), f"the end of {command[0]}", process)
        said = process.log_tail()
        arena.expect(process.poll() == 1, f"{command[0]} with {count} descriptors: status {process.poll()}")
        arena.expect(f"with a limit of {count}" in said, f"{command[0]} with {count} descriptors says: {said}")


def has_ended(process: Process) -> bool:
    """Whether the process has ended."""
    return process.poll() is not None


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
    """A connection from a separate address that sends a handshake and waits."""
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
    """A signal in the middle of a download; the next run keeps what this one had."""
    torrent = arena.torrent(arena.content("folder", folder(24 * MIB)))
    into = arena.subfolder("fetched")
    # Slow enough that even a busy machine sends the signal before the download ends.
    seed = Libtorrent(arena).seed(torrent, extra=["--limit-up", str(MIB // 2)])
    first = FileShare(arena).get(torrent, into, peers=[seed.endpoint])
    arena.wait_until(lambda: first.done > 2 * MIB, "some of the download", first.process)
    status = end(first, number)
    arena.expect(status == 130, f"status {status} after {number.name}")
    kept = first.done
    seed.stop()
    second = FileShare(arena).get(torrent, into, peers=[Libtorrent(arena).seed(torrent).endpoint])
    arena.wait_until(lambda: second.done >= kept, "the kept pieces", second.process)
    second.wait_finished()
    torrent.content.check(into)


def lost_reader(arena: Arena) -> None:
    """The output pipe is closed; the download ends cleanly instead of being killed."""
    torrent = arena.torrent(arena.content("folder", folder(24 * MIB)))
    into = arena.subfolder("fetched")
    seed = Libtorrent(arena).seed(torrent, extra=["--limit-up", str(MIB // 2)])
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
    """The tracker accepts connections and never answers: the first Ctrl-C announces it, the second does not wait."""
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


def interrupted_lookup(arena: Arena) -> None:
    """The system's name server accepts queries and never answers: trackers' names are never resolved."""
    torrent = arena.torrent(arena.content("single-20", single(20 * MIB)))
    server = socket.socket(type=socket.SOCK_DGRAM)
    arena.on_close(server.close)
    try:
        server.bind((arena.address(), 53))
    except OSError as error:
        raise ScenarioSkipped(f"no permission to be a name server: {error}") from None
    server.settimeout(20)
    settings = arena.subfolder("names") / "resolv.conf"
    settings.write_text(f"nameserver {server.getsockname()[0]}\noptions timeout:30 attempts:1\n")
    mounted = f'mount --bind "{settings}" /etc/resolv.conf && exec "$@"'
    apart = ["unshare", "--mount", "sh", "-c", mounted, "sh"]
    if subprocess.run([*apart, "true"], check=False, capture_output=True).returncode:
        raise ScenarioSkipped("no permission to mount")
    for scheme in ("http", "udp"):
        source = torrent.with_tracker(f"{scheme}://silent.ruche.example:6969/announce", arena.subfolder("torrent"))
        into = arena.subfolder("fetched")
        command = [*apart, *arena.file_share, "get", source, "-o", into, "--listen", f"{arena.address()}:0", "--json"]
        ruche = start(arena, f"ruche-{scheme}", command)
        question = server.recv(512)
        arena.expect(b"silent" in question, "a query for another name than the tracker's")
        arena.wait_until(lambda ruche=ruche: state(ruche) == "downloading", "the start", ruche.process)
        expect_soon(arena, ruche)


def interrupted_check(arena: Arena) -> None:
    """A seed of 64 GiB of zeros, which take a while to hash."""
    length, piece_length = 64 << 30, 16 * MIB
    data = arena.subfolder("data")
    with (data / "large").open("wb") as file:
        file.truncate(length)
    digest = hashlib.sha1(bytes(piece_length)).digest()
    pieces = digest * (length // piece_length)
    head = f"d4:infod6:lengthi{length}e4:name5:large12:piece lengthi{piece_length}e6:pieces{len(pieces)}:".encode()
    source = arena.subfolder("torrent") / "large.torrent"
    source.write_bytes(head + pieces + b"ee")
    for words in (["seed", source, "--data", data], ["get", source, "-o", data]):
        command = [*arena.file_share, *words, "--listen", f"{arena.address()}:0", "--json"]
        ruche = start(arena, f"ruche-{words[0]}", command)
        arena.wait_until(lambda ruche=ruche: ruche.lines.last("checking") is not None, "the check", ruche.process)
        # Seeding ends when the user says so; an incomplete download does not.
        expect_soon(arena, ruche, 0 if words[0] == "seed" else 130)


def expect_soon(arena: Arena, ruche: RunningFileShare, expected: int = 130) -> None:
    """One Ctrl-C ends it, long before its work would."""
    status = end(ruche, signal.SIGINT, seconds=8)
    arena.expect(status == expected, f"status {status} after Ctrl-C")


def interrupted_create(arena: Arena) -> None:
    """A command without anything to keep ends at once, and leaves nothing behind."""
    source = arena.subfolder("source") / "large"
    with source.open("wb") as file:
        file.truncate(64 << 30)
    output = arena.subfolder("made") / "large.torrent"
    process = arena.start("create", [*arena.file_share, "create", source, "-o", output, "--json"])
    arena.wait_until(lambda: b"creating" in process.stdout.read_bytes(), "the first progress report", process)
    process.interrupt()
    arena.wait_until(lambda: process.poll() is not None, "the end")
    arena.expect(process.poll() == 130, f"status {process.poll()}")
    arena.expect(not output.exists(), "an output of a torrent that was not created")


def start(arena: Arena, name: str, command: list[str | Path]) -> RunningFileShare:
    """A `file-share` with this command line."""
    return RunningFileShare(arena, arena.start(name, command), command_host(command), seeds=True)


def command_host(command: list[str | Path]) -> str:
    """The address after `--listen`."""
    return str(command[command.index("--listen") + 1]).rpartition(":")[0]


def end(running: RunningFileShare, number: signal.Signals, seconds: float = 20) -> int:
    """Send a signal, and wait."""
    subprocess.run(["kill", f"-{number.name[3:]}", str(running.process.pid)], check=True)
    deadline = time.monotonic() + seconds
    while running.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    status = running.process.poll()
    assert status is not None, f"still running after {number.name}"
    return status


def state(running: RunningFileShare) -> str | None:
    """The torrent's last reported state."""
    progress = running.lines.last("progress")
    return str(progress["state"]) if progress else None


def sharing(running: RunningFileShare) -> tuple[int, int]:
    """How many torrents of a folder seed, and how many failed."""
    event = running.lines.last("sharing") or {}
    return int(event.get("seeding", 0)), int(event.get("failed", 0))
