// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Piece picker")
struct PiecePickerTests {
    private static let pieceLength = 4 * Block.byteCount

    private func makePicker(
        pieces: Int,
        have: [Int] = [],
        seed: UInt64 = 1,
        _ change: (inout PickerLimits) -> Void = { _ in }
    ) -> PiecePicker {
        var limits = PickerLimits()
        limits.randomFirstPieceCount = 0
        change(&limits)
        var bits = Bitfield(count: pieces)
        for piece in have { bits.insert(PieceIndex(piece)) }
        let geometry = PieceGeometry(pieceLength: Self.pieceLength, totalSize: pieces * Self.pieceLength)
        var picker = PiecePicker(geometry: geometry, have: bits, limits: limits, seed: seed)
        for slot in 0..<4 { picker.handlePeerJoined(peer(slot), as: .test(UInt32(slot) + 1)) }
        return picker
    }

    private func peer(_ index: Int) -> PeerSlot { PeerSlot(rawValue: UInt32(index)) }

    private func pieces(_ indices: some Sequence<Int>, of count: Int) -> PeerPieces {
        var bits = Bitfield(count: count)
        for index in indices { bits.insert(PieceIndex(index)) }
        return .some(bits)
    }

    private func ask(
        _ picker: inout PiecePicker,
        _ slot: Int,
        _ count: Int,
        from pieces: PeerPieces = .all,
        at now: Instant = .zero,
        isSlow: Bool = false
    ) -> [BlockRequest] {
        var requests: [BlockRequest] = []
        let query = PickQuery(peer: peer(slot), count: count, isSlow: isSlow)
        picker.nextRequests(query, from: pieces, at: now, into: &requests)
        return requests
    }

    private func deliver(_ picker: inout PiecePicker, _ block: BlockRequest, from slot: Int) -> [PeerSlot] {
        var cancels: [PeerSlot] = []
        _ = picker.handleReceived(block, from: peer(slot), at: .zero, cancels: &cancels)
        return cancels
    }

    @Test("A piece takes twelve bytes")
    func size() {
        #expect(MemoryLayout<PieceBuckets.Record>.stride + MemoryLayout<UInt32>.stride == 12)
        #expect(MemoryLayout<OpenPieces.BlockState>.stride == 8)
        #expect(MemoryLayout<OutstandingRequests.Entry>.stride <= 40)
    }

    @Test("The rarest piece comes first while availability changes")
    func rarest() {
        var picker = makePicker(pieces: 100)
        picker.handlePeerHas(pieces(0..<100, of: 100))
        picker.handlePeerHas(pieces((0..<100).filter { $0 != 42 }, of: 100))
        #expect(ask(&picker, 0, 1).first?.piece.int == 42)
        picker.handlePeerHas(pieces((0..<100).filter { $0 != 7 && $0 != 8 }, of: 100))
        picker.handlePeerHas(PieceIndex(8))
        picker.handlePeerLost(PieceIndex(9))
        picker.handlePeerLost(PieceIndex(9))
        #expect(ask(&picker, 1, 5).map(\.piece.int) == [42, 42, 42, 9, 9], "open pieces first, then the rarest")
        #expect(picker.availability(of: PieceIndex(9)) == 1)
        #expect(picker.distributedCopies == 1.99)
    }

    @Test("Equally rare pieces are chosen at random")
    func randomTies() {
        let firsts = (0..<20).map { seed in
            var picker = makePicker(pieces: 1_000, seed: UInt64(seed))
            return ask(&picker, 0, 1).first?.piece.int ?? -1
        }
        #expect(Set(firsts).count > 15)
    }

    @Test("Priority beats rarity; skipped pieces are never requested")
    func priorities() {
        var picker = makePicker(pieces: 10)
        picker.handlePeerHas(pieces([3], of: 10))
        picker.setPriority(.high, of: PieceIndex(3))
        picker.setPriorities((0..<10).map { [3: .high, 4: .low, 5: .normal][$0] ?? .skip })
        #expect(ask(&picker, 0, 100).map(\.piece.int) == [3, 3, 3, 3, 5, 5, 5, 5, 4, 4, 4, 4])
        #expect(picker.isEndgame && picker.missingPieceCount == 3)
    }

    @Test("In order, the lowest piece comes first, even after a piece has failed")
    func inOrder() {
        var picker = makePicker(pieces: 300, have: [0, 1])
        picker.setOrder(.inOrder, at: .zero)
        let blocks = ask(&picker, 0, 8)
        #expect(blocks.map(\.piece.int) == [2, 2, 2, 2, 3, 3, 3, 3])
        for block in blocks { _ = deliver(&picker, block, from: 0) }
        picker.handlePieceVerified(PieceIndex(3))
        picker.handlePieceFailed(PieceIndex(2), badBlocks: nil)
        #expect(ask(&picker, 0, 5).map(\.piece.int) == [2, 2, 2, 2, 4])
    }

    @Test("A piece is found for a peer that has few of many", arguments: [1, 500, 99_999])
    func sparsePeer(piece: Int) {
        var picker = makePicker(pieces: 100_000)
        let all = pieces(0..<100_000, of: 100_000)
        picker.handlePeerHas(all)
        let one = pieces([piece], of: 100_000)
        picker.handlePeerHas(one)
        #expect(ask(&picker, 0, 9, from: one).map(\.piece.int) == [piece, piece, piece, piece])
    }

    @Test("While choked, only allowed-fast pieces are requested; suggestions are followed")
    func restrictedAndSuggested() {
        var picker = makePicker(pieces: 100)
        var requests: [BlockRequest] = []
        var query = PickQuery(peer: peer(0), count: 10, restrictedTo: [PieceIndex(77)])
        picker.nextRequests(query, from: .all, at: .zero, into: &requests)
        #expect(requests.map(\.piece.int) == [77, 77, 77, 77])
        query = PickQuery(peer: peer(1), count: 1, suggested: [PieceIndex(200), PieceIndex(55)])
        picker.nextRequests(query, from: .all, at: .zero, into: &requests)
        #expect(requests.last?.piece.int == 55)
    }

    @Test("Open pieces stay within the memory budget, except for two")
    func budget() {
        var picker = makePicker(pieces: 100) { $0.openByteCount = 10 * Self.pieceLength }
        #expect(ask(&picker, 0, 1_000).count == 40)
        #expect(picker.openByteCount == 10 * Self.pieceLength)
        var tiny = makePicker(pieces: 100) { $0.openByteCount = 1 }
        #expect(ask(&tiny, 0, 1_000).count == 8)
    }

    @Test("A slow peer opens its own piece, so that others do not wait for it")
    func slowPeer() {
        var picker = makePicker(pieces: 100)
        let fast = ask(&picker, 0, 2)
        let slow = ask(&picker, 1, 2, isSlow: true)
        #expect(fast.first?.piece != slow.first?.piece)
        #expect(ask(&picker, 2, 1, isSlow: true).first?.piece == slow.first?.piece)
    }

    @Test("In endgame the oldest requests are duplicated, and cancelled once the block arrives")
    func endgame() {
        var picker = makePicker(pieces: 1)
        let blocks = ask(&picker, 0, 3)
        let late = ask(&picker, 1, 3, at: Instant.zero + .milliseconds(150))
        #expect(blocks.count == 3 && late.count == 1)
        #expect(ask(&picker, 2, 4, at: Instant.zero + .milliseconds(100)).isEmpty, "too soon")
        #expect(ask(&picker, 2, 2, at: Instant.zero + .milliseconds(200)) == Array(blocks.prefix(2)))
        #expect(
            ask(&picker, 2, 9, at: Instant.zero + .milliseconds(200)) == [blocks[2]],
            "its own not again, young ones not yet"
        )
        #expect(ask(&picker, 3, 9, at: Instant.zero + .seconds(1)).count == 4)
        #expect(deliver(&picker, blocks[0], from: 0).sorted() == [peer(2), peer(3)])
        #expect(picker.handleBlockBegun(blocks[0], from: peer(2)) == nil)
        #expect(deliver(&picker, blocks[0], from: 2) == [])
        #expect(picker.redundantByteCount == Block.byteCount)
        #expect(ask(&picker, 3, 9, at: Instant.zero + .seconds(9), isSlow: true).isEmpty)
    }

    @Test("Before endgame, few bytes are requested twice")
    func speculation() {
        var picker = makePicker(pieces: 10_000) { $0.openByteCount = 2 * Self.pieceLength }
        var now = Instant.zero
        var twice = 0
        let slow = ask(&picker, 0, 4)
        for _ in 0..<2_000 {
            now = now + .seconds(1)
            let blocks = ask(&picker, 1, 8, at: now)
            for block in blocks {
                twice += slow.contains(block) ? 1 : 0
                _ = deliver(&picker, block, from: 1)
            }
            for block in blocks where picker.isComplete(block.piece) { picker.handlePieceVerified(block.piece) }
        }
        #expect(twice == 4, "the other peer finished the slow peer's piece")
        #expect(picker.acceptedByteCount > 1_000 * Block.byteCount)
    }

    @Test("A snubbed peer's blocks are requested from others, but its late answer is accepted")
    func snubbed() {
        var picker = makePicker(pieces: 2)
        let owed = ask(&picker, 0, 8)
        #expect(owed.count == 8 && ask(&picker, 1, 8).isEmpty)
        picker.handleSnubbed(peer(0))
        #expect(ask(&picker, 0, 8).isEmpty)
        #expect(Set(ask(&picker, 1, 8)) == Set(owed))
        #expect(deliver(&picker, owed[0], from: 0) == [peer(1)])
        #expect(deliver(&picker, owed[1], from: 1) == [peer(0)])
    }

    @Test("A stalled piece is abandoned when the budget is used up")
    func abandoned() {
        var picker = makePicker(pieces: 10) { $0.openByteCount = 2 * Self.pieceLength }
        let blocks = ask(&picker, 0, 8)
        _ = deliver(&picker, blocks[0], from: 0)
        picker.handleReleasedAll(by: peer(0))
        #expect(picker.openPieceCount == 1, "a piece without received blocks is no longer open")
        _ = deliver(&picker, ask(&picker, 1, 5)[4], from: 1)
        picker.handleReleasedAll(by: peer(1))
        #expect(picker.openPieceCount == 2)
        #expect(picker.nextAbandonedPiece(at: .zero + .seconds(29)) == nil)
        #expect(picker.nextAbandonedPiece(at: .zero + .seconds(31)) != nil)
        #expect(picker.nextAbandonedPiece(at: .zero + .seconds(31)) == nil, "there is room now")
    }

    @Test("The sender of a block is known even after its slot is reused")
    func contributors() {
        var picker = makePicker(pieces: 1)
        let blocks = ask(&picker, 0, 2) + ask(&picker, 1, 2)
        for (index, block) in blocks.enumerated() { _ = deliver(&picker, block, from: index / 2) }
        picker.handlePeerLeft(peer(0), having: .none(count: 1))
        picker.handlePeerJoined(peer(0), as: .test(99))
        #expect(picker.contributors(of: PieceIndex(0)) == [1, 1, 2, 2].map(BlockSource.test))
        picker.handlePieceFailed(PieceIndex(0), badBlocks: [1, 3, 7, -1])
        let senders: [BlockSource?] = [.test(1), nil, .test(2), nil]
        #expect(picker.contributors(of: PieceIndex(0)) == senders)
        #expect(ask(&picker, 2, 9).map(\.offset) == [1, 3].map { UInt32($0 * Block.byteCount) })
    }

    @Test("Duplicate and unrequested blocks are distinguished")
    func unrequested() {
        var picker = makePicker(pieces: 4, have: [3])
        let block = ask(&picker, 0, 1)[0]
        var cancels: [PeerSlot] = []
        var odd = block
        odd.length -= 1
        for wrong in [odd, BlockRequest(piece: PieceIndex(9), offset: 0, length: 1)] {
            #expect(picker.handleBlockBegun(wrong, from: peer(0)) == nil)
            #expect(picker.handleReceived(wrong, from: peer(0), at: .zero, cancels: &cancels) == .unrequested)
        }
        #expect(picker.handleReceived(block, from: peer(1), at: .zero, cancels: &cancels) == .unrequested)
        let had = BlockRequest(piece: PieceIndex(3), offset: 0, length: 16_384)
        #expect(picker.handleReceived(had, from: peer(0), at: .zero, cancels: &cancels) == .duplicate)
    }

    @Test("A piece that is all padding is not picked")
    func dataless() {
        let padding = [PieceIndex(1): UInt32(Self.pieceLength)]
        let geometry = PieceGeometry(pieceLength: Self.pieceLength, totalSize: 2 * Self.pieceLength, padding: padding)
        var picker = PiecePicker(geometry: geometry, have: Bitfield(count: 2), seed: 1)
        #expect(ask(&picker, 0, 9).map(\.piece.int) == [0, 0, 0, 0])
        picker.handlePieceVerified(PieceIndex(1))
        #expect(picker.have.setCount == 1 && picker.missingPieceCount == 1)
    }
}
