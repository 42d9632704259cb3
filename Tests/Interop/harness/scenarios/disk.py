# SPDX-License-Identifier: Apache-2.0
"""Changes to the files by the user or another program: before, during and after a download."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ..arena import Arena
from ..clients.base import Endpoint
from ..clients.file_share import FileShare, Libtorrent, RunningFileShare
from ..content import MIB, folder, single
from ..processes import JsonLines, Process
from ..registry import Registry
from ..torrents import Torrent
from .tool import run_tool

NAME = "single file.bin"
SIZE = 8 * MIB
FOREIGN = b"This is the user's, and no torrent's. " * 1000


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for name, harm in {"unlinked": unlink, "renamed": rename, "cut": cut}.items():
        shows = f"a .part that is {name} meanwhile is noticed and downloaded again"
        registry.add(f"disk.part-{name}", shows, partial(harmed, harm=harm))
    registry.add("disk.part-replaced", "a file that replaces the .part is left alone, and reported", replaced)
    registry.add("disk.appears", "a file that appears under the final name is, too", appears)
    registry.add("disk.file-gone", "a finished file that is removed too early is downloaded again", file_gone)
    for name in ("file", "part", "longer"):
        registry.add(f"disk.foreign-{name}", "other files are kept without --overwrite", partial(foreign, kind=name))
    for name in ("pipe", "folder", "link"):
        registry.add(f"disk.no-file-{name}", "what is not a regular file is left alone", partial(no_file, kind=name))
    registry.add("disk.hard-link", "the other name of a hard link keeps its bytes", hard_link)
    registry.add("disk.appended", "verify and seed report appended bytes, get removes its own", appended)
    registry.add("disk.unfinished", "verify and seed --partial accept an unfinished download", unfinished)
    registry.add("disk.links", "verify and seed read through the user's own links", links)
    registry.add("disk.seed-folder", "torrents added and removed between two starts are noticed", seed_folder)


def payload(arena: Arena) -> Torrent:
    """One file in small pieces."""
    return arena.torrent(arena.content("single-disk", single(SIZE)), piece_length=64 << 10)


def slow_seed(arena: Arena, torrent: Torrent, rate: int = 4 * MIB) -> Endpoint:
    """libtorrent, slow enough for changes meanwhile."""
    return Libtorrent(arena).seed(torrent, extra=["--limit-up", str(rate)]).endpoint


def begin(arena: Arena, torrent: Torrent, into: Path) -> RunningFileShare:
    """A download that is about a quarter complete."""
    getting = FileShare(arena).get(torrent, into, peers=[slow_seed(arena, torrent)])
    arena.wait_until(lambda: getting.done > torrent.content.size // 4, "a quarter of the download", getting.process)
    return getting


def fails(arena: Arena, getting: RunningFileShare, *words: str) -> None:
    """It must end with status 1, and say why."""
    arena.wait_until(lambda: getting.process.poll() is not None, "the end of the download")
    said = getting.process.stderr.read_text()
    arena.expect(getting.process.poll() == 1, f"status {getting.process.poll()}, not 1: {said}")
    arena.expect(getting.lines.last("finished") is None, "it reported that it had finished")
    for word in words:
        arena.expect(word in said, f"{word!r} is not in {said!r}")


def fetch(arena: Arena, torrent: Torrent, into: Path, *extra: str) -> RunningFileShare:
    """Download everything at full speed."""
    getting = FileShare(arena).get(torrent, into, peers=[Libtorrent(arena).seed(torrent).endpoint], extra=extra)
    getting.wait_finished()
    return getting


def unlink(part: Path) -> None:
    """Remove it."""
    part.unlink()


def rename(part: Path) -> None:
    """It still exists, under another name."""
    part.rename(part.with_name("kept"))


def cut(part: Path) -> None:
    """Most of it is removed."""
    os.truncate(part, 100_000)


def harmed(arena: Arena, harm: Callable[[Path], None]) -> None:
    """The download says what has happened, and completes."""
    torrent = payload(arena)
    into = arena.subfolder("fetched")
    getting = begin(arena, torrent, into)
    harm(into / f"{NAME}.part")
    getting.wait_finished()
    torrent.content.check_files(into, [NAME])
    said = getting.process.stderr.read_text()
    arena.expect(f"{NAME} was " in said, f"nothing about {NAME} in {said!r}")
    verified = run_tool(arena, "verify", torrent.path, "--data", into)
    arena.expect(verified.poll() == 0, f"verify: status {verified.poll()}")


def replaced(arena: Arena) -> None:
    """Another file with the name of the .part."""
    torrent = payload(arena)
    into = arena.subfolder("fetched")
    getting = begin(arena, torrent, into)
    other = into / "other"
    other.write_bytes(FOREIGN)
    other.rename(into / f"{NAME}.part")
    fails(arena, getting, NAME)
    arena.expect((into / f"{NAME}.part").read_bytes() == FOREIGN, "the user's file was written to")
    arena.expect(not (into / NAME).exists(), "something was called finished")


def appears(arena: Arena) -> None:
    """Once it is out of the way, the same command completes without downloading anything again."""
    torrent = payload(arena)
    into = arena.subfolder("fetched")
    getting = begin(arena, torrent, into)
    (into / NAME).write_bytes(FOREIGN)
    fails(arena, getting, NAME, "appeared")
    arena.expect((into / NAME).read_bytes() == FOREIGN, "the user's file was written to")
    (into / NAME).unlink()
    again = fetch(arena, torrent, into)
    torrent.content.check(into)
    downloaded = (again.lines.last("progress") or {"downloaded": 0})["downloaded"]
    arena.expect(downloaded == 0, f"{downloaded} bytes were downloaded again")


def file_gone(arena: Arena) -> None:
    """Of two files the first is finished long before the second."""
    content = arena.content("pair-disk", lambda: {"pair/a.bin": 2 * MIB, "pair/b.bin": 6 * MIB})
    torrent = arena.torrent(content, piece_length=64 << 10)
    into = arena.subfolder("fetched")
    getting = FileShare(arena).get(torrent, into, peers=[slow_seed(arena, torrent)], extra=["--in-order"])
    victim = into / "pair/a.bin"
    arena.wait_until(victim.exists, "a finished file", getting.process)
    arena.expect(getting.lines.last("finished") is None, "it was over before the file could be removed")
    victim.unlink()
    getting.wait_finished()
    content.check(into)


def foreign(arena: Arena, kind: str) -> None:
    """Status 1 without changing a byte, then everything with --overwrite."""
    torrent = payload(arena)
    into = arena.subfolder("fetched")
    mine = into / (f"{NAME}.part" if kind == "part" else NAME)
    right = (torrent.content.folder / NAME).read_bytes()
    mine.write_bytes(right + b"more" if kind == "longer" else FOREIGN)
    before = mine.read_bytes()
    peers = [Libtorrent(arena).seed(torrent).endpoint]
    for _ in range(2):
        getting = FileShare(arena).get(torrent, into, peers=peers)
        fails(arena, getting, NAME, "--overwrite")
        arena.expect(mine.read_bytes() == before, "the user's file was written to")
    fetch(arena, torrent, into, "--overwrite")
    torrent.content.check(into)


def no_file(arena: Arena, kind: str) -> None:
    """Neither opened nor replaced, whatever the user says; verify does not hang either."""
    torrent = payload(arena)
    into = arena.subfolder("fetched")
    outside = arena.subfolder("outside") / "mine"
    outside.write_bytes(FOREIGN)
    place = into / NAME
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to(outside)
    peers = [Libtorrent(arena).seed(torrent).endpoint]
    for extra in ([], ["--overwrite"]):
        fails(arena, FileShare(arena).get(torrent, into, peers=peers, extra=extra), NAME, "in its place")
    arena.expect(outside.read_bytes() == FOREIGN, "the download wrote outside its folder")
    verified = run_tool(arena, "verify", torrent.path, "--data", into)
    arena.expect(verified.poll() == 1, f"verify: status {verified.poll()}")


def hard_link(arena: Arena) -> None:
    """Half of the file exists, and has another name."""
    torrent = payload(arena)
    into = arena.subfolder("fetched")
    mine = arena.subfolder("mine") / "mine.bin"
    mine.write_bytes((torrent.content.folder / NAME).read_bytes()[: SIZE // 2] + bytes(1000))
    before = mine.read_bytes()
    os.link(mine, into / NAME)
    fetch(arena, torrent, into)
    torrent.content.check(into)
    arena.expect(mine.read_bytes() == before, "the other name has other bytes now")


def appended(arena: Arena) -> None:
    """get truncates its own files, and says so; it refuses others."""
    torrent = payload(arena)
    into = arena.subfolder("fetched")
    fetch(arena, torrent, into)
    with (into / NAME).open("ab") as file:
        file.write(b"more")
    verified = run_tool(arena, "verify", torrent.path, "--data", into)
    said = verified.stdout.read_text()
    arena.expect(verified.poll() == 1, f"verify: status {verified.poll()} despite a wrong size")
    arena.expect("too long" in said and str(SIZE + 4) in said, f"no wrong size in {said!r}")
    seed = start_seed(arena, torrent.path, into)
    arena.wait_until(lambda: seed.lines.last("warning") is not None, "a warning about the file's length", seed.process)
    warning = seed.lines.last("warning") or {}
    arena.expect((warning["size"], warning["expected"]) == (SIZE + 4, SIZE), f"warned of {warning}")
    seed.stop()
    again = fetch(arena, torrent, into)
    told = again.process.stderr.read_text()
    arena.expect("truncated" in told, f"nothing about truncation in {told!r}")
    torrent.content.check(into)
    # The reverse is in `foreign`, kind "longer".


def unfinished(arena: Arena) -> None:
    """A third of it exists, in a .part."""
    torrent = payload(arena)
    into = arena.subfolder("fetched")
    begin(arena, torrent, into).stop()
    verified = run_tool(arena, "verify", torrent.path, "--data", into, "--json")
    events = [json.loads(line) for line in verified.stdout.read_text().splitlines()]
    right = next(event["right"] for event in events if event["event"] == "verified")
    status = next(event["status"] for event in events if event["event"] == "file")
    arena.expect(verified.poll() == 1 and status == "partial", f"status {verified.poll()}, {status}")
    arena.expect(right >= SIZE // 4 // torrent.piece_length, f"{right} pieces right")

    seed = start_seed(arena, torrent.path, into, "--partial")
    leech = Libtorrent(arena).get(torrent, arena.subfolder("partly"), peers=[seed.endpoint])
    arena.wait_until(lambda: leech.done >= right * torrent.piece_length, "all that the seed has", leech.process)
    arena.expect((into / f"{NAME}.part").exists() and not (into / NAME).exists(), "the seed changed something")


def start_seed(arena: Arena, torrent: Path, data: Path, *extra: str | Path) -> RunningFileShare:
    """`seed` with data in place, rather than a copy."""
    host = arena.address()
    command = [*arena.file_share, "seed", torrent, "--data", data, "--listen", f"{host}:0", "--json", *extra]
    return RunningFileShare(arena, arena.start("ruche-seed", command), host, seeds=True)


def links(arena: Arena) -> None:
    """The folder behind one link, a file in it behind another."""
    content = arena.content("small-folder", folder(8 * MIB))
    torrent = arena.torrent(content)
    real = arena.placed(content)
    elsewhere = arena.subfolder("elsewhere") / "big"
    shutil.move(real / "album/big.bin", elsewhere)
    (real / "album/big.bin").symlink_to(elsewhere)
    data = arena.subfolder("data")
    (data / "album").symlink_to(real / "album")
    verified = run_tool(arena, "verify", torrent.path, "--data", data)
    arena.expect(verified.poll() == 0, f"verify: status {verified.poll()}")
    seed = start_seed(arena, torrent.path, data)
    into = arena.subfolder("fetched")
    FileShare(arena).get(torrent, into, peers=[seed.endpoint]).wait_finished()
    content.check(into)


def seed_folder(arena: Arena) -> None:
    """Of three torrents one is removed and another added, so that their number stays the same."""
    contents = [arena.content(f"{name}-disk", renamed(name)) for name in ("one", "two", "three", "four")]
    torrents = [arena.torrent(content) for content in contents]
    data, shelf, state = (arena.subfolder(name) for name in ("data", "shelf", "state"))
    for content in contents:
        content.place(data)
    for torrent in torrents[:3]:
        shutil.copy(torrent.path, shelf / f"{torrent.content.name}.torrent")
    shared(arena, shelf, data, state, torrents[:3]).kill()

    (shelf / "one.bin.torrent").unlink()
    shutil.copy(torrents[3].path, shelf / "four.TORRENT")
    shared(arena, shelf, data, state, torrents[1:], gone=torrents[0]).kill()
    # The file has the same name, count and times, and is another torrent. A pipe is ignored.
    times = (shelf / "four.TORRENT").stat()
    shutil.copy(torrents[0].path, shelf / "four.TORRENT")
    os.utime(shelf / "four.TORRENT", ns=(times.st_atime_ns, times.st_mtime_ns))
    os.mkfifo(shelf / "pipe.torrent")
    shared(arena, shelf, data, state, torrents[:3], gone=torrents[3])


def renamed(name: str) -> Callable[[], dict[str, int]]:
    """One small file with this name."""
    return lambda: {f"{name}.bin": 300_000}


def shared(
    arena: Arena, shelf: Path, data: Path, state: Path, torrents: list[Torrent], gone: Torrent | None = None
) -> Process:
    """Exactly these torrents are shared: each can be downloaded, and the removed one cannot."""
    seed = start_seed(arena, shelf, data, "--state", state)
    lines = JsonLines(seed.process.stdout)

    def is_sharing() -> bool:
        word = lines.last("sharing") or {}
        return word.get("torrents") == word.get("seeding") == len(torrents)

    arena.wait_until(is_sharing, f"{len(torrents)} torrents to seed", seed.process)
    for torrent in torrents:
        into = arena.subfolder("fetched")
        Libtorrent(arena).get(torrent, into, peers=[seed.endpoint]).wait_finished()
        torrent.content.check(into)
    if gone:
        attempt = Libtorrent(arena).get(gone, arena.subfolder("nothing"), peers=[seed.endpoint])
        ended = arena.wait_seconds(lambda: attempt.done > 0, 2)
        arena.expect(not ended, "a removed torrent is still shared")
    return seed.process
