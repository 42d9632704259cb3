# SPDX-License-Identifier: Apache-2.0
"""Web seeds whose responses make hardly any progress: the download comes from a peer, and they get few requests."""

from __future__ import annotations

import time
from functools import partial

from ..arena import Arena
from ..clients.file_share import FileShare, Libtorrent
from ..clients.odd_web import OddWebServer, Ways
from ..content import MIB, single
from ..registry import Registry

PAYLOAD = 24 * MIB
GOOD_SEED_RATE = 4 * MIB
MOST_SECONDS = 30
"""To the end of the download, which takes the good seed six seconds and a choke round."""
MOST_REQUESTS = 16
MOST_SENT = 16 * MIB
"""Bytes of extensions in all requests together: socket buffers take more than is read."""
MEMORY_BOUND = 256 * MIB


def add_to(registry: Registry) -> None:
    """Declare the scenarios."""
    for name, shows, ways in (
        ("extension", "a web seed with an endless chunk extension", Ways(endless_extension=True)),
        ("ranges", "a web seed that answers each range with one byte", Ways(single_bytes=True)),
        ("body", "a web seed that sends bodies byte by byte", Ways(dribbles=True)),
    ):
        registry.add(f"dribble.{name}", shows, partial(dribble, ways=ways), 120)


def dribble(arena: Arena, ways: Ways) -> None:
    """The server has been asked before the good seed joins."""
    content = arena.content("silence", single(PAYLOAD))
    torrent = arena.torrent(content, "v1", 256 << 10)
    servers = [OddWebServer(arena, arena.placed(content), ways) for _ in range(3)]
    source = torrent.with_web_seeds([server.url for server in servers], arena.subfolder("seeded"))
    into = arena.subfolder("fetched")
    ruche = FileShare(arena).get(source, into, encryption="off", seeds=True)
    target = ruche.endpoint
    arena.wait_until(lambda: all(server.asked for server in servers), "the servers to be asked", ruche.process)
    started = time.monotonic()
    Libtorrent(arena).seed(torrent, peers=[target], extra=["--limit-up", str(GOOD_SEED_RATE)])
    with arena.timing(content.size):
        ruche.wait_finished()
    took = time.monotonic() - started
    peak = ruche.process.peak_memory()
    ruche.stop()
    content.check(into)
    requests = [len(server.asked) for server in servers]
    sent = max(server.sent for server in servers)
    arena.notes.append(f"{took:.1f} s, {max(requests)} requests, {sent / MIB:.1f} MiB sent, peak {peak / MIB:.0f} MiB")
    arena.expect(took < MOST_SECONDS, f"the download took {took:.0f} s")
    arena.expect(max(requests) <= MOST_REQUESTS, f"a server was asked {max(requests)} times")
    arena.expect(sent <= MOST_SENT, f"{sent / MIB:.0f} MiB were read from a useless server")
    arena.expect(0 < peak <= MEMORY_BOUND, f"peak memory {peak / MIB:.0f} MiB is over {MEMORY_BOUND / MIB:.0f} MiB")
