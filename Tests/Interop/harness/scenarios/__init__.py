# SPDX-License-Identifier: Apache-2.0
"""The scenarios of `run.py`, a module for each theme; each adds its own to a registry."""

from __future__ import annotations

from ..registry import Registry
from . import (
    announces,
    command_line,
    control,
    dht,
    dht_mixed,
    disk,
    encryption,
    hardship,
    hole_punching,
    local_discovery,
    magnets,
    names,
    odd_servers,
    options,
    payloads,
    playing,
    port_mapping,
    publishing,
    reading,
    routes,
    swarms,
    tool,
    transfers,
    utp,
    webseeds,
)

THEMES = (
    transfers,
    encryption,
    magnets,
    payloads,
    reading,
    playing,
    control,
    disk,
    swarms,
    announces,
    tool,
    command_line,
    webseeds,
    odd_servers,
    names,
    hardship,
    port_mapping,
    publishing,
    local_discovery,
    dht,
    dht_mixed,
    utp,
    options,
    routes,
    hole_punching,
)


def all_scenarios() -> Registry:
    """Every interop scenario."""
    registry = Registry()
    for theme in THEMES:
        theme.add_to(registry)
    return registry
