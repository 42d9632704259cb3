// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

/// Growing content, as the picker sees it.
extension PickerModel {
    /// The pieces of a peer that may know of more or fewer than we do.
    mutating func makeGrowingPieces() -> PeerPieces {
        var bits = Bitfield(count: Int.random(in: 0...geometry.pieceCount + 20, using: &random))
        let density = Double.random(in: 0...1, using: &random)
        for piece in 0..<bits.count where Double.random(in: 0...1, using: &random) < density {
            bits.insert(PieceIndex(piece))
        }
        return .growing(bits)
    }

    mutating func randomPieceToCome() -> PieceIndex {
        PieceIndex(Int.random(in: 0..<geometry.pieceCount + 20, using: &random))
    }

    /// Adds whole pieces: usually one, sometimes so many that the order is sorted anew.
    mutating func grow() {
        let old = geometry.pieceCount
        let added = Int.random(in: 0..<10, using: &random) == 0 ? 100 : Int.random(in: 1...3, using: &random)
        guard old + added < 400 else { return }
        geometry.grow(to: (old + added) * geometry.pieceLength)
        picker.handleGrown(to: geometry.spaceSize)
        #expect(picker.geometry == geometry && picker.have.count == geometry.pieceCount)
        for slot in connected {
            guard let pieces = peers[slot]?.pieces else { continue }
            let wanted = picker.handlePeerHas(pieces, from: old)
            #expect(wanted == (old..<geometry.pieceCount).count { pieces[PieceIndex($0)] })
        }
    }

    mutating func trim() {
        let old = trimmedCount
        trimmedCount = min(geometry.pieceCount, old + Int.random(in: 0...2, using: &random))
        let range = old..<trimmedCount
        let had = range.filter { picker.have[PieceIndex($0)] }
        let given = range.filter { begun.contains(PieceIndex($0)) && !picker.isComplete(PieceIndex($0)) }
        let judged = range.filter { picker.isComplete(PieceIndex($0)) }
        var dropped: [Bool: [Int]] = [:]
        picker.handleTrimmed(before: trimmedCount) { dropped[$1, default: []].append($0.int) }
        #expect(dropped[true] ?? [] == had && dropped[false] ?? [] == given && picker.firstPiece == trimmedCount)
        for piece in judged.map({ PieceIndex($0) }) {
            #expect(picker.openSlot(of: piece) != nil, "its bytes are still being read")
            if Bool.random(using: &random) {
                picker.handlePieceVerified(piece)
            } else {
                picker.handlePieceFailed(piece, badBlocks: nil)
            }
        }
        for piece in range.map({ PieceIndex($0) }) {
            begun.remove(piece)
            received[piece] = nil
            for slot in connected {
                guard let peer = peers[slot] else { continue }
                peers[slot]?.owed = peer.owed.filter { $0.piece != piece }
                peers[slot]?.late = peer.late.filter { $0.piece != piece }
            }
            #expect(!picker.have[piece] && picker.openSlot(of: piece) == nil)
        }
    }
}
