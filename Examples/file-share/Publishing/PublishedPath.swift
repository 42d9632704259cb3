// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What is published: a name in a folder.
struct PublishedPath {
    /// The folder, without symbolic links.
    let folder: String
    /// The name in it, which may be a symbolic link to the content.
    let name: String

    /// Resolves `path`, even if it is `.` or ends in a slash.
    init(_ path: String) throws {
        let url = URL(filePath: path)
        let name = url.lastPathComponent
        if [".", "..", "/", ""].contains(name) {
            let real = URL(filePath: try Self.resolve(path))
            guard real.path(percentEncoded: false) != "/" else {
                throw CommandFailure("/ has no name to publish it by")
            }
            self.name = real.lastPathComponent
            folder = real.deletingLastPathComponent().path(percentEncoded: false)
        } else {
            self.name = name
            folder = try Self.resolve(url.deletingLastPathComponent().path(percentEncoded: false))
        }
    }

    var path: String { URL(filePath: folder).appending(path: name).path(percentEncoded: false) }

    private static func resolve(_ path: String) throws -> String {
        guard let real = realpath(path.isEmpty ? "." : path, nil) else {
            throw CommandFailure("cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { free(real) }
        return String(cString: real)
    }
}
