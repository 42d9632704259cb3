// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheWire
import Testing

@testable import RucheTransport

@Suite("Announcements to the local network")
struct LocalAnnouncementTests {
    private let limits = LocalDiscoveryLimits()

    private func read(_ text: String) -> LocalAnnouncement? {
        LocalAnnouncement(parsing: ByteBuffer(string: text), limits: limits)
    }

    @Test("An announcement has the form of BEP 14, for both families, and parses again")
    func form() {
        let announcement = LocalAnnouncement(port: 6881, infoHashes: [.swarm, SHA1Digest()], cookie: "abc")
        let text = String(buffer: announcement.makeDatagram(to: LocalAnnouncement.groups[0]))
        #expect(
            text == "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n"
                + "Infohash: \(SHA1Digest.swarm)\r\nInfohash: \(SHA1Digest())\r\ncookie: abc\r\n\r\n\r\n"
        )
        let v6 = announcement.makeDatagram(to: LocalAnnouncement.groups[1])
        #expect(String(buffer: v6).contains("Host: [ff15::efc0:988f]:6771\r\n"))
        #expect(read(text) == announcement && read(String(buffer: v6)) == announcement)
    }

    @Test("A full datagram fits into its limit")
    func size() {
        let hashes = Array(repeating: SHA1Digest.swarm, count: limits.infoHashes)
        let full = LocalAnnouncement(port: 65_535, infoHashes: hashes, cookie: "ruche-ffffffffffffffff")
        #expect(full.makeDatagram(to: LocalAnnouncement.groups[1]).readableBytes <= limits.datagramBytes)
    }

    @Test("Other forms in use are parsed")
    func leniency() {
        let read = read("BT-SEARCH * HTTP/1.1\nHOST: x\nport:6881\ninfohash: \(SHA1Digest.swarm) \nX\nInfohash: zz\n\n")
        #expect(read == LocalAnnouncement(port: 6881, infoHashes: [.swarm], cookie: nil))
    }

    @Test(
        "Anything but an announcement is ignored",
        arguments: [
            "", "\r\n", "BT-SEARCH", "BT-SEARCH * HTTP/1.1\r\n\r\n", "BT-SEARCH * HTTP/1.1\r\nPort: 6881\r\n\r\n",
            "BT-SEARCH * HTTP/1.1\r\nInfohash: 0102030405060708090a0b0c0d0e0f1011121314\r\n\r\n",
            "BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: 0102030405060708090a0b0c0d0e0f1011121314\r\n\r\n",
            "BT-SEARCH * HTTP/1.1\r\nPort: 70000\r\nInfohash: 0102030405060708090a0b0c0d0e0f1011121314\r\n\r\n",
            "GET / HTTP/1.1\r\nPort: 6881\r\nInfohash: 0102030405060708090a0b0c0d0e0f1011121314\r\n\r\n",
        ]
    )
    func malformed(text: String) {
        #expect(read(text) == nil)
        #expect(read(text + String(repeating: "x", count: 1_400)) == nil)
    }

    @Test("Seeded bytes never do harm")
    func mutations() {
        var random = SeededRandom(seed: 14)
        let whole = LocalAnnouncement(port: 6881, infoHashes: [.swarm], cookie: "abc")
        let seed = Array(buffer: whole.makeDatagram(to: LocalAnnouncement.groups[0]))
        var readCount = 0
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let read = LocalAnnouncement(parsing: ByteBuffer(bytes: bytes), limits: limits) else { continue }
            readCount += 1
            #expect(read.port > 0 && read.infoHashes.count == 1)
        }
        #expect(readCount > 1_000 && readCount < 20_000)
    }

    @Test("Every IPv4 address announces, but only one IPv6 address per device")
    func sockets() {
        let all = [
            ("eth0", "192.168.1.7"), ("eth0", "10.0.0.7"), ("eth0", "fd00::7"), ("eth0", "fd01::7"),
            ("wlan0", "fd00::8"),
        ]
        let interfaces = all.map { name, address in
            LocalInterface(
                device: NIONetworkDevice(
                    name: name,
                    address: SocketAddress(PeerEndpoint(address: IPAddress(address)!, port: 0)),
                    netmask: nil,
                    broadcastAddress: nil,
                    pointToPointDestinationAddress: SocketAddress(FakeGateway.endpoint),
                    multicastSupported: true,
                    interfaceIndex: 1
                ),
                network: LocalNetwork(address: IPAddress(address)!, prefixLength: 24)
            )
        }
        let speaking = LocalInterface.speaking(interfaces).map { "\($0.device.name) \($0.network.address)" }
        #expect(speaking == ["eth0 192.168.1.7", "eth0 10.0.0.7", "eth0 fd00::7", "wlan0 fd00::8"])
    }

    @Test("Networks contain only their own addresses")
    func networks() {
        let home = LocalNetwork(address: IPAddress("192.168.1.7")!, prefixLength: 24)
        #expect(home.contains(IPAddress("192.168.1.200")!) && !home.contains(IPAddress("192.168.2.7")!))
        #expect(!home.contains(IPAddress("2001:db8::1")!))
        let v6 = LocalNetwork(address: IPAddress("2001:db8:1::7")!, prefixLength: 64)
        #expect(v6.contains(IPAddress("2001:db8:1::ffff")!) && !v6.contains(IPAddress("2001:db8:2::7")!))
        let narrow = LocalNetwork(address: IPAddress("2001:db8::10")!, prefixLength: 124)
        #expect(narrow.contains(IPAddress("2001:db8::1f")!) && !narrow.contains(IPAddress("2001:db8::20")!))
        #expect(!LocalNetwork(address: IPAddress("10.0.0.1")!, prefixLength: 0).contains(IPAddress("192.0.2.1")!))
    }
}

@Suite("Finding peers on the local network")
struct LocalDiscoveryCoreTests {
    private struct Run {
        var core: LocalDiscoveryCore
        var now = Instant.zero
        var announced: [(time: Instant, infoHashes: [SHA1Digest], datagram: ByteBuffer)] = []
        var found: [LocalDiscovery.Peer] = []

        init(limits: LocalDiscoveryLimits = .init(), seed: UInt64 = 1) {
            var random = SeededRandom(seed: seed)
            core = LocalDiscoveryCore(port: 6881, limits: limits, using: &random)
            core.handleNetworks([LocalNetwork(address: IPAddress("192.168.1.7")!, prefixLength: 24)])
        }

        mutating func run(for time: Interval) {
            let end = now + time
            while let next = core.nextDeadline, next <= end {
                now = max(now, next)
                take { $0.handleTime($1, into: &$2) }
            }
            now = end
        }

        mutating func hear(_ datagram: ByteBuffer, from sender: String = "192.168.1.9") {
            let endpoint = PeerEndpoint(address: IPAddress(sender)!, port: 6771)
            take { $0.handleDatagram(datagram, from: endpoint, at: $1, into: &$2) }
        }

        private mutating func take(
            _ tell: (inout LocalDiscoveryCore, Instant, inout [LocalDiscoveryCore.Effect]) -> Void
        ) {
            var effects: [LocalDiscoveryCore.Effect] = []
            tell(&core, now, &effects)
            for effect in effects {
                switch effect {
                case .announce(let announcement):
                    let datagram = announcement.makeDatagram(to: LocalAnnouncement.groups[0])
                    announced.append((now, announcement.infoHashes, datagram))
                case .found(let infoHash, let endpoint): found.append(.init(infoHash: infoHash, endpoint: endpoint))
                }
            }
        }
    }

    private func hash(_ number: Int) -> SHA1Digest {
        SHA1Digest((0..<20).map { $0 == 0 ? UInt8(number >> 8) : $0 == 1 ? UInt8(number & 255) : 7 })!
    }

    private func datagram(_ infoHashes: [SHA1Digest], port: UInt16 = 7000) -> ByteBuffer {
        LocalAnnouncement(port: port, infoHashes: infoHashes, cookie: "theirs")
            .makeDatagram(to: LocalAnnouncement.groups[0])
    }

    @Test("A torrent is announced at once, and then every five minutes, until it is removed")
    func intervals() {
        var run = Run()
        run.core.handleTorrent(.swarm, at: run.now)
        run.run(for: .minutes(11))
        #expect(run.announced.map(\.time) == [0, 300, 600].map { .zero + .seconds($0) })
        run.core.handleRemoval(of: .swarm)
        run.run(for: .minutes(11))
        #expect(run.announced.count == 3 && run.core.nextDeadline == nil)
    }

    @Test("A need for peers brings an announcement forward, at most once a minute")
    func need() {
        var run = Run()
        run.core.handleTorrent(.swarm, at: run.now)
        for _ in 0..<180 {
            run.core.handleNeed(of: .swarm, at: run.now)
            run.run(for: .seconds(1))
        }
        #expect(run.announced.map(\.time) == [0, 60, 120].map { .zero + .seconds($0) })
    }

    @Test("A thousand torrents share datagrams, one a second, and each is announced every five minutes")
    func crowd() {
        var run = Run()
        for number in 0..<1_000 { run.core.handleTorrent(hash(number), at: run.now) }
        run.run(for: .seconds(299))
        #expect(run.announced.count == 50 && Set(run.announced.flatMap(\.infoHashes)).count == 1_000)
        #expect(zip(run.announced, run.announced.dropFirst()).allSatisfy { $1.time - $0.time >= .seconds(1) })
        run.run(for: .minutes(5))
        let counts = Dictionary(run.announced.flatMap(\.infoHashes).map { ($0, 1) }, uniquingKeysWith: +)
        #expect(counts.count == 1_000 && counts.values.allSatisfy { $0 == 2 })
    }

    @Test("Peers of our torrents are found, at the address they sent from")
    func found() {
        var run = Run()
        run.core.handleTorrent(.swarm, at: run.now)
        run.hear(datagram([hash(1), .swarm]))
        #expect(run.found == [.init(infoHash: .swarm, endpoint: PeerEndpoint("192.168.1.9:7000")!)])
        run.hear(datagram([.swarm]))
        #expect(run.found.count == 1, "once a minute")
        run.run(for: .minutes(1))
        run.hear(datagram([.swarm]))
        #expect(run.found.count == 2)
    }

    @Test("Our own announcements and those from outside are ignored", arguments: ["192.168.2.9", "203.0.113.5"])
    func strangers(sender: String) throws {
        var run = Run()
        run.core.handleTorrent(.swarm, at: run.now)
        run.run(for: .zero)
        let own = try #require(run.announced.first).datagram
        run.hear(own)
        run.hear(datagram([.swarm]), from: sender)
        #expect(run.found.isEmpty)
        var other = Run(seed: 2)
        other.core.handleTorrent(.swarm, at: run.now)
        other.hear(own)
        #expect(other.found.map(\.endpoint.port) == [6881], "another client receives it")
    }

    @Test("A flood is bounded, in datagrams and in peers")
    func flood() {
        var limits = LocalDiscoveryLimits()
        limits.datagramsPerSecond = 10
        limits.peersPerMinute = 25
        var run = Run(limits: limits)
        run.core.handleTorrent(.swarm, at: run.now)
        for port in 1...1_000 as ClosedRange<UInt16> { run.hear(datagram([.swarm], port: port)) }
        #expect(run.found.count == 10)
        for second in 1...50 as ClosedRange<UInt16> {
            run.run(for: .seconds(1))
            for port in 1...10 as ClosedRange<UInt16> { run.hear(datagram([.swarm], port: 1_000 * second + port)) }
        }
        #expect(run.found.count == 25)
    }
}
