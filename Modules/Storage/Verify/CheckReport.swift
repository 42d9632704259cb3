// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// The result of a recheck.
public struct CheckReport: Sendable {
    /// The pieces that were checked and are correct.
    public let have: Bitfield
    /// The files that are stored on disk, in the torrent's order, without padding and symbolic links.
    public let files: [FileCheck]
    /// Pieces that were read but not verified, because their piece layer is unknown (BEP 52).
    public let unknownPieceCount: Int
    /// Pieces for which the v1 and v2 hashes of a hybrid torrent contradict each other. If there are any, the torrent
    /// is broken and no data can complete it.
    public let disagreements: [PieceIndex]
}

/// The result of a recheck for one file.
public struct FileCheck: Hashable, Sendable {
    /// The file's index in `TorrentInfo.files`.
    public let fileIndex: Int
    /// The state of the file.
    public let status: Status
    /// Bytes of the file in pieces that were checked.
    public let checkedByteCount: Int
    /// Bytes of the file in pieces that are correct.
    public let rightByteCount: Int

    /// The state of a file.
    public enum Status: Hashable, Sendable {
        /// All checked bytes are correct, and the file has the right size.
        case complete
        /// The file exists under its partial name, whatever its content.
        case partial
        /// The file is too long: it has this many bytes.
        case tooLong(Int)
        /// The file does not exist.
        case missing
        /// The file exists, but bytes are wrong or missing at the end.
        case damaged
        /// The state is unknown: none of its pieces were checked, its piece layer is unknown, its hashes contradict
        /// each other, or its remaining pieces extend into missing files.
        case undecided
        /// The system reported errors, of which this is the first.
        case unreadable(StorageError)
    }
}
