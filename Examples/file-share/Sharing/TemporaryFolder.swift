// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A folder for data that the user does not keep.
enum TemporaryFolder {
    /// Creates an empty folder, which the caller removes.
    static func make() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "file-share-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.path(percentEncoded: false)
    }
}
