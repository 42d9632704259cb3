# SPDX-License-Identifier: Apache-2.0
"""The scenarios of `run.py`, a module for each theme; each adds its own to a registry."""

from __future__ import annotations

from ..registry import Registry
from . import announces, control, encryption, magnets, odd_servers, payloads, swarms, tool, transfers, webseeds


def all_scenarios() -> Registry:
    """Every interop scenario."""
    registry = Registry()
    for theme in (transfers, encryption, magnets, payloads, control, swarms, announces, tool, webseeds, odd_servers):
        theme.add_to(registry)
    return registry
