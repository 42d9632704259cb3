// SPDX-License-Identifier: Apache-2.0

import CAllocations
import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

/// What a piece and a peer cost, in bytes. Who changes these changes docs/PERFORMANCE.md too.
@Suite("Memory of the scheduling", .enabled(if: ruche_counts_allocations() != 0, "needs glibc"))
struct MemoryTests {
    private static let pieceCount = 1 << 20

    private func makePicker() -> PiecePicker {
        let length = 16 * Block.byteCount
        let geometry = PieceGeometry(pieceLength: length, totalSize: Self.pieceCount * length)
        return PiecePicker(geometry: geometry, have: Bitfield(count: Self.pieceCount), seed: 1)
    }

    private func allocatedBytes(_ body: () -> Void) -> Int {
        let before = ruche_allocated_bytes()
        body()
        return Int(ruche_allocated_bytes() - before)
    }

    @Test("A piece costs 12 bytes in the picker, and two bits: one pickable, one had")
    func piece() {
        var picker: PiecePicker?
        let byteCount = allocatedBytes { picker = makePicker() }
        #expect(picker?.missingPieceCount == Self.pieceCount)
        #expect(byteCount >= Self.pieceCount * 12)
        #expect(byteCount <= Self.pieceCount * 12 + Self.pieceCount / 4 + 8_192)
    }

    @Test("Sorting the pieces takes no memory that grows with them")
    func sorting() {
        var picker = makePicker()
        var requests: [BlockRequest] = []
        let query = PickQuery(peer: PeerSlot(rawValue: 0), count: 1)
        let byteCount = allocatedBytes { picker.nextRequests(query, from: .all, at: .zero, into: &requests) }
        #expect(requests.count == 1)
        #expect(byteCount <= 16_384)
    }

    @Test("A peer costs the picker no more than 128 bytes, whatever it has")
    func peer() {
        var picker = makePicker()
        var bits = Bitfield(count: Self.pieceCount)
        for piece in stride(from: 0, to: Self.pieceCount, by: 2) { bits.insert(PieceIndex(piece)) }
        let pieces = PeerPieces.some(bits)
        let byteCount = allocatedBytes {
            for index in 0..<1_000 {
                picker.handlePeerJoined(PeerSlot(rawValue: UInt32(index)), from: IPAddress(v4: UInt32(index)))
            }
            picker.handlePeerHas(pieces)
            picker.handlePeerHas(.all)
        }
        // Tables grow by half or double: all that they ever took is up to three times what they hold.
        #expect(byteCount <= 3 * 1_000 * 128)
    }

    @Test("A peer's own state, beside its bitfield of one bit a piece")
    func state() {
        let handshake = Handshake(capabilities: [], infoHash: SHA1Digest(), peerID: .test(1))
        let introduction = PeerIntroduction(
            endpoint: .test(1, 6_881),
            isIncoming: false,
            handshake: handshake,
            speaksV2: false
        )
        func makePeer() -> ConnectedPeer {
            ConnectedPeer(introduction, pieceCount: 0, limits: SwarmLimits(), at: .zero)
        }
        // The first one has the runtime make its types' descriptions, too.
        var peers = [makePeer()]
        peers.reserveCapacity(2)
        let own = allocatedBytes { peers.append(makePeer()) }
        #expect(peers.count == 2 && own >= 256)
        #expect(own <= 784, "\(own), with the header of an object")
        #expect(MemoryLayout<PeerPieces>.size <= 24, "a seed has no bitfield")
        let bitfield = allocatedBytes { _ = Bitfield(count: Self.pieceCount, allSet: true).setCount }
        // The allocator may round up.
        #expect(bitfield <= Self.pieceCount / 8 + 1_024)
    }

    @Test("A block of a begun piece costs 8 bytes, a request 40, a begun piece no more than 96")
    func begun() {
        #expect(MemoryLayout<OpenPieces.BlockState>.stride == 8)
        #expect(MemoryLayout<OutstandingRequests.Entry>.stride <= 40)
        #expect(MemoryLayout<OpenPieces.Piece>.stride + MemoryLayout<OpenPieces.Candidate>.stride <= 112)
    }
}
