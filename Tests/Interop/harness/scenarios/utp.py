# SPDX-License-Identifier: Apache-2.0
"""uTP (BEP 29): libtorrent with TCP turned off, both directions."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import libtorrent as lt

from ..arena import Arena, ScenarioSkipped
from ..clients.base import Encryption, Endpoint
from ..clients.file_share import FileShare
from ..content import MIB, folder
from ..registry import Registry
from ..torrents import Torrent


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    modes: tuple[Encryption, ...] = ("off", "require")
    for mode in modes:
        # libtorrent accepts TCP connections and closes them at once, so a plaintext dial must start with uTP to succeed.
        run = partial(fetch, encryption=mode)
        registry.add(f"utp.fetch.{mode}", "Ruche downloads from a peer with uTP only", run, 60)
        run = partial(serve, encryption=mode)
        registry.add(f"utp.serve.{mode}", "a peer with uTP only downloads from Ruche", run, 60)


def start(arena: Arena, torrent: Torrent, folder: Path) -> tuple[lt.session, lt.torrent_handle]:
    """A session of libtorrent without TCP, with a torrent."""
    if arena.file_share[-1].endswith("lt_peer.py"):
        raise ScenarioSkipped("the stand-in has no --utp")
    session = lt.session(
        {
            "enable_incoming_tcp": False,
            "enable_outgoing_tcp": False,
            "enable_dht": False,
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            "allow_multiple_connections_per_ip": True,
            "listen_interfaces": f"{arena.address()}:0",
        }
    )
    arena.on_close(session.pause)
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(str(torrent.path))
    parameters.save_path = str(folder)
    return session, session.add_torrent(parameters)


def fetch(arena: Arena, encryption: Encryption) -> None:
    """libtorrent seeds."""
    content = arena.content("folder", folder(24 * MIB))
    torrent = arena.torrent(content)
    session, handle = start(arena, torrent, arena.placed(content))
    arena.wait_until(lambda: handle.status().is_seeding, "libtorrent's check")
    into = arena.subfolder("fetched")
    reader = FileShare(arena)
    peer = Endpoint(address_of(session), session.listen_port())
    reader.get(torrent, into, peers=[peer], encryption=encryption, extra=["--utp"]).wait_finished()
    reader.check(content, into)


def serve(arena: Arena, encryption: Encryption) -> None:
    """libtorrent downloads."""
    content = arena.content("folder", folder(24 * MIB))
    torrent = arena.torrent(content)
    seed = FileShare(arena).seed(torrent, encryption=encryption, extra=["--utp"])
    into = arena.subfolder("fetched")
    _, handle = start(arena, torrent, into)
    handle.connect_peer((seed.endpoint.host, seed.endpoint.port))
    arena.wait_until(lambda: handle.status().is_seeding, "libtorrent's download")


def address_of(session: lt.session) -> str:
    """The address that it was told to listen on."""
    return str(session.get_settings()["listen_interfaces"]).rsplit(":", 1)[0]
