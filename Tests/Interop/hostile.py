#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile peers: whatever they do, the download is correct, memory stays limited, and the log names them."""

from __future__ import annotations

import sys

from harness.registry import Registry
from harness.runner import add_scenario_options, make_parser, run
from harness.scenarios import addresses, attacks, dribblers, floods, hearsay, silence, slots


def main() -> int:
    """Run what the command line asks for."""
    parser = make_parser(__doc__ or "")
    add_scenario_options(parser)
    options = parser.parse_args()
    registry = Registry()
    attacks.add_to(registry, judge_names=not options.self_check)
    if not options.self_check:
        floods.add_to(registry)
        addresses.add_to(registry)
        silence.add_to(registry)
        slots.add_to(registry)
        hearsay.add_to(registry)
        dribblers.add_to(registry)
    return run(registry, options)


if __name__ == "__main__":
    sys.exit(main())
