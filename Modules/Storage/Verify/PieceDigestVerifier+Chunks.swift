// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// A piece whose bytes are in memory.
///
/// `chunks` hold all of its data in order, without trailing padding. They may be split anywhere, and must stay valid
/// until the verdict.
public struct PieceChunks {
    /// The piece that the data should be.
    public var piece: PieceIndex
    /// The data of the piece.
    public var chunks: [UnsafeRawBufferPointer]

    /// `chunks` must stay valid until the verdict.
    public init(piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) {
        self.piece = piece
        self.chunks = chunks
    }
}

extension PieceDigestVerifier {
    /// The verifier itself.
    public var digesting: (any PieceDigestVerifier)? { self }

    /// Hashes all chunks and verifies the digests.
    public func verdict(on piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) -> PieceVerdict {
        verdicts(on: [PieceChunks(piece: piece, chunks: chunks)]).first ?? .unknown
    }

    /// Verifies several pieces, in order. Much faster than one call per piece, because they are hashed side by side: up
    /// to sixteen, depending on the processor.
    public func verdicts(on pieces: [PieceChunks]) -> [PieceVerdict] {
        let width = min(pieces.count, PieceHasher.bestPieceCount)
        guard width > 0 else { return [] }
        var hasher = PieceHasher(pieceCount: width)
        var verdicts: [PieceVerdict] = []
        for start in stride(from: 0, to: pieces.count, by: width) {
            let batch = pieces[start..<min(start + width, pieces.count)]
            for (piece, digests) in zip(batch, digests(of: batch, by: &hasher)) {
                verdicts.append(verdict(on: piece.piece, digests: digests))
            }
        }
        return verdicts
    }

    private func digests(of pieces: ArraySlice<PieceChunks>, by hasher: inout PieceHasher) -> [PieceDigests] {
        hasher.begin(pieces.map { recipe(for: $0.piece) })
        var cursors = pieces.map { ChunkSlices(chunks: $0.chunks) }
        var isUnderWay = true
        while isUnderWay {
            isUnderWay = false
            for slot in cursors.indices {
                guard let slice = cursors[slot].next() else { continue }
                hasher.append(slice, to: slot)
                isUnderWay = true
            }
            hasher.run()
        }
        return hasher.finish()
    }
}

/// Splits chunks into slices small enough to stay in the processor's caches for the second kind of hash.
private struct ChunkSlices: IteratorProtocol {
    private static let byteCount = 4 * Block.byteCount

    private let chunks: [UnsafeRawBufferPointer]
    private var index = 0
    private var offset = 0

    init(chunks: [UnsafeRawBufferPointer]) { self.chunks = chunks }

    mutating func next() -> UnsafeRawBufferPointer? {
        while index < chunks.count, offset == chunks[index].count {
            index += 1
            offset = 0
        }
        guard index < chunks.count else { return nil }
        let end = min(offset + Self.byteCount, chunks[index].count)
        defer { offset = end }
        return UnsafeRawBufferPointer(rebasing: chunks[index][offset..<end])
    }
}
