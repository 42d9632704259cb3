// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheWire

/// Files of the torrent, and their readers.
extension TorrentLifecycle {
    /// Returns the range of a part of a file in the piece space; nil while the content is not open.
    ///
    /// - Throws: `TorrentError` if there is no such file or part, or the torrent has failed.
    func place(of file: Int, _ part: Range<Int>?) throws(TorrentError) -> ReadingPlace? {
        if let failure = core.phase.obstacle?.failure { throw failure }
        guard let content else { return nil }
        guard content.info.files.indices.contains(file), content.info.files[file].isData else {
            throw TorrentError(.noSuchFile, "the torrent has no file \(file)")
        }
        let entry = content.info.files[file]
        let part = part ?? 0..<entry.size
        guard part.lowerBound >= 0, part.upperBound <= entry.size else {
            throw TorrentError(.noSuchFile, "file \(file) has \(entry.size) bytes, not \(part)")
        }
        return ReadingPlace(
            range: entry.offset + part.lowerBound..<entry.offset + part.upperBound,
            pieceLength: content.info.geometry.pieceLength
        )
    }

    /// Describes each file of the torrent.
    ///
    /// - Throws: `TorrentError` if the metadata is not known yet, or the disk cannot be queried.
    func describeFiles() async throws -> [TorrentFile] {
        guard let content else { throw core.notOpen }
        return try await content.describeFiles(having: driver.core.content?.picker.have)
    }
}

/// The location of a reader's bytes.
struct ReadingPlace: Sendable {
    /// In the piece space.
    let range: Range<Int>
    let pieceLength: Int
}

extension FileEntry {
    /// Neither padding nor a symbolic link.
    var isData: Bool { !isPadding && symlinkTarget == nil }
}
