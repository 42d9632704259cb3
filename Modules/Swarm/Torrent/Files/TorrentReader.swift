// SPDX-License-Identifier: Apache-2.0

extension Torrent {
    /// Reads a file, or a part of it, while the torrent downloads: an asynchronous sequence of its bytes in order, all
    /// of them verified.
    ///
    ///     for try await bytes in torrent.read(file: 0) { player.feed(bytes) }
    ///
    /// The pieces ahead of the reader are downloaded first, each by a deadline. To seek, leave the loop and read
    /// another range: requests that the first reader no longer needs are cancelled. Several readers may read
    /// concurrently. A finished torrent is read from the disk.
    ///
    /// The sequence waits while the torrent is paused or has no peers, and until the metadata of a magnet link is
    /// known. The torrent stays active meanwhile.
    ///
    /// - Parameters:
    ///   - file: The index in `TorrentInfo.files`, which is also `TorrentFile.id`. The file must be wanted.
    ///   - range: The bytes of the file; nil for all of it.
    ///   - bytesPerSecond: The pace at which the bytes are used, for example the bit rate of a film divided by eight.
    ///     Nil for as fast as they arrive.
    /// - Returns: A sequence of chunks of at most 256 KiB. It throws `TorrentError` (`.noSuchFile`, `.notWanted`,
    ///   `.removed`, `.sessionEnded`, the error that failed the torrent, or a `.storage` error), and
    ///   `CancellationError` if its task is cancelled.
    public func read(file: Int, range: Range<Int>? = nil, bytesPerSecond: Int? = nil) -> TorrentReader {
        TorrentReader(torrent: self, file: file, range: range, bytesPerSecond: bytesPerSecond)
    }
}

/// The verified bytes of a file, in order; see `Torrent.read(file:range:bytesPerSecond:)`.
public struct TorrentReader: AsyncSequence, Sendable {
    /// Bytes that follow the previous ones.
    public typealias Element = [UInt8]

    let torrent: Torrent
    let file: Int
    let range: Range<Int>?
    let bytesPerSecond: Int?

    /// Starts to read. Its resources are released when the iterator is released, or has reached the end.
    public func makeAsyncIterator() -> Iterator { Iterator(reading: TorrentReading(self)) }

    /// Returns one chunk after the other.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let reading: TorrentReading

        /// Returns the next bytes once they are stored; nil at the end.
        ///
        /// - Throws: `TorrentError`; `CancellationError` when the task is cancelled.
        public mutating func next() async throws -> [UInt8]? { try await reading.next(isolation: nil) }

        /// Returns the next bytes once they are stored; nil at the end.
        ///
        /// - Throws: `TorrentError`; `CancellationError` when the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
            try await reading.next(isolation: actor)
        }
    }
}
