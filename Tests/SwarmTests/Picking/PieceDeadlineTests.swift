// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Pieces with deadlines")
struct PieceDeadlineTests {
    /// A picker for pieces of four blocks, and four peers that have everything.
    private func makePicker(pieces: Int, _ change: (inout PickerLimits) -> Void = { _ in }) -> PiecePicker {
        var limits = PickerLimits()
        limits.randomFirstPieceCount = 0
        change(&limits)
        let geometry = PieceGeometry(pieceLength: 4 * Block.byteCount, totalSize: pieces * 4 * Block.byteCount)
        var picker = PiecePicker(geometry: geometry, have: Bitfield(count: pieces), limits: limits, seed: 1)
        for slot in 0..<4 {
            picker.handlePeerJoined(peer(slot), as: .test(UInt32(slot) + 1))
            picker.handlePeerHas(.all)
        }
        return picker
    }

    private func peer(_ index: Int) -> PeerSlot { PeerSlot(rawValue: UInt32(index)) }

    private func at(_ seconds: Double) -> Instant { .zero + .seconds(seconds) }

    @Test("Pieces with deadlines come before all others, the soonest first")
    func deadlines() {
        var picker = makePicker(pieces: 50)
        picker.setPriority(.skip, of: PieceIndex(20))
        picker.setDeadline(Instant(nanoseconds: 2), of: PieceIndex(30))
        picker.setDeadline(Instant(nanoseconds: 1), of: PieceIndex(20))
        var requests: [BlockRequest] = []
        picker.nextRequests(PickQuery(peer: peer(0), count: 8), from: .all, at: .zero, into: &requests)
        #expect(requests.map(\.piece.int) == [20, 20, 20, 20, 30, 30, 30, 30])
    }

    /// A picker in which a peer whose blocks take seconds was asked for piece 7, due in this many seconds.
    private func makeLatePicker(
        due seconds: Double,
        _ change: (inout PickerLimits) -> Void = { _ in }
    ) -> PiecePicker {
        var picker = makePicker(pieces: 50, change)
        picker.setDeadline(at(seconds), of: PieceIndex(7))
        let slow = PickQuery(peer: peer(0), count: 4, answerTime: .seconds(Int64(5)), blockTime: .seconds(Int64(1)))
        var requests: [BlockRequest] = []
        picker.nextRequests(slow, from: .all, at: .zero, into: &requests)
        #expect(requests.map(\.piece.int) == [7, 7, 7, 7])
        return picker
    }

    /// Returns what a peer whose blocks take milliseconds is asked for.
    private func askQuick(_ picker: inout PiecePicker, at seconds: Double) -> [BlockRequest] {
        let quick = PickQuery(peer: peer(1), count: 2, answerTime: .milliseconds(50), blockTime: .milliseconds(10))
        var requests: [BlockRequest] = []
        picker.nextRequests(quick, from: .all, at: at(seconds), into: &requests)
        return requests
    }

    @Test("A block that will miss its deadline is requested again from a much faster peer")
    func hedging() {
        var picker = makeLatePicker(due: 1)
        let early = askQuick(&picker, at: 0.1)
        #expect(early.map(\.piece.int).contains(7) == false, "the requests have only just been sent")
        let late = askQuick(&picker, at: 0.5)
        #expect(late.map(\.piece.int) == [7, 7])
        var cancels: [PeerSlot] = []
        _ = picker.handleReceived(late[0], from: peer(1), at: at(0.6), cancels: &cancels)
        #expect(cancels == [peer(0)])
    }

    @Test("A block that will be in time is not requested twice, and no block from a slow peer that would delay it")
    func noHedging() {
        var picker = makeLatePicker(due: 10)
        #expect(!askQuick(&picker, at: 0.5).map(\.piece.int).contains(7))
        picker.setDeadline(at(1), of: PieceIndex(9))
        let snubbed = PickQuery(peer: peer(2), count: 1, isSlow: true, answerTime: .seconds(Int64(30)))
        var requests: [BlockRequest] = []
        picker.nextRequests(snubbed, from: .all, at: at(0.5), into: &requests)
        #expect(requests.map(\.piece.int) != [9])
    }

    @Test("Until a deadline has passed, a peer that would miss it is never asked for the piece")
    func laggards() {
        var picker = makePicker(pieces: 50)
        picker.setDeadline(at(2), of: PieceIndex(9))
        #expect(askQuick(&picker, at: 0).map(\.piece.int) == [9, 9])
        let laggard = PickQuery(peer: peer(0), count: 1, isLaggard: true, answerTime: .seconds(Int64(5)))
        var requests: [BlockRequest] = []
        picker.nextRequests(laggard, from: .all, at: at(0.1), into: &requests)
        #expect(requests.map(\.piece.int) != [9], "the piece is open, and its last blocks are free")
        let other = requests.last?.piece ?? PieceIndex(0)
        picker.setDeadline(at(3), of: other)
        picker.nextRequests(laggard, from: .all, at: at(0.2), into: &requests)
        #expect(![9, other.int].contains(requests.last?.piece.int), "a piece that it has begun itself")
        let another = PickQuery(peer: peer(2), count: 1, isLaggard: true, answerTime: .seconds(Int64(5)))
        picker.nextRequests(another, from: .all, at: at(4), into: &requests)
        #expect(requests.last?.piece == PieceIndex(9), "no peer has met the deadline")
    }

    @Test("A peer that is slower than others is asked for what it will deliver in time")
    func laggardInTime() {
        var picker = makePicker(pieces: 50)
        picker.setDeadline(at(60), of: PieceIndex(9))
        let laggard = PickQuery(peer: peer(0), count: 2, isLaggard: true, answerTime: .seconds(Int64(5)))
        var requests: [BlockRequest] = []
        picker.nextRequests(laggard, from: .all, at: .zero, into: &requests)
        #expect(requests.map(\.piece.int) == [9, 9])
    }

    @Test("No more late blocks are requested twice than the budget allows")
    func hedgeBudget() {
        var picker = makeLatePicker(due: 1) {
            $0.hedgeByteCount = 3 * Block.byteCount
            $0.hedgeSharePerMille = 100
        }
        #expect(askQuick(&picker, at: 0.5).map(\.piece.int) == [7, 7])
        #expect(askQuick(&picker, at: 0.6).count { $0.piece.int == 7 } == 1)
        #expect(askQuick(&picker, at: 0.7).count { $0.piece.int == 7 } == 0)
        var requests: [BlockRequest] = []
        var cancels: [PeerSlot] = []
        picker.nextRequests(PickQuery(peer: peer(2), count: 44), from: .all, at: .zero, into: &requests)
        for block in requests { _ = picker.handleReceived(block, from: peer(2), at: .zero, cancels: &cancels) }
        #expect(askQuick(&picker, at: 0.8).count { $0.piece.int == 7 } == 1, "a tenth of what has come since")
    }

    @Test("Only the late blocks of the next two pieces are requested twice")
    func hedgedPieces() {
        var picker = makePicker(pieces: 50)
        for piece in 0..<3 { picker.setDeadline(at(1), of: PieceIndex(piece)) }
        let slow = PickQuery(peer: peer(0), count: 12, answerTime: .seconds(Int64(5)), blockTime: .seconds(Int64(1)))
        var requests: [BlockRequest] = []
        picker.nextRequests(slow, from: .all, at: .zero, into: &requests)
        let quick = PickQuery(peer: peer(1), count: 12, answerTime: .milliseconds(50))
        requests = []
        picker.nextRequests(quick, from: .all, at: at(0.5), into: &requests)
        #expect(requests.count { $0.piece.int < 2 } == 8 && requests.count { $0.piece.int == 2 } == 0)
    }

    @Test("A block that is overdue counts as late, whatever was expected of it")
    func overdue() {
        var picker = makePicker(pieces: 50)
        picker.setDeadline(at(1), of: PieceIndex(7))
        #expect(askQuick(&picker, at: 0).map(\.piece.int) == [7, 7])
        let equal = PickQuery(peer: peer(2), count: 4, answerTime: .milliseconds(50), blockTime: .milliseconds(10))
        var requests: [BlockRequest] = []
        picker.nextRequests(equal, from: .all, at: at(0.1), into: &requests)
        #expect(requests.count { $0.piece.int == 7 } == 2, "its free blocks")
        requests = []
        picker.nextRequests(PickQuery(peer: peer(3), count: 4), from: .all, at: at(2), into: &requests)
        #expect(requests.count { $0.piece.int == 7 } == 4, "both have stopped, and the deadline has passed")
    }
}
