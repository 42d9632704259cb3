# SPDX-License-Identifier: Apache-2.0
"""Web seeds like real servers, each of them odd in one way."""

from __future__ import annotations

from functools import partial

from ..arena import Arena
from ..clients.file_share import FileShare, Libtorrent
from ..clients.odd_web import OddWebServer, Ways
from ..content import MIB, Content, folder, single
from ..registry import Registry


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    alone = {
        "closes": ("one that closes the connection after each response", Ways(closes=True)),
        "sloppy": ("one that barely speaks HTTP", Ways(sloppy=True)),
        "password": ("one that requires a password", Ways(credentials="user:pa ss")),
    }
    for name, (shows, ways) in alone.items():
        registry.add(f"web-seed.{name}", f"a folder comes from {shows}", partial(served_alone, ways=ways))
    registry.add("web-seed.no-ranges", "a server without ranges sends each file about once", without_ranges)
    registry.add("web-seed.host-only", "the URL of a single file may name only a server", host_only)
    registry.add("web-seed.redirect", "a redirect is requested once per file", redirected)
    registry.add("web-seed.busy", "a server that asks for a pause gets one", busy)
    shows = "comes from a peer, the rest from the server"
    lacks, packs = (partial(one_file_short, key=key, ways=Ways()) for key in ("missing", "gzipped"))
    registry.add("web-seed.missing", f"a file that is 404 {shows}", lacks)
    registry.add("web-seed.broken", "a file that breaks off each time does not hold up the others", one_file_broken)
    registry.add("web-seed.packed", f"a file whose ranges are compressed {shows}", packs)


def _fetch(arena: Arena, content: Content, url: str) -> None:
    into = arena.subfolder("fetched")
    source = arena.torrent(content).with_web_seed(url, arena.subfolder("seeded"))
    FileShare(arena).get(source, into).wait_finished()
    content.check(into)


def served_alone(arena: Arena, ways: Ways) -> None:
    """Without peers, everything is downloaded over HTTP."""
    content = arena.content("folder", folder(24 * MIB))
    server = OddWebServer(arena, arena.placed(content), ways)
    user = "user:pa%20ss@" if ways.credentials else ""
    _fetch(arena, content, f"http://{user}{server.host}/")
    arena.expect(all(one.status == 206 for one in server.asked), f"{[one.status for one in server.asked]}")


def without_ranges(arena: Arena) -> None:
    """The whole body is used: it is not sent again for each range."""
    content = arena.content("single-32", single(32 * MIB))
    server = OddWebServer(arena, arena.placed(content), Ways(knows_ranges=False))
    _fetch(arena, content, server.url)
    arena.expect(server.sent < 2 * content.size, f"{server.sent} bytes were sent for {content.size}")


def host_only(arena: Arena) -> None:
    """In BEP 19 a URL that ends in a slash is a folder; one without a path is one as well."""
    content = arena.content("single-32", single(32 * MIB))
    server = OddWebServer(arena, arena.placed(content), Ways())
    _fetch(arena, content, f"http://{server.host}")


def redirected(arena: Arena) -> None:
    """The location of a file is requested once, not for each range."""
    content = arena.content("folder", folder(24 * MIB))
    server = OddWebServer(arena, arena.placed(content), Ways())
    front = OddWebServer(arena, arena.subfolder("empty"), Ways(moved_to=server.url.rstrip("/")))
    _fetch(arena, content, front.url)
    for path in {one.path for one in front.asked}:
        # Two requests may be in flight before the first redirect is known.
        count = sum(one.path == path for one in front.asked)
        arena.expect(count <= 2, f"{path} was requested {count} times")


def busy(arena: Arena) -> None:
    """The first requests are answered with 503 and `Retry-After: 2`."""
    content = arena.content("folder", folder(24 * MIB))
    server = OddWebServer(arena, arena.placed(content), Ways(busy=1))
    _fetch(arena, content, server.url)
    refused = next(one for one in server.asked if one.status == 503)
    after = [one.at for one in server.asked if one.at > refused.at + 0.5]
    arena.expect(bool(after) and min(after) - refused.at >= 2, "it was asked again too soon")


def one_file_short(arena: Arena, key: str, ways: Ways) -> None:
    """The server lacks one file of many: that says nothing about the others."""
    content = arena.content("folder", folder(24 * MIB))
    lost = "two.bin"
    setattr(ways, key, [lost])
    server = OddWebServer(arena, arena.placed(content), ways)
    torrent = arena.torrent(content)
    seed = Libtorrent(arena).seed(torrent, extra=["--limit-up", str(4 * MIB)])
    into = arena.subfolder("fetched")
    source = torrent.with_web_seed(server.url, arena.subfolder("seeded"))
    FileShare(arena).get(source, into, peers=[seed.endpoint]).wait_finished()
    content.check(into)
    good = [one for one in server.asked if one.status == 206 and not one.path.endswith(lost)]
    arena.expect(sum(one.sent for one in good) > content.size // 4, "the rest of the server was not used")
    bad = [one for one in server.asked if one.path.endswith(lost)]
    arena.expect(0 < len(bad) <= 4, f"the file was requested {len(bad)} times")


def one_file_broken(arena: Arena) -> None:
    """A server that fails may be down, or lack just that file: which it is shows when others are requested first."""
    content = arena.content("folder", folder(24 * MIB))
    server = OddWebServer(arena, arena.placed(content), Ways(broken=["two.bin"]))
    torrent = arena.torrent(content)
    source = torrent.with_web_seed(server.url, arena.subfolder("seeded"))
    download = FileShare(arena).get(source, arena.subfolder("fetched"))
    # The pieces of the broken file, of which it shares the first and the last with others, and those around it.
    reachable = content.size - 200_001 - 2 * torrent.piece_length
    arena.wait_until(lambda: download.done >= reachable, "everything but the broken file", download.process)
    asked = [one for one in server.asked if one.path.endswith("two.bin")]
    arena.expect(0 < len(asked) <= 6, f"the broken file was requested {len(asked)} times")
    download.stop()
