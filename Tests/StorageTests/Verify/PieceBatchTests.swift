// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheStorage
import RucheWire
import Testing

/// Pieces hashed side by side give the same result as one by one.
@Suite struct PieceBatchTests {
    private static let pieceLength = 64 * 1024

    private static func makeTorrent(_ kind: HandmadeTorrent.Kind) -> HandmadeTorrent {
        let sizes = [700_000, 5, 16_384, 65_537, 0, 300_000, 65_536]
        let files = sizes.enumerated().map { patternBytes($1, seed: UInt64($0 + 1)) }
        return HandmadeTorrent(kind, pieceLength: pieceLength, files: files)
    }

    /// Returns the verdicts on `pieces` all at once, each split into chunks of `chunkSize`.
    private static func verdicts(
        _ verifier: any PieceDigestVerifier,
        _ pieces: [(piece: PieceIndex, bytes: [UInt8])],
        chunkSize: Int
    ) -> [PieceVerdict] {
        let all = pieces.flatMap(\.bytes)
        return all.withUnsafeBytes { all in
            var start = 0
            let batch = pieces.map { piece in
                let end = start + piece.bytes.count
                let cuts = stride(from: start, to: end, by: chunkSize)
                start = end
                let chunks = cuts.map { UnsafeRawBufferPointer(rebasing: all[$0..<min($0 + chunkSize, end)]) }
                return PieceChunks(piece: piece.piece, chunks: chunks)
            }
            return verifier.verdicts(on: batch)
        }
    }

    @Test(arguments: HandmadeTorrent.Kind.allCases, [16_384, 65_536, 1_000, 40_000])
    func batchesOfAnySize(kind: HandmadeTorrent.Kind, chunkSize: Int) {
        let torrent = Self.makeTorrent(kind)
        let verifier = torrent.verifier
        let pieces = (0..<torrent.info.geometry.pieceCount).map { index in
            var bytes = torrent.data(PieceIndex(index))
            if index % 3 == 1 { bytes[bytes.count / 2] ^= 1 }
            return (piece: PieceIndex(index), bytes: bytes)
        }
        let expected = pieces.map { verifier.verdict(on: $0.piece, $0.bytes) }
        #expect(expected.map { $0 == .right } == pieces.indices.map { $0 % 3 != 1 })
        for count in 0...pieces.count {
            let found = Self.verdicts(verifier, Array(pieces.prefix(count)), chunkSize: chunkSize)
            #expect(found == Array(expected.prefix(count)), "\(count) pieces")
        }
    }

    @Test func aDroppedPieceAffectsNoOther() {
        let bytes = patternBytes(100_000)
        let recipe = PieceHashRecipe(wantsSHA1: true, paddingByteCount: 30, wantsLeaves: true)
        bytes.withUnsafeBytes { all in
            var hasher = PieceHasher(pieceCount: 3)
            for _ in 0..<2 {
                hasher.begin([recipe, recipe, recipe])
                for slot in 0..<3 { hasher.append(UnsafeRawBufferPointer(rebasing: all[..<40_000]), to: slot) }
                hasher.run()
                hasher.forget(1)
                for slot in [0, 2] { hasher.append(UnsafeRawBufferPointer(rebasing: all[40_000...]), to: slot) }
                let digests = hasher.finish()
                let leaves = stride(from: 0, to: bytes.count, by: Block.byteCount).map {
                    SHA256.hash(Array(bytes[$0..<min($0 + Block.byteCount, bytes.count)]))
                }
                let sha1 = SHA1.hash(bytes + [UInt8](repeating: 0, count: 30))
                #expect(digests[0] == PieceDigests(byteCount: 100_000, sha1: sha1, leaves: leaves))
                #expect(digests[2] == digests[0])
            }
        }
    }

    @Test func piecesThatWereNotFinishedLeaveNothingBehind() {
        let bytes = patternBytes(50_000)
        let recipe = PieceHashRecipe(wantsSHA1: true, wantsLeaves: true)
        bytes.withUnsafeBytes { all in
            var hasher = PieceHasher(pieceCount: 2)
            hasher.begin([recipe, recipe])
            hasher.append(all, to: 1)
            hasher.begin([recipe, recipe])
            hasher.append(UnsafeRawBufferPointer(rebasing: all[..<16_384]), to: 1)
            let digests = hasher.finish()
            #expect(digests[0].byteCount == 0 && digests[0].leaves.isEmpty)
            #expect(digests[1].leaves == [SHA256.hash(Array(bytes[..<16_384]))])
            #expect(digests[1].sha1 == SHA1.hash(Array(bytes[..<16_384])))
        }
    }
}
