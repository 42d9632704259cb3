# SPDX-License-Identifier: Apache-2.0
"""What is transferred and hashed."""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path

from .options import Options

CHUNK = 1 << 20
BLOCK = 16 << 10


def make_source(folder: Path, size: int, name: str = "payload.bin") -> Path:
    """A file of which no two blocks are the same: random, but for a number at the start of each.

    The same random bytes again and again, for the system's generator is slower than what is measured.
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
    """By our own app: all sides get the same."""
    command = [options.binary, "create", str(source), "-o", str(torrent), f"--{kind}"]
    subprocess.run([*command, "--piece-length", str(piece_length)], check=True, stdout=subprocess.DEVNULL)
    return torrent
