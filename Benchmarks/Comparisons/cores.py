#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two transfers at once in one process, on one event loop and on two: how far swarms spread over processors."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import Options, Row, print_table

TORRENTS = 2
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


def rows(options: Options) -> list[Row]:
    """For the table of all comparisons: a row for each number of loops, run in turn."""
    size = (64 if options.quick else 1024) << 20
    rates: dict[int, list[float]] = {1: [], 2: []}
    for index in range(options.runs):
        for loops, found in rates.items():
            found.append(run(options, loops, size))
            print(f"{loops} loops, run {index + 1}: {found[-1]:,.0f} MB/s", file=sys.stderr, flush=True)
    return [Row(f"two transfers in one process, {loops} loops", "MB/s", found) for loops, found in rates.items()]


def run(options: Options, loops: int, size: int) -> float:
    """MB a second, both transfers together."""
    folder = tempfile.mkdtemp(prefix="ruche-bench-", dir=MEMORY)
    try:
        program = Path(options.measure).with_name("cores")
        command = [str(program), str(loops), str(TORRENTS), str(size), folder]
        done = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        return done["bytes"] / 1e6 / done["seconds"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    Options.add_to(parser)
    print_table(rows(Options.of(parser.parse_args())))


if __name__ == "__main__":
    main()
