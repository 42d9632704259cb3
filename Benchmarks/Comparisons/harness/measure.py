# SPDX-License-Identifier: Apache-2.0
"""Our workloads, run within one process so that its start is not measured."""

from __future__ import annotations

import json
import subprocess

from .options import Options
from .table import Row


def measure(options: Options, suite: str, *arguments: str, rounds: int | None = None) -> list[dict]:
    """Runs a suite of `Benchmarks/Sources/measure`, and returns a dictionary for each workload, in order.

    Each has `name`, `nanoseconds` and `allocations` per operation, and `bytesPerSecond` if it processes bytes.
    """
    command = [options.measure, suite, "--rounds", str(rounds or options.runs), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def measured_rows(options: Options, suite: str, *arguments: str) -> list[Row]:
    """Returns a row for each workload of a suite without a counterpart elsewhere: nanoseconds and allocations."""
    return [
        Row(
            f"{figure['name']} ({figure['allocations']:.2g} allocations)",
            "ns",
            [figure["nanoseconds"]],
            more_is_better=False,
        )
        for figure in measure(options, suite, *arguments)
    ]
