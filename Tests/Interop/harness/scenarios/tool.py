# SPDX-License-Identifier: Apache-2.0
"""`file-share`'s other commands: it creates the same torrents as libtorrent, and detects wrong data."""

from __future__ import annotations

import json
import os
import stat
from functools import partial
from pathlib import Path

from ..arena import Arena
from ..clients.file_share import FileShare, Libtorrent
from ..content import MIB, folder, many, single
from ..processes import Process
from ..registry import Registry
from ..torrents import VERSIONS, Torrent, Version, read_torrent


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for version in VERSIONS:
        registry.add(
            f"create.{version}.single-file", "the same info-hash as libtorrent's", partial(same_hash, version=version)
        )
        registry.add(
            f"create.{version}.folder", "libtorrent downloads with Ruche's torrent", partial(created, version=version)
        )
        registry.add(
            f"inspect.{version}", "a torrent's identities, and its magnet link's", partial(inspected, version=version)
        )
        registry.add(f"verify.{version}", "good data passes, one wrong byte fails", partial(verified, version=version))
    registry.add("create.output", "writing a torrent loses nothing of the user's", output_spared)
    registry.add("create.pipes", "pipes, devices and redirected outputs are written through", written_through)


def run_tool(arena: Arena, *arguments: str | Path) -> Process:
    """Run one command of `file-share` to its end."""
    process = arena.start(f"ruche-{arguments[0]}", [*arena.file_share, *arguments])
    arena.wait_until(lambda: process.poll() is not None, f"the end of {arguments[0]}")
    return process


def create(arena: Arena, torrent: Torrent) -> Torrent:
    """Have Ruche create a torrent like this one."""
    made = arena.subfolder("created") / "made.torrent"
    source = torrent.content.folder / torrent.content.name
    length = str(torrent.piece_length)
    process = run_tool(arena, "create", source, "-o", made, f"--{torrent.version}", "--piece-length", length)
    arena.expect(process.poll() == 0, f"create: status {process.poll()}")
    return read_torrent(made, torrent.content, torrent.version)


def same_hash(arena: Arena, version: Version) -> None:
    """A torrent of one file has one canonical info dictionary, of keys that both know."""
    torrent = arena.torrent(arena.content("single", single(16 * MIB + 4321)), version)
    made = create(arena, torrent)
    arena.expect((made.v1, made.v2) == (torrent.v1, torrent.v2), f"{made.v1} {made.v2}, not {torrent.v1} {torrent.v2}")


def created(arena: Arena, version: Version) -> None:
    """Ruche creates and seeds; libtorrent checks every byte against it."""
    torrent = create(arena, arena.torrent(arena.content("many", many(2000)), version))
    arena.expect(bool(torrent.v1) == (version != "v2"), "unexpected v1 hashes, or none")
    arena.expect(bool(torrent.v2) == (version != "v1"), "unexpected v2 hashes, or none")
    seed = FileShare(arena).seed(torrent)
    into = arena.subfolder("fetched")
    with arena.timing(torrent.content.size):
        Libtorrent(arena).get(torrent, into, peers=[seed.endpoint]).wait_finished()
    torrent.content.check(into)


def inspected(arena: Arena, version: Version) -> None:
    """Both identities appear in the output of `inspect --json`, for the file and for its magnet link."""
    torrent = arena.torrent(arena.content("small-folder", folder(8 * MIB)), version)
    for source in (torrent.path, torrent.magnet()):
        process = run_tool(arena, "inspect", source, "--json")
        arena.expect(process.poll() == 0, f"inspect: status {process.poll()}")
        printed = process.stdout.read_text()
        lines = [json.loads(line) for line in printed.splitlines()]
        arena.expect(bool(lines), "inspect printed nothing")
        for identity in filter(None, (torrent.v1, torrent.v2)):
            arena.expect(identity in printed.lower(), f"{identity} is not in {printed[:300]!r}")


def verified(arena: Arena, version: Version) -> None:
    """Flip one byte in the middle, then truncate the file, then remove it."""
    content = arena.content("small-folder", folder(8 * MIB))
    torrent = arena.torrent(content, version)
    data = arena.subfolder("data")
    copy_of_big = data / "album/big.bin"
    content.place(data)
    original = copy_of_big.read_bytes()

    def status_with(big: bytes | None) -> int | None:
        copy_of_big.unlink(missing_ok=True)  # a hard link: never written through
        if big is not None:
            copy_of_big.write_bytes(big)
        return run_tool(arena, "verify", torrent.path, "--data", data, "--json").poll()

    flipped = bytearray(original)
    flipped[len(flipped) // 2] ^= os.urandom(1)[0] or 1
    arena.expect(status_with(original) == 0, "correct data was refused")
    for name, wrong in {"one wrong byte": bytes(flipped), "a cut file": original[:-1], "a missing file": None}.items():
        status = status_with(wrong)
        arena.expect(status is not None and status > 0, f"status {status} despite {name}")


def output_spared(arena: Arena) -> None:
    """Without --force an existing output is kept, with it only its mode is; the source is always kept."""
    folder_here = arena.subfolder("here")
    source = folder_here / "album"
    (source / "inner").mkdir(parents=True)
    (source / "film.mkv").write_bytes(b"film" * 10_000)
    made = folder_here / "made.torrent"

    def create_at(output: Path, *options: str) -> Process:
        return run_tool(arena, "create", source, "-o", output, *options)

    arena.expect(create_at(made).poll() == 0, "the first torrent was not created")
    first = made.read_bytes()
    made.chmod(0o640)
    arena.expect(create_at(made, "--comment", "x").poll() == 1, "an existing output was not refused")
    arena.expect(made.read_bytes() == first, "an existing output was replaced")
    arena.expect(create_at(made, "--comment", "x", "--force").poll() == 0, "--force does not replace")
    arena.expect(made.read_bytes() != first, "--force replaced nothing")
    arena.expect(made.stat().st_mode & 0o777 == 0o640, "the mode is lost")
    link = folder_here / "film.torrent"
    link.symlink_to(source / "film.mkv")
    for output in (source / "film.mkv", source / "inner/new.torrent", link):
        arena.expect(create_at(output, "--force").poll() == 1, f"{output} was not refused")
    arena.expect((source / "film.mkv").read_bytes() == b"film" * 10_000, "the source is damaged")
    arena.expect(sorted(path.name for path in source.rglob("*")) == ["film.mkv", "inner"], "the source has changed")
    outside = folder_here / "outside.mkv"
    outside.write_bytes(b"more" * 10_000)
    (source / "link.mkv").symlink_to(outside)
    arena.expect(create_at(outside, "--follow-links", "--force").poll() == 1, "a link's target was not refused")
    arena.expect(outside.read_bytes() == b"more" * 10_000, "a link's target is damaged")
    (source / "link.mkv").unlink()
    nameless = run_tool(arena, "create", source, "-o", "")
    arena.expect(nameless.poll() == 1 and "no output" in nameless.stderr.read_text(), "an empty name was not refused")
    printed = create_at(Path("/dev/stdout"))
    arena.expect(printed.poll() == 0, "nothing was written to the standard output")
    arena.expect(printed.stdout.read_bytes() == first, "the standard output is not only the torrent")


def written_through(arena: Arena) -> None:
    """What is not a regular file stays the same, and gets only the torrent's bytes."""
    here = arena.subfolder("here")
    source = here / "film.mkv"
    source.write_bytes(b"film" * 10_000)
    made = here / "made.torrent"
    arena.expect(run_tool(arena, "create", source, "-o", made).poll() == 0, "the first torrent was not created")
    torrent = made.read_bytes()
    _pipes(arena, source, torrent)
    _redirections(arena, source, torrent)
    _devices(arena, source)


def _start(arena: Arena, source: Path, output: str | Path, shell: str = 'exec "$@"') -> Process:
    """`create` under a shell, which can redirect."""
    words = [*arena.file_share, "create", source, "-o", output]
    return arena.start("ruche-create", ["sh", "-c", shell, "sh", *words])


def _pipes(arena: Arena, source: Path, torrent: bytes) -> None:
    """With a reader, with one that closes, and without any."""
    pipe = arena.subfolder("pipes") / "pipe"
    os.mkfifo(pipe, 0o640)
    process = _start(arena, source, pipe)
    with pipe.open("rb") as reader:
        arena.expect(reader.read() == torrent, "other bytes came through the pipe")
    arena.wait_until(lambda: process.poll() is not None, "the end with a reader")
    arena.expect(process.poll() == 0, f"status {process.poll()} with a reader")

    process = _start(arena, source, pipe)
    waits = not arena.wait_seconds(lambda: process.poll() is not None, 0.5)
    arena.expect(waits, "it does not wait for a reader of the pipe")
    process.interrupt()
    arena.wait_until(lambda: process.poll() is not None, "the end without a reader")
    arena.expect(process.poll() == 130, f"status {process.poll()} after Ctrl-C")

    # Held open, unread and full.
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    while True:
        try:
            os.write(writer, bytes(4096))
        except BlockingIOError:
            break
    process = _start(arena, source, pipe)
    arena.wait_seconds(lambda: process.poll() is not None, 0.5)
    os.close(reader)
    arena.wait_until(lambda: process.poll() is not None, "the end after the reader has left")
    os.close(writer)
    arena.expect(process.poll() == 1, f"status {process.poll()} after the reader has left")
    status = pipe.stat()
    arena.expect(stat.S_ISFIFO(status.st_mode) and status.st_mode & 0o777 == 0o640, "the pipe was replaced")


def _redirections(arena: Arena, source: Path, torrent: bytes) -> None:
    """Names of files that the shell has opened: the file is not replaced."""
    here = arena.subfolder("redirected")
    for name, shell in {
        "/dev/stdout": 'exec "$@" >> "{}"',
        "/dev/stderr": 'exec "$@" 2>> "{}"',
        "/dev/fd/3": 'exec "$@" 3>> "{}"',
        "/proc/self/fd/4": 'exec "$@" 4>> "{}"',
    }.items():
        target = here / name.replace("/", "-")
        target.write_bytes(b"before")
        number = target.stat().st_ino
        process = _start(arena, source, name, shell.format(target))
        arena.wait_until(lambda process=process: process.poll() is not None, f"the end for {name}")
        arena.expect(process.poll() == 0, f"{name}: status {process.poll()}, {process.stderr.read_bytes()!r}")
        arena.expect(target.stat().st_ino == number, f"{name}: the file was replaced")
        arena.expect(target.read_bytes() == b"before" + torrent, f"{name}: other bytes than the torrent's")
    piped = here / "piped"
    process = _start(arena, source, "/dev/stdout", f'"$@" | cat > "{piped}"')
    arena.wait_until(lambda: process.poll() is not None, "the end of a pipeline")
    arena.expect(piped.read_bytes() == torrent, "other bytes came through the pipeline")


def _devices(arena: Arena, source: Path) -> None:
    """Our own devices, so that the system's are not affected."""
    here = arena.subfolder("devices")
    for name, minor, expected in (("null", 3, 0), ("full", 7, 1)):
        device = here / name
        try:
            os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, minor))
            device.open("wb").close()
        except OSError as error:
            arena.notes.append(f"no devices: {error}")
            return
        process = _start(arena, source, device)
        arena.wait_until(lambda process=process: process.poll() is not None, f"the end for {name}")
        arena.expect(process.poll() == expected, f"{name}: status {process.poll()}")
        arena.expect(stat.S_ISCHR(device.stat().st_mode), f"{name}: the device is gone")
    # There is no such disk, which a tool that asks first does not notice.
    disk = here / "disk"
    os.mknod(disk, stat.S_IFBLK | 0o666, os.makedev(1, 255))
    for link in (disk, here / "link"):
        if link != disk:
            link.symlink_to(disk)
        process = _start(arena, source, link)
        arena.wait_until(lambda process=process: process.poll() is not None, "the end for a disk")
        said = process.stderr.read_text()
        arena.expect(process.poll() == 1 and "--force" in said, f"a disk: status {process.poll()}, {said}")
