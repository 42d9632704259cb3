// SPDX-License-Identifier: Apache-2.0

extension Torrent {
    /// Reads a file, or a part of it, while the torrent downloads: an asynchronous sequence of its bytes in order, each
    /// verified before it is given out.
    ///
    ///     for try await bytes in torrent.read(file: 0) { player.feed(bytes) }
    ///
    /// The pieces ahead of the reader are downloaded first, by a deadline each. To seek, leave the loop and read another
    /// range: what the first reader had requested and does not need any more is cancelled. Several readers may read at
    /// once. A finished torrent is read from the disk.
    ///
    /// The sequence waits where the torrent is paused or has no peers, and while the metadata of a magnet is not here. The
    /// torrent stays awake meanwhile.
    ///
    /// - Parameters:
    ///   - file: The index in `TorrentInfo.files`, which is also `TorrentFile.id`. The file has to be wanted.
    ///   - range: Bytes of the file; nil for all of it.
    ///   - bytesPerSecond: The pace at which the bytes are used, for example the bit rate of a film divided by eight. Nil
    ///     for as fast as they come.
    /// - Returns: A sequence of chunks of at most 256 KiB. It throws `TorrentError` (`.noSuchFile`, `.notWanted`,
    ///   `.removed`, `.sessionEnded`, what failed the torrent, or a `.storage` error), and `CancellationError` where its
    ///   task is cancelled.
    public func read(file: Int, range: Range<Int>? = nil, bytesPerSecond: Int? = nil) -> TorrentReader {
        TorrentReader(torrent: self, file: file, range: range, bytesPerSecond: bytesPerSecond)
    }
}

/// The verified bytes of a file, in order; see `Torrent.read(file:range:bytesPerSecond:)`.
public struct TorrentReader: AsyncSequence, Sendable {
    /// Bytes that follow those before them.
    public typealias Element = [UInt8]

    let torrent: Torrent
    let file: Int
    let range: Range<Int>?
    let bytesPerSecond: Int?

    /// Begins to read. What it holds is given back when the iterator is gone, or has come to the end.
    public func makeAsyncIterator() -> Iterator { Iterator(reading: TorrentReading(self)) }

    /// Gives out one chunk after the other.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let reading: TorrentReading

        /// The next bytes, once they are here; nil at the end.
        ///
        /// - Throws: `TorrentError`; `CancellationError` when the task is cancelled.
        public mutating func next() async throws -> [UInt8]? { try await reading.next(isolation: nil) }

        /// The next bytes, once they are here; nil at the end.
        ///
        /// - Throws: `TorrentError`; `CancellationError` when the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
            try await reading.next(isolation: actor)
        }
    }
}
