# SPDX-License-Identifier: Apache-2.0
"""An HTTP server with the faults of real servers."""

from __future__ import annotations

import base64
import gzip
import re
import threading
import time
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ..arena import Arena

HOST = "127.0.0.1"
DRIBBLE_SECONDS = 0.5


@dataclass
class Ways:
    """The oddities of a server; none by default."""

    knows_ranges: bool = True
    closes: bool = False
    """It closes the connection after each response, without announcing it."""
    missing: Sequence[str] = ()
    """Names of files that are 404."""
    gzipped: Sequence[str] = ()
    """Names of files that are sent compressed, requested or not."""
    broken: Sequence[str] = ()
    """Names of files of which each response breaks off after a thousand bytes."""
    moved_to: str | None = None
    """Another server, without a slash at the end, that everything is redirected to."""
    busy: int = 0
    """This many requests are answered with 503 and `Retry-After: 2`."""
    credentials: str | None = None
    """`user:password` without which everything is 401."""
    sloppy: bool = False
    """Bare line feeds, a space before each colon, a length beside chunks."""
    single_bytes: bool = False
    """Each response is one byte of the range."""
    endless_extension: bool = False
    """A chunk's extension goes on as long as it is read, and the chunk never arrives."""
    dribbles: bool = False
    """A body is sent at one byte per `DRIBBLE_SECONDS`."""


@dataclass
class Asked:
    """One request."""

    path: str
    status: int
    at: float = field(default_factory=time.monotonic)
    sent: int = 0


class OddWebServer:
    """Serves a folder at `url`, which ends in a slash, in a separate thread."""

    def __init__(self, arena: Arena, folder: Path, ways: Ways) -> None:
        self.asked: list[Asked] = []
        asked = self.asked

        class Handler(_Handler):
            pass

        Handler.folder, Handler.ways, Handler.asked = folder, ways, asked
        self._server = _Server((HOST, 0), Handler)
        self.host = f"{HOST}:{self._server.server_port}"
        self.url = f"http://{self.host}/"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        arena.on_close(self.close)

    @property
    def sent(self) -> int:
        """Bytes of files sent in all responses."""
        return sum(one.sent for one in self.asked)

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that closes in the middle is not an error here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path
    ways: Ways
    asked: list[Asked]

    def do_GET(self) -> None:  # noqa: N802 (the base class's name)
        ways = self.ways
        name = urllib.parse.unquote(self.path).lstrip("/")
        if ways.credentials:
            wanted = "Basic " + base64.b64encode(ways.credentials.encode()).decode()
            if self.headers.get("Authorization") != wanted:
                return self._refuse(401)
        if ways.busy > 0:
            ways.busy -= 1
            return self._refuse(503, [("Retry-After", "2")])
        if ways.moved_to:
            return self._refuse(302, [("Location", ways.moved_to + self.path)])
        file = self.folder / name
        if name.rsplit("/", 1)[-1] in ways.missing or not file.is_file():
            return self._refuse(404)
        self._send(file.read_bytes(), name)

    def _send(self, data: bytes, name: str) -> None:
        ways, status, fields = self.ways, 200, []
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if found and ways.knows_ranges:
            first, last = int(found[1]), min(int(found[2]), len(data) - 1)
            last = first if ways.single_bytes else last
            fields.append(("Content-Range", f"bytes {first}-{last}/{len(data)}"))
            data, status = data[first : last + 1], 206
        if name.rsplit("/", 1)[-1] in ways.gzipped:
            data = gzip.compress(data, 1)
            fields.append(("Content-Encoding", "gzip"))
        if ways.endless_extension:
            return self._extend(status, fields)
        if ways.sloppy:
            fields.append(("Transfer-Encoding", "chunked"))
        fields.append(("Content-Length", str(len(data))))
        asked = self._write_head(status, fields)
        if name.rsplit("/", 1)[-1] in ways.broken:
            data, self.close_connection = data[:1000], True
        body = b"%x\n%s\n0\n\n" % (len(data), data) if ways.sloppy else data
        step = 1 if ways.dribbles else 1 << 18
        try:
            for start in range(0, len(body), step):
                self.wfile.write(body[start : start + step])
                asked.sent += len(body[start : start + step])
                time.sleep(DRIBBLE_SECONDS if ways.dribbles else 0)
        except OSError:
            self.close_connection = True

    def _extend(self, status: int, fields: list[tuple[str, str]]) -> None:
        asked = self._write_head(status, [*fields, ("Transfer-Encoding", "chunked")])
        try:
            self.wfile.write(b"4000;x=")
            while True:
                self.wfile.write(b"y" * (1 << 16))
                asked.sent += 1 << 16
        except OSError:
            self.close_connection = True

    def _refuse(self, status: int, fields: Sequence[tuple[str, str]] = ()) -> None:
        self._write_head(status, [*fields, ("Content-Length", "0")])

    def _write_head(self, status: int, fields: Sequence[tuple[str, str]]) -> Asked:
        asked = Asked(self.path, status)
        self.asked.append(asked)
        end, colon = ("\n", " : ") if self.ways.sloppy else ("\r\n", ": ")
        lines = [f"HTTP/1.1 {status} So", *(name + colon + value for name, value in fields)]
        self.wfile.write((end.join(lines) + end + end).encode())
        self.close_connection = self.ways.closes
        return asked

    def log_message(self, format: str, *args: object) -> None:
        """Keep the harness's own output clean."""
