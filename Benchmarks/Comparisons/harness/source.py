# SPDX-License-Identifier: Apache-2.0
"""The data to transfer and hash."""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path

from .options import Options

CHUNK = 1 << 20
BLOCK = 16 << 10


def make_source(folder: Path, size: int, name: str = "payload.bin") -> Path:
    """Creates a file in which no two blocks are the same: random, except for a number at the start of each.

    The random bytes are reused, because the system's generator is slower than the measured programs.
    """
    path = folder / "source" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    chunk = bytearray(os.urandom(CHUNK))
    with path.open("wb") as out:
        for start in range(0, size, CHUNK):
            for offset in range(0, CHUNK, BLOCK):
                struct.pack_into(">Q", chunk, offset, start + offset)
            out.write(memoryview(chunk)[: min(CHUNK, size - start)])
    return path


def make_torrent(options: Options, source: Path, torrent: Path, kind: str = "v1", piece_length: int = 1 << 20) -> Path:
    """Creates a torrent with our own app. All sides use the same one."""
    command = [options.binary, "create", str(source), "-o", str(torrent), f"--{kind}"]
    subprocess.run([*command, "--piece-length", str(piece_length)], check=True, stdout=subprocess.DEVNULL)
    return torrent
