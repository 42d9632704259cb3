// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import Testing

/// A verifier: knows the SHA-256 of each piece.
struct KnownPieces: PieceVerifier {
    let digests: [SHA256Digest]

    func verdict(on piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) -> PieceVerdict {
        guard piece.int < digests.count else { return .unknown }
        return SHA256.hash(chunks.flatMap { Array($0) }) == digests[piece.int] ? .right : .wrong(leaves: [])
    }
}

@Suite("A piece verifier", .timeLimit(.minutes(1)))
struct KnownPiecesTests {
    @Test func keepsToTheRulesOfVerifiers() async {
        let pieces = (0..<5).map { [UInt8](repeating: UInt8($0), count: 40_000) }
        let verifier = KnownPieces(digests: pieces.map { SHA256.hash($0) })
        #expect(await checkPieceVerifier(verifier, pieces: pieces).isEmpty)
    }
}
