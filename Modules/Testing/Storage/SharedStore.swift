// SPDX-License-Identifier: Apache-2.0

internal import Foundation
public import RucheStorage
public import RucheWire

/// A store that keeps nothing: it reads what its torrent has, and refuses to write anything else. So a thousand virtual
/// peers hold the same content once.
public final class SharedStore: PieceStore {
    private let torrent: VirtualTorrent

    /// For peers of `torrent`.
    public init(_ torrent: VirtualTorrent) { self.torrent = torrent }

    /// From the torrent, whether it was written or not.
    ///
    /// - Throws: `StorageError` where the range is outside of the torrent.
    public func read(
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

    /// Compared, and forgotten.
    ///
    /// - Throws: `StorageError` where the bytes are not the torrent's.
    public func write(piece: PieceIndex, offset: Int, chunks: [UnsafeRawBufferPointer]) throws(StorageError) {
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

    /// Nothing.
    ///
    /// - Throws: Nothing.
    public func flush() throws(StorageError) {}

    /// Nothing.
    public func close() {}
}
