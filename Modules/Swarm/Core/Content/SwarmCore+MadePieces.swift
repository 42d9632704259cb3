// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Pieces that the content has made itself, and what it learns of all that are stored.
extension SwarmCore {
    /// The content as it is now, to begin with after a restart; nil for a torrent.
    package var contentSeed: ContentSeed? { extensions.content?.makeSeed() }

    /// Has a piece verified and stored, if the content has such a piece and it is not here.
    mutating func store(_ bytes: [UInt8], as piece: PieceIndex, in batch: inout SwarmBatch) {
        guard let content, piece.int < content.geometry.pieceCount, content.picker.wants(piece),
            content.geometry.dataByteCount(of: piece) == bytes.count, making[piece] == nil
        else {
            extensions.content?.handleMade(bytes.count)
            return
        }
        making[piece] = bytes.count
        batch.add(.store(piece, bytes))
    }

    /// The disk is done with a piece that the content has made, for better or worse.
    mutating func handleMade(_ piece: PieceIndex) {
        guard let byteCount = making.removeValue(forKey: piece) else { return }
        extensions.content?.handleMade(byteCount)
    }

    /// Tells the content of a piece that is stored.
    mutating func tellContent(of piece: PieceIndex, in batch: inout SwarmBatch) {
        guard let host = extensions.content else { return }
        host.handleStored(piece, at: batch.now)
        carryOut(host, in: &batch)
    }
}
