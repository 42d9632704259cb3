// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Where the bytes of one torrent or feed are kept.
///
/// Calls block and come from the disk pool, several at once for different pieces: an implementation is thread-safe. A span
/// never crosses the end of its piece, and `offset` counts from the piece's beginning, padding included. Padding reads as
/// zeros and is dropped on write.
public protocol PieceStore: AnyObject, Sendable {
    /// Fills `chunks`, one after the other, from `offset` in `piece`. Throws `StorageError` where the bytes are not there.
    func read(piece: PieceIndex, offset: Int, into chunks: [UnsafeMutableRawBufferPointer]) throws(StorageError)

    /// Writes `chunks`, one after the other, from `offset` in `piece`.
    func write(piece: PieceIndex, offset: Int, chunks: [UnsafeRawBufferPointer]) throws(StorageError)

    /// Returns once everything written so far would survive a power cut.
    func flush() throws(StorageError)

    /// Has the next `flush` see to `pieces` too: an earlier process may have written them and been killed.
    func noteUnflushed(_ pieces: Bitfield)

    /// Closes what is open; later calls open again.
    func close()
}

extension PieceStore {
    /// Fills `out` from `offset` in `piece`.
    public func read(
        piece: PieceIndex,
        offset: Int,
        into out: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try read(piece: piece, offset: offset, into: [out])
    }

    /// Nothing, for stores that do not outlive their process.
    public func noteUnflushed(_ pieces: Bitfield) {}
}
