// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Suggestions of a seed")
struct FirstCopiesTests {
    private static let pieceCount = 40
    private var copies = FirstCopies(pieceCount: pieceCount, seed: 3)
    private var picker: PiecePicker

    init() {
        let geometry = PieceGeometry(pieceLength: 32_768, totalSize: Self.pieceCount * 32_768)
        picker = PiecePicker(geometry: geometry, have: Bitfield(count: Self.pieceCount, allSet: true), seed: 1)
    }

    private func peer(_ index: Int) -> PeerSlot { PeerSlot(rawValue: UInt32(index)) }

    private mutating func suggest(to index: Int) -> [PieceIndex] {
        var pieces: [PieceIndex] = []
        copies.nextSuggestions(for: peer(index), knowing: picker, into: &pieces)
        return pieces
    }

    @Test("Every piece is suggested once, a few pieces ahead of the requests")
    mutating func once() {
        var all: [PieceIndex] = []
        for round in 0..<100 where !copies.isDone {
            for index in 0..<3 {
                let pieces = suggest(to: index)
                #expect(round == 0 ? pieces.count == FirstCopies.aheadCount : pieces.count <= 1)
                all += pieces
            }
            for index in 0..<3 {
                guard let next = all.last(where: { copies.handleRequest($0, by: peer(index)) }) else { continue }
                let isAskedTwice = copies.handleRequest(next, by: peer(index))
                #expect(!isAskedTwice, "a requested piece makes room for one suggestion")
                copies.handleHave(next, at: peer(index))
            }
        }
        #expect(copies.isDone)
        #expect(all.count == Self.pieceCount && Set(all).count == Self.pieceCount)
    }

    @Test("Pieces that a leecher has are not suggested")
    mutating func known() {
        for piece in PieceIndex.all(Self.pieceCount) where piece.int != 7 { picker.handlePeerHas(piece) }
        let (first, second) = (suggest(to: 0), suggest(to: 1))
        #expect(first == [PieceIndex(7)] && second.isEmpty)
    }

    @Test("A suggestion to a peer that leaves or is choked goes to another peer")
    mutating func returned() {
        let first = suggest(to: 0)
        picker.handlePeerHas(first[0])
        copies.handleHave(first[0], at: peer(0))
        copies.handleEnded(peer(0))
        let second = suggest(to: 1)
        #expect(Set(first.dropFirst()).isSubset(of: second) && !second.contains(first[0]))
    }
}
