#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the scheduling of peers costs us, by the size of torrent and swarm; libtorrent's binding has no way to its picker.

The limit of a pick is our own bound: half a microsecond.
"""

from __future__ import annotations

import argparse

from harness import Options, Row, measure, print_table

BOUND_NANOSECONDS = 500.0


def rows(options: Options) -> list[Row]:
    """The rows."""
    sizes = ["--pieces", "1000,100000", "--peers", "100"] if options.quick else []
    table = []
    for figure in measure(options, "picking", *sizes):
        is_pick = figure["name"].startswith("pick")
        row = Row(figure["name"], "ns", [figure["nanoseconds"]], more_is_better=False)
        row.limit = [BOUND_NANOSECONDS] if is_pick else []
        table.append(row)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    Options.add_to(parser)
    print_table(rows(Options.of(parser.parse_args())))


if __name__ == "__main__":
    main()
