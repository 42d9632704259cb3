# SPDX-License-Identifier: Apache-2.0
"""The user's control: interrupting and resuming, selected files, pieces in order, limits."""

from __future__ import annotations

from functools import partial

from ..arena import Arena
from ..clients.file_share import FileShare, Libtorrent
from ..content import MIB, files_below, folder, single
from ..registry import Registry
from ..torrents import VERSIONS, Version
from ..wire.peer import Loop, OneFile
from ..wire.recording_seed import RecordingSeed

RESUME_SLACK = 8 * MIB
"""Payload that an interrupted run may have downloaded beyond its last report."""
ORDER_WINDOW = 16
"""How many pieces a download in order may be out of order."""


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for version in VERSIONS[:2]:
        resume = partial(resumed, version=version)
        registry.add(f"resume.{version}", "an interrupted download continues where it was", resume, quick=True)
    for version in VERSIONS:
        registry.add(f"selection.{version}", "only one file of many is downloaded", partial(selection, version=version))
    registry.add("in-order", "pieces are asked for from first to last", in_order)
    registry.add("limit-down", "a download obeys its limit", partial(limited, option="--limit-down"))
    registry.add("limit-up", "a seed obeys its limit", partial(limited, option="--limit-up"))


def resumed(arena: Arena, version: Version) -> None:
    """Interrupt at about a third; the second run completes without downloading the first third again."""
    content = arena.content("folder-64", folder(64 * MIB))
    torrent = arena.torrent(content, version)
    into = arena.subfolder("fetched")
    seed = Libtorrent(arena).seed(torrent, extra=["--limit-up", str(16 * MIB)])
    first = FileShare(arena).get(torrent, into, peers=[seed.endpoint])
    arena.wait_until(lambda: first.done > content.size // 3, "a third of the download", first.process)
    first.stop()
    done = first.done
    seed.stop()
    arena.expect(done < content.size, "the download was over before it could be interrupted")

    seed = Libtorrent(arena).seed(torrent)
    second = FileShare(arena).get(torrent, into, peers=[seed.endpoint])
    second.wait_finished()
    content.check(into)
    arena.wait_until(lambda: (seed.lines.last("progress") or {}).get("peers") == 0, "the seed's last count")
    uploaded = (seed.lines.last("progress") or {})["uploaded"]
    arena.notes.append(f"{done / MIB:.0f} MiB kept, {uploaded / MIB:.0f} MiB fetched after")
    arena.expect(
        uploaded <= content.size - done + RESUME_SLACK, f"{uploaded} bytes fetched again after {done} of {content.size}"
    )


def selection(arena: Arena, version: Version) -> None:
    """The wanted file is complete; of the others there are only the pieces that it shares with them."""
    content = arena.content("folder", folder(24 * MIB))
    torrent = arena.torrent(content, version)
    into = arena.subfolder("fetched")
    wanted = "album/small/two.bin"
    seed = Libtorrent(arena).seed(torrent)
    inside = wanted.partition("/")[2]
    FileShare(arena).get(torrent, into, peers=[seed.endpoint], extra=["--file", inside]).wait_finished()
    content.check_files(into, [wanted])
    others = sum((into / path).stat().st_blocks * 512 for path in files_below(into) if path != wanted)
    arena.expect(others <= 2 * torrent.piece_length, f"{others} bytes of unwanted files")


def in_order(arena: Arena) -> None:
    """A recording seed sees the order in which pieces are first requested."""
    content = arena.content("single-32", single(32 * MIB))
    torrent = arena.torrent(content, piece_length=64 << 10)
    loop = Loop()
    arena.on_close(loop.close)
    seed = RecordingSeed(loop, arena.address(), OneFile(torrent), rate=16 * MIB)
    into = arena.subfolder("fetched")
    ruche = FileShare(arena).get(torrent, into, peers=[seed.endpoint], encryption="off", extra=["--in-order"])
    ruche.wait_finished()
    content.check(into)
    begun = [piece for visit in seed.visits for piece in visit.begun]
    worst = max(abs(piece - place) for place, piece in enumerate(begun))
    arena.notes.append(f"at most {worst} pieces out of place")
    arena.expect(worst <= ORDER_WINDOW, f"a piece was requested {worst} places out of order; started {begun[:40]}")


def limited(arena: Arena, option: str) -> None:
    """8 MiB at 4 MiB/s take at least a second and a half: a little may pass at once, in a burst."""
    content = arena.content("small-folder", folder(8 * MIB))
    torrent = arena.torrent(content)
    limit = [option, str(4 * MIB)]
    into = arena.subfolder("fetched")
    down = option == "--limit-down"
    seed = Libtorrent(arena).seed(torrent) if down else FileShare(arena).seed(torrent, extra=limit)
    leecher = FileShare(arena) if down else Libtorrent(arena)
    with arena.timing(content.size):
        leecher.get(torrent, into, peers=[seed.endpoint], extra=limit if down else []).wait_finished()
    content.check(into)
    arena.expect(
        arena.moved_seconds >= 1.5, f"{content.size} bytes in {arena.moved_seconds:.1f} s under a limit of 4 MiB/s"
    )
