// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire

/// One file of a torrent at one moment.
public struct TorrentFile: Hashable, Sendable, Identifiable {
    /// The index in `TorrentInfo.files`, which `setPriorities` and `read` take.
    public let id: Int
    /// The path below the download folder, with slashes; the torrent's name comes first unless this is its only file.
    public let path: String
    /// The length in bytes.
    public let size: Int
    /// The bytes that are verified and stored.
    public let doneBytes: Int
    /// How much the file is wanted.
    public let priority: FilePriority
    /// Where its data lies on the disk now, as a path. An unfinished file ends in `.part`. Nil if there is nothing yet, or
    /// if the torrent's store keeps no files.
    public let location: String?

    /// The share of the file that is verified and stored, from 0 to 1.
    public var progress: Double { size == 0 ? 1 : Double(doneBytes) / Double(size) }

    /// Whether the whole file is verified and stored.
    public var isComplete: Bool { doneBytes == size }
}

extension Torrent {
    /// The files of the torrent, without padding and symbolic links, in the torrent's order.
    ///
    /// - Throws: `TorrentError` where the metadata is not known yet, or the disk cannot be asked.
    public var files: [TorrentFile] {
        get async throws { try await withLifecycle { try await $0.describeFiles() } }
    }
}

extension OpenContent {
    /// Describes each file, given the pieces that are here.
    func describeFiles(having pieces: Bitfield?) async throws -> [TorrentFile] {
        let places = info.files.indices.filter { info.files[$0].isData }
        let locations = try await onPool { [disk] in try disk.locations(of: places) }
        return zip(places, locations).map { file, location in
            TorrentFile(
                id: file,
                path: info.files[file].path.joined(separator: "/"),
                size: info.files[file].size,
                doneBytes: pieces.map { WantedBytes.count(info.files[file], info.geometry.pieceLength, have: $0) } ?? 0,
                priority: filePriorities[file],
                location: location
            )
        }
    }
}

extension TorrentDisk {
    fileprivate func locations(of files: [Int]) throws(StorageError) -> [String?] {
        guard let store = abilities.files else { return Array(repeating: nil, count: files.count) }
        var locations: [String?] = []
        for file in files { locations.append(try store.location(of: file)) }
        return locations
    }
}
