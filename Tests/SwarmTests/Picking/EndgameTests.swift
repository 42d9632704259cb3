// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Which requests count in endgame")
struct EndgameTests {
    private static let blockCount = 4
    /// One second after the requests: they are overdue.
    private let later = Instant.zero + .seconds(1)

    /// One piece, and peers at the addresses of these numbers, by slot. The first peer has sent a block before.
    private func makePicker(addresses: [UInt32], duplicateByteCount: Int? = nil) -> PiecePicker {
        let pieceLength = Self.blockCount * Block.byteCount
        let geometry = PieceGeometry(pieceLength: pieceLength, totalSize: 2 * pieceLength)
        var limits = PickerLimits()
        limits.randomFirstPieceCount = 0
        limits.duplicateByteCount = duplicateByteCount ?? limits.duplicateByteCount
        var picker = PiecePicker(geometry: geometry, have: Bitfield(count: 2), limits: limits, seed: 1)
        for (slot, address) in addresses.enumerated() {
            picker.handlePeerJoined(peer(slot), as: .peer(IPAddress(v4: address), connection: UInt64(slot)))
        }
        var blocks: [BlockRequest] = []
        picker.nextRequests(PickQuery(peer: peer(0), count: 4), from: .all, at: .zero, into: &blocks)
        var cancels: [PeerSlot] = []
        for block in blocks { _ = picker.handleReceived(block, from: peer(0), at: .zero, cancels: &cancels) }
        if let piece = blocks.first?.piece { picker.handlePieceVerified(piece) }
        return picker
    }

    private func peer(_ slot: Int) -> PeerSlot { PeerSlot(rawValue: UInt32(slot)) }

    private func ask(_ picker: inout PiecePicker, _ slot: Int, at now: Instant = .zero) -> Int {
        var requests: [BlockRequest] = []
        picker.nextRequests(PickQuery(peer: peer(slot), count: 9), from: .all, at: now, into: &requests)
        #expect(picker.brokenInvariants() == [])
        return requests.count
    }

    @Test("A peer that has sent blocks is asked for what silent ones owe, however many those are", arguments: [1, 100])
    func proven(addresses: UInt32) {
        var picker = makePicker(addresses: [0] + (0..<100).map { 1 + $0 % addresses })
        for slot in 1...100 { _ = ask(&picker, slot, at: slot == 1 ? .zero : later) }
        #expect(picker.isEndgame)
        #expect(ask(&picker, 0, at: later) == Self.blockCount)
    }

    @Test("One block is requested from no more peers than the limit among those that have sent blocks")
    func limit() {
        var picker = makePicker(addresses: [0, 1, 2, 3, 4])
        // Each has sent a block: the first four of the second piece, which fails.
        for slot in 1...4 {
            var blocks: [BlockRequest] = []
            picker.nextRequests(PickQuery(peer: peer(slot), count: 1), from: .all, at: .zero, into: &blocks)
            var cancels: [PeerSlot] = []
            for block in blocks { _ = picker.handleReceived(block, from: peer(slot), at: .zero, cancels: &cancels) }
        }
        picker.handlePieceFailed(PieceIndex(picker.have[PieceIndex(0)] ? 1 : 0), badBlocks: nil)
        #expect(ask(&picker, 1) == Self.blockCount)
        #expect(ask(&picker, 2, at: later) == Self.blockCount && ask(&picker, 3, at: later) == Self.blockCount)
        #expect(ask(&picker, 4, at: later + .seconds(1)) == 0)
        #expect(ask(&picker, 0, at: later + .seconds(1)) == 0)
        picker.handleSnubbed(peer(2))
        #expect(ask(&picker, 0, at: later + .seconds(1)) == Self.blockCount, "a snubbed peer does not count")
    }

    @Test("What is requested twice before it is late stays within the budget")
    func budget() {
        var picker = makePicker(addresses: [0, 1], duplicateByteCount: 2 * Block.byteCount)
        var requests: [BlockRequest] = []
        let slow = PickQuery(peer: peer(1), count: 4, answerTime: .seconds(5 as Int64))
        picker.nextRequests(slow, from: .all, at: .zero, into: &requests)
        #expect(requests.count == Self.blockCount)
        #expect(ask(&picker, 0, at: later) == 2 && ask(&picker, 0, at: later) == 0)
        #expect(ask(&picker, 0, at: .zero + .seconds(6)) == 2, "they are late")
    }

    @Test("To the requests of silent peers one is added, not one for each peer that has sent blocks")
    func onePromise() {
        var picker = makePicker(addresses: [0, 1, 2, 3, 4])
        var blocks: [BlockRequest] = []
        picker.nextRequests(PickQuery(peer: peer(4), count: 4), from: .all, at: .zero, into: &blocks)
        var cancels: [PeerSlot] = []
        for block in blocks { _ = picker.handleReceived(block, from: peer(4), at: .zero, cancels: &cancels) }
        picker.handlePieceFailed(blocks[0].piece, badBlocks: nil)
        for slot in 1...3 { #expect(ask(&picker, slot, at: slot == 1 ? .zero : later) == Self.blockCount) }
        #expect(ask(&picker, 0, at: later) == Self.blockCount)
        #expect(ask(&picker, 4, at: later + .seconds(1)) == 0)
        #expect(ask(&picker, 4, at: later + PickerLimits().patience) == Self.blockCount, "the promise is broken")
    }

    @Test("A peer that has sent nothing is not asked for what its neighbour owes")
    func neighbours() {
        var picker = makePicker(addresses: [0, 7, 7, 8, 9, 10])
        #expect(ask(&picker, 1) == Self.blockCount)
        #expect(ask(&picker, 2, at: later) == 0)
        #expect(ask(&picker, 3, at: later) == Self.blockCount)
        #expect(ask(&picker, 4, at: later) == Self.blockCount)
        #expect(ask(&picker, 5, at: later) == 0, "three addresses owe every block")
    }

    @Test("A block may be requested from very many peers that are snubbed one after the other")
    func manySnubbed() {
        var picker = makePicker(addresses: Array(0...1_000))
        #expect(ask(&picker, 1_000) == Self.blockCount)
        for slot in 1..<1_000 {
            #expect(ask(&picker, slot, at: later) == Self.blockCount)
            picker.handleSnubbed(peer(slot))
        }
        // By now each block has a thousand requests. The last of each list is the first peer's, which finds none to add.
        let steps = picker.work.stepCount
        #expect(ask(&picker, 1_000, at: later + .seconds(1)) == 0)
        #expect((8_000..<10_000).contains(picker.work.stepCount - steps), "\(picker.work.stepCount - steps) steps")
        #expect(ask(&picker, 0, at: later + .seconds(1)) == Self.blockCount)
    }
}
