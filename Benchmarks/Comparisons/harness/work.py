# SPDX-License-Identifier: Apache-2.0
"""Temporary folders for the data."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""A folder in memory; None if the system has none."""


@contextmanager
def work_folder(base: str | None = MEMORY) -> Iterator[Path]:
    """Creates a folder and removes it at the end. With None, it is in the default folder for temporary files."""
    work = Path(tempfile.mkdtemp(prefix="ruche-bench-", dir=base))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
