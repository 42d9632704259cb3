// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire

/// One file of a torrent at one moment.
public struct TorrentFile: Hashable, Sendable, Identifiable {
    /// The index in `TorrentInfo.files`, as used by `setPriorities` and `read`.
    public let id: Int
    /// The path below the download folder, with slashes; the torrent's name comes first unless this is its only file.
    public let path: String
    /// The length in bytes.
    public let size: Int
    /// The bytes that are verified and stored.
    public let doneBytes: Int
    /// The priority of the file.
    public let priority: FetchPriority
    /// The present path of its data on the disk. An unfinished file ends in `.part`. Nil if there is nothing yet, or if
    /// the torrent's store does not use files.
    public let location: String?
    /// The length in bytes of the file at `location`: less than `size` while it has not been fully written, and more if
    /// something else has been appended. Nil if `location` is nil.
    public let sizeOnDisk: Int?

    /// The share of the file that is verified and stored, from 0 to 1.
    public var progress: Double { size == 0 ? 1 : Double(doneBytes) / Double(size) }

    /// Whether the whole file is verified and stored.
    public var isComplete: Bool { doneBytes == size }
}

extension Torrent {
    /// Returns the files of the torrent, without padding and symbolic links, in the torrent's order.
    ///
    /// - Throws: `TorrentError` if the metadata is not known yet, or the disk cannot be queried.
    public var files: [TorrentFile] {
        get async throws { try await withLifecycle { try await $0.describeFiles() } }
    }
}

extension OpenContent {
    /// Describes each file, given the pieces that are here.
    nonisolated(nonsending) func describeFiles(having pieces: Bitfield?) async throws -> [TorrentFile] {
        let onDisk = try await onPool { [disk, info] in try disk.findFiles(of: info) }
        return info.files.indices.filter { info.files[$0].isData }.map { file in
            TorrentFile(
                id: file,
                path: info.files[file].path.joined(separator: "/"),
                size: info.files[file].size,
                doneBytes: pieces.map { WantedBytes.count(info.files[file], info.geometry.pieceLength, have: $0) } ?? 0,
                priority: filePriorities[file],
                location: onDisk[file]?.path,
                sizeOnDisk: onDisk[file]?.size
            )
        }
    }
}

extension TorrentDisk {
    /// Returns the paths and lengths of the files that are on the disk.
    fileprivate func findFiles(of info: TorrentInfo) throws(StorageError) -> [Int: (path: String, size: Int)] {
        guard let store = abilities.files else { return [:] }
        var found: [Int: (path: String, size: Int)] = [:]
        for (file, facts) in try store.allFacts() where info.files.indices.contains(file) {
            found[file] = (store.path(of: file, isFinished: facts.isFinished), facts.size)
        }
        return found
    }
}
