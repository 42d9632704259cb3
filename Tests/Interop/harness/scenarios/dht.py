# SPDX-License-Identifier: Apache-2.0
"""The DHT: a private network of Ruche's nodes and libtorrent's, each of which finds what the other has stored."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

import libtorrent as lt

from ..arena import Arena, ScenarioSkipped
from ..clients.file_share import FileShare
from ..clients.lt_dht import LibtorrentNode, expanded
from ..content import MIB, folder
from ..registry import Registry
from .tool import run_tool

THEIRS = 12
OURS = 6
SEED = bytes(range(32))


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    registry.add("dht.peers", "get_peers and announce_peer, both directions", peers, 120)
    registry.add("dht.magnet", "a bare magnet link is downloaded by means of the DHT alone", bare_magnet, 120)


class Network:
    """A DHT on loopback, started by one node of libtorrent."""

    def __init__(self, arena: Arena, theirs: int = THEIRS, ours: int = OURS) -> None:
        if arena.file_share[-1].endswith("lt_peer.py"):
            raise ScenarioSkipped("the stand-in has no dht command")
        self.arena = arena
        self.theirs = [LibtorrentNode(arena, None)]
        self.bootstrap = self.theirs[0].endpoint
        self.theirs += [LibtorrentNode(arena, self.bootstrap) for _ in range(theirs - 1)]
        self.ours = [self.start(number) for number in range(ours)]
        arena.wait_until(lambda: all(self.known(node) >= OURS for node in self.ours), "the nodes to know each other")

    def start(self, number: int) -> Any:
        """Run a node of Ruche for as long as the scenario lasts."""
        listen = f"{self.arena.address()}:6881"
        command = ["dht", "status", "--listen", listen, "--bootstrap", self.bootstrap, "--json"]
        return self.arena.start(f"ruche-node-{number}", [*self.arena.file_share, *command])

    @staticmethod
    def known(node: Any) -> int:
        """The size of a node's routing table, according to its latest line."""
        lines = [line for line in node.stdout.read_text().splitlines() if '"status"' in line]
        return int(json.loads(lines[-1])["nodes"]) if lines else 0

    def ask(self, *arguments: str) -> list[dict[str, Any]]:
        """Run a command of `file-share dht` to its end; returns the events that it prints."""
        listen = f"{self.arena.address()}:0"
        process = run_tool(
            self.arena, "dht", *arguments, "--listen", listen, "--bootstrap", self.bootstrap, "--json"
        )
        self.arena.expect(process.poll() == 0, f"dht {arguments[0]}: status {process.poll()}")
        return [json.loads(line) for line in process.stdout.read_text().splitlines()]


def peers(arena: Arena, network: Network | None = None) -> None:
    """A peer that one side announces is found by the other."""
    network = network or Network(arena)
    ours, theirs = (hashlib.sha1(name).digest() for name in (b"ours", b"theirs"))
    announced = network.ask("announce", ours.hex(), "--port", "4321")
    arena.expect(announced[-1]["nodes"] >= 4, f"announced at {announced[-1]['nodes']} nodes")
    reader = network.theirs[5]
    reader.session.dht_get_peers(lt.sha1_hash(ours))
    reply = reader.alert("dht_get_peers_reply_alert", lambda alert: len(alert.peers()) > 0)
    arena.expect(reply is not None, "libtorrent finds no peer that Ruche announced")
    arena.expect(any(port == 4321 for _, port in reply.peers()), f"libtorrent finds {reply.peers()}")

    writer = network.theirs[3]
    writer.session.dht_announce(lt.sha1_hash(theirs), 5432, 0)
    deadline = time.monotonic() + 30
    found: list[str] = []
    while not found and time.monotonic() < deadline:
        found = [event["endpoint"] for event in network.ask("peers", theirs.hex())]
    arena.expect(found == [f"{writer.address}:5432"], f"Ruche finds {found}")


def bare_magnet(arena: Arena) -> None:
    """Without a tracker or named peers, the two find each other through the DHT."""
    network = Network(arena)
    content = arena.content("folder", folder(4 * MIB))
    torrent = arena.torrent(content)
    extra = ["--dht-bootstrap", network.bootstrap]
    FileShare(arena).seed(torrent, extra=extra).wait_ready()
    into = arena.subfolder("fetched")
    reader = FileShare(arena)
    reader.get(torrent, into, magnet=True, extra=extra).wait_finished()
    reader.check(content, into)


def immutable(arena: Arena, network: Network) -> None:
    """An item that one side puts is read by the other."""
    stored = network.ask("put", "from Ruche")[-1]
    arena.expect(stored["target"] == hashlib.sha1(b"10:from Ruche").hexdigest(), f"stored at {stored['target']}")
    reader = network.theirs[7]
    reader.session.dht_get_immutable_item(lt.sha1_hash(bytes.fromhex(stored["target"])))
    found = reader.alert("dht_immutable_item_alert", lambda _: True)
    arena.expect(found is not None and found.item in (b"from Ruche", "from Ruche"), "libtorrent cannot read Ruche's item")

    writer = network.theirs[2]
    target = writer.session.dht_put_immutable_item("from libtorrent")
    put = writer.alert("dht_put_alert", lambda _: True)
    arena.expect(put is not None and put.num_success > 0, "libtorrent stores nothing")
    read = network.ask("get", str(target))[-1]
    arena.expect(read["value"] == "from libtorrent", f"Ruche reads {read}")


def mutable(arena: Arena, network: Network) -> None:
    """Both sides write the items of one key, and read the other's later version."""
    stored = network.ask("put", "first", "--secret", SEED.hex(), "--salt", "s", "--sequence", "1")[-1]
    key = bytes.fromhex(stored["key"])
    reader = network.theirs[7]
    reader.session.dht_get_mutable_item(key, b"s")
    found = reader.alert("dht_mutable_item_alert", lambda alert: alert.seq >= 1)
    arena.expect(found is not None and found.item in (b"first", "first"), "libtorrent cannot read Ruche's item")

    writer = network.theirs[2]
    writer.session.dht_put_mutable_item(expanded(SEED), key, b"second", b"s")
    put = writer.alert("dht_put_alert", lambda _: True)
    arena.expect(put is not None and put.num_success > 0, "libtorrent stores nothing")
    read = network.ask("get", "--key", key.hex(), "--salt", "s")[-1]
    arena.expect((read["value"], read["sequence"]) == ("second", 2), f"Ruche reads {read}")

    network.ask("put", "third", "--secret", SEED.hex(), "--salt", "s", "--sequence", "3", "--replacing", "2")
    reader.session.dht_get_mutable_item(key, b"s")
    found = reader.alert("dht_mutable_item_alert", lambda alert: alert.seq >= 3)
    arena.expect(found is not None and found.item in (b"third", "third"), "libtorrent does not see the third version")
