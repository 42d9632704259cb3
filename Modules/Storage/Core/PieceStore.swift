// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Where the bytes of one torrent or feed are kept.
///
/// Calls block, all but `readAtOnce`, and come from the disk pool, several at once for different pieces: an implementation
/// is thread-safe. A span never crosses the end of its piece, and `offset` counts from the piece's beginning, padding
/// included. The engine reads and writes no padding: what a store never saw is never asked of it.
public protocol PieceStore: AnyObject, Sendable {
    /// Fills `chunks`, one after the other, from `offset` in `piece`.
    ///
    /// - Throws: `StorageError` where the bytes are not there or cannot be read now.
    func read(piece: PieceIndex, offset: Int, into chunks: [UnsafeMutableRawBufferPointer]) throws(StorageError)

    /// Fills `chunks` like `read`, but at once, so that an event loop may call it: false, and anything in `chunks`, where
    /// somebody or something would have to be waited for, or the bytes are not there.
    func readAtOnce(piece: PieceIndex, offset: Int, into chunks: [UnsafeMutableRawBufferPointer]) -> Bool

    /// Writes `chunks`, one after the other, from `offset` in `piece`.
    ///
    /// - Throws: `StorageError` where the bytes cannot be written now. The engine asks again later.
    func write(piece: PieceIndex, offset: Int, chunks: [UnsafeRawBufferPointer]) throws(StorageError)

    /// Returns once everything written so far would survive a power cut.
    ///
    /// - Throws: `StorageError` where that cannot be promised.
    func flush() throws(StorageError)

    /// Has the next `flush` see to `pieces` too: an earlier process may have written them and been killed.
    func noteUnflushed(_ pieces: Bitfield)

    /// Closes what is open; later calls open again.
    func close()

    /// What it can do beyond this. Read when the torrent is opened; a store over another passes on what it honours.
    var abilities: StoreAbilities { get }
}

extension PieceStore {
    /// Fills `out` from `offset` in `piece`.
    ///
    /// - Throws: `StorageError` where the bytes are not there or cannot be read now.
    public func read(
        piece: PieceIndex,
        offset: Int,
        into out: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try read(piece: piece, offset: offset, into: [out])
    }

    /// Never, for stores that do not know what they could read at once.
    public func readAtOnce(
        piece: PieceIndex,
        offset: Int,
        into chunks: [UnsafeMutableRawBufferPointer]
    ) -> Bool { false }

    /// Nothing, for stores that do not outlive their process.
    public func noteUnflushed(_ pieces: Bitfield) {}

    /// None.
    public var abilities: StoreAbilities { StoreAbilities() }
}
