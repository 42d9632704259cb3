// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTesting
import RucheTransport
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Hole punching (BEP 55)")
struct HolePunchExtensionTests {
    private static let id: UInt8 = 9
    private let bench: CoreBench

    init() throws { bench = try Self.makeBench() }

    private static func makeBench(isPrivate: Bool = false, punches: Bool = true) throws -> CoreBench {
        let torrent = try VirtualTorrent(
            .v1,
            pieceLength: 32_768,
            fileSizes: [32_768],
            isPrivate: isPrivate,
            seed: 1
        )
        var network = NetworkPolicy()
        network.punchesHoles = punches
        return CoreBench(torrent, isSeed: false, network: network)
    }

    private func join(_ number: UInt8, supports: Bool = true) throws -> PeerSlot {
        let slot = try #require(bench.connect(number))
        bench.greet(from: slot) {
            $0.extensions = supports ? [.holepunch: Self.id, .peerExchange: 8] : [.peerExchange: 8]
            $0.listenPort = 6_881
        }
        return slot
    }

    private func tell(_ kind: HolepunchMessage.Kind, _ endpoint: PeerEndpoint, from slot: PeerSlot) {
        bench.tell(.extended(id: 5, payload: HolepunchMessage(kind, endpoint).encoded()), from: slot)
    }

    private func told(_ slot: PeerSlot) throws -> [HolepunchMessage] {
        try bench.extended(Self.id, to: slot).map { try HolepunchMessage(parsing: $0) }
    }

    private var punched: [PeerEndpoint] {
        bench.effects.compactMap { if case .dialOver(.utp, let endpoint) = $0 { endpoint } else { nil } }
    }

    /// `slot` names peer 99, and dialling that fails.
    private func fail(namedBy slot: PeerSlot, _ flags: PeerExchangeMessage.Flags = [.holepunch, .utp]) {
        let message = PeerExchangeMessage(added: [.init(.test(99), flags: flags)])
        bench.tell(.extended(id: 2, payload: message.encoded()), from: slot)
        bench.wait(.seconds(5))
        #expect(bench.dials == [.test(99)])
        bench.batch { core, batch in core.handleDialFailed(.test(99), in: &batch) }
    }

    @Test("A relay introduces two of its peers to each other")
    func relay() throws {
        let (asker, other) = (try join(1), try join(2))
        tell(.rendezvous, .test(2), from: asker)
        #expect(try told(asker) == [HolepunchMessage(.connect, .test(2))])
        #expect(try told(other) == [HolepunchMessage(.connect, .test(1))])
        #expect(punched.isEmpty)
    }

    @Test("A relay says why it cannot")
    func errors() throws {
        let asker = try join(1)
        _ = try join(3, supports: false)
        for (target, failure) in [
            (.test(1), .noSelf), (.test(2, 0), .noSuchPeer),
            (PeerEndpoint(address: IPAddress(v4: 0xe000_0001), port: 1), .noSuchPeer),
        ] as [(PeerEndpoint, HolepunchMessage.Failure)] {
            tell(.rendezvous, target, from: asker)
            #expect(try told(asker) == [HolepunchMessage(.error(failure), target)])
        }
        tell(.rendezvous, .test(2), from: asker)
        tell(.rendezvous, .test(3), from: asker)
        bench.wait(.seconds(1))
        #expect(
            try told(asker)
                == [HolepunchMessage(.error(.notConnected), .test(2)), HolepunchMessage(.error(.noSupport), .test(3))]
        )
    }

    @Test("A peer that asks too much is disconnected")
    func flood() throws {
        let (asker, other) = (try join(1), try join(2))
        for _ in 0..<20 { tell(.rendezvous, .test(2), from: asker) }
        #expect(bench.misbehaviours.isEmpty)
        for _ in 0..<4 {
            tell(.rendezvous, .test(2), from: asker)
            #expect(try told(other).isEmpty)
        }
        #expect(!bench.isConnected(asker))
    }

    @Test("After a failed dial, the peer that named the endpoint is asked once, and the dial repeated over uTP")
    func initiator() throws {
        let relay = try join(1)
        fail(namedBy: relay)
        #expect(try told(relay) == [HolepunchMessage(.rendezvous, .test(99))])
        tell(.connect, .test(99), from: relay)
        #expect(punched == [.test(99)])
        bench.batch { core, batch in core.handleDialFailed(.test(99), in: &batch) }
        #expect(try told(relay).isEmpty)
    }

    @Test("If one relay cannot, the next is asked")
    func nextRelay() throws {
        let (first, second) = (try join(1), try join(2))
        let message = PeerExchangeMessage(added: [.init(.test(99), flags: [.holepunch, .utp])])
        bench.tell(.extended(id: 2, payload: message.encoded()), from: second)
        fail(namedBy: first)
        #expect(try told(second) == [HolepunchMessage(.rendezvous, .test(99))])
        tell(.error(.notConnected), .test(99), from: second)
        #expect(try told(first) == [HolepunchMessage(.rendezvous, .test(99))])
        tell(.error(.notConnected), .test(99), from: first)
        #expect(try told(first).isEmpty && told(second).isEmpty)
    }

    @Test("Nobody is asked for an endpoint that does not support it")
    func unsupported() throws {
        let relay = try join(1)
        fail(namedBy: relay, .utp)
        #expect(try told(relay).isEmpty)
    }

    @Test("A relay can make us dial only a few endpoints, and none that it cannot know")
    func target() throws {
        let relay = try join(1)
        for number in 10..<20 as Range<UInt8> {
            tell(.connect, .test(number), from: relay)
            #expect(punched == [.test(number)])
        }
        tell(.connect, .test(30), from: relay)
        #expect(punched.isEmpty && bench.misbehaviours == [.floodOfExtension])
        bench.wait(.seconds(2))
        tell(.connect, PeerEndpoint(address: IPAddress(v4: 0x7f00_0001), port: 1), from: relay)
        #expect(punched.isEmpty)
    }

    @Test("A relay elsewhere cannot make us dial into this machine's networks")
    func inward() throws {
        let elsewhere = PeerEndpoint(address: IPAddress(v4: 0x0808_0808), port: 50_000)
        let relay = try #require(bench.connect(1, from: elsewhere))
        bench.greet(from: relay) { $0.extensions = [.holepunch: Self.id, .peerExchange: 8] }
        for address in [0x0a00_0001, 0xc0a8_0001, 0x7f00_0001] as [UInt32] {
            tell(.connect, PeerEndpoint(address: IPAddress(v4: address), port: 6_881), from: relay)
            #expect(punched.isEmpty)
        }
        let outside = PeerEndpoint(address: IPAddress(v4: 0x0909_0909), port: 6_881)
        tell(.connect, outside, from: relay)
        #expect(punched == [outside])
    }

    @Test("It is not offered in a private torrent, or without uTP", arguments: [true, false])
    func notOffered(isPrivate: Bool) throws {
        let bench = try Self.makeBench(isPrivate: isPrivate, punches: isPrivate)
        let slot = try #require(bench.connect(1))
        let handshake = try ExtendedHandshake(parsing: try #require(bench.extended(0, to: slot).first))
        #expect(handshake.extensions[.holepunch] == nil)
        let message = HolepunchMessage(.connect, .test(2)).encoded()
        bench.tell(.extended(id: 5, payload: message), from: slot)
        #expect(!bench.effects.contains { if case .dialOver = $0 { true } else { false } })
    }
}
