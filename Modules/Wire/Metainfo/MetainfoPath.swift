// SPDX-License-Identifier: Apache-2.0

/// The original path of a file in the info dictionary, if it differs from the file's download path.
///
/// Files of one folder share their arrays.
struct MetainfoPath: Sendable {
    /// The original names of the folders, starting with the torrent's.
    let folder: [[UInt8]]
    /// The original name of the file.
    let name: [UInt8]
    /// The path of data that existed before its torrent; nil if it is the path of a download, of another file, or
    /// unsafe.
    let existing: (folder: [String], name: String)?
}

extension TorrentInfo {
    /// Returns the path of `file` as in the metainfo, starting with the torrent's name. Web seeds use it in URLs.
    /// Untrusted bytes: any name may be unsafe or not text.
    package func metainfoPath(of file: Int) -> [[UInt8]] {
        if let path = metainfoPaths[file] { return path.folder + [path.name] }
        return files.indices.contains(file) ? files[file].path.map { Array($0.utf8) } : []
    }

    /// Returns the path of data that existed before its torrent, if it is not the file's `path`: the metainfo's
    /// original path, safe but not filtered.
    package func existingPath(of file: Int) -> (folder: [String], name: String)? { metainfoPaths[file]?.existing }

    /// The indices of the files that have an `existingPath`, ascending.
    package var filesWithExistingPath: [Int] {
        metainfoPaths.filter { $0.value.existing != nil }.map(\.key).sorted()
    }
}
