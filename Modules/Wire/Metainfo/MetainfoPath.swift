// SPDX-License-Identifier: Apache-2.0

/// A path as the info dictionary spells it, where that is not the path that a download gives the file.
///
/// Files of one folder share their arrays.
struct MetainfoPath: Sendable {
    /// Names of the folders as they stand, the torrent's first.
    let folder: [[UInt8]]
    /// The file's name as it stands.
    let name: [UInt8]
    /// Where data that exists would lie; nil where that is the path of a download, of another file, or unsafe.
    let existing: (folder: [String], name: String)?
}

extension TorrentInfo {
    /// The path of `file` as the metainfo spells it, the torrent's name first: for web seeds, whose URLs are made of it. A
    /// stranger's bytes: any name may be unsafe or no text.
    public func metainfoPath(of file: Int) -> [[UInt8]] {
        if let path = metainfoPaths[file] { return path.folder + [path.name] }
        return files.indices.contains(file) ? files[file].path.map { Array($0.utf8) } : []
    }

    /// Where data lies that existed before its torrent, if that is not the file's `path`: the metainfo's own path, safe
    /// but not filtered.
    package func existingPath(of file: Int) -> (folder: [String], name: String)? { metainfoPaths[file]?.existing }

    /// The files that have an `existingPath`, ascending.
    package var filesWithExistingPath: [Int] {
        metainfoPaths.filter { $0.value.existing != nil }.map(\.key).sorted()
    }
}
