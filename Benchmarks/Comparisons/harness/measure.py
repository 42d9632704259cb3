# SPDX-License-Identifier: Apache-2.0
"""Our workloads, run inside one process so that starting it is not counted."""

from __future__ import annotations

import json
import subprocess

from .options import Options
from .table import Row


def measure(options: Options, suite: str, *arguments: str, rounds: int | None = None) -> list[dict]:
    """Runs a suite of `Benchmarks/Sources/measure`; a dictionary for each workload, in its order.

    Each has `name`, `nanoseconds` and `allocations` of one operation, and `bytesPerSecond` where it works on bytes.
    """
    command = [options.measure, suite, "--rounds", str(rounds or options.runs), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def measured_rows(options: Options, suite: str, *arguments: str) -> list[Row]:
    """A row for each workload of a suite that nobody else has the like of: nanoseconds and allocations."""
    return [
        Row(
            f"{figure['name']} ({figure['allocations']:.2g} allocations)",
            "ns",
            [figure["nanoseconds"]],
            more_is_better=False,
        )
        for figure in measure(options, suite, *arguments)
    ]
