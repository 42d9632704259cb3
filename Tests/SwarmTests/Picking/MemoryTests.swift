// SPDX-License-Identifier: Apache-2.0

import CAllocations
import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

/// The memory of a piece and of a peer, in bytes. When these change, update docs/PERFORMANCE.md too.
@Suite("Memory of scheduling", .enabled(if: ruche_counts_allocations() != 0, "needs glibc"))
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

    @Test("The picker uses 12 bytes per piece, and two bits: one if it is pickable, one if we have it")
    func piece() {
        var picker: PiecePicker?
        let byteCount = allocatedBytes { picker = makePicker() }
        #expect(picker?.missingPieceCount == Self.pieceCount)
        #expect(byteCount >= Self.pieceCount * 12)
        #expect(byteCount <= Self.pieceCount * 12 + Self.pieceCount / 4 + 8_192)
    }

    @Test("Sorting takes no memory in proportion to the pieces")
    func sorting() {
        var requests: [BlockRequest] = []
        let query = PickQuery(peer: PeerSlot(rawValue: 0), count: 1)
        // The first pick in a process also creates the runtime's type metadata, which is not the picker's.
        let small = PieceGeometry(pieceLength: Block.byteCount, totalSize: 8 * Block.byteCount)
        var first = PiecePicker(geometry: small, have: Bitfield(count: 8), seed: 1)
        first.nextRequests(query, from: .all, at: .zero, into: &requests)
        requests.removeAll()
        var picker = makePicker()
        let byteCount = allocatedBytes { picker.nextRequests(query, from: .all, at: .zero, into: &requests) }
        #expect(requests.count == 1)
        #expect(byteCount <= 16_384)
    }

    @Test("A peer uses at most 128 bytes in the picker, whatever pieces it has")
    func peer() {
        var picker = makePicker()
        var bits = Bitfield(count: Self.pieceCount)
        for piece in stride(from: 0, to: Self.pieceCount, by: 2) { bits.insert(PieceIndex(piece)) }
        let pieces = PeerPieces.some(bits)
        let byteCount = allocatedBytes {
            for index in 0..<1_000 {
                picker.handlePeerJoined(PeerSlot(rawValue: UInt32(index)), as: .test(UInt32(index)))
            }
            picker.handlePeerHas(pieces)
            picker.handlePeerHas(.all)
        }
        // Tables grow by half or double, so all their allocations together are up to three times their contents.
        #expect(byteCount <= 3 * 1_000 * 128)
    }

    @Test("The state of a peer, besides its bitfield of one bit per piece")
    func state() {
        let handshake = Handshake(capabilities: [], infoHash: SHA1Digest(), peerID: .test(1))
        let introduction = PeerIntroduction(
            endpoint: .test(1, 6_881),
            isIncoming: false,
            handshake: handshake,
            speaksV2: false
        )
        func makePeer() -> ConnectedPeer {
            ConnectedPeer(introduction, as: .test(1), pieces: .none(count: 0), limits: SwarmLimits(), at: .zero)
        }
        // For the first one, the runtime also creates type metadata.
        var peers = [makePeer()]
        peers.reserveCapacity(2)
        let own = allocatedBytes { peers.append(makePeer()) }
        #expect(peers.count == 2 && own >= 256)
        #expect(own <= 912, "\(own), with the header of an object")
        #expect(MemoryLayout<PeerPieces>.size <= 24, "a seed has no bitfield")
        let bitfield = allocatedBytes { _ = Bitfield(count: Self.pieceCount, allSet: true).setCount }
        // The allocator may round up.
        #expect(bitfield <= Self.pieceCount / 8 + 1_024)
    }

    @Test("A block of an open piece uses 8 bytes, a request 44, an open piece no more than 112")
    func begun() {
        #expect(MemoryLayout<OpenPieces.BlockState>.stride == 8)
        // And four bytes by which its answer is distinguished from others.
        #expect(MemoryLayout<OutstandingRequests.Entry>.stride <= 40)
        #expect(MemoryLayout<OpenPieces.Piece>.stride + MemoryLayout<OpenPieces.Candidate>.stride <= 112)
    }
}
