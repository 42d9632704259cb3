// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheStorage
import RucheWire

/// The files of the installed version, as they are on the disk now.
struct InstalledFiles {
    private let folder: String
    /// Paths below the folder of files that have not been changed.
    private var intact: Set<[String]> = []
    /// Paths of files that have been changed since.
    private(set) var changed: [String] = []

    /// Compares the files of `metainfo` in `folder` with its hashes. Without a metainfo, nothing is installed.
    init(_ metainfo: Metainfo?, in folder: String) async throws {
        self.folder = folder
        guard let metainfo else { return }
        let store = try FileStore(metainfo.info, in: folder, options: .readOnly)
        defer { store.close() }
        let checker = PieceChecker(metainfo, store: store)
        for check in try await checker.check().files {
            let file = metainfo.info.files[check.fileIndex]
            switch check.status {
            case .complete: intact.insert(file.path)
            case .missing: break
            default: changed.append(file.path.joined(separator: "/"))
            }
        }
    }

    /// Returns whether every existing file in the place of a file of `info` is as it was installed.
    func owns(everyFileOf info: TorrentInfo) -> Bool {
        info.files.allSatisfy { $0.isPadding || intact.contains($0.path) || !exists($0.path) }
    }

    /// Removes the files that `info` does not have, and folders that this leaves empty. Changed files stay.
    func removeLeftovers(of info: TorrentInfo) {
        let kept = Set(info.files.map(\.path))
        for path in intact where !kept.contains(path) {
            guard unlink(location(path[...])) == 0 else { continue }
            var parent = path.dropLast()
            while !parent.isEmpty, rmdir(location(parent)) == 0 { parent.removeLast() }
        }
    }

    private func exists(_ path: [String]) -> Bool {
        var status = stat()
        return lstat(location(path[...]), &status) == 0
    }

    private func location(_ path: ArraySlice<String>) -> String { "\(folder)/\(path.joined(separator: "/"))" }
}
