# SPDX-License-Identifier: Apache-2.0
"""Trackers: opentracker for the scenarios about trackers, and one that always names the same peers."""

from __future__ import annotations

import re
import socket
import threading
import urllib.parse
import urllib.request
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ..arena import Arena
from ..processes import free_port, is_listening
from .base import Endpoint


class PeerListTracker:
    """An HTTP tracker that answers every announce with the same peers (compact, BEP 23), or refuses it."""

    def __init__(self, host: str, peers: Sequence[Endpoint], refusal: str | None = None) -> None:
        compact = b"".join(socket.inet_aton(peer.host) + peer.port.to_bytes(2, "big") for peer in peers)
        answer = b"d8:intervali5e12:min intervali5e5:peers%d:%se" % (len(compact), compact)
        if refusal:
            answer = b"d14:failure reason%d:%se" % (len(refusal), refusal.encode())
        self.announces: list[dict[str, str]] = []
        announces = self.announces

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802 (the base class's name)
                query = urllib.parse.urlsplit(self.path).query
                announces.append(dict(urllib.parse.parse_qsl(query, encoding="latin-1")))
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                """Keep the harness's own output clean."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self.url = f"http://{host}:{self._server.server_port}/announce"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


class OpenTracker:
    """opentracker with a whitelist: it serves only the given info-hashes."""

    def __init__(self, arena: Arena, info_hashes: Sequence[str]) -> None:
        self._arena = arena
        self._host = "127.0.0.1"
        self._port = free_port(self._host)
        folder = arena.subfolder("opentracker")
        (folder / "whitelist.txt").write_text("".join(f"{info_hash}\n" for info_hash in info_hashes))
        folder.chmod(0o755)  # started by root, it changes into this folder and then to another user
        config = folder / "opentracker.conf"
        config.write_text(
            f"listen.tcp_udp {self._host}:{self._port}\n"
            "access.whitelist whitelist.txt\n"
            f"tracker.rootdir {folder}\n"
            "tracker.user nobody\n"
        )
        self.process = arena.start("opentracker", ["opentracker", "-f", config])
        arena.wait_until(lambda: is_listening(self._host, self._port), "opentracker listening", self.process)

    def url(self, scheme: str) -> str:
        """The announce URL, for `http` or `udp`."""
        return f"{scheme}://{self._host}:{self._port}/announce"

    def wait_for_seed(self, info_hash: str) -> None:
        """Until a seed has announced itself."""
        self._arena.wait_until(lambda: self._has_seed(info_hash), "a seed's announce")

    def _has_seed(self, info_hash: str) -> bool:
        escaped = "".join(f"%{byte:02x}" for byte in bytes.fromhex(info_hash))
        url = f"http://{self._host}:{self._port}/scrape?info_hash={escaped}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return re.search(rb"8:completei[1-9]", answer.read()) is not None
