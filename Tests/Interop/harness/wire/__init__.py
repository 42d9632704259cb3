# SPDX-License-Identifier: Apache-2.0
"""Peers made of raw sockets: an honest one that records everything, and dishonest ones."""
