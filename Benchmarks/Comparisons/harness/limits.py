# SPDX-License-Identifier: Apache-2.0
"""The limits of this machine, measured with as little code as possible."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from pathlib import Path


def memory_copy_rate(byte_count: int = 64 << 20) -> float:
    """Bytes per second of a copy in memory that exceeds the caches, to pages that are already mapped."""
    source = bytearray(b"\x5a") * byte_count
    target = bytearray(b"\xa5") * byte_count
    begun = time.thread_time()
    target[:] = source
    return byte_count / (time.thread_time() - begun)


def digest_rate(name: str, byte_count: int = 64 << 20) -> float:
    """Bytes per second that OpenSSL's `name` (sha1, sha256) hashes in one stream."""
    data = b"\x5a" * byte_count
    begun = time.thread_time()
    hashlib.new(name, data, usedforsecurity=False).digest()
    return byte_count / (time.thread_time() - begun)


def loopback_rate(byte_count: int = 2 << 30, chunk: int = 1 << 20) -> float:
    """Bytes per second between two threads through TCP on loopback: only system calls on warm buffers.

    Python releases its lock in `send` and `recv`, so both threads run in parallel.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    sender = threading.Thread(target=_send, args=(listener.getsockname(), byte_count, chunk))
    sender.start()
    connection, _ = listener.accept()
    buffer = bytearray(chunk)
    left = byte_count
    begun = time.perf_counter()
    while left > 0:
        count = connection.recv_into(buffer)
        if count == 0:
            break
        left -= count
    elapsed = time.perf_counter() - begun
    sender.join()
    connection.close()
    listener.close()
    return (byte_count - left) / elapsed


def file_over_loopback_rate(source: Path, target: Path, chunk: int = 1 << 20) -> float:
    """Bytes per second from one file through TCP on loopback to another, without a protocol or hashing.

    Uses two processes, like a transfer. Removes the target.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    begun = time.perf_counter()
    child = os.fork()
    if child == 0:
        with source.open("rb") as file, socket.create_connection(listener.getsockname()) as connection:
            connection.sendfile(file)
        os._exit(0)
    connection, _ = listener.accept()
    buffer = memoryview(bytearray(chunk))
    with target.open("wb", buffering=0) as out:
        while count := connection.recv_into(buffer):
            out.write(buffer[:count])
    elapsed = time.perf_counter() - begun
    os.waitpid(child, 0)
    connection.close()
    listener.close()
    target.unlink()
    return source.stat().st_size / elapsed


def _send(address: tuple[str, int], byte_count: int, chunk: int) -> None:
    data = memoryview(bytes(chunk))
    with socket.create_connection(address) as connection:
        for start in range(0, byte_count, chunk):
            connection.sendall(data[: min(chunk, byte_count - start)])
