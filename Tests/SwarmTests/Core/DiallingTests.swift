// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Swarm core: which endpoints are dialled")
struct DiallingTests {
    private let torrent: VirtualTorrent

    init() throws {
        torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [10 * 32_768], seed: 1)
    }

    @Test("We do not stay connected to ourselves, and do not dial ourselves again")
    func ourselves() {
        let bench = CoreBench(torrent, isSeed: false)
        let own = PeerEndpoint.test(1)
        bench.batch { core, batch in core.handleFound([own], from: .manual, in: &batch) }
        #expect(bench.effects.contains { if case .dial(own) = $0 { true } else { false } })
        #expect(bench.connect(1, id: 0x80, isIncoming: false) == nil)
        #expect(bench.connect(1, id: 0x80, isIncoming: true) == nil)
        bench.wait(.minutes(30))
        #expect(!bench.effects.contains { if case .dial(own) = $0 { true } else { false } })
    }

    @Test("A dial for which there was no room is repeated soon, however often, and never counts as a failure")
    func deferredDials() {
        let bench = CoreBench(torrent, isSeed: false)
        bench.batch { core, batch in core.handleFound([.test(1)], from: .tracker, in: &batch) }
        for _ in 0..<50 {
            #expect(bench.dials.contains(.test(1)))
            bench.batch { core, batch in core.handleDialDeferred(.test(1), in: &batch) }
            bench.wait(.seconds(10))
        }
    }

    @Test("Failed dials in a row are counted, so that the next one begins with another transport")
    func failures() {
        let bench = CoreBench(torrent, isSeed: false)
        bench.batch { core, batch in core.handleFound([.test(1)], from: .tracker, in: &batch) }
        #expect(bench.core.failureCount(of: .test(1)) == 0)
        bench.batch { core, batch in core.handleDialFailed(.test(1), in: &batch) }
        #expect(bench.core.failureCount(of: .test(1)) == 1)
    }

    @Test("A peer that claims a neighbour's port as its own does not get the neighbour forgotten")
    func claimedPort() {
        let bench = CoreBench(torrent, isSeed: false)
        bench.batch { core, batch in core.handleFound([.test(1)], from: .tracker, in: &batch) }
        bench.batch { core, batch in core.handleDialFailed(.test(1), in: &batch) }
        for round in 0..<20 {
            guard let slot = bench.connect(1, id: 9) else { return #expect(Bool(false), "round \(round)") }
            bench.greet(from: slot) { $0.listenPort = 6_881 }
            bench.batch { core, batch in core.handleClosed(slot, in: &batch) }
        }
        bench.wait(.minutes(2))
        #expect(bench.dials.contains(.test(1)))
    }

    @Test("A seed dials those that others call seeds after all others")
    func calledSeeds() throws {
        let bench = CoreBench(torrent, isSeed: true)
        let slot = try #require(bench.connect(1))
        bench.greet(from: slot) { $0.extensions = [ExtensionName.peerExchange: 7] }
        let message = PeerExchangeMessage(added: [.init(.test(9), flags: .uploadOnly), .init(.test(10))])
        bench.tell(.extended(id: OwnExtension.peerExchange.rawValue, payload: message.encoded()), from: slot)
        let dials = bench.dials
        bench.wait(.seconds(1))
        #expect(dials + bench.dials == [.test(10), .test(9)])
    }

    /// `bench`, with a connected peer of this id that claims to listen on an endpoint that a tracker has named.
    private func claim(_ bench: CoreBench, id: UInt8) throws -> PeerSlot {
        let slot = try #require(bench.connect(1, id: id))
        bench.greet(from: slot) { $0.listenPort = 6_881 }
        bench.batch { core, batch in core.handleFound([.test(1)], from: .tracker, in: &batch) }
        #expect(bench.dials.isEmpty)
        return slot
    }

    @Test("A neighbour whose port another peer claims is still dialled, after a minute")
    func claimedNeighbour() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let claimant = try claim(bench, id: 9)
        bench.wait(.seconds(50))
        #expect(bench.dials.isEmpty)
        bench.wait(.seconds(30))
        #expect(bench.dials == [.test(1)])
        let honest = try #require(bench.connect(1, id: 10, isIncoming: false))
        #expect(bench.isConnected(claimant) && bench.isConnected(honest))
        bench.batch { core, batch in core.handleClosed(claimant, in: &batch) }
        bench.wait(.minutes(2))
        #expect(bench.dials.isEmpty, "the honest peer's connection is its own")
    }

    @Test("An endpoint found to be the same peer is not dialled while the connection lasts", arguments: [false, true])
    func sameNeighbour(oursIsLower: Bool) throws {
        let bench = CoreBench(torrent, isSeed: false, ourID: oursIsLower ? 1 : 0x80)
        let claimant = try claim(bench, id: 9)
        bench.wait(.seconds(80))
        #expect(bench.dials == [.test(1)])
        let isWithheld = bench.core.withholdsID(from: .test(1))
        #expect(isWithheld, "the other side must not give up its connection for this one")
        #expect(bench.connect(1, id: 9, isIncoming: false) == nil && bench.isConnected(claimant))
        for _ in 0..<40 {
            bench.tell(.keepAlive, from: claimant)
            bench.wait(.minutes(1))
            #expect(bench.dials.isEmpty)
        }
        bench.batch { core, batch in core.handleClosed(claimant, in: &batch) }
        bench.wait(.minutes(2))
        #expect(bench.dials == [.test(1)])
    }

    @Test("A peer that sends us blocks is believed")
    func givingClaimant() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let claimant = try claim(bench, id: 9)
        bench.tell(.haveAll, .unchoke, from: claimant)
        var asked = bench.requests(to: claimant)
        for _ in 0..<18 {
            bench.wait(.seconds(5))
            #expect(bench.dials.isEmpty)
            asked += bench.requests(to: claimant)
            bench.deliver(asked.removeFirst(), from: claimant)
            asked += bench.requests(to: claimant)
        }
    }

    @Test("Peer exchange names only connected peers")
    func absurdContacts() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let absurd: [UInt32] = [0, 1, 0x7f00_0001, 0x7fff_fffe, 0xe000_0001, 0xefff_ffff, 0xf000_0001, 0xffff_ffff]
        let contacts = absurd.map { PeerEndpoint(address: IPAddress(v4: $0), port: 1_024) } + [.test(7, 0)]
        let message = PeerExchangeMessage(added: contacts.map { .init($0) })
        let id = OwnExtension.peerExchange.rawValue
        bench.tell(.extended(id: id, payload: message.encoded()), from: try #require(bench.connect(1)))
        #expect(bench.core.connections.list.count == 1, "only the peer that told us")
    }

    @Test("A remote peer cannot name endpoints in this machine's networks, one within them can")
    func privateContacts() throws {
        for (teller, isBelieved) in [(UInt32(0x0808_0808), false), (0x0a01_0101, true)] {
            let bench = CoreBench(torrent, isSeed: false)
            let slot = try #require(bench.connect(1, from: PeerEndpoint(address: IPAddress(v4: teller), port: 50_000)))
            let contacts = [UInt32(0x0a00_0001), 0xc0a8_0001, 0xac10_0001, 0xa9fe_0101, 0x6440_0001].map {
                PeerExchangeMessage.Contact(PeerEndpoint(address: IPAddress(v4: $0), port: 1_024))
            }
            let id = OwnExtension.peerExchange.rawValue
            bench.tell(.extended(id: id, payload: PeerExchangeMessage(added: contacts).encoded()), from: slot)
            #expect(bench.core.connections.list.count == (isBelieved ? 6 : 1))
        }
    }

    @Test("What a peer names at its own address by peer exchange is no reason to doubt its claim")
    func exchangeByTheClaimant() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1, id: 9))
        bench.greet(from: slot) { $0.listenPort = 6_881 }
        let id = OwnExtension.peerExchange.rawValue
        for (teller, isBelieved) in [(slot, true), (try #require(bench.connect(2)), false)] {
            let message = PeerExchangeMessage(added: [.init(.test(1))])
            bench.tell(.extended(id: id, payload: message.encoded()), from: teller)
            bench.wait(.seconds(80))
            #expect(bench.dials.isEmpty == isBelieved)
        }
    }
}
