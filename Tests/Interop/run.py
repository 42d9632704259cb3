#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Interop: Ruche's `file-share` against libtorrent, transmission, aria2 and opentracker."""

from __future__ import annotations

import sys

from harness.runner import add_scenario_options, make_parser, run
from harness.scenarios import all_scenarios


def main() -> int:
    """Run what the command line asks for."""
    parser = make_parser(__doc__ or "")
    add_scenario_options(parser)
    return run(all_scenarios(), parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
