# SPDX-License-Identifier: Apache-2.0
"""A node of btdht, a fourth implementation of BEP 5, as a program: bt_dht.py ADDRESS FIRST-NODE [HASH…]. It looks for
peers of each hash, prints them, and stays.

btdht 0.3.3 is built for Python before 3.11; later ones need its sources without the generated C, and Cython 0.29."""

from __future__ import annotations

import sys
import time

import btdht


def main() -> None:
    """Join the network, do what is asked, stay."""
    address, first, *hashes = sys.argv[1:]
    host, port = first.split(":")
    node = btdht.DHT(bind_ip=address, bind_port=6881, ignored_net=[])
    node.bootstarp = lambda *_: None  # it would ask well-known nodes of the Internet
    node.start()
    while len(node.root.get_closest_nodes(node.myid.value)) < 6:
        btdht.DHT.bootstarp(node, [(host, int(port))])
        time.sleep(1)
    print("joined", flush=True)
    for name in hashes:
        found = None
        while not found:
            found = node.get_peers(bytes.fromhex(name), limit=1)
            time.sleep(0.5)
        print("found", name, *(f"{ip}:{port}" for ip, port in found), flush=True)
    while True:
        time.sleep(1)


main()
