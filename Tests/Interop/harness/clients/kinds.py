# SPDX-License-Identifier: Apache-2.0
"""The clients that Ruche is tested with."""

from __future__ import annotations

from .aria2 import Aria2
from .base import Client
from .file_share import Libtorrent
from .transmission import Transmission

KINDS: dict[str, type[Client]] = {kind.name: kind for kind in (Libtorrent, Transmission, Aria2)}
