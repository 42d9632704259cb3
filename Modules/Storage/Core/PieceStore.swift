// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Stores the bytes of one torrent or feed.
///
/// All calls except `readAtOnce` block. They come from the disk pool, several at once for different pieces, so an
/// implementation must be thread-safe. A span never crosses the end of its piece. `offset` is relative to the start of
/// the piece, padding included. The engine neither reads nor writes padding, and reads only what it has written before.
public protocol PieceStore: AnyObject, Sendable {
    /// Fills `chunks` in order, from `offset` in `piece`.
    ///
    /// - Throws: `StorageError` if the bytes are missing or cannot be read now.
    func read(piece: PieceIndex, offset: Int, into chunks: [UnsafeMutableRawBufferPointer]) throws(StorageError)

    /// Fills `chunks` like `read`, but without blocking, so an event loop may call it. Returns false, with `chunks`
    /// undefined, if it would have to wait or the bytes are missing.
    func readAtOnce(piece: PieceIndex, offset: Int, into chunks: [UnsafeMutableRawBufferPointer]) -> Bool

    /// Writes `chunks` in order, at `offset` in `piece`.
    ///
    /// - Throws: `StorageError` if the bytes cannot be written now. The engine retries later.
    func write(piece: PieceIndex, offset: Int, chunks: [UnsafeRawBufferPointer]) throws(StorageError)

    /// Returns once everything written so far would survive a power cut.
    ///
    /// - Throws: `StorageError` if that cannot be guaranteed.
    func flush() throws(StorageError)

    /// Makes the next `flush` include `pieces`, which an earlier process may have written before it was killed.
    func noteUnflushed(_ pieces: Bitfield)

    /// Closes open resources; later calls reopen them.
    func close()

    /// The optional abilities, read when the torrent is opened. A store that wraps another passes on those that it
    /// supports.
    var abilities: StoreAbilities { get }
}

extension PieceStore {
    /// Fills `out` from `offset` in `piece`.
    ///
    /// - Throws: `StorageError` if the bytes are missing or cannot be read now.
    public func read(
        piece: PieceIndex,
        offset: Int,
        into out: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try read(piece: piece, offset: offset, into: [out])
    }

    /// Returns false: by default a store does not know what it can read without blocking.
    public func readAtOnce(
        piece: PieceIndex,
        offset: Int,
        into chunks: [UnsafeMutableRawBufferPointer]
    ) -> Bool { false }

    /// Does nothing: by default a store does not outlive its process.
    public func noteUnflushed(_ pieces: Bitfield) {}

    /// No optional abilities.
    public var abilities: StoreAbilities { StoreAbilities() }
}
