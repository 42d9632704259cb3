#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Parses torrents of nearly ten megabytes, with our parser and libtorrent's, and messages between peers.

Both are measured in CPU time of the parsing thread. libtorrent is measured around one call of its binding, which
takes the bytes and returns a `torrent_info`; ours around the call that returns a `Metainfo`. Both hash the info
dictionary and sanitise paths. The number of pieces is checked.
"""

from __future__ import annotations

import time

import libtorrent as lt

from harness import Options, Row, measure, measured_rows, run_alone, work_folder
from harness.limits import memory_copy_rate
from harness.torrents import many_files, one_file

MB = 1e6


def rows(options: Options) -> list[Row]:
    """Returns the rows of this comparison."""
    return parsing(options) + messages(options)


def parsing(options: Options) -> list[Row]:
    """Measures our parser and libtorrent's in turn."""
    table = []
    with work_folder() as folder:
        single = one_file()
        for name, data in [("one file", single), (f"{many_files.count:,} files", many_files())]:
            path = folder / "sample.torrent"
            path.write_bytes(data)
            whole = Row(f"read a torrent of {len(data) / MB:.1f} MB, {name}", "MB/s", [])
            bencode = Row(f"its bencode alone, {name}", "MB/s", [])
            for _ in range(options.runs):
                for figure in measure(options, "parse", str(path), rounds=1):
                    row = bencode if figure["name"].startswith("bencode") else whole
                    row.ours.append(figure["bytesPerSecond"] / MB)
                whole.theirs.append(len(data) / their_seconds(data) / MB)
                whole.limit.append(memory_copy_rate() / MB)
            bencode.limit = whole.limit
            # The bencode of a single file is one string of piece hashes, which costs nothing to skip.
            table += [whole, bencode] if data is not single else [whole]
    return table


def their_seconds(data: bytes) -> float:
    """Returns the CPU seconds of one call of libtorrent's parser."""
    begun = time.thread_time()
    info = lt.torrent_info(data)
    elapsed = time.thread_time() - begun
    assert info.num_pieces() > 0
    return elapsed


def messages(options: Options) -> list[Row]:
    """Measures our framer only: libtorrent's binding does not expose its own."""
    kinds = ["frame", "write", "read bitfield"]
    return [row for kind in kinds for row in measured_rows(options, "codecs", "--only", kind)]


if __name__ == "__main__":
    run_alone(rows, __doc__)
