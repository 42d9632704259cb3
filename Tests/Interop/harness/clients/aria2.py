# SPDX-License-Identifier: Apache-2.0
"""aria2c, observed through its JSON-RPC.

It learns of peers from trackers only, so it is given a tracker that names them.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..arena import Arena
from ..processes import Process, free_port, is_listening
from ..torrents import Torrent
from .base import Client, Encryption, Endpoint, Running
from .tracker import PeerListTracker

_ENCRYPTION: dict[str, list[str]] = {
    "prefer": [],
    "require": ["--bt-force-encryption=true"],
    "off": [],
}


class RunningAria2(Running):
    """One aria2c with one torrent."""

    def __init__(self, arena: Arena, process: Process, rpc_url: str, endpoint: Endpoint) -> None:
        self.process = process
        self.endpoint = endpoint
        self._arena = arena
        self._rpc_url = rpc_url

    def wait_ready(self) -> None:
        """Wait until it listens: it opens its port once existing data has been checked."""
        self._arena.wait_until(
            lambda: is_listening(self.endpoint.host, self.endpoint.port), "aria2 listening", self.process
        )

    def wait_finished(self) -> None:
        """Wait until it reports everything complete."""
        self._arena.wait_until(self._is_seeding, "aria2's download", self.process)

    def stop(self) -> None:
        """End it with Ctrl-C."""
        self.process.stop()

    def _is_seeding(self) -> bool:
        return any(download.get("seeder") == "true" for download in self._call("aria2.tellActive"))

    def _call(self, method: str) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "id": "1", "method": method, "params": []}).encode()
        with urllib.request.urlopen(urllib.request.Request(self._rpc_url, body), timeout=20) as response:
            return json.load(response)["result"]


class Aria2(Client):
    """aria2c 1.36."""

    name = "aria2"

    def seed(
        self,
        torrent: Torrent,
        *,
        peers: Sequence[Endpoint] = (),
        encryption: Encryption = "prefer",
        tracker: str | None = None,
    ) -> RunningAria2:
        """Seed from a folder that has the data."""
        data = self.arena.placed(torrent.content)
        extra = ["--check-integrity=true"]
        return self._start("seed", torrent.path, data, peers, encryption, tracker, extra)

    def get(
        self,
        torrent: Torrent,
        into: Path,
        *,
        magnet: bool = False,
        peers: Sequence[Endpoint] = (),
        encryption: Encryption = "prefer",
        tracker: str | None = None,
    ) -> RunningAria2:
        """Download into a folder."""
        source = torrent.magnet() if magnet else torrent.path
        return self._start("get", source, into, peers, encryption, tracker, ["--file-allocation=none"])

    def _start(
        self,
        verb: str,
        source: str | Path,
        folder: Path,
        peers: Sequence[Endpoint],
        encryption: Encryption,
        tracker: str | None,
        extra: Sequence[str],
    ) -> RunningAria2:
        host = self.arena.address()
        port, rpc_port = free_port("0.0.0.0"), free_port("0.0.0.0")
        trackers = [tracker] if tracker else []
        if peers:
            peer_list = PeerListTracker(host, peers)
            self.arena.on_close(peer_list.close)
            trackers.append(peer_list.url)
        options = [
            f"--dir={folder}",
            f"--interface={host}",
            f"--listen-port={port}",
            f"--bt-external-ip={host}",
            "--bt-enable-lpd=false",
            "--enable-dht=false",
            "--enable-dht6=false",
            "--enable-peer-exchange=false",
            "--seed-ratio=0.0",
            "--enable-rpc=true",
            f"--rpc-listen-port={rpc_port}",
            "--console-log-level=info",
            "--summary-interval=0",
            "--no-conf=true",
            "--disable-ipv6=true",
            "--bt-tracker=" + ",".join(trackers),
            *_ENCRYPTION[encryption],
            *extra,
        ]
        process = self.arena.start(f"{self.name}-{verb}", ["aria2c", *options, source])
        self.arena.wait_until(lambda: is_listening("127.0.0.1", rpc_port), "aria2's RPC", process)
        return RunningAria2(self.arena, process, f"http://127.0.0.1:{rpc_port}/jsonrpc", Endpoint(host, port))
