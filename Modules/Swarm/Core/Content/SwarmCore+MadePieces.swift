// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Pieces that the content has created, and what it learns about all stored pieces.
extension SwarmCore {
    /// The content in its present state, to start with after a restart; nil for a torrent.
    package var contentSeed: ContentSeed? { extensions.content?.makeSeed() }

    /// Has a piece verified and stored, if the content has such a piece and it is missing.
    func store(_ bytes: [UInt8], as piece: PieceIndex, in batch: inout SwarmBatch) {
        guard let content, piece.int < content.geometry.pieceCount, content.picker.wants(piece),
            content.geometry.dataByteCount(of: piece) == bytes.count, content.making[piece] == nil
        else {
            extensions.content?.handleMade(bytes.count)
            return
        }
        content.making[piece] = bytes.count
        batch.add(.store(piece, bytes))
    }

    /// The disk is done with a piece that the content created, whether it was stored or not.
    func handleMade(_ piece: PieceIndex, _ content: SwarmContent) {
        guard let byteCount = content.making.removeValue(forKey: piece) else { return }
        extensions.content?.handleMade(byteCount)
    }
}
