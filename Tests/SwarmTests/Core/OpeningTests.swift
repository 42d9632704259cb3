// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

/// Connections from open to a slot.
@Suite struct OpeningTests {
    private let torrent: VirtualTorrent
    private var hash: SHA1Digest { torrent.info.hashes.wireHashes[0] }

    init() throws { torrent = try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: [1 << 16], seed: 1) }

    private func open(
        _ bench: CoreBench,
        _ number: UInt8,
        isIncoming: Bool
    ) throws -> (id: OpeningID, greeting: RucheSwarm.Greeting) {
        var opened: (id: OpeningID, greeting: RucheSwarm.Greeting)?
        bench.batch { core, batch in
            opened = core.handleOpened(
                .test(number),
                isIncoming: isIncoming,
                usesUTP: false,
                for: hash,
                in: &batch
            )
        }
        return try #require(opened)
    }

    private func handshake(_ id: UInt8, _ hash: SHA1Digest) -> Handshake {
        Handshake(capabilities: [.fast, .extended], infoHash: hash, peerID: .test(id))
    }

    @Test func `Who dialled speaks first, and both get a slot`() throws {
        let bench = CoreBench(torrent, isSeed: false)
        for (number, isIncoming) in [(1, true), (2, false)] as [(UInt8, Bool)] {
            let (id, greeting) = try open(bench, number, isIncoming: isIncoming)
            switch greeting {
            case .none: #expect(isIncoming)
            case .handshake(let ours): #expect(!isIncoming && ours.infoHash == hash)
            case .preamble: Issue.record("nobody else stands for the endpoint")
            }
            var slot: PeerSlot?
            bench.batch { core, batch in slot = core.handleHandshake(handshake(number, hash), on: id, in: &batch) }
            #expect(slot.map { bench.isConnected($0) } == true)
        }
    }

    @Test(arguments: [true, false])
    func `A connection whose handshakes take too long is given up once, and a dial has failed`(isIncoming: Bool) throws
    {
        let bench = CoreBench(torrent, isSeed: false)
        bench.batch { core, batch in core.handleFound([.test(1)], from: .tracker, in: &batch) }
        let (id, _) = try open(bench, 1, isIncoming: isIncoming)
        bench.wait(SwarmTiming.handshake)
        #expect(bench.givenUp.isEmpty && bench.core.connections.dialing == [.test(1)])
        bench.wait(SwarmTiming.tick)
        #expect(bench.givenUp == [id])
        #expect(bench.core.connections.dialing == (isIncoming ? [.test(1)] : []))
        bench.wait(.minutes(2))
        #expect(bench.givenUp.isEmpty)
        var slot: PeerSlot?
        bench.batch { core, batch in slot = core.handleHandshake(handshake(1, hash), on: id, in: &batch) }
        #expect(slot == nil, "it came too late")
    }

    @Test func `A handshake for another torrent fails the dial`() throws {
        let bench = CoreBench(torrent, isSeed: false)
        bench.batch { core, batch in core.handleFound([.test(1)], from: .tracker, in: &batch) }
        let (id, _) = try open(bench, 1, isIncoming: false)
        var slot: PeerSlot?
        bench.batch { core, batch in slot = core.handleHandshake(handshake(1, SHA1Digest()), on: id, in: &batch) }
        #expect(slot == nil && bench.core.connections.dialing.isEmpty)
        bench.wait(SwarmTiming.handshake + SwarmTiming.tick)
        #expect(bench.givenUp.isEmpty)
    }

    @Test func `A peer that takes too long over one message is sent away and named`() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1))
        bench.core.handleUnfinished(since: bench.now, from: slot)
        bench.wait(SwarmTiming.message)
        #expect(bench.isConnected(slot))
        bench.core.handleUnfinished(since: nil, from: slot)
        bench.wait(SwarmTiming.message)
        #expect(bench.isConnected(slot), "its message ended in time")
        bench.core.handleUnfinished(since: bench.now, from: slot)
        bench.wait(SwarmTiming.message + SwarmTiming.tick)
        #expect(!bench.isConnected(slot))
        #expect(
            bench.effects.contains {
                if case .dribbled(let endpoint) = $0 { endpoint == .test(1, 50_000) } else { false }
            }
        )
    }
}

extension CoreBench {
    /// Connections that the last batch gave up.
    fileprivate var givenUp: [OpeningID] { effects.compactMap { if case .giveUp(let id) = $0 { id } else { nil } } }
}
