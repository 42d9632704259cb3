// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where a command stores data that the user may not want to keep: in a folder that they name, or in a temporary one.
struct DataFolder {
    let path: String
    private let isTemporary: Bool

    /// Uses `output`; nil: creates an empty folder, which the caller removes.
    init(_ output: String?) throws {
        isTemporary = output == nil
        if let output {
            path = output
            return
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "file-share-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path(percentEncoded: false)
    }

    func removeIfTemporary() {
        if isTemporary { try? FileManager.default.removeItem(atPath: path) }
    }
}
