# SPDX-License-Identifier: Apache-2.0
"""Where the data lie while they are needed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""A folder in memory; None where there is no such thing."""


@contextmanager
def work_folder(base: str | None = MEMORY) -> Iterator[Path]:
    """A fresh folder, removed in the end; with None for its base it is where temporary files are."""
    work = Path(tempfile.mkdtemp(prefix="ruche-bench-", dir=base))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
