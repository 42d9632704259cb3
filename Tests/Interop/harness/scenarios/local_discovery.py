# SPDX-License-Identifier: Apache-2.0
"""Local discovery between two network namespaces, with libtorrent on the other side."""

from __future__ import annotations

import sys
from functools import partial

from ..arena import Arena
from ..namespaces import Namespace, require, start_tests
from ..registry import Registry

INFO_HASH = "0102030405060708090a0b0c0d0e0f1011121314"

LIBTORRENT = """
import sys, time, libtorrent
session = libtorrent.session({
    "enable_lsd": True, "enable_dht": False, "enable_upnp": False, "enable_natpmp": False,
    "listen_interfaces": sys.argv[1], "local_service_announce_interval": 60,
    "alert_mask": libtorrent.alert.category_t.all_categories,
})
torrent = libtorrent.parse_magnet_uri("magnet:?xt=urn:btih:" + sys.argv[2])
torrent.save_path = "."
handle = session.add_torrent(torrent)
while True:
    for alert in session.pop_alerts():
        if "<== LSD: " in alert.message():
            print(alert.message(), flush=True)
    time.sleep(0.1)
"""


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for family in ("4", "6"):
        registry.add(
            f"local-discovery.v{family}",
            f"Ruche and libtorrent find each other on a local network over IPv{family}",
            partial(discovery, family=family),
            120,
        )


def discovery(arena: Arena, family: str) -> None:
    """Each hears the other's announcement."""
    require()
    ours, theirs = (Namespace(arena, name) for name in ("ours", "theirs"))
    ours.connect("eth0", theirs, "eth0")
    for namespace, host in ((ours, 1), (theirs, 2)):
        address = f"192.168.77.{host}/24" if family == "4" else f"fd77::{host}/64"
        namespace.address("eth0", address)
        default = "192.168.77.254" if family == "4" else "fd77::ff"
        namespace.run("ip", f"-{family}", "route", "add", "default", "via", default)
    listen = "192.168.77.2:7000" if family == "4" else "[fd77::2]:7000"
    environment = {"LOCAL_INFOHASH": INFO_HASH, "LOCAL_FAMILY": family}
    tests = start_tests(ours, "LocalNetworkTests", environment)
    other = theirs.start("libtorrent", sys.executable, "-c", LIBTORRENT, listen, INFO_HASH)
    arena.wait_until(lambda: tests.poll() is not None, "libtorrent's announcement", other)
    arena.expect(tests.poll() == 0, "the test passes")
    found = tests.stdout.read_text()
    arena.expect(f"found {listen}" in found, f"libtorrent's endpoint is found: {found}")
    # Ours announced before libtorrent listened, so it says so once more.
    start_tests(ours, "LocalNetworkTests", environment)
    own = "192.168.77.1:6881" if family == "4" else "fd77::1:6881"
    arena.wait_until(lambda: own in other.stdout.read_text(), "libtorrent to hear ours", other)
