# SPDX-License-Identifier: Apache-2.0
"""What all raw peers share: a loop, a torrent of one file, listening and dialling."""

from __future__ import annotations

import asyncio
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

import libtorrent as lt

from ..clients.base import Endpoint
from ..torrents import Torrent

Result = TypeVar("Result")

REDIAL_SECONDS = 0.3
MOST_DIALS = 20


class Loop:
    """An asyncio loop in a separate thread, for scenarios that block."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._spawned: list[Future[Any]] = []  # a loop alone keeps no task alive
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run to the end, and return the result to the calling thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run concurrently, until it ends or the loop closes."""
        self._spawned.append(asyncio.run_coroutine_threadsafe(work, self._loop))

    def close(self) -> None:
        """Cancel everything; from now on the ends of connections are not reported."""
        self._loop.set_exception_handler(lambda *_: None)
        self.call(_cancel_others())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_others() -> None:
    """Cancelled connections cancel their helpers in turn: repeat until none is left."""
    while others := [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class OneFile:
    """A torrent of one file, as raw peers see it."""

    def __init__(self, torrent: Torrent) -> None:
        content = torrent.content
        assert len(content.digests) == 1, "raw peers serve torrents of one file"
        self.info_hash = bytes.fromhex(torrent.announced_hashes[0])
        self.piece_length = torrent.piece_length
        self.size = content.size
        self.pieces = -(-self.size // self.piece_length)
        info = lt.load_torrent_file(str(torrent.path)).ti
        assert info is not None
        self.info_dictionary = info.info_section()
        self._file = (content.folder / content.name).open("rb", buffering=0)

    def length_of(self, piece: int) -> int:
        """Bytes in a piece; the last one may be shorter."""
        return min(self.piece_length, self.size - piece * self.piece_length)

    def read(self, piece: int, begin: int, length: int) -> bytes:
        """A block's bytes."""
        self._file.seek(piece * self.piece_length + begin)
        return self._file.read(length)


class RawPeer(ABC):
    """Connects with Ruche both ways: it listens at its own address, and dials from there."""

    def __init__(self, loop: Loop, host: str) -> None:
        self._loop = loop
        self._host = host
        self.endpoints: set[str] = set()
        """Every `ip:port` that it used."""
        self.endpoint = loop.call(self._listen())

    @abstractmethod
    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Behave, or misbehave, on one connection until it ends."""

    def dial(self, target: Endpoint) -> None:
        """Connect, and again whenever it is disconnected, a limited number of times."""
        self._loop.spawn(self._keep_dialling(target))

    async def _listen(self) -> Endpoint:
        server = await asyncio.start_server(self._greet, self._host, 0)
        endpoint = Endpoint(self._host, server.sockets[0].getsockname()[1])
        self.endpoints.add(str(endpoint))
        return endpoint

    async def _keep_dialling(self, target: Endpoint) -> None:
        for _ in range(MOST_DIALS):
            try:
                reader, writer = await asyncio.open_connection(target.host, target.port, local_addr=(self._host, 0))
            except OSError:
                pass
            else:
                host, port = writer.get_extra_info("sockname")[:2]
                self.endpoints.add(f"{host}:{port}")
                await self._greet(reader, writer)
            await asyncio.sleep(REDIAL_SECONDS)

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 256 << 10)
        try:
            await self.meet(reader, writer)
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
