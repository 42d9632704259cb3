#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures scheduling by the size of torrent and swarm. libtorrent's binding does not expose its picker.

The limit of a pick is our own target: half a microsecond.
"""

from __future__ import annotations

from harness import Options, Row, measured_rows, run_alone

BOUND_NANOSECONDS = 500.0


def rows(options: Options) -> list[Row]:
    """Returns the rows of this comparison."""
    sizes = ["--pieces", "1000,100000", "--peers", "100"] if options.quick else []
    table = measured_rows(options, "picking", *sizes)
    for row in table:
        row.limit = [BOUND_NANOSECONDS] if row.what.startswith("pick") else []
    return table


if __name__ == "__main__":
    run_alone(rows, __doc__)
