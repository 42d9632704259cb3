// SPDX-License-Identifier: Apache-2.0

/// The original path of a file in the info dictionary, if it differs from the file's download path.
///
/// Files of one folder share their arrays.
struct MetainfoPath: Sendable {
    /// The original names of the folders, starting with the torrent's.
    let folder: [[UInt8]]
    /// The original name of the file.
    let name: [UInt8]
    /// Where data that existed before its torrent may be, the likeliest path first. The path of a download, of another
    /// file, or an unsafe one is none of these.
    let existing: [Existing]

    typealias Existing = (folder: [String], name: String)
}

extension TorrentInfo {
    /// Returns the path of `file` as in the metainfo, starting with the torrent's name. Web seeds use it in URLs.
    /// Untrusted bytes: any name may be unsafe or not text.
    package func metainfoPath(of file: Int) -> [[UInt8]] {
        if let path = metainfoPaths[file] { return path.folder + [path.name] }
        return files.indices.contains(file) ? files[file].path.map { Array($0.utf8) } : []
    }

    /// Returns where data that existed before its torrent may be, other than at the file's `path`, the likeliest path
    /// first: the metainfo's original path, safe but not filtered.
    package func existingPaths(of file: Int) -> [(folder: [String], name: String)] {
        metainfoPaths[file]?.existing ?? []
    }

    /// The indices of the files that have `existingPaths`, ascending.
    package var filesWithExistingPaths: [Int] {
        metainfoPaths.filter { !$0.value.existing.isEmpty }.map(\.key).sorted()
    }
}
