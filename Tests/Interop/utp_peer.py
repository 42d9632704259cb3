# SPDX-License-Identifier: Apache-2.0
"""libtorrent with uTP only, for the tests of uTP.

usage: utp_peer.py seed FOLDER            prints its port and the torrent's info-hash, and seeds until its input ends
       utp_peer.py leech FOLDER PORT      prints the info-hash, downloads from 127.0.0.1:PORT, and prints "done"
"""
import os
import socket
import sys
import time

import libtorrent as lt

BYTES = 3_000_000
PIECE = 65_536


def pattern():
    return bytes((i * 31 + (i >> 8)) & 255 for i in range(BYTES))


def make_torrent(folder):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "data.bin")
    with open(path, "wb") as file:
        file.write(pattern())
    storage = lt.file_storage()
    lt.add_files(storage, path)
    torrent = lt.create_torrent(storage, PIECE, lt.create_torrent.v1_only)
    lt.set_piece_hashes(torrent, folder)
    return lt.torrent_info(lt.bdecode(lt.bencode(torrent.generate())))


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_session(port):
    return lt.session({
        "listen_interfaces": f"127.0.0.1:{port}",
        "enable_incoming_tcp": False, "enable_outgoing_tcp": False,
        "enable_incoming_utp": True, "enable_outgoing_utp": True,
        "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
        "in_enc_policy": 2, "out_enc_policy": 2,
        "allow_multiple_connections_per_ip": True,
    })


def main():
    role, folder = sys.argv[1:3]
    info = make_torrent(os.path.join(folder, "seed"))
    port = free_port()
    session = make_session(port)
    if role == "seed":
        session.add_torrent({"ti": info, "save_path": os.path.join(folder, "seed"), "flags": lt.torrent_flags.seed_mode})
        print(port, info.info_hash(), flush=True)
        sys.stdin.read()
        return
    target = os.path.join(folder, "leech")
    os.makedirs(target, exist_ok=True)
    handle = session.add_torrent({"ti": info, "save_path": target})
    print(port, info.info_hash(), flush=True)
    while not handle.status().is_seeding:
        handle.connect_peer(("127.0.0.1", int(sys.argv[3])))
        time.sleep(0.2)
    with open(os.path.join(target, "data.bin"), "rb") as file:
        print("done" if file.read() == pattern() else "wrong", flush=True)


main()
