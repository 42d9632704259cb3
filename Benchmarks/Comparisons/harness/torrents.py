# SPDX-License-Identifier: Apache-2.0
"""Large torrents to parse, just under ten megabytes, which is libtorrent's default limit."""

from __future__ import annotations

import random

PIECE_LENGTH = 65_536


def one_file(piece_count: int = 495_000) -> bytes:
    """Returns a torrent that is mostly piece hashes."""
    info = b"6:lengthi%de" % (piece_count * PIECE_LENGTH) + _rest(piece_count)
    return _torrent(info)


def many_files(count: int = 80_000) -> bytes:
    """Returns a torrent that is mostly a list of files."""
    source = random.Random(1)
    total = 0
    files = []
    for index in range(count):
        length = source.randrange(1, 170_000)
        total += length
        path = b"l" + _string(b"folder-%d" % (index // 100)) + _string(b"some file of the collection, %d.data" % index) + b"e"
        files.append(b"d6:lengthi%de4:path" % length + path + b"e")
    info = b"5:filesl" + b"".join(files) + b"e" + _rest(-(-total // PIECE_LENGTH))
    return _torrent(info)


many_files.count = 80_000


def _rest(piece_count: int) -> bytes:
    hashes = random.Random(2).randbytes(20 * piece_count)
    return b"4:name6:sample12:piece lengthi%de6:pieces" % PIECE_LENGTH + _string(hashes)


def _string(content: bytes) -> bytes:
    return b"%d:" % len(content) + content


def _torrent(info: bytes) -> bytes:
    return b"d8:announce" + _string(b"http://tracker.example/announce") + b"4:infod" + info + b"ee"
