// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheWire

/// The .torrent files of a folder, and which torrents they were when last read. This list is stored beside the
/// session's state.
struct TorrentFolder {
    /// A file's current state on disk.
    struct File {
        let path: String
        fileprivate let name: String
        fileprivate let stamp: Stamp

        /// ASCII only, because two normal forms of a name are two files.
        fileprivate var recordKey: String { name.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? name }
    }

    /// Shows whether a file has changed.
    fileprivate struct Stamp: Codable, Hashable {
        var byteCount: Int
        var modifiedNanoseconds: Int
        /// Differs even if the file was replaced by one of the same size and modification time.
        var changedNanoseconds: Int

        func hasSameContent(as other: Stamp) -> Bool {
            byteCount == other.byteCount && modifiedNanoseconds == other.modifiedNanoseconds
        }
    }

    private struct Record: Codable {
        var stamp: Stamp
        var key: String
    }

    /// The existing files, by name.
    let files: [File]
    private let listPath: String
    /// Records by `recordKey`.
    private var records: [String: Record]

    init(folder: String, stateFolder: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        files = names.filter { $0.lowercased().hasSuffix(".torrent") }.sorted().compactMap { name in
            Self.stamp("\(folder)/\(name)").map { File(path: "\(folder)/\(name)", name: name, stamp: $0) }
        }
        listPath = "\(stateFolder)/folder.json"
        let data = FileManager.default.contents(atPath: listPath) ?? Data()
        let known = (try? JSONDecoder().decode([String: Record].self, from: data)) ?? [:]
        let present = Set(files.map(\.recordKey))
        records = known.filter { present.contains($0.key) }
    }

    /// The key of a torrent.
    static func key(_ hashes: InfoHashes) -> String {
        [hashes.v1?.description, hashes.v2?.description].compactMap(\.self).joined(separator: " ")
    }

    /// The keys of all files that could be read.
    var keys: Set<String> { Set(records.values.map(\.key)) }

    /// Returns the key of the torrent in `file`, unless it was never read or has changed since.
    func knownKey(of file: File) -> String? {
        guard let record = records[file.recordKey], record.stamp == file.stamp else { return nil }
        return record.key
    }

    /// Whether `file` was read before as the same torrent, and has changed since.
    func hasChanged(_ file: File, _ key: String) -> Bool {
        guard let record = records[file.recordKey] else { return false }
        return record.key == key && !record.stamp.hasSameContent(as: file.stamp)
    }

    mutating func note(_ file: File, _ key: String) { records[file.recordKey] = Record(stamp: file.stamp, key: key) }

    mutating func forget(_ file: File) { records[file.recordKey] = nil }

    /// Saves the list. If that fails, the files are read again the next time.
    func save() {
        guard let data = try? JSONEncoder().encode(records) else { return }
        try? data.write(to: URL(filePath: listPath), options: .atomic)
    }

    private static func stamp(_ path: String) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
        let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
        #else
        let (modified, changed) = (status.st_mtim, status.st_ctim)
        #endif
        return Stamp(
            byteCount: Int(status.st_size),
            modifiedNanoseconds: nanoseconds(modified),
            changedNanoseconds: nanoseconds(changed)
        )
    }

    private static func nanoseconds(_ time: timespec) -> Int {
        Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
    }
}
