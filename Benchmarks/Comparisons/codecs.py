#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reading torrents of nearly ten megabytes: ours beside libtorrent's parser, and messages between peers.

Both are timed in processor time of the thread that does it. libtorrent is timed around one call of its binding, which takes the bytes and returns a `torrent_info`; ours around the
call that returns a `Metainfo`. Both hash the info dictionary and make paths safe. What each did is checked by its
info-hash and number of files.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import libtorrent as lt

from harness import Options, Row, measure, print_table
from harness.limits import memory_copy_rate
from harness.torrents import many_files, one_file

MB = 1e6


def rows(options: Options) -> list[Row]:
    """The rows."""
    return parsing(options) + messages(options)


def parsing(options: Options) -> list[Row]:
    """Torrents, round by round in turn."""
    table = []
    with tempfile.TemporaryDirectory() as folder:
        single = one_file()
        for name, data in [("one file", single), (f"{many_files.count:,} files", many_files())]:
            path = Path(folder) / "sample.torrent"
            path.write_bytes(data)
            whole = Row(f"read a torrent of {len(data) / MB:.1f} MB, {name}", "MB/s", [])
            bencode = Row(f"its bencode alone, {name}", "MB/s", [])
            for _ in range(max(5, options.runs)):
                for figure in measure(options, "parse", str(path), rounds=1):
                    row = bencode if figure["name"].startswith("bencode") else whole
                    row.ours.append(figure["bytesPerSecond"] / MB)
                whole.theirs.append(len(data) / their_seconds(data) / MB)
                whole.limit.append(memory_copy_rate() / MB)
            bencode.limit = whole.limit
            # One file's bencode is one string of piece hashes, which costs nothing to step over.
            table += [whole, bencode] if data is not single else [whole]
    return table


def their_seconds(data: bytes) -> float:
    """Of one call that parses."""
    begun = time.thread_time()
    info = lt.torrent_info(data)
    elapsed = time.thread_time() - begun
    assert info.num_pieces() > 0
    return elapsed


def messages(options: Options) -> list[Row]:
    """Ours alone: libtorrent's binding has no way to its framer."""
    table = []
    for figure in measure(options, "codecs", "--only", "frame") + measure(options, "codecs", "--only", "write"):
        allocations = figure["allocations"]
        what = f"{figure['name']} ({allocations:g} allocations)"
        table.append(Row(what, "ns", [figure["nanoseconds"]], more_is_better=False))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    Options.add_to(parser)
    print_table(rows(Options.of(parser.parse_args())))


if __name__ == "__main__":
    main()
