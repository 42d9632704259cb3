# SPDX-License-Identifier: Apache-2.0
"""Scenarios by name, as the modules of a harness declare them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .arena import Arena

Body = Callable[[Arena], None]


@dataclass(frozen=True)
class Scenario:
    """One thing to show, independently of all others."""

    name: str
    shows: str
    body: Body
    timeout_seconds: float
    quick: bool = False
    alone: bool = False
    """It must run alone, because it is too heavy to share the machine."""


class Registry:
    """Scenarios in the order of their declaration."""

    def __init__(self) -> None:
        self.scenarios: list[Scenario] = []

    def add(
        self,
        name: str,
        shows: str,
        body: Body,
        timeout_seconds: float = 60,
        *,
        quick: bool = False,
        alone: bool = False,
    ) -> None:
        """Declare a scenario; `quick` puts it in the smoke run."""
        assert all(other.name != name for other in self.scenarios), f"two scenarios are named {name}"
        self.scenarios.append(Scenario(name, shows, body, timeout_seconds, quick, alone))

    def selected(self, pattern: str | None, quick: bool) -> list[Scenario]:
        """The scenarios whose name contains the pattern (commas separate alternatives)."""
        parts = pattern.split(",") if pattern else [""]
        return [
            scenario
            for scenario in self.scenarios
            if any(part in scenario.name for part in parts) and (scenario.quick or not quick)
        ]
