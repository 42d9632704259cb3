# SPDX-License-Identifier: Apache-2.0
"""HTTP servers that have a torrent's files: lighttpd, and Python's, which knows no ranges."""

from __future__ import annotations

import sys
from pathlib import Path

from ..arena import Arena
from ..processes import Process, free_port, is_listening

HOST = "127.0.0.1"


class WebServer:
    """Serves a folder at `url`, which ends in a slash."""

    def __init__(self, arena: Arena, folder: Path, knows_ranges: bool = True, port: int | None = None) -> None:
        self.port = port = port or free_port(HOST)
        self.url = f"http://{HOST}:{port}/"
        start = _start_lighttpd if knows_ranges else _start_plain
        self.process = start(arena, folder, port)
        arena.wait_until(lambda: is_listening(HOST, port), "the web server listening", self.process)

    def stop(self) -> None:
        """End it."""
        self.process.stop()


def _start_lighttpd(arena: Arena, folder: Path, port: int) -> Process:
    config = arena.subfolder("lighttpd") / "lighttpd.conf"
    config.write_text(
        f'server.document-root = "{folder}"\nserver.bind = "{HOST}"\nserver.port = {port}\n'
        'server.errorlog = "/dev/stderr"\nserver.network-backend = "writev"\n'
    )
    return arena.start("lighttpd", ["/usr/sbin/lighttpd", "-D", "-f", config])


def _start_plain(arena: Arena, folder: Path, port: int) -> Process:
    command = [sys.executable, "-m", "http.server", str(port), "--bind", HOST, "--directory", folder]
    return arena.start("http.server", command)
