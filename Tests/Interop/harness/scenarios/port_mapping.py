# SPDX-License-Identifier: Apache-2.0
"""Ports mapped by miniupnpd, a real router's program, between three network namespaces: home, router and world."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from ..arena import Arena
from ..namespaces import Namespace, require, start_tests
from ..registry import Registry

# A public address: miniupnpd maps nothing if its own is private. No packet leaves the namespaces.
EXTERNAL = "11.22.33.1"
# A home's own addresses, which the router does not translate, and the world's.
HOME_6, ROUTER_6, WORLD_6, WAN_6 = "2a00:77::2", "2a00:77::1", "2a00:88::2", "2a00:88::1"
PORT = 6881

SERVER = """
import socket
listener = socket.create_server(("::", 6881), family=socket.AF_INET6, dualstack_ipv6=True)
while True:
    peer, _ = listener.accept()
    peer.sendall(b"home")
    peer.close()
"""

CLIENT = """
import socket, sys
print(socket.create_connection((sys.argv[1], int(sys.argv[2])), 5).recv(4).decode())
"""

RULES = """
table inet filter {
    chain forward { type filter hook forward priority 0; policy accept; jump miniupnpd; %s }
    chain miniupnpd { }
    chain prerouting { type nat hook prerouting priority -100; jump prerouting_miniupnpd; }
    chain postrouting { type nat hook postrouting priority 100; oifname "wan0" masquerade; }
    chain prerouting_miniupnpd { }
    chain postrouting_miniupnpd { }
    chain input { type filter hook input priority 0; %s }
}
"""

CONFIGURATION = """
ext_ifname=wan0
listening_ip=lan0
port=5000
enable_upnp={upnp}
enable_natpmp={direct}
min_lifetime=1
max_lifetime=86400
secure_mode=yes
uuid=00000000-0000-0000-0000-000000000001
upnp_table_name=filter
upnp_nat_table_name=filter
upnp_forward_chain=miniupnpd
upnp_nat_chain=prerouting_miniupnpd
upnp_nat_postrouting_chain=postrouting_miniupnpd
lease_file={folder}/leases
allow 1024-65535 192.168.77.0/24 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
"""


def add_to(registry: Registry) -> None:
    """Declare the scenarios of this theme."""
    for method in ("PCP", "NAT-PMP", "UPnP"):
        registry.add(
            f"port-mapping.{method.lower()}",
            f"a router maps ports by {method}: reached from outside, renewed, removed at the end",
            partial(mapping, method=method),
            120,
        )
    registry.add("port-mapping.pinhole", "a router lets connections over IPv6 in (PCP), as long as we want", pinhole, 120)


def mapping(arena: Arena, method: str) -> None:
    """Map, connect from outside, renew, close."""
    require("nft", "miniupnpd")
    home, router, world = (Namespace(arena, name) for name in ("home", "router", "world"))
    home.connect("eth0", router, "lan0")
    world.connect("eth0", router, "wan0")
    home.address("eth0", "192.168.77.2/24")
    router.address("lan0", "192.168.77.1/24")
    router.address("wan0", f"{EXTERNAL}/24")
    world.address("eth0", "11.22.33.2/24")
    home.run("ip", "route", "add", "default", "via", "192.168.77.1")
    router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    start_router(arena, router, method)
    home.start("server", sys.executable, "-c", SERVER)

    steps = arena.subfolder("steps")
    environment = {"ROUTER_FOLDER": str(steps), "ROUTER_METHOD": method, "ROUTER_EXTERNAL": EXTERNAL}
    tests = start_tests(home, "RouterTests", environment)
    arena.wait_until((steps / "mapped").exists, "the mappings", tests)
    mapped = dict(line.split() for line in (steps / "mapped").read_text().splitlines())
    arena.expect(set(mapped) == {"TCP", "UDP"}, f"both transports are mapped: {mapped}")
    rules = router.run("nft", "list", "ruleset")
    arena.expect(rules.count(f"dnat ip to 192.168.77.2:{PORT}") == 2, f"the router has both rules:\n{rules}")
    host, _, port = mapped["TCP"].rpartition(":")
    answer = world.run(sys.executable, "-c", CLIENT, host, port).strip()
    arena.expect(answer == "home", f"the world reaches home: {answer}")
    arena.wait_until((steps / "renewed").exists, "the renewals", tests)
    (steps / "checked").touch()
    arena.wait_until(lambda: tests.poll() is not None, "the end")
    arena.expect(tests.poll() == 0, "the tests pass")
    arena.expect("1 test in" in tests.stderr.read_text(), "the test has run")
    rules = router.run("nft", "list", "ruleset")
    arena.expect("dnat" not in rules, f"nothing is left on the router:\n{rules}")


def pinhole(arena: Arena) -> None:
    """The router translates nothing, and drops what comes uninvited."""
    require("nft", "miniupnpd")
    home, router, world = (Namespace(arena, name) for name in ("home", "router", "world"))
    home.connect("eth0", router, "lan0")
    world.connect("eth0", router, "wan0")
    # miniupnpd does not start without IPv4.
    router.address("lan0", "192.168.77.1/24")
    router.address("wan0", f"{EXTERNAL}/24")
    for namespace, device, address in (
        (home, "eth0", HOME_6), (router, "lan0", ROUTER_6), (router, "wan0", WAN_6), (world, "eth0", WORLD_6)
    ):
        namespace.run("ip", "address", "add", f"{address}/64", "dev", device, "nodad")
    router.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
    # As a router announces itself: by its address on the link.
    show = ("ip", "-6", "-o", "address", "show", "dev", "lan0", "scope", "link")
    arena.wait_until(lambda: "fe80" in router.run(*show), "the router's address on the link")
    link = router.run(*show).split()[3].split("/")[0]
    home.run("ip", "route", "add", "default", "via", link, "dev", "eth0")
    world.run("ip", "route", "add", "default", "via", WAN_6)
    start_router(arena, router, "PCP", 'iifname "wan0" meta nfproto ipv6 drop;')
    home.start("server", sys.executable, "-c", SERVER)

    def answer() -> str:
        try:
            return world.run(sys.executable, "-c", CLIENT, HOME_6, str(PORT)).strip()
        except AssertionError:
            return "none"

    arena.expect(answer() == "none", "the router drops what comes uninvited")
    steps = arena.subfolder("steps")
    environment = {"ROUTER_FOLDER": str(steps), "ROUTER_METHOD": "PCP", "ROUTER_EXTERNAL": HOME_6}
    tests = start_tests(home, "RouterTests", environment)
    arena.wait_until((steps / "mapped").exists, "the pinholes", tests)
    arena.expect(answer() == "home", "the world reaches home")
    arena.wait_until((steps / "renewed").exists, "the renewals", tests)
    (steps / "checked").touch()
    arena.wait_until(lambda: tests.poll() is not None, "the end")
    arena.expect(tests.poll() == 0, "the tests pass")
    arena.expect("1 test in" in tests.stderr.read_text(), "the test has run")
    # miniupnpd 2.3.1 does not let a client remove its pinhole, whatever the nonce: it ends with its lifetime.
    arena.wait_until(lambda: answer() == "none", "the router to close again")


def start_router(arena: Arena, router: Namespace, method: str, forward: str = "") -> None:
    """Start miniupnpd so that it, or the rules before it, allow only one method. `forward`: what it does not decide."""
    folder: Path = arena.subfolder("router")
    # A gateway that knows only NAT-PMP: version 2 never arrives.
    silence = "udp dport 5351 @th,64,8 2 drop;" if method == "NAT-PMP" else ""
    (folder / "rules").write_text(RULES % (forward, silence))
    router.run("nft", "-f", folder / "rules")
    upnp, direct = ("yes", "no") if method == "UPnP" else ("no", "yes")
    configuration = CONFIGURATION.format(upnp=upnp, direct=direct, folder=folder)
    (folder / "miniupnpd.conf").write_text(configuration)
    router.start("miniupnpd", "miniupnpd", "-d", "-f", folder / "miniupnpd.conf", "-P", folder / "pid")
