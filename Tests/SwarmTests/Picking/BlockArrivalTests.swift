// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Blocks in arrival")
struct BlockArrivalTests {
    private static let geometry = PieceGeometry(pieceLength: 2 * Block.byteCount, totalSize: 4 * Block.byteCount)

    private func peer(_ slot: Int) -> PeerSlot { PeerSlot(rawValue: UInt32(slot)) }

    private func begin(_ picker: inout PiecePicker, _ block: BlockRequest, _ slot: Int) throws -> BlockArrival {
        let arrival = picker.handleBlockBegun(block, from: peer(slot))
        return try #require(arrival)
    }

    /// Requests everything from peer 0, and in endgame from the others too.
    private func endgame(peers: Int, spareBlocks: Int = 64) -> (PiecePicker, [BlockRequest]) {
        var limits = PickerLimits()
        limits.spareBlockCount = spareBlocks
        limits.requestersPerBlock = 8
        limits.duplicateByteCount = 1 << 30
        let have = Bitfield(count: Self.geometry.pieceCount)
        var picker = PiecePicker(geometry: Self.geometry, have: have, limits: limits, seed: 1)
        var asked: [BlockRequest] = []
        for slot in 0..<peers {
            picker.handlePeerJoined(peer(slot), as: .test(UInt32(slot)))
            picker.handlePeerHas(.all)
            asked = []
            let query = PickQuery(peer: peer(slot), count: 8)
            picker.nextRequests(query, from: .all, at: .zero + .seconds(60 * Int64(slot)), into: &asked)
            #expect(asked.count == 4)
        }
        return (picker, asked)
    }

    @Test("The first sender owns the place, a second one gets a cell, and the first complete copy counts")
    func twoSenders() throws {
        var (picker, asked) = endgame(peers: 2)
        let first = try begin(&picker, asked[0], 0)
        let second = try begin(&picker, asked[0], 1)
        #expect(first.place == .piece && second.place == .spare(0))
        var cancels: [PeerSlot] = []
        #expect(
            picker.handleReceived(asked[0], from: peer(1), at: .zero, cancels: &cancels)
                == .accepted(completesPiece: false)
        )
        #expect(cancels == [peer(0)] && !picker.isArriving(first) && !picker.isArriving(second))
        #expect(picker.spareCells.usedCount == 0)
    }

    @Test("A place is free again once its owner has left, and a copy in progress stays in its cell")
    func ownerLeaves() throws {
        var (picker, asked) = endgame(peers: 3)
        let first = try begin(&picker, asked[0], 0)
        let second = try begin(&picker, asked[0], 1)
        picker.handlePeerLeft(peer(0), having: .all)
        let third = try begin(&picker, asked[0], 2)
        #expect(!picker.isArriving(first) && picker.isArriving(second) && picker.isArriving(third))
        #expect(second.place == .spare(0) && third.place == .piece)
    }

    @Test("Without a free cell a copy has no place, and is requested again")
    func noCell() throws {
        var (picker, asked) = endgame(peers: 3, spareBlocks: 1)
        let arrivals = try [0, 1, 2].map { try begin(&picker, asked[0], $0) }
        #expect(arrivals.map(\.place) == [.piece, .spare(0), .nowhere])
        let isReleased = picker.handleReleased(asked[0], by: peer(2))
        #expect(isReleased)
        #expect(!picker.isArriving(arrivals[2]) && picker.isArriving(arrivals[0]) && picker.isArriving(arrivals[1]))
    }

    @Test("Blocks begun before their piece was reopened are distinguished from those requested now")
    func reopened() throws {
        var (picker, asked) = endgame(peers: 1)
        let old = try begin(&picker, asked[0], 0)
        picker.handlePieceFailed(asked[0].piece, badBlocks: nil)
        #expect(!picker.isArriving(old))
        let unasked = picker.handleBlockBegun(asked[0], from: peer(0))
        #expect(unasked == nil)
        var again: [BlockRequest] = []
        picker.nextRequests(PickQuery(peer: peer(0), count: 8), from: .all, at: .zero, into: &again)
        #expect(again.contains(asked[0]), "the same block from the same peer")
        #expect(!picker.isArriving(old))
        let new = try begin(&picker, asked[0], 0)
        #expect(new.place == .piece && picker.isArriving(new) && !picker.isArriving(old))
    }

    @Test("Whatever happens, a block consists of one connection's bytes", arguments: 1...50 as ClosedRange<UInt64>)
    func model(seed: UInt64) {
        var model = ArrivalModel(seed: seed)
        for _ in 0..<2_000 { model.step() }
        #expect(model.acceptedCount > 50, "seed \(seed)")
        #expect(model.picker.brokenInvariants().isEmpty, "seed \(seed)")
    }
}

/// Peers that send blocks chunk by chunk into one picker's places, in any order, with any events in between.
private struct ArrivalModel {
    private static let chunkCount = 4
    private static let peerCount = 6

    private struct Sending {
        let arrival: BlockArrival
        let number: Int
        var chunk = 0
    }

    var picker: PiecePicker
    private(set) var acceptedCount = 0
    private var random: SeededRandom
    private var now = Instant.zero
    private var sending: [Int: Sending] = [:]
    private var owed: [Int: [BlockRequest]] = [:]
    private var pieces: [BlockRequest: [Int]] = [:]
    private var cells: [Int: [Int]] = [:]
    private var count = 0

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        var limits = PickerLimits()
        limits.spareBlockCount = 2
        limits.requestersPerBlock = 4
        limits.duplicateByteCount = 1 << 30
        let geometry = PieceGeometry(pieceLength: 2 * Block.byteCount, totalSize: 6 * Block.byteCount)
        picker = PiecePicker(geometry: geometry, have: Bitfield(count: 3), limits: limits, seed: seed)
        for peer in 0..<Self.peerCount { join(peer) }
    }

    mutating func step() {
        now = now + .milliseconds(Int.random(in: 1...2_000, using: &random))
        let peer = Int.random(in: 0..<Self.peerCount, using: &random)
        switch Int.random(in: 0..<40, using: &random) {
        case 0: leave(peer)
        case 1: fail()
        case 2: picker.handleSnubbed(slot(peer))
        case 3...4:
            guard let block = owed[peer]?.randomElement(using: &random) else { return }
            if picker.handleReleased(block, by: slot(peer)) { owed[peer]?.removeAll { $0 == block } }
        case 5...10: ask(peer)
        default: send(peer)
        }
    }

    private func slot(_ peer: Int) -> PeerSlot { PeerSlot(rawValue: UInt32(peer)) }

    private mutating func join(_ peer: Int) {
        picker.handlePeerJoined(slot(peer), as: .test(UInt32(peer)))
        picker.handlePeerHas(.all)
    }

    private mutating func leave(_ peer: Int) {
        picker.handlePeerLeft(slot(peer), having: .all)
        sending[peer] = nil
        owed[peer] = nil
        join(peer)
    }

    /// All that arrived of some piece is wrong: it starts again, while its blocks may still be arriving.
    private mutating func fail() {
        picker.handlePieceFailed(PieceIndex(.random(in: 0..<3, using: &random)), badBlocks: nil)
    }

    private mutating func ask(_ peer: Int) {
        var requests: [BlockRequest] = []
        picker.nextRequests(PickQuery(peer: slot(peer), count: 2), from: .all, at: now, into: &requests)
        owed[peer, default: []] += requests
    }

    private mutating func send(_ peer: Int) {
        guard var current = sending[peer] else {
            guard let block = owed[peer]?.first else { return }
            owed[peer]?.removeFirst()
            guard let arrival = picker.handleBlockBegun(block, from: slot(peer)) else { return }
            count += 1
            sending[peer] = Sending(arrival: arrival, number: count)
            return
        }
        if picker.isArriving(current.arrival) { write(current) }
        current.chunk += 1
        sending[peer] = current.chunk < Self.chunkCount ? current : nil
        if sending[peer] == nil { finish(current, peer) }
    }

    private mutating func write(_ current: Sending) {
        let empty = [Int](repeating: 0, count: Self.chunkCount)
        switch current.arrival.place {
        case .piece: pieces[current.arrival.block, default: empty][current.chunk] = current.number
        case .spare(let cell): cells[cell, default: empty][current.chunk] = current.number
        case .nowhere: break
        }
    }

    private mutating func finish(_ current: Sending, _ peer: Int) {
        guard picker.isArriving(current.arrival) else { return }
        let block = current.arrival.block
        if current.arrival.place == .nowhere {
            picker.handleReleased(block, by: slot(peer))
            return
        }
        var cancels: [PeerSlot] = []
        guard case .accepted(let isWhole) = picker.handleReceived(block, from: slot(peer), at: now, cancels: &cancels)
        else { return #expect(Bool(false), "a block in arrival is accepted") }
        if case .spare(let cell) = current.arrival.place { pieces[block] = cells[cell] }
        acceptedCount += 1
        #expect(pieces[block] == Array(repeating: current.number, count: Self.chunkCount))
        for other in cancels { owed[Int(other.rawValue)]?.removeAll { $0 == block } }
        if isWhole { fail(block.piece) }
    }

    private mutating func fail(_ piece: PieceIndex) {
        picker.handlePieceFailed(piece, badBlocks: Bool.random(using: &random) ? [0] : nil)
    }
}
