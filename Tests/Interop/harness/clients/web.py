# SPDX-License-Identifier: Apache-2.0
"""HTTP servers with a torrent's files: lighttpd, nginx, and Python's, which does not support ranges."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from ..arena import Arena
from ..processes import Process, free_port, is_listening

HOST = "127.0.0.1"
Kind = Literal["lighttpd", "nginx", "python"]


class WebServer:
    """Serves a folder at `url`, which ends in a slash."""

    def __init__(self, arena: Arena, folder: Path, kind: Kind = "lighttpd", port: int | None = None) -> None:
        self.port = port = port or free_port(HOST)
        self.url = f"http://{HOST}:{port}/"
        start = {"lighttpd": _start_lighttpd, "nginx": _start_nginx, "python": _start_python}[kind]
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


def _start_nginx(arena: Arena, folder: Path, port: int) -> Process:
    own = arena.subfolder("nginx")
    paths = "".join(
        f"    {kind}_temp_path {own}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (own / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {own}/pid;\nevents {{}}\nhttp {{\n{paths}    access_log off;\n"
        f"    server {{\n        listen {HOST}:{port};\n        root {folder};\n    }}\n}}\n"
    )
    return arena.start("nginx", ["/usr/sbin/nginx", "-p", own, "-e", "stderr", "-c", own / "nginx.conf"])


def _start_python(arena: Arena, folder: Path, port: int) -> Process:
    command = [sys.executable, "-m", "http.server", str(port), "--bind", HOST, "--directory", folder]
    return arena.start("http.server", command)
