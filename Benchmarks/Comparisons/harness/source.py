# SPDX-License-Identifier: Apache-2.0
"""What is transferred and hashed."""

from __future__ import annotations

import os
from pathlib import Path

CHUNK = 16 << 20


def make_source(folder: Path, size: int) -> Path:
    """A file of random bytes."""
    path = folder / "source" / "payload.bin"
    path.parent.mkdir(parents=True)
    with path.open("wb") as out:
        for start in range(0, size, CHUNK):
            out.write(os.urandom(min(CHUNK, size - start)))
    return path
