# SPDX-License-Identifier: Apache-2.0
"""Announces to trackers, and trackers' messages to the user."""

from __future__ import annotations

from ..arena import Arena
from ..clients.file_share import FileShare, Libtorrent
from ..clients.tracker import PeerListTracker
from ..content import MIB, folder
from ..registry import Registry
from .hardship import many_torrents

ROUNDS = 8
TORRENTS = 40


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    registry.add("tracker.completed", "every download is announced as completed, once, before it ends", completed, 120)
    registry.add("tracker.partial", "a download of one file announces the rest as left, and no completion", partial)
    registry.add("tracker.words", "a tracker's refusal reaches the user", words)
    registry.add("tracker.words.folder", "a tracker that refuses forty torrents is reported a few times", folder_words)


def completed(arena: Arena) -> None:
    """Downloads that finish at once are announced, too."""
    content = arena.content("small-folder", folder(8 * MIB))
    torrent = arena.torrent(content)
    seed = Libtorrent(arena).seed(torrent)
    for number in range(ROUNDS):
        tracker = PeerListTracker("127.0.0.1", [seed.endpoint])
        arena.on_close(tracker.close)
        into = arena.subfolder(f"fetched-{number}")
        FileShare(arena).get(torrent, into, tracker=tracker.url).wait_finished()
        events = [announce.get("event") for announce in tracker.announces]
        told = [event for event in events if event]
        arena.expect(told == ["started", "completed", "stopped"], f"round {number}: told {events}")
        left = [int(announce["left"]) for announce in tracker.announces]
        arena.expect(left[0] == content.size, f"{left[0]} left of {content.size}")
        arena.expect(left[-1] == 0 and left[-2] == 0, f"left in the end: {left}")


def partial(arena: Arena) -> None:
    """`left` is about the whole torrent."""
    content = arena.content("small-folder", folder(8 * MIB))
    torrent = arena.torrent(content)
    seed = Libtorrent(arena).seed(torrent)
    tracker = PeerListTracker("127.0.0.1", [seed.endpoint])
    arena.on_close(tracker.close)
    into = arena.subfolder("fetched")
    chosen = "album/small/two.bin"
    FileShare(arena).get(torrent, into, tracker=tracker.url, extra=["--file", chosen]).wait_finished()
    content.check_files(into, [chosen])
    events = [announce.get("event") for announce in tracker.announces if announce.get("event")]
    arena.expect(events == ["started", "stopped"], f"told {events}")
    left = int(tracker.announces[-1]["left"])
    arena.expect(content.size - 3 * MIB < left < content.size, f"{left} left of {content.size}")


def words(arena: Arena) -> None:
    """The download continues; the refusal is one event."""
    torrent = arena.torrent(arena.content("small-folder", folder(8 * MIB)))
    tracker = PeerListTracker("127.0.0.1", [], refusal="unregistered torrent")
    arena.on_close(tracker.close)
    seed = Libtorrent(arena).seed(torrent)
    into = arena.subfolder("fetched")
    extra = ["--limit-down", str(2 * MIB)]
    running = FileShare(arena).get(torrent, into, tracker=tracker.url, peers=[seed.endpoint], extra=extra)
    running.wait_finished()
    torrent.content.check(into)
    said = [event for event in running.lines.events if event.get("event") == "tracker"]
    arena.expect(len(said) == 1 and "unregistered torrent" in said[0]["failure"], f"said {said}")


def folder_words(arena: Arena) -> None:
    """A message to all torrents of a folder makes few events, with their number and some names."""
    torrents = many_torrents(arena, TORRENTS)
    tracker = PeerListTracker("127.0.0.1", [], refusal="unregistered torrent")
    arena.on_close(tracker.close)
    folder_of_torrents, data = torrents[0].path.parent, torrents[0].content.folder
    seed = FileShare(arena).seed_folder(folder_of_torrents, data, ["--tracker", tracker.url])

    def said() -> list[dict[str, object]]:
        seed.lines.refresh()
        return [event for event in seed.lines.events if event.get("event") == "tracker"]

    arena.wait_until(lambda: bool(said()) and len(tracker.announces) >= TORRENTS, "word of the refusals", seed.process)
    arena.expect(all("unregistered torrent" in str(event["message"]) for event in said()), f"said {said()}")
    arena.expect(str(said()[0]["examples"]).count("file-") >= 1, f"no torrent is named: {said()[0]}")
    arena.expect(len(said()) <= 6, f"{len(said())} events for {TORRENTS} torrents")
    seed.stop()
