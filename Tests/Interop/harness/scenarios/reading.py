# SPDX-License-Identifier: Apache-2.0
"""Reading a file while it downloads: `file-share cat`."""

from __future__ import annotations

import hashlib
import subprocess
import time
from functools import partial
from pathlib import Path

from ..arena import Arena
from ..clients.base import Endpoint
from ..clients.file_share import Libtorrent
from ..content import MIB, Content, folder, single
from ..registry import Registry
from ..torrents import VERSIONS, Torrent, Version

RATE = 4 * MIB
"""The seed's uplink in bytes per second, so that a file takes a few seconds."""


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for version in VERSIONS:
        run = partial(whole_file, version=version)
        registry.add(f"cat.{version}", "a file is written in order while it downloads", run, quick=version == "v1")
    registry.add("cat.magnet", "the largest file of a magnet link is written", magnet)
    registry.add("cat.range", "the end of a file is read long before the rest", last_bytes)
    registry.add("cat.reader-leaves", "a closed reader ends it, and nothing is left behind", reader_leaves)
    registry.add("cat.no-such-file", "a missing file is named, with the existing ones", no_such_file)


def start(arena: Arena, source: Torrent | str, peer: Endpoint, *extra: str) -> subprocess.Popen[bytes]:
    """`file-share cat` with its output in a pipe, and temporary folders below the arena's own."""
    where = source if isinstance(source, str) else source.path
    command = [*arena.file_share, "cat", where, "--peer", str(peer), "--listen", f"{arena.address()}:0", *extra]
    environment = {"TMPDIR": str(arena.subfolder("temporary")), "PATH": "/usr/bin:/bin"}
    child = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    arena.on_close(child.kill)
    return child


def largest(content: Content) -> Path:
    """The largest of its files."""
    return max((content.folder / path for path in content.digests), key=lambda path: path.stat().st_size)


def left_behind(arena: Arena) -> list[Path]:
    """The contents of the folder for temporary files."""
    return list(arena.subfolder("temporary").iterdir())


def whole_file(arena: Arena, version: Version) -> None:
    """One of several files: correct to the byte, and started long before the torrent is complete."""
    content = arena.content("folder", folder(24 * MIB))
    torrent = arena.torrent(content, version)
    seed = Libtorrent(arena).seed(torrent, extra=["--limit-up", str(RATE)])
    wanted = largest(content)
    began = time.monotonic()
    child = start(arena, torrent, seed.endpoint, "--file", str(wanted.relative_to(content.folder)))
    assert child.stdout
    digest, count, first = hashlib.sha256(), 0, 0.0
    while chunk := child.stdout.read1(1 << 20):
        first = first or time.monotonic() - began
        digest.update(chunk)
        count += len(chunk)
    took = time.monotonic() - began
    arena.wait_until(lambda: child.poll() is not None, "the end")
    arena.notes.append(f"first bytes after {first:.1f} s, the last after {took:.1f} s")
    arena.expect(child.returncode == 0, f"status {child.returncode}")
    expected = hashlib.sha256(wanted.read_bytes()).digest()
    arena.expect(count == wanted.stat().st_size and digest.digest() == expected, f"{count} bytes, not those of the file")
    arena.expect(first < took / 2, "the first bytes came no sooner than half of the last")
    arena.expect(not left_behind(arena), f"left behind: {left_behind(arena)}")


def magnet(arena: Arena) -> None:
    """Without `--file` it is the largest, once the metadata is known."""
    content = arena.content("folder", folder(24 * MIB))
    torrent = arena.torrent(content)
    seed = Libtorrent(arena).seed(torrent)
    child = start(arena, torrent.magnet(None), seed.endpoint)
    written, _ = child.communicate(timeout=60)
    arena.expect(child.returncode == 0, f"status {child.returncode}")
    arena.expect(written == largest(content).read_bytes(), f"{len(written)} bytes, not those of the largest file")


def last_bytes(arena: Arena) -> None:
    """A player reads the end of a film first: that must not take as long as the film."""
    content = arena.content("single-32", single(32 * MIB))
    torrent = arena.torrent(content)
    seed = Libtorrent(arena).seed(torrent, extra=["--limit-up", str(2 * MIB)])
    first = content.size - 100_000
    began = time.monotonic()
    child = start(arena, torrent, seed.endpoint, "--range", f"{first}-")
    written, _ = child.communicate(timeout=60)
    took = time.monotonic() - began
    arena.notes.append(f"{took:.1f} s of 16")
    arena.expect(written == largest(content).read_bytes()[first:], f"{len(written)} bytes, not those of the range")
    arena.expect(took < 5, f"{took:.1f} s for the last 100 kB")


def reader_leaves(arena: Arena) -> None:
    """As in `cat … | head -c 1000000`."""
    torrent = arena.torrent(arena.content("single-32", single(32 * MIB)))
    seed = Libtorrent(arena).seed(torrent, extra=["--limit-up", str(RATE)])
    child = start(arena, torrent, seed.endpoint)
    assert child.stdout
    head = child.stdout.read(1_000_000)
    child.stdout.close()
    arena.wait_until(lambda: child.poll() is not None, "the end")
    arena.expect(head == largest(torrent.content).read_bytes()[:1_000_000], "the head is not the file's")
    arena.expect(child.returncode == 141, f"status {child.returncode}")
    arena.expect(not left_behind(arena), f"left behind: {left_behind(arena)}")


def no_such_file(arena: Arena) -> None:
    """Status 1, and the names of the files."""
    torrent = arena.torrent(arena.content("folder", folder(24 * MIB)))
    child = start(arena, torrent, Libtorrent(arena).seed(torrent).endpoint, "--file", "absent.txt")
    written, complaint = child.communicate(timeout=30)
    arena.expect(child.returncode == 1 and not written, f"status {child.returncode}")
    arena.expect(b"absent.txt" in complaint and b"two.bin" in complaint, complaint.decode())
