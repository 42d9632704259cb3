# SPDX-License-Identifier: Apache-2.0
"""Web seeds (BEP 19): HTTP servers with the files, alone and with peers."""

from __future__ import annotations

from functools import partial

from ..arena import Arena
from ..clients.file_share import FileShare, Libtorrent
from ..clients.web import Kind, WebServer
from ..content import MIB, Content, folder, single
from ..registry import Registry
from ..torrents import VERSIONS, Torrent, Version


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for version in VERSIONS:
        alone = partial(served_alone, version=version, is_folder=True)
        registry.add(f"web-seed.{version}", "a folder comes from a web server alone", alone, quick=version == "hybrid")
    registry.add("web-seed.single", "so does a single file", partial(served_alone, version="v1", is_folder=False))
    registry.add("web-seed.magnet", "a web server in a magnet link serves together with a peer", by_magnet)
    registry.add("web-seed.poisoned", "wrong bytes of a web server are downloaded from a peer instead", poisoned)
    registry.add("web-seed.nginx", "a folder comes from nginx", partial(served_alone, version="v1", kind="nginx"))
    registry.add("web-seed.python", "a server without ranges and a peer serve a file together", without_ranges)
    registry.add("web-seed.down", "a server that stops in the middle is contacted again", interrupted)


def _content(arena: Arena, is_folder: bool) -> Content:
    return arena.content("folder", folder(24 * MIB)) if is_folder else arena.content("single-32", single(32 * MIB))


def served_alone(arena: Arena, version: Version, is_folder: bool = True, kind: Kind = "lighttpd") -> None:
    """No peer is there: all of it comes over HTTP."""
    content = _content(arena, is_folder)
    server = WebServer(arena, arena.placed(content), kind)
    torrent = arena.torrent(content, version)
    source = torrent.with_web_seed(server.url, arena.subfolder("seeded"))
    into = arena.subfolder("fetched")
    FileShare(arena).get(source, into).wait_finished()
    content.check(into)


def by_magnet(arena: Arena) -> None:
    """The metadata comes from a peer that gives little, the rest from the server."""
    content = _content(arena, True)
    server = WebServer(arena, arena.placed(content))
    torrent = arena.torrent(content)
    seed = Libtorrent(arena).seed(torrent, extra=["--limit-up", str(MIB)])
    into = arena.subfolder("fetched")
    link = torrent.magnet(web_seed=server.url)
    FileShare(arena).get(link, into, peers=[seed.endpoint]).wait_finished()
    content.check(into)
    arena.wait_until(lambda: (seed.lines.last("progress") or {}).get("peers") == 0, "the seed's last count")
    uploaded = (seed.lines.last("progress") or {})["uploaded"]
    arena.expect(uploaded < content.size // 2, f"the peer gave {uploaded} of {content.size} bytes")


def poisoned(arena: Arena) -> None:
    """The server's copy is damaged: what is wrong in it comes from a peer, and all is right in the end."""
    content = _content(arena, False)
    torrent = arena.torrent(content)
    damaged = arena.subfolder("damaged")
    (damaged / content.name).write_bytes(_damage((arena.placed(content) / content.name).read_bytes()))
    _fetch_beside_peer(arena, content, torrent, WebServer(arena, damaged))


def _damage(data: bytes) -> bytes:
    damaged = bytearray(data)
    for place in range(0, len(damaged), MIB):
        damaged[place] ^= 1
    return bytes(damaged)


def without_ranges(arena: Arena) -> None:
    """Python's server sends whole files only."""
    content = _content(arena, False)
    torrent = arena.torrent(content)
    _fetch_beside_peer(arena, content, torrent, WebServer(arena, arena.placed(content), "python"))


def _fetch_beside_peer(arena: Arena, content: Content, torrent: Torrent, server: WebServer) -> None:
    seed = Libtorrent(arena).seed(torrent, extra=["--limit-up", str(16 * MIB)])
    into = arena.subfolder("fetched")
    source = torrent.with_web_seed(server.url, arena.subfolder("seeded"))
    FileShare(arena).get(source, into, peers=[seed.endpoint]).wait_finished()
    content.check(into)


def interrupted(arena: Arena) -> None:
    """The server ends in the middle, and is started again: no peer could send the rest."""
    content = _content(arena, False)
    torrent = arena.torrent(content)
    placed = arena.placed(content)
    server = WebServer(arena, placed)
    source = torrent.with_web_seed(server.url, arena.subfolder("seeded"))
    into = arena.subfolder("fetched")
    ruche = FileShare(arena).get(source, into, extra=["--limit-down", str(8 * MIB)])
    arena.wait_until(lambda: ruche.done > content.size // 4, "a quarter of the download", ruche.process)
    server.stop()
    arena.expect(ruche.done < content.size, "the download was over before the server could end")
    WebServer(arena, placed, port=server.port)
    ruche.wait_finished()
    content.check(into)
