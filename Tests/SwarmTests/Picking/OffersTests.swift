// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Blocks that arrive without a request")
struct OffersTests {
    private static let pieceLength = 4 * Block.byteCount
    private let sender = PeerSlot(rawValue: 0)
    private let other = PeerSlot(rawValue: 1)

    private func makePicker(have: [Int] = [], openPieces: Int = 10) -> PiecePicker {
        var limits = PickerLimits()
        limits.randomFirstPieceCount = 0
        limits.openPieceCount = openPieces
        var bits = Bitfield(count: 10)
        for piece in have { bits.insert(PieceIndex(piece)) }
        let geometry = PieceGeometry(pieceLength: Self.pieceLength, totalSize: 10 * Self.pieceLength)
        var picker = PiecePicker(geometry: geometry, have: bits, limits: limits, seed: 1)
        for (number, slot) in [sender, other].enumerated() {
            picker.handlePeerJoined(slot, as: .test(UInt32(number) + 1))
        }
        return picker
    }

    private func block(_ index: Int, of piece: Int) -> BlockRequest {
        let offset = UInt32(index * Block.byteCount)
        return BlockRequest(piece: PieceIndex(piece), offset: offset, length: UInt32(Block.byteCount))
    }

    @Test("A whole pass over the pieces is accepted, and completes each of them")
    func sweep() {
        var picker = makePicker(have: [3])
        picker.handlePeerHas(.all)
        var completed: [Int] = []
        for piece in 0..<10 {
            for index in 0..<4 {
                let block = block(index, of: piece)
                let reply = picker.handleOffer(block, by: sender, at: .zero)
                #expect(reply == (piece == 3 ? .declined : .taken))
                guard reply == .taken else { continue }
                var cancels: [PeerSlot] = []
                let reception = picker.handleReceived(block, from: sender, at: .zero, cancels: &cancels)
                if reception == .accepted(completesPiece: true) {
                    picker.handlePieceVerified(PieceIndex(piece))
                    completed.append(piece)
                }
            }
        }
        let broken = picker.brokenInvariants()
        #expect(completed == [0, 1, 2, 4, 5, 6, 7, 8, 9] && broken.isEmpty && picker.isFinished)
    }

    @Test("Blocks requested from others, received, invalid or beyond the budget are declined")
    func declined() {
        var picker = makePicker(openPieces: 1)
        picker.handlePeerHas(.all)
        var requests: [BlockRequest] = []
        picker.nextRequests(PickQuery(peer: other, count: 1), from: .all, at: .zero, into: &requests)
        let piece = requests.first?.piece.int ?? 0
        // Two pieces may be open in any case.
        let replies = [
            picker.handleOffer(block(0, of: piece), by: sender, at: .zero),
            picker.handleOffer(block(0, of: piece), by: other, at: .zero),
            picker.handleOffer(block(1, of: piece), by: sender, at: .zero),
            picker.handleOffer(block(1, of: piece), by: sender, at: .zero),
            picker.handleOffer(block(0, of: (piece + 1) % 10), by: sender, at: .zero),
            picker.handleOffer(block(0, of: (piece + 2) % 10), by: sender, at: .zero),
            picker.handleOffer(block(9, of: piece), by: sender, at: .zero),
            picker.handleOffer(block(0, of: 99), by: sender, at: .zero),
        ]
        #expect(replies == [.declined, .asked, .taken, .asked, .taken, .declined, .declined, .declined])
        let odd = BlockRequest(piece: PieceIndex(piece), offset: 1, length: 7)
        let reply = picker.handleOffer(odd, by: sender, at: .zero)
        let broken = picker.brokenInvariants()
        #expect(reply == .declined && broken.isEmpty)
    }
}
