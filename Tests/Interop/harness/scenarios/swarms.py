# SPDX-License-Identifier: Apache-2.0
"""More than two peers: all clients together, and peers that find each other through opentracker."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ..arena import Arena
from ..clients.base import Client, Running
from ..clients.file_share import FileShare, Libtorrent
from ..clients.kinds import KINDS
from ..clients.tracker import OpenTracker
from ..content import MIB, folder
from ..registry import Registry
from ..torrents import Torrent

TRACKED_HOST = "127.0.0.1"
"""A tracker on loopback sees every client that does not bind its outgoing address at this one."""


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for seed in ("ruche", *KINDS):
        shows = f"{seed} seeds, one of each client leeches, all finish"
        registry.add(f"swarm.mixed.{seed}-seeds", shows, partial(mixed_swarm, seed_name=seed), 120)
    for scheme in ("http", "udp"):
        shows = f"Ruche, Ruche and libtorrent find each other over {scheme.upper()}, on a whitelist"
        registry.add(f"tracker.{scheme}", shows, partial(tracked, scheme=scheme), quick=True)
        refused = partial(tracker_refuses, scheme=scheme)
        registry.add(f"tracker.{scheme}.refused", "a torrent off the whitelist still comes from a known peer", refused)
    registry.add(
        "tracker.http.v2", "v2 is announced by its truncated info-hash", partial(tracked, scheme="http", v2=True)
    )
    registry.add(
        "tracker.magnet", "peers from the tracker that a magnet link names", partial(tracked, scheme="udp", magnet=True)
    )


def mixed_swarm(arena: Arena, seed_name: str) -> None:
    """All find each other through opentracker; transmission comes first, because it never dials."""
    content = arena.content("swarm", folder(32 * MIB))
    torrent = arena.torrent(content)
    tracker = OpenTracker(arena, torrent.announced_hashes)
    url = tracker.url("http")
    others: list[Client] = [Libtorrent(arena), KINDS["aria2"](arena), FileShare(arena, TRACKED_HOST)]
    clients: list[Client] = [KINDS["transmission"](arena), *others]
    seed = next(client for client in clients if client.name == seed_name)
    leechers: list[tuple[Client, Running, Path]] = []

    def leech(client: Client) -> None:
        into = arena.subfolder(f"fetched-{client.name}")
        if isinstance(client, FileShare):
            running: Running = client.get(torrent, into, tracker=url, seeds=True)
        else:
            running = client.get(torrent, into, tracker=url)
        leechers.append((client, running, into))

    if seed is not clients[0]:
        leech(clients[0])
    seed.seed(torrent, tracker=url).wait_ready()
    tracker.wait_for_seed(torrent.announced_hashes[0])
    with arena.timing(content.size * len(others)):
        for client in others:
            if client is not seed:
                leech(client)
        for _, running, _ in leechers:
            running.wait_finished()
    for client, running, into in leechers:
        running.stop()
        client.check(content, into)


def tracked(arena: Arena, scheme: str, v2: bool = False, magnet: bool = False) -> None:
    """A seeding Ruche, a downloading Ruche and a downloading libtorrent, with only a tracker in common."""
    content = arena.content("small-folder", folder(8 * MIB))
    torrent: Torrent = arena.torrent(content, "v2" if v2 else "v1")
    tracker = OpenTracker(arena, torrent.announced_hashes)
    url = tracker.url(scheme)
    FileShare(arena, TRACKED_HOST).seed(torrent, tracker=url)
    tracker.wait_for_seed(torrent.announced_hashes[0])
    for client in (FileShare(arena, TRACKED_HOST), Libtorrent(arena)):
        into = arena.subfolder(f"fetched-{client.name}")
        client.get(torrent, into, tracker=url, magnet=magnet).wait_finished()
        client.check(content, into)


def tracker_refuses(arena: Arena, scheme: str) -> None:
    """The tracker's refusal ends neither the download nor the process."""
    torrent = arena.torrent(arena.content("small-folder", folder(8 * MIB)))
    url = OpenTracker(arena, ["00" * 20]).url(scheme)
    seed = Libtorrent(arena).seed(torrent)
    into = arena.subfolder("fetched")
    FileShare(arena, TRACKED_HOST).get(torrent, into, tracker=url, peers=[seed.endpoint]).wait_finished()
    torrent.content.check(into)
