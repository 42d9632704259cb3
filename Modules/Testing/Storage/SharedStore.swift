// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import RucheStorage
package import RucheWire

/// A store that keeps nothing. It reads the torrent's content, and accepts only writes that match it. A thousand
/// virtual peers can thus share one copy.
package final class SharedStore: PieceStore {
    private let torrent: VirtualTorrent

    /// Creates a store for peers of `torrent`.
    package init(_ torrent: VirtualTorrent) { self.torrent = torrent }

    /// Reads from the torrent, whether or not the piece has been written.
    ///
    /// - Throws: `StorageError` if the range is outside of the piece.
    package func read(
        piece: PieceIndex,
        offset: Int,
        into chunks: [UnsafeMutableRawBufferPointer]
    ) throws(StorageError) {
        let data = torrent.data(of: piece)
        guard offset >= 0, offset + chunks.reduce(0, { $0 + $1.count }) <= data.count else {
            throw StorageError(.limit, operation: "read", path: "piece \(piece)", reason: "beyond its end")
        }
        var position = data.startIndex + offset
        for chunk in chunks {
            chunk.copyBytes(from: data[position..<position + chunk.count])
            position += chunk.count
        }
    }

    /// Compares the bytes with the torrent and discards them.
    ///
    /// - Throws: `StorageError` if the bytes are not the torrent's.
    package func write(piece: PieceIndex, offset: Int, chunks: [UnsafeRawBufferPointer]) throws(StorageError) {
        var position = offset
        for chunk in chunks {
            guard torrent.isTrue(chunk, in: piece, at: position) else {
                throw StorageError(
                    .limit,
                    operation: "write",
                    path: "piece \(piece)",
                    reason: "not the torrent's bytes"
                )
            }
            position += chunk.count
        }
    }

    /// Does nothing.
    ///
    /// - Throws: Nothing.
    package func flush() throws(StorageError) {}

    /// Does nothing.
    package func close() {}
}
