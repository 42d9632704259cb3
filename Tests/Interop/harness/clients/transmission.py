# SPDX-License-Identifier: Apache-2.0
"""transmission-daemon, controlled through its RPC.

It accepts no loopback addresses from trackers or peer exchange, so here it never dials: others dial it.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..arena import Arena
from ..content import Content
from ..processes import Process, free_port, is_listening
from ..torrents import Torrent
from .base import Client, Encryption, Endpoint, Running

_ENCRYPTION = {"off": 0, "prefer": 1, "require": 2}
_SEEDING = 6


class RunningTransmission(Running):
    """One daemon with one torrent."""

    def __init__(self, arena: Arena, process: Process, rpc_url: str, endpoint: Endpoint, seeds: bool) -> None:
        self.process = process
        self.endpoint = endpoint
        self._arena = arena
        self._rpc_url = rpc_url
        self._session_id = ""
        self._seeds = seeds

    def add(self, source: str | Path, folder: Path) -> None:
        """Give the daemon its torrent; existing data is verified first."""
        arguments: dict[str, Any] = {"download-dir": str(folder), "paused": False}
        if isinstance(source, Path):
            arguments["metainfo"] = base64.b64encode(source.read_bytes()).decode()
        else:
            arguments["filename"] = source
        self._call("torrent-add", arguments)
        if self._seeds:
            self._call("torrent-verify", {})

    def wait_ready(self) -> None:
        """Wait until it listens, and has verified everything if it seeds."""
        self._arena.wait_until(
            lambda: is_listening(self.endpoint.host, self.endpoint.port), "transmission listening", self.process
        )
        if self._seeds:
            self._arena.wait_until(self._is_complete, "transmission's own verification", self.process)

    def wait_finished(self) -> None:
        """Wait until it reports everything complete."""
        self._arena.wait_until(self._is_complete, "transmission's download", self.process)

    def stop(self) -> None:
        """End it with Ctrl-C."""
        self.process.stop()

    def _is_complete(self) -> bool:
        fields = ["percentDone", "leftUntilDone", "metadataPercentComplete", "status"]
        torrents = self._call("torrent-get", {"fields": fields})["torrents"]
        return bool(torrents) and all(
            torrent["metadataPercentComplete"] == 1
            and torrent["percentDone"] == 1
            and torrent["leftUntilDone"] == 0
            and torrent["status"] == _SEEDING
            for torrent in torrents
        )

    def _call(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """One RPC; the first answer (409) tells the session id to use."""
        body = json.dumps({"method": method, "arguments": arguments}).encode()
        for _ in range(2):
            headers = {"X-Transmission-Session-Id": self._session_id}
            request = urllib.request.Request(self._rpc_url, body, headers)
            try:
                with urllib.request.urlopen(request, timeout=20) as response:
                    answer = json.load(response)
            except urllib.error.HTTPError as problem:
                self._session_id = problem.headers.get("X-Transmission-Session-Id", "")
                continue
            self._arena.expect(answer["result"] == "success", f"transmission: {method}: {answer['result']}")
            return answer["arguments"]
        raise ConnectionError(f"transmission's RPC does not answer {method}")


class Transmission(Client):
    """transmission-daemon 3.00."""

    name = "transmission"
    can_dial = False

    def __init__(self, arena: Arena, bootstrap: str | None = None) -> None:
        """With a node to start from it takes part in the DHT."""
        super().__init__(arena)
        self._bootstrap = bootstrap

    def seed(
        self,
        torrent: Torrent,
        *,
        peers: Sequence[Endpoint] = (),
        encryption: Encryption = "prefer",
        tracker: str | None = None,
    ) -> RunningTransmission:
        """Seed from a folder that has the data."""
        source = torrent.with_tracker(tracker, self.arena.subfolder("torrent")) if tracker else torrent.path
        return self._start(source, self.arena.placed(torrent.content), peers, encryption, seeds=True)

    def get(
        self,
        torrent: Torrent,
        into: Path,
        *,
        magnet: bool = False,
        peers: Sequence[Endpoint] = (),
        encryption: Encryption = "prefer",
        tracker: str | None = None,
    ) -> RunningTransmission:
        """Download into a folder."""
        source: str | Path = torrent.path
        if magnet:
            source = torrent.magnet(tracker)
        elif tracker:
            source = torrent.with_tracker(tracker, self.arena.subfolder("torrent"))
        return self._start(source, into, peers, encryption, seeds=False)

    def idle(self) -> RunningTransmission:
        """Run it without a torrent."""
        return self._run("idle", "prefer", seeds=False)

    def check(self, content: Content, folder: Path) -> None:
        """It creates no empty files."""
        content.without_empty_files().check(folder)

    def _start(
        self, source: str | Path, folder: Path, peers: Sequence[Endpoint], encryption: Encryption, seeds: bool
    ) -> RunningTransmission:
        assert not peers, "transmission dials no peers on loopback"
        running = self._run("seed" if seeds else "get", encryption, seeds)
        running.add(source, folder)
        return running

    def _run(self, purpose: str, encryption: Encryption, seeds: bool) -> RunningTransmission:
        endpoint = Endpoint(self.arena.address(), 0)
        endpoint = Endpoint(endpoint.host, free_port(endpoint.host))
        rpc_port = free_port(endpoint.host)
        settings = self._settings(endpoint, rpc_port, encryption)
        config = self.arena.subfolder("transmission-config")
        if self._bootstrap:
            settings["dht-enabled"] = True
            (config / "dht.bootstrap").write_text(self._bootstrap.replace(":", " ") + "\n")
        (config / "settings.json").write_text(json.dumps(settings))
        command: list[str | Path] = ["transmission-daemon", "--foreground", "--config-dir", config, "--log-info"]
        process = self.arena.start(f"{self.name}-{purpose}", command)
        self.arena.wait_until(lambda: is_listening(endpoint.host, rpc_port), "transmission's RPC", process)
        rpc_url = f"http://{endpoint.host}:{rpc_port}/transmission/rpc"
        return RunningTransmission(self.arena, process, rpc_url, endpoint, seeds)

    @staticmethod
    def _settings(endpoint: Endpoint, rpc_port: int, encryption: Encryption) -> dict[str, Any]:
        return {
            "bind-address-ipv4": endpoint.host,
            "bind-address-ipv6": "::1",
            "dht-enabled": False,
            "encryption": _ENCRYPTION[encryption],
            "lpd-enabled": False,
            "message-level": 2,
            "peer-port": endpoint.port,
            "pex-enabled": False,
            "port-forwarding-enabled": False,
            "preallocation": 0,
            "rpc-authentication-required": False,
            "rpc-bind-address": endpoint.host,
            "rpc-enabled": True,
            "rpc-host-whitelist-enabled": False,
            "rpc-port": rpc_port,
            "rpc-whitelist-enabled": False,
            "trash-original-torrent-files": False,
            "utp-enabled": False,
        }
