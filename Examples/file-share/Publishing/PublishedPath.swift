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
        let parts = PathParts(path)
        if [".", "..", ""].contains(parts.name) {
            let real = PathParts(try Self.resolve(path))
            guard !real.name.isEmpty else { throw CommandFailure("/ has no name to publish it by") }
            name = real.name
            folder = real.folder
        } else {
            name = parts.name
            folder = try Self.resolve(parts.folder)
        }
    }

    var path: String { "\(folder)/\(name)" }

    private static func resolve(_ path: String) throws -> String {
        guard let real = realpath(path.isEmpty ? "." : path, nil) else {
            throw CommandFailure("cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { free(real) }
        return String(cString: real)
    }
}
