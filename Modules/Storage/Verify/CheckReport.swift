// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// What a recheck found.
public struct CheckReport: Sendable {
    /// The pieces that were checked and are right.
    public let have: Bitfield
    /// The files that are kept on disk, in the torrent's order: neither padding nor symbolic links.
    public let files: [FileCheck]
    /// Pieces that could be read but not judged, because their piece layer is not known (BEP 52).
    public let unknownPieceCount: Int
    /// Pieces over which the two kinds of hashes of a hybrid torrent contradict each other. Not empty: the torrent is
    /// broken, and no data can complete it.
    public let disagreements: [PieceIndex]
}

/// What a recheck found about one file.
public struct FileCheck: Hashable, Sendable {
    /// The file's place in `TorrentInfo.files`.
    public let fileIndex: Int
    /// In a word.
    public let status: Status
    /// Bytes in pieces that were looked at.
    public let checkedByteCount: Int
    /// Bytes of the file in pieces that are right.
    public let rightByteCount: Int

    /// The state of a file.
    public enum Status: Hashable, Sendable {
        /// All that was looked at is right, and the file has the size that it should have.
        case complete
        /// It is there under the name of a file that is not complete, whatever is in it.
        case partial
        /// It goes on beyond its end: it has so many bytes.
        case tooLong(Int)
        /// Nothing is there.
        case missing
        /// Something is there, but bytes are wrong or absent at the end.
        case damaged
        /// It cannot be told: no piece of it was looked at, its piece layer is not known, its hashes contradict each
        /// other, or its remaining pieces reach into files that are not there.
        case undecided
        /// The system reports an error, the first of which this is.
        case unreadable(StorageError)
    }
}
