# SPDX-License-Identifier: Apache-2.0
"""Which way packets leave: through a proxy, by one interface, and for a private torrent. Captured in namespaces."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from pathlib import Path

import libtorrent as lt

from ..arena import Arena
from ..clients import lt_peer
from ..content import MIB, single
from ..namespaces import Namespace, require
from ..processes import Process
from ..registry import Registry
from ..torrents import Torrent
from ..wire import outside

HOME, GATE = "10.77.0.2", "10.77.0.1"
"""Where `file-share` runs, and the other end of its interface."""
SIDE_HOME, SIDE_GATE = "10.88.0.2", "10.88.0.1"
"""The same of a second interface, by which everything goes that is not bound."""
SEED, SEED_PORT = "11.22.33.4", 7000
TRACKER_PORT, PROXY_PORT, UDP_TRACKER_PORT, NODE_PORT = 8000, 1080, 8001, 8002
NAME = "tracker.test"
QUIET_SECONDS = 3.0
THROUGH_PROXY = f"host {GATE} and (tcp port {PROXY_PORT} or udp and not port 53)"
"""The connections to the proxy, and the datagrams of its relay."""

DANTE = """
logoutput: stderr
internal: {gate} port = {port}
external: {seed}
clientmethod: none
socksmethod: none
client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
socks pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 command: bind connect udpassociate bindreply udpreply }}
"""


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for kind in ("socks5", "http"):
        for login in ("-", "someone:open sesame"):
            run = partial(proxy, kind=kind, login=login)
            name = f"proxy.{kind}{'' if login == '-' else '.password'}"
            registry.add(name, f"nothing goes around a proxy ({kind}), which resolves names", run, 60)
    registry.add("proxy.dante", "a download through dante-server", dante, 60)
    for way in ("tracker", "dht"):
        for server in ("own", "dante"):
            run = partial(relayed, way=way, server=server)
            registry.add(f"proxy.udp.{way}.{server}", f"a SOCKS proxy relays datagrams: {way}", run, 60)
    registry.add("proxy.refused", "a wrong password: nothing is reached, and nothing goes around", refused, 60)
    registry.add("bind.interface", "bound to an interface, every packet leaves by it, DNS included", bound, 60)
    registry.add("private.capture", "a private torrent is known to its tracker and its peers alone", private, 60)


class Outside:
    """`file-share`'s namespace, the world around it, and what crosses the interface between them."""

    def __init__(self, arena: Arena, private: bool = False) -> None:
        require("tcpdump")
        self.arena = arena
        self.home, self.world = Namespace(arena, "home"), Namespace(arena, "world")
        self.home.connect("eth0", self.world, "eth0")
        self.home.address("eth0", f"{HOME}/24")
        self.world.address("eth0", f"{GATE}/24")
        self.world.address("eth0", f"{SEED}/32")
        # A leak must be able to arrive: the way around is open.
        self.home.run("ip", "route", "add", "default", "via", GATE, "metric", "200")
        self.content = arena.content("routes", single(2 * MIB))
        self.torrent = arena.torrent(self.content)
        if private:
            self.torrent = as_private(self.torrent, arena.subfolder("private"))
        data = arena.placed(self.content)
        seed = [sys.executable, lt_peer.__file__, "seed", self.torrent.path, "--data", data, "--json"]
        self.seed = self.world.start("seed", *seed, "--listen", f"{SEED}:{SEED_PORT}", "--encryption", "off")
        arena.wait_until(lambda: '"seeding"' in self.seed.stdout.read_text(), "the seed", self.seed)
        self.serve("tracker", "tracker", "0.0.0.0", TRACKER_PORT, SEED, SEED_PORT)
        self.captures: dict[str, Path] = {}

    def serve(self, name: str, *arguments: object) -> Process:
        """Start a server of `outside.py` in the world."""
        server = self.world.start(name, sys.executable, outside.__file__, *map(str, arguments))
        self.arena.wait_until(lambda: "ready" in server.stdout.read_text(), name, server)
        return server

    def resolve_by(self, server: str) -> None:
        """Make the system's resolver in the namespace ask a name server."""
        folder = Path("/etc/netns") / self.home.name
        folder.mkdir(parents=True)
        self.arena.on_close(lambda: shutil.rmtree(folder, ignore_errors=True))
        (folder / "resolv.conf").write_text(f"nameserver {server}\noptions timeout:1 attempts:1\n")

    def capture(self, device: str = "eth0") -> None:
        """Record what crosses an interface from now on."""
        path = self.arena.folder / f"{device}.pcap"
        process = self.home.start(f"capture-{device}", "tcpdump", "-i", device, "-U", "-n", "-Z", "root", "-w", path)
        self.arena.wait_until(lambda: "listening on" in process.stderr.read_text(), "the capture", process)
        self.captures[device] = path

    def packets(self, expression: str, device: str = "eth0") -> list[str]:
        """The recorded packets that fit."""
        text = self.home.run("tcpdump", "-n", "-r", self.captures[device], expression)
        return [line for line in text.splitlines() if line]

    def get(self, *extra: str, tracker: str | None = f"http://{NAME}:{TRACKER_PORT}/announce") -> Process:
        """Start the download; it has to find the seed by the tracker, if it gets one."""
        self.into = self.arena.subfolder("into")
        command = [*self.arena.file_share, "get", self.torrent.path, "-o", self.into, "--json", "--encryption", "off"]
        return self.home.start("get", *command, *(["--tracker", tracker] if tracker else []), *extra)

    def fetch(self, *extra: str, tracker: str | None = f"http://{NAME}:{TRACKER_PORT}/announce") -> None:
        """Download, to the end."""
        process = self.get(*extra, tracker=tracker)
        self.arena.wait_until(lambda: process.poll() is not None, "the download")
        self.arena.expect(process.poll() == 0, f"status {process.poll()}: {process.stderr.read_text()}")
        self.content.check(self.into)

    def expect_only(self, allowed: str, device: str = "eth0") -> None:
        """Nothing but `allowed`, and how addresses are found, has crossed the interface."""
        others = self.packets(f"not ({allowed}) and not arp and not icmp6 and not ip6[6] = 0", device)
        self.arena.expect(not others, "other packets:\n" + "\n".join(others[:10]))


def proxy(arena: Arena, kind: str, login: str) -> None:
    """With a UDP tracker, the DHT, local discovery and port mapping, all of which must stay silent."""
    outside_ = Outside(arena)
    outside_.resolve_by(GATE)
    server = outside_.serve("proxy", "proxy", kind, GATE, PROXY_PORT, login, NAME, SEED)
    outside_.capture()
    user = "" if login == "-" else login.replace(" ", "%20") + "@"
    udp = ["--tracker", f"udp://{SEED}:{UDP_TRACKER_PORT}", "--utp", "--dht-bootstrap", f"{SEED}:9"]
    outside_.fetch("--proxy", f"{kind}://{user}{GATE}:{PROXY_PORT}", *udp)
    asked = server.stdout.read_text()
    arena.expect(f"asked {NAME} {TRACKER_PORT}" in asked, f"the proxy resolves the tracker's name:\n{asked}")
    arena.expect(f"asked {SEED} {SEED_PORT}" in asked, f"the seed is reached by the proxy:\n{asked}")
    outside_.expect_only(THROUGH_PROXY if kind == "socks5" else f"tcp and host {GATE} and port {PROXY_PORT}")


def relayed(arena: Arena, way: str, server: str) -> None:
    """The seed is found by UDP alone. Our own proxy also resolves the name to which datagrams are sent."""
    outside_ = Outside(arena)
    host = NAME if server == "own" else SEED
    if server == "own":
        proxy = outside_.serve("proxy", "proxy", "socks5", GATE, PROXY_PORT, "-", NAME, SEED)
    else:
        proxy = start_dante(outside_)
    tracker = outside_.serve("udp-tracker", "udp-tracker", SEED, UDP_TRACKER_PORT, SEED, SEED_PORT)
    node = outside_.serve("node", "dht", SEED, NODE_PORT, SEED, SEED_PORT)
    outside_.capture()
    through = ["--proxy", f"socks5://{GATE}:{PROXY_PORT}"]
    if way == "dht":
        outside_.fetch(*through, "--dht-bootstrap", f"{host}:{NODE_PORT}", tracker=None)
        arena.expect("get_peers" in node.stdout.read_text(), "the node is asked for peers")
        arena.expect("2:roi1e" in node.stdout.read_text(), "whom nobody can ask says so (BEP 43)")
    else:
        outside_.fetch(*through, "--no-dht", tracker=f"udp://{host}:{UDP_TRACKER_PORT}")
        arena.expect("announce" in tracker.stdout.read_text(), "the tracker is asked")
    if server == "own":
        arena.expect(f"relayed {NAME}" in proxy.stdout.read_text(), "the proxy resolves the name")
    outside_.expect_only(THROUGH_PROXY)
    arena.expect(len(outside_.packets(f"udp and host {GATE}")) > 1, "datagrams go through the relay")


def start_dante(outside_: Outside) -> Process:
    """Run dante-server in the world."""
    require("danted")
    configuration = outside_.arena.subfolder("dante") / "danted.conf"
    configuration.write_text(DANTE.format(gate=GATE, port=PROXY_PORT, seed=SEED))
    server = outside_.world.start("danted", "danted", "-f", configuration)
    outside_.arena.wait_until(lambda: "running" in server.stderr.read_text(), "danted", server)
    return server


def dante(arena: Arena) -> None:
    """A proxy that others wrote."""
    outside_ = Outside(arena)
    start_dante(outside_)
    outside_.capture()
    outside_.fetch("--proxy", f"socks5://{GATE}:{PROXY_PORT}", tracker=f"http://{SEED}:{TRACKER_PORT}/announce")
    outside_.expect_only(THROUGH_PROXY)


def refused(arena: Arena) -> None:
    """It tries, and reaches nobody."""
    outside_ = Outside(arena)
    server = outside_.serve("proxy", "proxy", "socks5", GATE, PROXY_PORT, "someone:right", NAME, SEED)
    outside_.capture()
    process = outside_.get("--proxy", f"socks5://someone:wrong@{GATE}:{PROXY_PORT}", "--peer", f"{SEED}:{SEED_PORT}")
    arena.wait_until(lambda: server.stdout.read_text().count("refused") >= 2, "the refusals", process)
    arena.expect(not arena.wait_seconds(lambda: process.poll() is not None, QUIET_SECONDS), "it keeps trying")
    arena.expect("asked" not in server.stdout.read_text(), "the proxy connects to nobody")
    outside_.expect_only(f"tcp and host {GATE} and port {PROXY_PORT}")
    process.stop()


def bound(arena: Arena) -> None:
    """The default route and the name server lead over a second interface."""
    outside_ = Outside(arena)
    outside_.home.connect("eth1", outside_.world, "eth1")
    outside_.home.address("eth1", f"{SIDE_HOME}/24")
    outside_.world.address("eth1", f"{SIDE_GATE}/24")
    outside_.home.run("ip", "route", "add", "default", "via", SIDE_GATE, "metric", "100")
    # Answers may come back by another interface than the questions.
    outside_.world.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.eth0.rp_filter=0")
    outside_.resolve_by(SEED)
    names = outside_.serve("names", "names", SEED, NAME, SEED)
    outside_.capture("eth0")
    outside_.capture("eth1")
    outside_.fetch("--bind", "eth0", "--utp", "--dht-bootstrap", f"{SEED}:9", "--tracker", f"udp://{SEED}:9")
    arena.expect(f"asked {NAME} 1" in names.stdout.read_text(), "the tracker's name is looked up")
    arena.expect(len(outside_.packets(f"host {SEED} and port {SEED_PORT}")) > 10, "the download crosses eth0")
    arena.expect(len(outside_.packets("udp port 53")) > 0, "the question for the name crosses eth0")
    # The kernel refuses peers that dial us after the end, and follows the default route.
    outside_.expect_only("igmp or tcp[tcpflags] & tcp-rst != 0", "eth1")


def private(arena: Arena) -> None:
    """Everything that could name it is on."""
    outside_ = Outside(arena, private=True)
    outside_.capture()
    listener = outside_.world.start("dht", sys.executable, "-c", LISTENER, SEED)
    arena.wait_until(lambda: "ready" in listener.stdout.read_text(), "the listener", listener)
    outside_.fetch("--dht-bootstrap", f"{SEED}:9999", "--utp", tracker=f"http://{SEED}:{TRACKER_PORT}/announce")
    heard = outside_.captures["eth0"].read_bytes()
    raw = bytes.fromhex(outside_.torrent.announced_hashes[0])
    arena.expect(raw in heard, "the handshake with the seed is in the capture")
    elsewhere = f"not (tcp and host {SEED} and (port {TRACKER_PORT} or port {SEED_PORT}))"
    others = arena.folder / "others.pcap"
    outside_.home.run("tcpdump", "-n", "-r", outside_.captures["eth0"], "-w", others, elsewhere)
    for form in (raw, raw.hex().encode(), raw.hex().upper().encode()):
        arena.expect(form not in others.read_bytes(), "the info-hash goes to nobody else")
    arena.expect("get_peers" not in listener.stdout.read_text(), "nodes of the DHT are not asked for its peers")
    arena.expect("find_node" in listener.stdout.read_text() or "ping" in listener.stdout.read_text(), "the DHT is on")
    arena.notes.append(f"{len(outside_.packets(elsewhere))} other packets")


LISTENER = """
import socket, sys
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind((sys.argv[1], 9999))
print("ready", flush=True)
while True:
    print(udp.recv(2000), flush=True)
"""


def as_private(torrent: Torrent, folder: Path) -> Torrent:
    """The same torrent with the private flag (BEP 27), and so another info-hash."""
    metainfo = lt.bdecode(torrent.path.read_bytes())
    metainfo[b"info"][b"private"] = 1
    path = folder / "private.torrent"
    path.write_bytes(lt.bencode(metainfo))
    v1 = str(lt.torrent_info(str(path)).info_hashes().v1)
    return Torrent(path, torrent.content, torrent.version, torrent.piece_length, v1, None)
