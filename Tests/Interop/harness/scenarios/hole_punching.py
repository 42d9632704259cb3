# SPDX-License-Identifier: Apache-2.0
"""Hole punching (BEP 55) between two homes behind routers with NAT, Ruche and libtorrent in all parts."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from ..arena import Arena
from ..content import MIB, single
from ..namespaces import Namespace, require
from ..processes import Process
from ..registry import Registry

RELAY, RELAY_PORT = "11.22.33.1", 7000
NETWORK = "11.22.33"
"""The relay and all routers are in it."""

RULES = """
table ip nat {
    chain out { type nat hook postrouting priority 100; oifname "wan0" masquerade; }
}
table ip filter {
    chain forward { type filter hook forward priority 0; iifname "wan0" ct state new drop; }
    chain input { type filter hook input priority 0; iifname "wan0" drop; }
}
"""
"""Ports are kept, and open to the endpoints that were sent to: a port-restricted cone."""

LIBTORRENT = """
import sys, time, libtorrent as lt
# Without the plug-in for peer exchange, a seed cannot dial the downloader by itself.
session = lt.session({
    "enable_incoming_tcp": False, "enable_outgoing_tcp": False, "enable_dht": False, "enable_lsd": False,
    "enable_upnp": False, "enable_natpmp": False, "listen_interfaces": sys.argv[1],
    "alert_mask": lt.alert.category_t.all_categories, "download_rate_limit": int(sys.argv[5]),
    "upload_rate_limit": int(sys.argv[5]),
    "mixed_mode_algorithm": 0, "alert_queue_size": 1000000,
}, int(sys.argv[6]))
session.apply_settings({"rate_limit_ip_overhead": False})
parameters = lt.add_torrent_params()
parameters.ti = lt.torrent_info(sys.argv[2])
parameters.save_path = sys.argv[3]
handle = session.add_torrent(parameters)
host, _, port = sys.argv[4].rpartition(":")
print("ready", flush=True)
while True:
    if host and not handle.get_peer_info():
        handle.connect_peer((host, int(port)))
    for alert in session.pop_alerts():
        print(alert.message(), flush=True)
    if handle.status().is_seeding:
        print("complete", flush=True)
    time.sleep(0.5)
"""


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for relay in ("ruche", "libtorrent"):
        for owner in ("ruche", "libtorrent"):
            registry.add(
                f"hole-punch.{relay}.{owner}",
                f"a relay ({relay}) introduces Ruche and a seed ({owner}), both behind NATs",
                partial(punch, relay=relay, owner=owner),
                240,
            )


def punch(arena: Arena, relay: str, owner: str) -> None:
    """The relay has and gives hardly anything, so the download needs the seed, which no packet reaches uninvited."""
    require("nft")
    world = Namespace(arena, "world")
    world.run("ip", "link", "add", "br0", "type", "bridge")
    world.run("ip", "link", "set", "br0", "up")
    world.address("br0", f"{RELAY}/24")
    homes = [make_home(arena, world, number) for number in (1, 2)]
    content = arena.content("punched", single(4 * MIB))
    torrent = arena.torrent(content, piece_length=64 << 10)
    middle = start(world, relay, torrent.path, arena.subfolder("relay"), f"{RELAY}:{RELAY_PORT}", None, "relay")
    seed_folder = arena.placed(content)
    seed = start(homes[0], owner, torrent.path, seed_folder, "0.0.0.0:7001", f"{RELAY}:{RELAY_PORT}", "seed")
    into = arena.subfolder("into")
    process = start(homes[1], "ruche", torrent.path, into, "0.0.0.0:7002", f"{RELAY}:{RELAY_PORT}", "leech")
    arena.wait_until(lambda: '"finished"' in process.stdout.read_text(), "the download", process)
    for other, client in (middle, relay), (seed, owner):
        if client == "libtorrent":
            # Printed twice a second, and perhaps after the download.
            arena.wait_until(partial(says, other, "HOLEPUNCH ["), "libtorrent's part in it", other)
    process.stop()
    content.check(into)


def says(process: Process, words: str) -> bool:
    """Whether a process has printed these words."""
    return words in process.stdout.read_text()


def start(
    home: Namespace, client: str, torrent: Path, folder: Path, listen: str, peer: str | None, part: str
) -> Process:
    """Start a client over uTP alone."""
    if client == "libtorrent":
        settings = ["4096" if part == "relay" else "0", "0" if part == "seed" else "1"]
        command = [sys.executable, "-c", LIBTORRENT, listen, torrent, folder, peer or "", *settings]
        return home.start("libtorrent", *command)
    options = ["--no-tcp", "--no-dht", "--no-lan", "--no-port-mapping", "--json", "--encryption", "off"]
    options += ["--listen", listen.rpartition(":")[2], *(["--peer", peer] if peer else [])]
    options += ["--limit-up", "4K", "--limit-down", "4K"] if part == "relay" else []
    options += ["--no-pex"] if part == "seed" else []
    command = [*home.arena.file_share, "get", torrent, "-o", folder, "--seed", *options]
    return home.start("ruche", *command)


def make_home(arena: Arena, world: Namespace, number: int) -> Namespace:
    """A home behind a router of its own."""
    home, router = Namespace(arena, f"home{number}"), Namespace(arena, f"router{number}")
    home.connect("eth0", router, "lan0")
    router.connect("wan0", world, f"net{number}")
    home.address("eth0", f"192.168.{number}.2/24")
    router.address("lan0", f"192.168.{number}.1/24")
    router.address("wan0", f"{NETWORK}.{10 + number}/24")
    world.run("ip", "link", "set", f"net{number}", "master", "br0")
    home.run("ip", "route", "add", "default", "via", f"192.168.{number}.1")
    router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    rules = arena.subfolder("rules") / "rules"
    rules.write_text(RULES)
    router.run("nft", "-f", rules)
    return home
