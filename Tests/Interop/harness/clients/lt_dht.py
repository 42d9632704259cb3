# SPDX-License-Identifier: Apache-2.0
"""libtorrent's DHT nodes, in the harness's own process: a private network on loopback."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any

import libtorrent as lt

from ..arena import Arena


class LibtorrentNode:
    """A session that only takes part in the DHT."""

    def __init__(self, arena: Arena, bootstrap: str | None) -> None:
        self.address = arena.address()
        self._alerts: list[Any] = []
        self.session = lt.session(
            {
                "listen_interfaces": f"{self.address}:6881",
                "outgoing_interfaces": self.address,
                "enable_dht": True,
                "enable_lsd": False,
                "enable_upnp": False,
                "enable_natpmp": False,
                "dht_bootstrap_nodes": bootstrap or "",
                "dht_restrict_routing_ips": False,
                "dht_restrict_search_ips": False,
                "dht_prefer_verified_node_ids": False,
                "dht_enforce_node_id": False,
                "dht_ignore_dark_internet": False,
                "allow_multiple_connections_per_ip": True,
                "alert_mask": lt.alert.category_t.dht_notification | lt.alert.category_t.dht_operation_notification,
            }
        )
        arena.on_close(self.session.pause)

    @property
    def endpoint(self) -> str:
        """The endpoint of its node."""
        return f"{self.address}:{self.session.listen_port()}"

    @property
    def known(self) -> int:
        """The size of its routing table."""
        self.session.post_dht_stats()
        stats = self.alert("dht_stats_alert", lambda _: True, 5)
        return sum(bucket["num_nodes"] for bucket in stats.routing_table) if stats else 0

    def alert(self, kind: str, is_wanted: Callable[[Any], bool], seconds: float = 20) -> Any:
        """The first wanted alert of a kind; None after a timeout."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.session.wait_for_alert(200)
            for alert in self.session.pop_alerts():
                if type(alert).__name__ == kind and is_wanted(alert):
                    return alert
        return None


def expanded(seed: bytes) -> bytes:
    """The 64 bytes that libtorrent calls a private key, from the 32 that others do (RFC 8032 section 5.1.5)."""
    key = bytearray(hashlib.sha512(seed).digest())
    key[0] &= 248
    key[31] = key[31] & 63 | 64
    return bytes(key)
